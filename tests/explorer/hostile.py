"""Records that a repository should not send, and queries that a reader should not ask."""

from __future__ import annotations

from pathlib import Path

from hypothesis import strategies as st

from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.model import Abstract, Agent, Container, Identifiers, Keyword, Link, Record, Rights

BIG = 5_000_000
SCRIPT = "<script>window.ran = (window.ran || 0) + 1</script>"
OVERRIDE = "\u202e\u202d\u2067\u2066desrever"
CONTROLS = "".join(map(chr, [*range(32), *range(0x7F, 0xA0), 0xFEFF, 0xFFFE, 0xFFFF, 0x200B]))
IMAGE = '"><img src=x onerror="window.ran = 1">'


def records() -> list[Record]:
    """One record for each kind of malice; all have the keyword `malice`."""
    malice = Keyword("malice")
    return [
        Record(
            id="x-script",
            source="x",
            citekey="script",
            title=f"{SCRIPT} script {IMAGE}",
            creators=[Agent(f"{SCRIPT}{IMAGE}, Eve", f"{SCRIPT}{IMAGE}", "Eve")],
            publishers=[f"'\"><svg/onload='window.ran=1'>{SCRIPT}"],
            container=Container(f"</cite>{SCRIPT}", volume=SCRIPT, pages=SCRIPT),
            type=SCRIPT,
            languages=[SCRIPT],
            issued=SCRIPT,
            year=2020,
            keywords=[malice, Keyword(SCRIPT), Keyword(IMAGE), Keyword("{{ 7 * 7 }}{% raw %}")],
            abstracts=[Abstract(f"</p></details>--></style>{SCRIPT}{IMAGE}", 'en" onclick="x')],
            identifiers=Identifiers(doi=f'10.1/"><{SCRIPT}', handle=SCRIPT, urn=SCRIPT),
        ),
        Record(
            id="x-links",
            source="x",
            title="Links",
            keywords=[malice],
            rights=Rights(licence="javascript:window.ran=1", statement=SCRIPT),
            links=[
                Link(url, "fulltext")
                for url in (
                    "javascript:window.ran=1",
                    " JaVaScRiPt:window.ran=1",
                    "java\nscript:window.ran=1",
                    "\x01javascript:window.ran=1",
                    "data:text/html,<script>window.ran=1</script>",
                    "vbscript:x",
                    "file:///etc/passwd",
                    "//evil.example/",
                    "https://",
                    "https://[::1",
                    'https://evil.example/" onmouseover="window.ran=1',
                    "https://example.org/" + "a" * BIG,
                )
            ],
        ),
        Record(
            id="x-bidi",
            source="x",
            title=f"Title {OVERRIDE}",
            creators=[Agent(f"Author {OVERRIDE}", f"Author {OVERRIDE}")],
            container=Container(f"Journal {OVERRIDE}"),
            publishers=[f"Publisher {OVERRIDE}"],
            keywords=[malice, Keyword(f"Keyword {OVERRIDE}")],
            abstracts=[Abstract(f"Abstract {OVERRIDE}")],
        ),
        Record(
            id="x-controls",
            source="x",
            title=f"Controls {CONTROLS} end",
            keywords=[malice, Keyword(f"controls {CONTROLS} end")],
            creators=[Agent(f"Controls{CONTROLS}, C.", f"Controls{CONTROLS}", "C.")],
            abstracts=[Abstract(f"controls {CONTROLS} end")],
        ),
        Record(
            id="x-title",
            source="x",
            title="Enormous " * (BIG // 9),
            keywords=[malice],
            creators=[Agent("E" * BIG, "E" * BIG)],
            publishers=["P" * BIG],
        ),
        Record(
            id="x-abstract",
            source="x",
            title="Abstract",
            keywords=[malice, Keyword("K" * BIG)],
            abstracts=[Abstract("Lengthy " * (BIG // 8), "eng")],
        ),
        Record(
            id="x-keywords",
            source="x",
            title="Keywords",
            keywords=[malice, *(Keyword(f"keyword {number}") for number in range(10_000))],
            creators=[Agent(f"Name, {number}", "Name", str(number)) for number in range(10_000)],
        ),
    ]


def fill(directory: Path) -> Path:
    """Write a catalogue with all records; returns its folder."""
    db = open_catalogue(directory)
    entries = [
        Entry(number, record, added="2026-01-01", changed="2026-01-01")
        for number, record in enumerate(records(), start=1)
    ]
    put(db, entries)
    db.close()
    return directory


NAMES = (
    "q", "keyword", "creator", "type", "language", "discipline", "source", "publisher",
    "container", "access", "peer_reviewed", "year", "years", "sort", "show", "lang", "page",
    "from", "until", "not_keyword", "not_year", "not_", "containing", "order", "account",
    "_search", "_sort", "_next", "_size", "__proto__", "q[]", "Q", "", "\x00", "offset", "limit",
)  # fmt: skip

FTS = (
    '"', "'", "*", "^", "(", ")", "{", "}", ":", "+", "-", ",", ".", "\\", "%", "_", "AND", "OR",
    "NOT", "NEAR(a b, 5)", "NEAR", 'title:"a', "{title} : a", "- {title creators} : a", "rank",
    "records_fts", "title:", "author:-", 'q OR "', "a*b*", "^a", "year:9999999999999-", "doi:",
    "year:a-b", "year:-", "jahr:1-", "type:*", "type:", 'type:"', "lang:%", "lang:\u0000x",
    "source:[", "source:*", "source:[^a]]", "source:a*", "isbn:x", "issn:-", "10.1/(((",
    "doi:10.1/",
    "https://doi.org/10.1/a%00b", "hdl:1/'", "in:*", "title:title:a", "-title:", "ǂ", "ǂa*",
    "ﬃßæøĳ", "migratoins", "arbeids markt", "((((((",
    '""""', "-", "--", "-a", "OR OR", "a OR", "NOT NOT a", "; drop table x",
    "' or 1=1 --", "\u0000", "\ud83d\ude00", "é" * 50, "İ", "ß", "\u202e", "\ufeff", "﷽",
    "a\u0301" * 20,
    "99999999999999999999999", "-1", "1e309", "NaN", "0x10", "١٢", "²", "2015-2020", "-", "0-0",
)  # fmt: skip

_TEXT = st.one_of(
    st.text(max_size=30),
    st.lists(st.sampled_from(FTS), max_size=6).map(" ".join),
    st.lists(st.sampled_from(FTS), max_size=6).map("".join),
    st.integers(-(10**30), 10**30).map(str),
)
_BROKEN = st.sampled_from(
    [
        "%",
        "%z",
        "%ff",
        "%c3%28",
        "%ed%a0%80",
        "%00",
        "%u0041",
        "+",
        "&&",
        "=",
        ";",
        "%25%30%30",
        "#",
    ]
)
PARAMETERS = st.lists(st.tuples(st.sampled_from(NAMES), _TEXT), max_size=6)
"""Names and values, to be percent-encoded."""
TAIL = st.lists(_BROKEN, max_size=3).map("".join)
"""What is no proper percent-encoding."""
PATHS = st.sampled_from(
    [
        "/search",
        "/search.json",
        "/search.bib",
        "/search.ris",
        "/search.csv",
        "/search.atom",
        "/search/keyword",
        "/search/year",
        "/",
        "/status",
    ]
)
