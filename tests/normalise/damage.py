"""What BASE does to a record on its way, as seen in records that came both ways."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import msgspec

from harvester.model import RawRecord, RawValue
from harvester.normalise.classes import CUT
from harvester.normalise.text import GLUE

JOINED = ("dc:title", "dc:description", "dc:date", "dc:source")
DATACITE = "ftdatacite"
AGENCIES = ("crelsevierbv", DATACITE)


def by_base(raw: RawRecord, collection: str = "ftmade") -> RawRecord:
    """Hand a record on as BASE does.

    Subjects are cut at `, ` and `; `, but not those from DOI agencies; repeated titles,
    descriptions, dates and sources come as one; languages of values are dropped; DataCite's titles
    end in dots.

    Args:
        raw: the record as its repository sends it.
        collection: BASE's code of the repository.
    """
    values: list[RawValue] = []
    ordered = sorted(raw.values, key=lambda value: value.element)
    for element, group in groupby(ordered, key=lambda value: value.element):
        texts = [value.value for value in group]
        if element == "dc:subject" and collection not in AGENCIES:
            texts = cut(texts)
        elif element in JOINED:
            texts = [GLUE.join(texts)]
        if element == "dc:title" and collection == DATACITE:
            texts = [f"{text} ..." for text in texts]
        values += [RawValue(element, text) for text in texts]
    values.append(RawValue("base_dc:collection", collection))
    return msgspec.structs.replace(
        raw, identifier=f"{collection}:{raw.identifier}", format="base_dc", values=values
    )


def cut(texts: Sequence[str]) -> list[str]:
    """Cut subjects where BASE does."""
    return [part for text in texts for part in CUT.split(text) if part.strip()]
