"""What types are called by Zotero, in RIS and BibTeX, and by schema.org."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester import kinds, schemas
from harvester.errors import UsageError
from harvester.export import exporters
from harvester.kinds import Kind
from harvester.model import Record

TYPES = schemas.load("types.yml")["types"]

# Zotero drops every other entry of a .bib file without a word.
IMPORTED_BIBTEX = {
    "article", "book", "incollection", "inproceedings", "mastersthesis", "misc", "phdthesis",
    "proceedings", "techreport",
}  # fmt: skip
# Zotero makes a journal article of what it does not know (UNPB, WP, PREP …).
IMPORTED_RIS = {
    "ART", "BLOG", "BOOK", "CHAP", "COMP", "CONF", "DATA", "ELEC", "GEN", "JOUR", "MAP", "NEWS",
    "PAT", "PCOMM", "RPRT", "SER", "SLIDE", "SOUND", "THES", "UNPD", "VIDEO",
}  # fmt: skip

OWN_TYPE = """
types:
  https://library.example/types/zine:
    {en: zine, zotero: magazineArticle, ris: BOOK, bibtex: book, schema: Periodical}
"""


@pytest.mark.parametrize("uri", TYPES)
def test_every_type_is_called_something_by_all(uri: str) -> None:
    row = TYPES[uri]
    assert row["bibtex"] in IMPORTED_BIBTEX
    assert row["ris"] in IMPORTED_RIS
    assert row["zotero"]
    assert row["schema"]


def test_a_type_is_known_by_its_uri_and_by_its_label() -> None:
    article = Kind("journalArticle", "JOUR", "article", "ScholarlyArticle")
    assert kinds.kind(Record(source="x", type_uri=f"{kinds.COAR}c_6501")) == article
    assert kinds.kind(Record(source="x", type="journal article")) == article
    assert kinds.kind(Record(source="x", type="zine")) == kinds.UNKNOWN


@pytest.mark.parametrize(
    ("label", "survives"),
    [
        ("journal article", True),
        ("working paper", True),
        ("dataset", True),
        ("preprint", False),
        ("other", False),
        ("interview", False),
        ("journal", False),
    ],
)
def test_which_types_zotero_reads_from_ris(label: str, survives: bool) -> None:
    assert kinds.survives_ris(kinds.kind(Record(source="x", type=label))) is survives


def test_a_type_that_a_librarian_adds_reaches_every_format(tmp_path: Path) -> None:
    (tmp_path / "types.yml").write_text(OWN_TYPE, "utf-8")
    zine = Record(
        id="x-1", source="x", title="T", type="zine", type_uri="https://library.example/types/zine"
    )
    assert kinds.kind(zine, tmp_path).schema == "Periodical"
    written = {
        name: "".join(exporters()[name].writer(tmp_path)([zine])) for name in ("bibtex", "ris")
    }
    assert written["bibtex"].startswith("@book{")
    assert written["ris"].startswith("TY  - BOOK\r\n")
    assert "".join(exporters()["ris"].write([zine])).startswith("TY  - GEN\r\n")


def test_a_name_that_can_be_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "types.yml").write_text(OWN_TYPE.replace("BOOK", "a book"), "utf-8")
    with pytest.raises(UsageError, match=r"types\.yml, line 4: .*zine → ris"):
        schemas.load("types.yml", tmp_path)
