"""Writes what is generated from the code: the command reference and the record's JSON Schema.

python docs/generate.py           writes them
python docs/generate.py --check   exits with 1 when one of them is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from harvester.cli import cli
from harvester.model import Record

ROOT = Path(__file__).parent.parent

HEAD = """\
# Commands

<!-- Generated from the code by `make docs`: do not edit. -->

Exit codes: `0` everything complete · `1` at least one source incomplete or failed · `2` wrong usage
or configuration · `75` try again later (locked, throttled, stopped). Errors go to stderr, one line
each. Without a terminal nothing is printed on success; the lines are in `harvest.log`.
"""


def command_reference() -> str:
    """Return the reference of every command as Markdown."""
    parts = [HEAD, _help(cli, "harvester")]
    for name, command in _commands(cli, ""):
        parts.append(f"## {name}\n\n{_help(command, f'harvester {name}')}")
    return "\n".join(parts)


def record_schema() -> str:
    """Return the JSON Schema of `harvester.model.Record`."""
    schema = msgspec.json.schema(Record)
    return (
        msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=2).decode() + "\n"
    )


def _commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    for name in sorted(group.commands):
        command = group.commands[name]
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above}{name} ")


def _help(command: click.Command, name: str) -> str:
    context = click.Context(command, info_name=name, max_content_width=88, terminal_width=88)
    return f"```text\n{command.get_help(context)}\n```\n"


GENERATED = {
    ROOT / "docs" / "commands.md": command_reference,
    ROOT / "schemas" / "record.schema.json": record_schema,
}


def main() -> int:
    """Write, or check, every generated file."""
    stale = [path for path, make in GENERATED.items() if _text(path) != make()]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(GENERATED[path](), encoding="utf-8")
        return 0
    for path in stale:
        print(f"{path.relative_to(ROOT)} is out of date: run `make docs`", file=sys.stderr)
    return 1 if stale else 0


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main())
