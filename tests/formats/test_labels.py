"""From a printed label to an element: `schemas/fields.yml` and how it is read."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
import yaml

from harvester import schemas
from harvester.errors import UsageError
from harvester.formats import labels

CASES = yaml.safe_load(
    (Path(__file__).parent.parent / "cases" / "labels.yml").read_text(encoding="utf-8")
)
LANGUAGES = ("de", "en", "fr", "nl")
TABLE: dict[str, Any] = schemas.load("fields.yml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['label']}={case['value'][:20]}")
def test_a_label_finds_its_element(case: dict[str, Any]) -> None:
    table = labels.load()
    languages = table.languages([*case["beside"], case["label"]])
    assert table.element(case["label"], case["value"], languages) == case["element"]


@pytest.mark.parametrize("element", TABLE)
def test_every_element_has_a_name_for_the_web_pages_in_each_language(element: str) -> None:
    row = TABLE[element]
    assert set(row) <= {"labels", "shape"}
    for language in LANGUAGES:
        preferred = row["labels"][language][0]
        assert preferred
        assert "(" not in preferred, "a variant for reading is no name for a field"


@pytest.mark.parametrize("element", TABLE)
def test_no_label_stands_twice_in_one_list(element: str) -> None:
    for words in TABLE[element]["labels"].values():
        assert len(set(words)) == len(words)


def test_no_element_hides_another_one_but_on_purpose() -> None:
    """An element behind one without a shape would never be reached, save as the last resort."""
    table = labels.load()
    for label, claims in table.claims.items():
        for language in {language for language, _ in claims}:
            elements = [element for claimed, element in claims if claimed == language]
            if len(elements) < 2:
                continue
            shapeless = [element for element in elements if element not in table.shapes]
            reached = elements[: elements.index(shapeless[0]) + 1] if shapeless else elements
            unreached = set(elements) - set(reached)
            # Decided on purpose, see the comments of the table.
            assert unreached <= {
                "dc:creator:corporate",
                "dc:source:journal",
                "dc:relation:collection",
                "dc:description:abstract",
            }, f"{label} ({language}) never reaches {unreached}"


def test_the_table_knows_every_collected_label(corpus: Path) -> None:
    table = labels.load()
    with (corpus / "labels.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            for name in row["dc_element"].split("|"):
                if row["label"] == "Verlag/Hrsg." and name == "contributor:editor":
                    continue  # BASE's German word for dc:publisher
                element = name if name.startswith("ui:") else f"dc:{name}"
                claims = table.claims[labels.key(row["label"])]
                assert (row["lang"], element) in claims, row


def test_a_librarian_adds_labels_and_renames_fields(tmp_path: Path) -> None:
    (tmp_path / "fields.yml").write_text(
        "dc:creator:\n  labels:\n    de: [Geistige Urheberin]\n"
        "local:shelf:\n  labels:\n    de: [Standortkennzeichen]\n",
        encoding="utf-8",
    )
    table = labels.load(tmp_path)
    assert table.element("Geistige Urheberin:", "x", {"de"}) == "dc:creator"
    assert table.element("Standortkennzeichen", "x", {"de"}) == "local:shelf"
    assert table.element("Verfasser", "x", {"de"}) == "dc:creator"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("dc:creator: Verfasser\n", "line 1: dc:creator: expected a mapping"),
        ("dc:new: {labels: {de: Wort}}\n", "dc:new → labels → de: expected a list, got text"),
        ("dc:new: {labels: {de: [1999]}}\n", "dc:new → labels → de → 0: expected text, got"),
        ("dc:new: {labels: {de: [Wort]}, shape: '('}\n", "dc:new → shape: '(' is no regular"),
    ],
)
def test_a_broken_row_is_named(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "fields.yml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"fields\.yml") as error:
        labels.load(tmp_path)
    assert complaint in str(error.value)
    assert "\n" not in str(error.value)
