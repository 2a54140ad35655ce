"""Subjects that are keywords as they are pass the steps by: with and without, all is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.model import Note
from harvester.normalise import Tables, subjects
from harvester.normalise.profile import uncut
from harvester.normalise.remembering import remembered
from tests.normalise.conftest import values

CASES = Path(__file__).parent.parent / "cases"
ODD = [
    *("Psychology", "BF1-990", "H", "HM401-1281", "Sociology (General)", "BF Psychology", "L300"),
    *("G20", "D12", "M10", "Q", "VDP", "L300 Sociology", "Geology (0372)", "٣٣٠ Wirtschaft"),
    *("Anthropology", "Education", "Higher", "Theater", "Tanz", "1701 Psychology", "ACL"),
    *("migration", "Migration", "migration.", "etc.", "Key words in context", "Labour market"),
]


def written() -> list[str]:
    """Return what stands in the cases of subjects, and odd ones."""
    rows = [
        row
        for name in ("keywords", "disciplines")
        for row in yaml.safe_load((CASES / f"{name}.yml").read_text(encoding="utf-8"))
    ]
    texts = [
        one["text"] if isinstance(one, dict) else str(one) for row in rows for one in row["values"]
    ]
    return [*dict.fromkeys(texts), *ODD]


WRITTEN = written()
SUBJECTS = st.lists(
    st.one_of(st.sampled_from(WRITTEN), st.sampled_from(ODD), st.text(min_size=1, max_size=8)),
    min_size=1,
    max_size=6,
)


def read(
    texts: list[str], sets: list[str], name: int, tables: Tables
) -> tuple[subjects.Understood, list[Note]]:
    whole = tables.profiles.dialects.values()
    dialects = [*whole, *map(uncut, whole)]
    words = subjects.Words(tables.disciplines, tables.phrases, tables.languages, tables.no_keywords)
    return subjects.read(values(texts), [], sets, dialects[name % len(dialects)], words)


@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=SUBJECTS, sets=st.sampled_from([[], ["class_h10"]]), name=st.integers(0, 999))
def test_subjects_are_understood_as_step_by_step(
    texts: list[str], sets: list[str], name: int, tables: Tables
) -> None:
    quickly = read(texts, sets, name, tables)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subjects, "_plain", remembered(1)(lambda text, habits: None))
        assert read(texts, sets, name, tables) == quickly


def test_most_are_keywords_as_they_are(tables: Tables) -> None:
    words = ["social capital", "Migration", "arbeidsmarkt", "politique de l’emploi", "identité"]
    generic = tables.profiles.dialects["generic", ()]
    habits = subjects._Habits(generic.separators, tables.disciplines, tables.no_keywords)
    assert all(subjects._plain(word, habits) for word in words)
