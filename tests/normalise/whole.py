"""Whole records: made ones, and those of the corpus, each subject with the scheme that it is of."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import yaml

from harvester.errors import HarvesterError
from harvester.formats import document
from harvester.model import RawRecord, RawValue
from harvester.normalise import Tables, lexicon
from harvester.normalise.classes import Class
from harvester.normalise.folding import fold
from harvester.sources import Source

CASES = Path(__file__).parent.parent / "cases" / "whole_subjects.yml"
MADE = Source("made", "A repository")


class Subject(NamedTuple):
    """A subject as its repository sends it.

    Attributes:
        text: the value.
        scheme: `orbi`, `asjc`, …, `headings`, `people`; `phrases` that only learning knows;
            `others` that no rule can know.
        meant: what must come out: `orbi:H10`, or the keyword.
    """

    text: str
    scheme: str
    meant: str


class Whole(NamedTuple):
    """A record, and what its subjects mean."""

    raw: RawRecord
    subjects: Sequence[Subject]


def made(seed: int, count: int, tables: Tables) -> list[Whole]:
    """Make records in the manner of six platforms, with neighbours that look like their parts.

    Args:
        seed: the same seed makes the same records.
        count: how many.
        tables: for the classes.
    """
    chance = random.Random(seed)
    table = yaml.safe_load(CASES.read_text(encoding="utf-8"))
    classes: dict[str, list[Class]] = {}
    for one in tables.disciplines.by_code.values():
        classes.setdefault(one.scheme, []).append(one)
    return [_record(number, chance, table, classes) for number in range(count)]


def _record(
    number: int, chance: random.Random, table: dict[str, list[str]], classes: dict[str, list[Class]]
) -> Whole:
    keywords = [_keyword(text, "keywords") for text in chance.sample(table["keywords"], 5)]
    style = chance.choice(_STYLES)
    subjects: list[Subject] = []
    identifier = f"oai:made.example:{number}"
    if style == "orbi":
        identifier = f"oai:orbi.ulg.ac.be:2268/{100_000 + number}"
        subjects = keywords + _orbi(chance, classes["orbi"])
    elif style == "pure":
        identifier = f"oai:pure.atira.dk:publications/{number:08x}-aaaa-bbbb-cccc-000000000000"
        for one in chance.sample(classes["asjc"], 2):
            path = f"/dk/atira/pure/subjectarea/asjc/{one.code[:2]}00/{one.code}"
            subjects += [Subject(path, "asjc", f"asjc:{one.code}")]
            subjects += [Subject(one.labels["en"], "asjc", f"asjc:{one.code}")]
        subjects += keywords
    elif style == "labels":
        wanted = [one for one in classes["asjc"] if ", " in one.labels["en"]]
        subjects = keywords + [_labelled(one, chance) for one in chance.sample(wanted, 2)]
        subjects += [
            Subject(f"FOS {one.labels['en']}", "fos", f"fos:{one.code}")
            for one in chance.sample(classes["fos"], 1)
        ]
        chance.shuffle(subjects)
    elif style == "numbers":
        subjects = keywords + [
            Subject(f"{one.code} {one.labels['de']}", "ddc", f"ddc:{one.code}")
            for one in chance.sample(classes["ddc"], 2)
        ]
        chance.shuffle(subjects)
    elif style == "headings":
        subjects = keywords[:3]
        subjects += [_keyword(text, "headings") for text in chance.sample(table["headings"], 3)]
        subjects += [_keyword(text, "people") for text in chance.sample(table["people"], 1)]
        chance.shuffle(subjects)
    else:
        # The first phrases are frequent, the last ones rare.
        place = min(int(chance.expovariate(0.12)), len(table["phrases"]) - 1)
        subjects = [*keywords, _keyword(table["phrases"][place], "phrases")]
        if chance.random() < 0.3:
            subjects.append(_keyword(chance.choice(table["lists"]), "others"))
        chance.shuffle(subjects)
    return Whole(_raw(identifier, subjects), subjects)


_STYLES = ("orbi", "orbi", "pure", "labels", "labels", "numbers", "headings", "headings", "phrases")


def _keyword(text: str, scheme: str) -> Subject:
    return Subject(text, scheme, text)


def _orbi(chance: random.Random, classes: Sequence[Class]) -> list[Subject]:
    """Give one or two classes, each below its top, in both languages: of today, or until 2020."""
    below = [one for one in classes if one.broader]
    tops = {one.code: one for one in classes if not one.broader}
    new = chance.random() < 0.5
    found = []
    for one in chance.sample(below, chance.choice([1, 1, 2])):
        top = tops[one.broader or ""]
        for language in ("en", "fr"):
            labels = top.labels[language], one.labels[language]
            if new:
                found += [Subject(labels[0], "orbi", f"orbi:{top.code}")]
                found += [Subject(labels[1], "orbi", f"orbi:{one.code}")]
            else:
                text = f"{' :: '.join(labels)} [{one.code}]"
                found += [Subject(text, "orbi", f"orbi:{one.code}")]
    return found


def _labelled(one: Class, chance: random.Random) -> Subject:
    label = one.labels["en"]
    if one.broader is None:
        label = chance.choice([label, f"{label}(all)", f"General {label}"])
    return Subject(label, "asjc", f"asjc:{one.code}")


def _raw(identifier: str, subjects: Sequence[Subject]) -> RawRecord:
    values = [RawValue("dc:title", "A title"), RawValue("dc:date", "2020")]
    values += [RawValue("dc:subject", subject.text) for subject in subjects]
    return RawRecord(identifier, "oai_dc", "2022-06-01T00:00:00Z", values=values)


def recorded(folder: Path, tables: Tables) -> Iterator[Whole]:
    """Give the records of repositories in the corpus that have several subjects.

    Their scheme is that of the table that has them; the others only learning can know.
    """
    for path in sorted((folder / "oai").glob("*.xml")):
        if path.stem == "scrapi_u_south_fl_00":
            continue  # it sends Medical Subject Headings in pieces itself
        try:
            found = document.read(path.read_bytes())
        except HarvesterError:
            continue
        for raw in found.records:
            if isinstance(raw, RawRecord):
                texts = lexicon.subjects(raw, MADE)
                if len(texts) > 1:
                    subjects = [_recorded(text, tables) for text in texts]
                    yield Whole(_raw(raw.identifier, subjects), subjects)


def _recorded(text: str, tables: Tables) -> Subject:
    for one, _ in tables.disciplines.by_label.get(fold(text), ()):
        if one.scheme in ("asjc", "orbi", "bepress") and ", " in text:
            return Subject(text, one.scheme, f"{one.scheme}:{one.code}")
    phrase = tables.phrases.known.get(fold(text))
    entered = phrase is not None and phrase.rule == "keywords.rejoined"
    return _keyword(text, "headings" if entered else "others")
