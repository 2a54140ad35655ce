"""Writes what is generated: the command reference, the record's JSON Schema, the misbehaviours.

python docs/generate.py           writes them
python docs/generate.py --check   exits with 1 when one of them is out of date
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import yaml

from harvester.cli.commands import cli
from harvester.model import Record

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from tests.servers.misbehaviours import ROWS, SUBJECTS  # noqa: E402 - found by the line above
from tests.servers.row import Row  # noqa: E402

HEAD = """\
# Commands

<!-- Generated from the code by `make docs`: do not edit. -->

Exit codes: `0` everything complete · `1` at least one source incomplete or failed · `2` wrong usage
or configuration · `75` try again later (locked, throttled, stopped). Errors go to stderr, one line
each. Without a terminal nothing is printed on success; the lines are in `harvest.log`.
"""

MISBEHAVIOURS = """\
# What servers do wrong, and what we do

<!-- Generated from tests/servers by `make docs`: do not edit. -->

Every row is a server that the tests run over real HTTP: 35 records in four pages, and something
that goes wrong with them. Each is harvested as it stands, once by the part that asks servers and
once by the whole pipeline into both databases; then the server is mended and harvested again.

- A harvest that ends *complete* has every record: in the catalogue, in quarantine, as a tombstone.
- Any other ends with exit code 1 or 75, and with one line that names the cause.
- The next harvest of the mended server is complete, and nothing was lost.

What no list can show is shown by `harvester harvest --reconcile` only: records that are deleted
without a word, or listed long after their datestamp.

The other harvesters were iterated to the end of the list, as a cron job would, with their retries
turned on (`python bench/peers.py`; oaipmh-scythe's time limit of 60 s was made shorter for it).
**Bold** is what is lost or damaged without an error. metha was measured once, with some of these
servers only. Names of errors are those of the exceptions that stop the harvest.

"""
TABLE_HEAD = """\
| the server … | we … | the harvest ends | metha | Sickle | oaipmh-scythe |
|---|---|---|---|---|---|
"""
PEERS = ("sickle", "oaipmh-scythe")
LONG = 3600
"""Seconds of waiting that are worth a word."""


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


def misbehaviours() -> str:
    """Return the table of misbehaviours, with what other harvesters do, as Markdown."""
    servers = ROOT / "tests" / "servers"
    peers = yaml.safe_load((servers / "peers.yml").read_text("utf-8"))
    metha = yaml.safe_load((servers / "metha.yml").read_text("utf-8"))
    parts = [MISBEHAVIOURS, _summary(peers, metha["version"])]
    for subject in SUBJECTS:
        parts.append(f"\n## {subject.title}\n\n{TABLE_HEAD}")
        for row in subject.rows:
            cells = [f"{row.does} · *{row.seen}*", row.we, _end(row)]
            cells.append(_metha(metha["rows"].get(row.name)))
            cells += [_peer(row, peers[name]["rows"].get(row.name)) for name in PEERS]
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


def _summary(peers: dict[str, Any], metha: str) -> str:
    """Count how each harvester ends; metha was measured with too few rows to be counted."""
    rows = [row for row in ROWS if not row.reconciles]
    whole = sum(row.state == "complete" for row in rows)
    lines = [
        "| of these servers | every record comes | it says that some do not | some are lost or "
        "damaged without a word | it never ends |\n|---|---|---|---|---|\n",
        f"| ours | {whole} | {len(rows) - whole} | 0 | 0 |\n",
    ]
    for name in PEERS:
        measured = peers[name]["rows"]
        found = [_kind(measured[row.name]) for row in rows if row.name in measured]
        counts = [str(found.count(kind)) for kind in ("whole", "told", "silent", "endless")]
        lines.append(f"| {name} {peers[name]['version']} | {' | '.join(counts)} |\n")
    lines.append(
        f"\n{len(rows)} servers that are harvested once or twice; metha is version {metha}.\n"
    )
    return "".join(lines)


def _kind(result: dict[str, Any]) -> str:
    if result["ends"] in ("never", "waits"):
        return "endless"
    if result["ends"] != "normally":
        return "told"
    return "silent" if result["came"] < result["of"] or result.get("harmed") else "whole"


def _end(row: Row) -> str:
    """Say how a harvest of ours ends."""
    if row.reconciles and row.reconciles != "complete":
        return row.reconciles
    if row.state != "complete":
        return f"{row.state}, {row.records} of {len(row.order)}"
    more = f", {row.quarantined} in quarantine" if row.quarantined else ""
    return f"complete{more}"


def _metha(result: dict[str, Any] | None) -> str:
    if result is None:
        return "not measured"
    return f"**{result['did']}**" if result.get("silent") else str(result["did"])


def _peer(row: Row, result: dict[str, Any] | None) -> str:
    if row.reconciles:
        return "keeps nothing to compare with"
    if result is None:
        return "not measured"
    came = "all" if result["came"] == result["of"] else f"{result['came']} of {result['of']}"
    if result["ends"] == "waits":
        return "waits for ever"
    if result["ends"] == "never":
        return f"{came}, asks for ever"
    if result["ends"] != "normally":
        hours = result.get("waited", 0) // LONG
        return f"{came}, `{result['ends']}`" + (f" after {hours} hours" if hours else "")
    harmed = f", {result['harmed']} damaged" if result.get("harmed") else ""
    return f"**{came}{harmed}**" if _kind(result) == "silent" else came


def _commands(group: click.Group, above: str) -> Iterator[tuple[str, click.Command]]:
    for name in sorted(group.commands):
        command = group.commands[name]
        yield f"{above}{name}", command
        if isinstance(command, click.Group):
            yield from _commands(command, f"{above}{name} ")


def _help(command: click.Command, name: str) -> str:
    above = click.Context(cli, **cli.context_settings)
    context = click.Context(command, above, name, max_content_width=88, terminal_width=88)
    return f"```text\n{command.get_help(context)}\n```\n"


GENERATED = {
    ROOT / "docs" / "commands.md": command_reference,
    ROOT / "docs" / "misbehaviours.md": misbehaviours,
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
