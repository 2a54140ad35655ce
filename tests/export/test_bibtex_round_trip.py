"""Whatever a record holds, bibtexparser reads it back."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from bibtexparser.entrypoint import parse_string
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.export import bibtex, tex
from harvester.model import Abstract, Agent, Container, Identifiers, Keyword, Link, Record

COAR = "http://purl.org/coar/resource_type/"

HARD = [
    r"50% & #1_a {x} ~ ^ \ $5 to $10 <i>",
    "}{",
    "{{{",
    "@article{evil, title = {x}}",
    'a "quoted" text',
    "ends in a backslash \\",
    "السياسة (الاجتماعية) في بلجيكا",
    "社会政策 🏛️👩‍👩‍👧",
    "line\none\r\ntwo\x00three\u2028four",
    "Smith and Sons, Ltd",
    "AND and And",
    "x" * 5000,
    "",
]
SENTENCES = st.one_of(
    st.sampled_from(HARD),
    st.text(max_size=80),
    st.lists(
        st.sampled_from(["and", "{", "}", "\\", "&", "%", "$", "#", "_", "EU", "de", ",", "é", "@"])
    ).map(" ".join),
)
AGENTS = st.builds(
    Agent,
    literal=SENTENCES,
    family=st.none() | SENTENCES,
    given=st.none() | SENTENCES,
    corporate=st.booleans(),
)
TAGS = {"": "", "nld": "nl", "eng": "en", "fra": "fr", "deu": "de", "ltz": "lb", "zxx": "zxx"}
RECORDS = st.builds(
    Record,
    source=st.just("s"),
    title=SENTENCES,
    creators=st.lists(AGENTS, max_size=4),
    languages=st.lists(st.sampled_from(["nld", "eng", "fra", "deu", "ltz", "zxx"]), max_size=2),
    type_uri=st.sampled_from([COAR + code for code in ("c_6501", "c_bdcc", "c_93fc", "c_ddb1")]),
    type=st.none() | SENTENCES,
    year=st.none() | st.integers(-100, 20000),
    issued=st.none() | st.sampled_from(["2019-05", "2019~", "x}"]),
    publishers=st.lists(SENTENCES, max_size=2),
    keywords=st.lists(st.builds(Keyword, SENTENCES), max_size=4),
    abstracts=st.lists(st.builds(Abstract, SENTENCES), max_size=2),
    container=st.none() | st.builds(Container, title=SENTENCES, pages=SENTENCES, volume=SENTENCES),
    identifiers=st.none() | st.builds(Identifiers, doi=SENTENCES, handle=SENTENCES),
    links=st.lists(
        st.builds(Link, SENTENCES.map("https://x.be/".__add__), st.just("landing")), max_size=1
    ),
)


def as_plain(value: str) -> str:
    """What may be expected back: one line of NFC, lone braces replaced, nothing invisible."""
    return tex.plain(value)


@settings(max_examples=150, deadline=None)
@given(st.lists(RECORDS, max_size=4))
def test_every_record_comes_back(records: list[Record]) -> None:
    for number, one in enumerate(records):
        one.id, one.citekey = f"s-{number}", f"key-{number}"
    library = parse_string("".join(bibtex.write(records)), parse_stack=[])
    assert not library.failed_blocks
    assert [entry.key for entry in library.entries] == [one.citekey for one in records]
    assert len(library.blocks) == len(records)
    for one, entry in zip(records, library.entries, strict=True):
        got = {field.key: field.value[1:-1] for field in entry.fields if field.key != "month"}
        assert unescaped(got.get("title", "")) == as_plain(one.title)
        assert got.get("year", "") == (
            str(one.year) if one.year and 1000 <= one.year <= 9999 else ""
        )
        names = [name for agent in one.creators if (name := tex.name(agent))]
        assert split_names(got.get("author", "")) == names
        words = dict.fromkeys(tex.keyword(keyword.label) for keyword in one.keywords)
        assert got.get("keywords", "") == ", ".join(filter(None, words))
        expected = one.identifiers.doi if one.identifiers and one.identifiers.doi else ""
        assert unquote(got.get("doi", "")) == unquote(expected.strip().lower())
        expected = one.links[0].url if one.links else ""
        assert unquote(got.get("url", "")) == unquote(expected.strip())
        assert got.get("language", "") == TAGS[one.languages[0] if one.languages else ""]
        expected = (one.container.pages if one.container else "") or ""
        assert unescaped(got.get("pages", "")).replace("--", "-") == re.sub(
            r"(?<=\w)\s*(?:-{1,3}|[‐‑–—])\s*(?=\w)", "-", as_plain(expected)
        ).replace("--", "-")
        for value in got.values():
            assert balance(value) == 0
            assert unicodedata.is_normalized("NFC", value)
            assert "\n" not in value


def split_names(value: str) -> list[str]:
    """Split at the word "and" outside braces, as BibTeX does."""
    names, depth, current = [], 0, ""
    for word in re.split(r"(\s+)", value):
        if depth == 0 and word.lower() == "and":
            names.append(current.strip())
            current = ""
        else:
            current += word
            depth += balance(word)
    return [*names, current.strip()] if value else []


def balance(value: str) -> int:
    unescaped_braces = re.findall(r"(?<!\\)[{}]", value)
    return unescaped_braces.count("{") - unescaped_braces.count("}")


def unescaped(value: str) -> str:
    """Undo the documented escapes and protecting braces."""
    value = value.replace(r"\~{}", "~").replace(r"\^{}", "^")
    value = re.sub(r"(?<!\\)[{}]", "", value)
    return re.sub(r"\\([&%#_${}])", r"\1", value)
