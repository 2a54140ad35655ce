"""Phrases with commas are learned from whole records, and corrected by hand."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from harvester.model import RawRecord, RawValue
from harvester.normalise import lexicon, load
from harvester.sources import Source

HERE = Source("here", "A repository")


def test_a_phrase_stands_whole_in_several_records() -> None:
    records = [["Liège, Belgique"], ["Liège, Belgique", "Namur, Belgique"], ["Liège"]]
    assert lexicon.learn(records, ()).phrases == {"Liège, Belgique": 2}
    assert lexicon.learn(records, (), least=1).phrases.keys() == {
        "Liège, Belgique", "Namur, Belgique"
    }  # fmt: skip


def test_a_record_counts_once() -> None:
    assert lexicon.learn([["Liège, Belgique", "Liège, Belgique"]], ()).phrases == {}


def test_what_stands_apart_as_well_is_no_phrase() -> None:
    records = [["Gender, Race"], ["Gender, Race"], ["Gender", "Race"]]
    assert lexicon.learn(records, ()).phrases == {}


def test_classes_and_headings_need_not_be_learned() -> None:
    records = [["Education, Higher"], ["Education, Higher"]]
    assert lexicon.learn(records, {"educationhigher"}).phrases == {}


def test_the_links_of_a_heading_are_learned_singly() -> None:
    records = [["Ghent, Belgium -- History"], ["Art -- Ghent, Belgium"]]
    assert lexicon.learn(records, ()).phrases == {"Ghent, Belgium": 2}


@pytest.mark.parametrize(
    "text",
    [
        "race, gender, class",
        "Race; Gender, Class",
        "One, Two, Three, Four, Five, Six, Seven",
        "JEL classification: E31, E37",
        "62-08, 51.08",
        "Law",
    ],
)
def test_lists_are_no_phrases(text: str) -> None:
    assert lexicon.learn([[text], [text]], ()).phrases == {}


def test_only_repositories_themselves_teach() -> None:
    values = [RawValue("dc:subject", "*Adaptation, Psychological"), RawValue("dc:title", "A, B")]
    raw = RawRecord("oai:x:1", "oai_dc", "2022-06-01T00:00:00Z", values=values)
    assert lexicon.subjects(raw, HERE) == ["Adaptation, Psychological"]
    assert lexicon.subjects(raw, Source("base", "BASE", aggregator=True)) == []
    assert lexicon.subjects(raw, Source("fid", "A portal", portal=True)) == []


def test_the_table_remembers_what_was_turned_down(
    tmp_path: Path, catalogue: dict[str, Source]
) -> None:
    learned = lexicon.Learned({"Ö, A": 2, "Liège, Belgique": 3, "Gender, Race": 4}, 10, 2)
    before = {"version": 4, "phrases": {"Gender, Race": 0, "Old, Phrase": 7}}
    text = lexicon.document(learned, "2026-11-25", before)
    table = yaml.safe_load(text)
    assert table["version"] == 5
    assert table["phrases"] == {"Gender, Race": 0, "Liège, Belgique": 3, "Ö, A": 2}
    assert list(table["phrases"]) == sorted(table["phrases"])
    (tmp_path / "phrases.yml").write_text(text, "utf-8")
    known = load(catalogue, tmp_path).phrases.known
    assert known["liegebelgique"].certainty == 0.75
    assert "genderrace" not in known


def test_nothing_learned_is_a_table_too() -> None:
    text = lexicon.document(lexicon.Learned({}, 0, 2), "2026-11-25", {})
    assert yaml.safe_load(text)["phrases"] == {}
