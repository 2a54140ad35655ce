"""Subjects that BASE cut come out whole, and neighbours stay apart."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.model import RawRecord, RawValue
from harvester.normalise import Tables, keywords, phrases, understand
from harvester.normalise.folding import fold
from harvester.sources import Source
from tests.corpus import BASE_FILES, from_base
from tests.normalise import whole
from tests.normalise.conftest import values
from tests.normalise.damage import AGENCIES, by_base
from tests.normalise.uncutting import JOINING, evaluate, having_learned

PARTS = [
    "Education", "Higher", "Medical", "Continuing", "Women -- Legal status", "laws",
    "etc. -- Belgium", "Deleuze", "Gilles", "Hugo", "Jr.", "of Hippo", "King of X", "1925-1995",
    "World War", "1914-1918", "Enron (ENE", "ENRN)", ")", "(", "de", "--", "O. --", "Ä", "1", "G.",
]  # fmt: skip
Catalogue = dict[str, Source]
RECORDS = 600


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_known_subjects_come_out_whole(seed: int, tables: Tables, catalogue: Catalogue) -> None:
    records = whole.made(seed, RECORDS, tables)
    score = evaluate(records, catalogue["base"], having_learned(tables, ()))
    assert sum(score.cut.values()) > 1000
    assert score.share() >= 0.98, score.missed
    assert len(score.wrong) <= 0.001 * score.pairs, score.wrong
    assert score.share(["phrases"]) == 0.0


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_phrases_are_learned_from_other_records(
    seed: int, tables: Tables, catalogue: Catalogue
) -> None:
    records = whole.made(seed, 2 * RECORDS, tables)
    learned = having_learned(tables, records[RECORDS:])
    score = evaluate(records[:RECORDS], catalogue["base"], learned)
    assert score.share(["phrases"]) > 0.5, score.missed
    assert len(score.wrong) <= 0.001 * score.pairs, score.wrong


def test_neighbours_of_real_records_stay_apart(
    corpus: Path, tables: Tables, catalogue: Catalogue
) -> None:
    score = evaluate(list(whole.recorded(corpus, tables)), catalogue["base"], tables)
    assert score.pairs > 5000
    assert len(score.wrong) <= 0.001 * score.pairs, score.wrong
    assert score.share(["asjc", "orbi", "bepress", "headings"]) >= 0.98, score.missed


def test_what_base_does() -> None:
    raw = RawRecord(
        "oai:x:1",
        "oai_dc",
        "2022-06-01T00:00:00Z",
        values=[
            RawValue("dc:title", "Un titre", "fr"),
            RawValue("dc:subject", "Education, Higher", "en"),
            RawValue("dc:title", "A title", "en"),
            RawValue("dc:subject", "a; b,c"),
        ],
    )
    damaged = by_base(raw)
    assert damaged.identifier == "ftmade:oai:x:1"
    assert [value.value for value in damaged.values] == [
        "Education", "Higher", "a", "b,c", "Un titre ; A title", "ftmade"
    ]  # fmt: skip
    assert not any(value.language for value in damaged.values)
    assert by_base(raw, "ftdatacite").values[2].value == "Un titre ; A title ..."


@pytest.mark.parametrize("collection", AGENCIES)
def test_subjects_from_agencies_are_not_touched(
    collection: str, tables: Tables, catalogue: Catalogue
) -> None:
    """BASE does not cut these: what stands side by side are two keywords."""
    texts = ["Education", "Higher", "Deleuze", "Gilles", "1925-1995", "World War", "1914-1918"]
    values = [RawValue("dc:title", "A title"), *(RawValue("dc:subject", text) for text in texts)]
    raw = RawRecord("doi:10.1000/1", "oai_dc", "2022-06-01T00:00:00Z", values=values)
    record = understand(by_base(raw, collection), catalogue["base"], tables).record
    assert [keyword.label for keyword in record.keywords] == texts


def test_real_subjects_from_agencies_are_not_touched(
    corpus: Path, tables: Tables, catalogue: Catalogue
) -> None:
    every = (raw for name in BASE_FILES for raw in from_base(corpus / name))
    raws = [raw for raw in every if _first_identifier(raw).startswith(DOI)]
    understood = [understand(raw, catalogue["base"], tables) for raw in raws]
    assert sum(", " in value.value for raw in raws for value in raw.values) > 50
    for one in understood:
        assert not [note for note in one.trace if note.rule in JOINING and " | " in note.original]


DOI = "https://dx.doi.org"


def _first_identifier(raw: RawRecord) -> str:
    return next((one.value for one in raw.values if one.element == "dc:identifier"), "")


def test_a_record_with_a_comma_was_not_cut(tables: Tables, catalogue: Catalogue) -> None:
    texts = ["Education", "Higher", "General Business, Management and Accounting"]
    values = [RawValue("dc:subject", text) for text in texts]
    raw = RawRecord("ftx:1", "base_dc", "2022-06-01T00:00:00Z", values=values)
    record = understand(raw, catalogue["base"], tables).record
    assert [keyword.label for keyword in record.keywords] == ["Education", "Higher"]


def test_every_repair_is_accounted_for(tables: Tables, catalogue: Catalogue) -> None:
    texts = ["Education, Higher", "Deleuze, Gilles, 1925-1995", "Crimean War, 1853-1856",
             "Enron (ENE, ENRN)", "Social & behavioral sciences, psychology"]  # fmt: skip
    values = [RawValue("dc:subject", text) for text in texts]
    raw = RawRecord("oai:x:1", "oai_dc", "2022-06-01T00:00:00Z", values=values)
    record = understand(by_base(raw), catalogue["base"], tables).record
    told = {note.rule: note for note in record.notes if " | " in note.original}
    assert set(told) == {"keywords.rejoined", "keywords.person", "keywords.event",
                         "keywords.bracket", "disciplines.rejoined"}  # fmt: skip
    assert told["keywords.person"].original == "Deleuze | Gilles | 1925-1995"
    assert all(note.certainty < 1 for rule, note in told.items() if rule.startswith("keywords"))


@given(texts=st.lists(st.one_of(st.sampled_from(PARTS), st.text(min_size=1)), max_size=8))
def test_nothing_is_lost_or_moved(texts: list[str], tables: Tables) -> None:
    texts = [text.strip() for text in texts if text.strip() and "|" not in text]
    pieces, _ = keywords.pieces(values(texts), None, sole=False)
    joined, notes = phrases.rejoin(pieces, tables.phrases)
    assert fold("".join(piece.text for piece in joined)) == fold(
        "".join(piece.text for piece in pieces)
    )
    assert len(joined) == len(pieces) - sum(note.original.count(" | ") for note in notes)
