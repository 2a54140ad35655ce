"""Whatever a record holds, bibtexparser reads it back."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import unquote

from bibtexparser.entrypoint import parse_string
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester.export import bibtex, tex
from harvester.model import Identifiers, Record
from tests.export.hard import RECORDS, TAGS
from tests.export.reading_back import balance, split_names, unescaped


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
        expected = unicodedata.normalize("NFC", expected.strip()).lower()
        assert unquote(got.get("doi", "")) == unquote(expected)
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


def test_an_identifier_is_in_nfc_too() -> None:
    known = Identifiers(doi="10.5555/\U0002f800", handle="1/\U0002f800")
    text = "".join(bibtex.write([Record(source="s", id="s-1", title="T", identifiers=known)]))
    assert unicodedata.is_normalized("NFC", text)
    assert "doi = {10.5555/丽}" in text
