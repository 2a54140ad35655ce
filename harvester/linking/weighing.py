"""The table of weights, `schemas/linking.yml`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Container, Iterable, Mapping
from pathlib import Path

import msgspec

from harvester import schemas
from harvester.errors import UsageError
from harvester.linking.evidence import Weights, compare
from harvester.linking.traits import Traits
from harvester.linking.wording import LANGUAGES, TABLE, Words, index

VERSION = 1
"""Of features, keys and vetoes: another one has all records compared anew."""

_FITTED = re.compile(r"(?<=^fitted:\n)(?:  .*\n)+", re.MULTILINE)
_BIAS = re.compile(r"(?<=^bias: ).*", re.MULTILINE)


class Table(msgspec.Struct, frozen=True):
    """The weights, below which score two records never stand in one group, and words of titles."""

    weights: Weights
    apart_below: float
    words: Words


def load(overlay: Path | None = None) -> Table:
    """Read the table, with the librarian's rows on top.

    Raises:
        UsageError: it is no YAML, a weight is no number, or something is named that there is not.
    """
    table = schemas.load(TABLE, overlay)
    weights = Weights(table["bias"], table["fitted"], table["given"])
    features = compare(Traits(), Traits(), weights, lambda _: 1).features
    for part in ("fitted", "given"):
        _known(f"{part}: there is no feature", table[part], features)
    kinds = table["words"]["kinds"]
    for name, row in kinds.items():
        _known(
            f"kinds → {name}: there is no kind",
            (*row.get("apart", ()), *row.get("never", ())),
            kinds,
        )
    words = index(table["words"], schemas.load(LANGUAGES, overlay))
    return Table(weights, table["apart_below"], words)


def _known(what: str, named: Iterable[str], there: Container[str]) -> None:
    for name in named:
        if name not in there:
            raise UsageError(
                f"{TABLE}: {what} {name!r}: correct schemas/{TABLE} of the data folder"
            )


def fingerprint(table: Table) -> str:
    """Return what tells whether pairs were compared by other rules."""
    return hashlib.sha256(msgspec.json.encode((VERSION, table), order="deterministic")).hexdigest()[
        :16
    ]


def document(before: str, fitted: Mapping[str, float]) -> str:
    """Write the table with other fitted weights, `bias` among them; the rest stays as it was."""
    rows = "".join(f"  {name}: {value:.4f}\n" for name, value in fitted.items() if name != "bias")
    return _FITTED.sub(lambda _: rows, _BIAS.sub(f"{fitted['bias']:.4f}", before))
