"""The dictionary that records are packed with: what stands in the JSON of most of them."""

from __future__ import annotations

import functools
from collections.abc import Iterator

from harvester.model import ENCODER, Note
from harvester.normalise.rules import RULES


@functools.cache
def content() -> bytes:
    """Return the dictionary of this version; what is most frequent stands last."""
    return b"".join(_pieces())


def _pieces() -> Iterator[bytes]:
    yield ENCODER.encode([Note("record", "", "", rule, "") for rule in RULES])
