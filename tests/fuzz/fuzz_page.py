"""Feeds mutated answers to the page parser: it gives a page or its own error, and nothing else.

Not a test of pytest: it runs until it is stopped, or until something breaks.

    pip install atheris
    python tests/fuzz/fuzz_page.py [-max_total_time=1800] FOLDER

FOLDER keeps what was found worth trying again; answers of servers may be put into it beforehand.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

with atheris.instrument_imports(include=["harvester.oai", "harvester.formats"]):
    from harvester.formats import read_page
    from harvester.oai.page import Page, parse
    from harvester.oai.received import NotOaiError

WORDS = [
    '<?xml version="1.0" encoding="UTF-8"?>', "<!DOCTYPE a [", "<!ENTITY b 'c'>", "]>", "<!--",
    "-->", "<![CDATA[", "]]>", "<OAI-PMH>", "</OAI-PMH>", "<ListRecords>", "</ListRecords>",
    "<record>", "</record>", "<header>", "</header>", "<header status='deleted'>", "<identifier>",
    "</identifier>", "<metadata>", "</metadata>", "<resumptionToken>", "</resumptionToken>",
    "<resumptionToken/>", "ListIdentifiers", "Identify", "GetRecord", "oai:", "dc:", "xmlns:dc=",
    "xsi:schemaLocation=", "&amp;", "&eacute;", "&lol2;", "&#x3;", "&#55349;", "&#56832;", "< ",
    "& ", "\\xED\\xA0\\xBD", "\\xE9", "\\xC3\\xA9", "\\xFF\\xFE", "\\xEF\\xBB\\xBF", "\\x00",
    "\\x0B", "ISO-8859-1", "UTF-16", "<br>",
]  # fmt: skip
SEED = b"""<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>2026-11-23T01:00:00Z
</responseDate><request verb="ListRecords">https://example.org/oai</request><ListRecords>
<record><header><identifier>oai:x:1</identifier><datestamp>2026-01-01</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>\xc3\x89t\xc3\xa9 &amp; <![CDATA[<hiver>]]>
</dc:title></oai_dc:dc></metadata></record>
<record><header status="deleted"><identifier>oai:x:2</identifier><datestamp>2026-01-02</datestamp>
</header></record><resumptionToken completeListSize="9"> a|b </resumptionToken></ListRecords>
</OAI-PMH>"""


def one_input(content: bytes) -> None:
    """Parse an input twice, read its records, and look at what came out."""
    first, again = outcome(content), outcome(content)
    assert told(first) == told(again), "the same bytes gave another page"
    page = first.page if isinstance(first, NotOaiError) else first
    if isinstance(first, NotOaiError):
        assert str(first).isprintable()
        assert len(str(first)) < 300
        assert page is None or not page.closed
    else:
        assert first.closed
    if page is None:
        return
    assert page.verb or page.error
    assert page.closed or page.token is None
    for record in page.records:
        assert record.broken is None or record.broken.reason.isprintable()
    read_page(page)


def outcome(content: bytes) -> Page | NotOaiError:
    """Return what became of an answer."""
    try:
        return parse(content)
    except NotOaiError as error:
        return error


def told(found: Page | NotOaiError | None) -> object:
    """Return all that can be compared of a page or an error."""
    if found is None:
        return None
    if isinstance(found, NotOaiError):
        return str(found), found.cut_off, told(found.page)
    return (
        found.token,
        found.response_date,
        [(record.header, record.repairs, record.broken) for record in found.records],
    )


def main() -> None:
    """Run until stopped; a folder that is named on the command line gets a first answer."""
    for argument in sys.argv[1:]:
        folder = Path(argument)
        if folder.is_dir():
            (folder / "seed.xml").write_bytes(SEED)
            words = folder.parent / f"{folder.name}.dict"
            words.write_text("".join('"' + word.replace('"', r"\x22") + '"\n' for word in WORDS))
            sys.argv.append(f"-dict={words}")
            break
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
