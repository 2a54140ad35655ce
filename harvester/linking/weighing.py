"""The table of weights, `schemas/linking.yml`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import msgspec

from harvester import schemas
from harvester.linking.evidence import Weights
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
        UsageError: it is no YAML, or a weight is no number.
    """
    table = schemas.load(TABLE, overlay)
    weights = Weights(table["bias"], table["fitted"], table["given"])
    words = index(table["words"], schemas.load(LANGUAGES, overlay))
    return Table(weights, table["apart_below"], words)


def fingerprint(table: Table) -> str:
    """Return what tells whether pairs were compared by other rules."""
    return hashlib.sha256(msgspec.json.encode((VERSION, table), order="deterministic")).hexdigest()[
        :16
    ]


def document(before: str, fitted: Mapping[str, float]) -> str:
    """Write the table with other fitted weights, `bias` among them; the rest stays as it was."""
    rows = "".join(f"  {name}: {value:.4f}\n" for name, value in fitted.items() if name != "bias")
    return _FITTED.sub(lambda _: rows, _BIAS.sub(f"{fitted['bias']:.4f}", before))
