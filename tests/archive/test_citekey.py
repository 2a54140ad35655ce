"""Citation keys: readable, made once, safe in every citation manager."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from harvester.archive.citekey import identity_hash, readable_part
from harvester.model import Agent, Record

CASES = yaml.safe_load((Path(__file__).parents[1] / "cases" / "citekeys.yml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["key"])
def test_readable_part(case: dict[str, object]) -> None:
    record = Record(
        source="orbi",
        title=str(case.get("title", "")),
        year=case.get("year"),  # type: ignore[arg-type]
        creators=[Agent(**case["creator"])] if "creator" in case else [],  # type: ignore[arg-type]
    )
    assert readable_part(record) == case["key"]


@given(st.text(), st.text(), st.text(), st.none() | st.integers(1000, 2999))
def test_a_key_holds_only_what_every_program_accepts(
    literal: str, family: str, title: str, year: int | None
) -> None:
    record = Record(
        source="s", title=title, year=year, creators=[Agent(literal=literal, family=family)]
    )
    assert re.fullmatch(r"[a-z0-9]+", readable_part(record))


@given(st.text(), st.text())
def test_an_identity_has_one_hash(source: str, identifier: str) -> None:
    digest = identity_hash(source, identifier)
    assert digest == identity_hash(source, identifier)
    assert re.fullmatch(r"[0-9a-hjkmnp-tv-z]{52}", digest)


def test_two_sources_with_one_identifier_have_two_hashes() -> None:
    identifier = "oai:pure.atira.dk:publications/2b9a"
    assert identity_hash("vu", identifier)[:10] != identity_hash("rug", identifier)[:10]
