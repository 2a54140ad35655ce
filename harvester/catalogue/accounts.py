"""The whole account of a record, kept beside it: how each of its values came about."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

import msgspec
import zstandard

from harvester.model import ENCODER, Note

_LEVEL = 1  # higher ones take many times as long, and save one byte in twenty
_DECODER = msgspec.json.Decoder(list[Note])
_OF = "select account from accounts join records using (number) where id = ?"


def pack(trace: Sequence[Note]) -> bytes:
    """Return an account as it lies in the table `accounts`: JSON, compressed with zstd."""
    return zstandard.ZstdCompressor(level=_LEVEL).compress(ENCODER.encode(trace))


def unpack(account: bytes) -> list[Note]:
    """Return what `pack` packed."""
    return _DECODER.decode(zstandard.ZstdDecompressor().decompress(account))


def read(connection: sqlite3.Connection, id: str) -> list[Note]:  # noqa: A002 - the contract's word
    """Return the account of a live record; empty where none is kept.

    A catalogue of an earlier version has none until `harvester normalise --all`.
    """
    row = connection.execute(_OF, (id,)).fetchone()
    return unpack(row[0]) if row else []
