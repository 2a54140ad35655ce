"""Labelled pairs and groups of the corpus, as what is compared."""

from __future__ import annotations

import csv
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from harvester.linking.evidence import Column
from harvester.linking.traits import Traits, signature, traits, year_of
from harvester.model import Abstract, Agent, Container, Identifiers, Record

_FIELD = re.compile(r"COL (\w+) VAL (.*?)(?=\s*COL |$)")
_DOI = re.compile(r"^(?:https?://)?(?:dx\.)?doi\.org/")
_ISSN = re.compile(r"[0-9]{4}-?[0-9]{3}[0-9xX]")
# ASySD glues names: `Adeli K.Lewis G. F.`
_GLUED = re.compile(r"(?<=[a-zA-Z]\.)(?=[A-Z][^\s.]+\s)")


class Pair(NamedTuple):
    """Two records, and whether they are one publication."""

    one: Traits
    other: Traits
    same: bool


def dblp_acm(corpus: Path, version: str, split: str) -> tuple[list[Pair], Column]:
    """Read the pairs of DBLP and ACM.

    Args:
        corpus: its folder.
        version: `Structured`, or `Dirty`: values stand in wrong fields.
        split: `train`, `valid` or `test`.

    Returns:
        The pairs, and how many records have a title.
    """
    path = corpus / "dedup" / "ditto" / version / "DBLP-ACM" / f"{split}.txt"
    pairs, sides = [], (set(), set())  # type: tuple[list[Pair], tuple[set[Traits], set[Traits]]]
    for line in path.read_text("utf-8").splitlines():
        left, right, label = line.split("\t")
        pair = Pair(_traits(left), _traits(right), label == "1")
        sides[0].add(pair.one)
        sides[1].add(pair.other)
        pairs.append(pair)
    counted = [Counter(map(signature, side)) for side in sides]
    return pairs, lambda one: max(counts[signature(one)] for counts in counted)


def asysd(corpus: Path) -> tuple[list[Traits], list[bool]]:
    """Read the citations of ASySD, and of each whether its authors kept it."""
    path = corpus / "dedup" / "asysd" / "labelled_test_set.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = [
            {name: "" if value == "NA" else value for name, value in row.items()}
            for row in csv.DictReader(file)
        ]
    return [_citation(row) for row in rows], [row["source"] == "unique" for row in rows]


def _traits(text: str) -> Traits:
    found = {name: value.strip() for name, value in _FIELD.findall(text)}
    year = re.match(r"[0-9]{4}", found["year"])
    names = (one.split() for one in re.split(r"\s*[,;]\s*", found["authors"]))
    return traits(
        Record(
            source="",
            title=found["title"],
            creators=[_agent(name[-1], name[:-1]) for name in names if name],
            container=Container(found["venue"]),
            year=year_of(year[0]) if year else None,
        )
    )


def _citation(row: dict[str, str]) -> Traits:
    names = (one.split() for one in _GLUED.split(row["author"]))
    doi = _DOI.sub("", row["doi"].strip().lower())
    return traits(
        Record(
            source="",
            title=row["title"],
            creators=[_agent(name[0], name[1:]) for name in names if name],
            container=Container(
                title=row["journal"],
                volume=row["volume"],
                issue=row["number"],
                pages=row["pages"],
                issn=[one.replace("-", "").lower() for one in _ISSN.findall(row["isbn"])],
            ),
            year=year_of(row["year"][:4]),
            identifiers=Identifiers(doi=doi or None),
            abstracts=[Abstract(row["abstract"])],
        )
    )


def _agent(family: str, given: list[str]) -> Agent:
    return Agent(f"{family}, {' '.join(given)}", family, " ".join(given))
