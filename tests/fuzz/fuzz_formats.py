"""Feeds mutated records to the reader of a format: it gives values, and nothing else.

Not a test of pytest: it runs until it is stopped, or until something breaks.

    pip install atheris
    python tests/fuzz/fuzz_formats.py FORMAT [-max_total_time=900] FOLDER

FORMAT is one of those in `tests/cases/formats/`. FOLDER keeps what was found worth trying again;
records of servers may be put into it beforehand. What is not well-formed is put right as far as it
can be, so that the mutations reach the reader.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]
from lxml import etree

CHECKOUT = Path(__file__).parent.parent.parent
RECORDS = CHECKOUT / "tests" / "cases" / "formats"
sys.path.insert(0, str(CHECKOUT))

with atheris.instrument_imports(
    include=["harvester.formats", "harvester.normalise.crosswalk", "harvester.normalise.text"]
):
    from harvester import schemas, sources
    from harvester.formats import Reader, formats
    from harvester.formats.elements import BETWEEN, SHARED
    from harvester.formats.oai_dc import SPEAKS_WHEN_EMPTY
    from harvester.model import RawValue
    from harvester.normalise import crosswalk, load, text
    from harvester.oai.envelope import FAILURES, parsed, parser

TAG = re.compile(rb"</?[\w:.-]+")
ATTRIBUTE = re.compile(rb' [\w:.-]+="[^"]{0,40}"')
MOST = 4
"""So many times as long as what was received the values may be, but for what they share."""


class Target:
    """A format's reader and crosswalk, fed with bytes."""

    def __init__(self, name: str) -> None:
        format_ = formats()[name]
        self.tables = load(sources.from_table(schemas.load("sources.yml")))
        self.crosswalk = self.tables.crosswalks[name]
        self.readers = dict(format_.readers)
        self.reader: Reader = next(iter(self.readers.values()))
        self.mending = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)

    def __call__(self, content: bytes) -> None:
        """Read an input twice, and look at what came out."""
        try:
            mended = etree.fromstring(content, self.mending)
            root = parsed(etree.tostring(mended) if mended is not None else b"", parser())
        except FAILURES:
            return
        # A root of another name is read all the same: harder than what a server can do.
        reader = self.readers.get(str(root.tag), self.reader)
        values = reader(root)
        assert values == reader(root), "the same record gave other values"
        for value in values:
            self.check(value)
        held = sum(
            len(value.value) + sum(len(part) + len(BETWEEN) for part in value.attributes.values())
            for value in values
        )
        assert held <= MOST * len(content) + SHARED * len(values), "more came out than went in"
        for element, walked in crosswalk.read(
            text.read(values), self.crosswalk, self.tables.roles
        ).items():
            assert all(value.element == element for value in walked)

    @staticmethod
    def check(value: RawValue) -> None:
        """Assert what every value keeps to."""
        assert ":" in value.element, value
        assert value.value or value.attributes or value.element == SPEAKS_WHEN_EMPTY, value


def words(seeds: list[bytes]) -> list[bytes]:
    """Return what records are made of: tags, attributes, and what XML itself has."""
    patterns = (TAG, ATTRIBUTE)
    found = {word for seed in seeds for pattern in patterns for word in pattern.findall(seed)}
    plain = (b"<![CDATA[", b"]]>", b"<!--", b"-->", b"<?x ?>", b"&amp;", b"&#x3;", b"/>", b">")
    return sorted(found) + list(plain)


def main() -> None:
    """Run until stopped; the folder gets the project's own records of the format."""
    name = sys.argv.pop(1)
    seeds = [path.read_bytes() for path in sorted(RECORDS.glob(f"{name}*.xml"))]
    for argument in sys.argv[1:]:
        folder = Path(argument)
        if folder.is_dir():
            for number, seed in enumerate(seeds):
                (folder / f"seed{number}.xml").write_bytes(seed)
            quoted = (
                "".join(f"\\x{byte:02X}" if byte in b'"\\' or not 32 <= byte < 127 else chr(byte)
                        for byte in word)
                for word in words(seeds)
            )  # fmt: skip
            listed = folder.parent / f"{folder.name}.dict"
            listed.write_text("".join(f'"{word}"\n' for word in quoted))
            sys.argv.append(f"-dict={listed}")
            break
    atheris.Setup(sys.argv, Target(name))
    atheris.Fuzz()


if __name__ == "__main__":
    main()
