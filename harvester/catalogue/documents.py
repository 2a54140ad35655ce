"""Whole records in little space: each with the account of how its values came about, under zstd.

A document is the record as JSON, and where there is an account a line feed and that as JSON. What
the row of the record has too, `id` and `citekey`, is not in it. All documents share a dictionary
of what stands in most of them. Its bytes lie in the catalogue, so that whatever version wrote it,
any later one reads it.
"""

from __future__ import annotations

import functools
import sqlite3
import threading
import zlib
from collections.abc import Sequence

import msgspec
import zstandard

from harvester.catalogue import dictionary
from harvester.errors import HarvesterError
from harvester.model import DECODER, ENCODER, Note, Record

_LEVEL = 3
_ACCOUNT = msgspec.json.Decoder(list[Note])
_LINE_FEED = b"\n"  # never in JSON that msgspec writes

_ENTER = "insert or ignore into dictionaries (number, content) values (?, ?)"
_OF = """
    select dictionary, document from records join documents using (number) where id = ?
"""
_CONTENT = "select content from dictionaries where number = ?"


class _Ours(threading.local):
    """What packs and unpacks in one thread."""

    def __init__(self) -> None:
        self.packs = zstandard.ZstdCompressor(dict_data=_prepared(), level=_LEVEL)
        self.unpacks = {number(): _unpacks(dictionary.content())}


def pack(record: Record, account: Sequence[Note] = ()) -> bytes:
    """Return a record and its account as a document under this version's dictionary."""
    text = ENCODER.encode(msgspec.structs.replace(record, id="", citekey=None))
    if account:
        text += _LINE_FEED + ENCODER.encode(account)
    return _ours().packs.compress(text)


def unpack(document: bytes) -> tuple[Record, list[Note]]:
    """Return what `pack` packed: the record without `id` and `citekey`, and its account."""
    text, _, account = _ours().unpacks[number()].decompress(document).partition(_LINE_FEED)
    return DECODER.decode(text), _ACCOUNT.decode(account) if account else []


@functools.cache
def number() -> int:
    """Return the number of this version's dictionary, made from its content."""
    return zlib.crc32(dictionary.content()) >> 1  # SQLite holds 31 bits in four bytes


def enter_dictionary(connection: sqlite3.Connection) -> int:
    """Have this version's dictionary in the catalogue, and return its number."""
    connection.execute(_ENTER, (number(), dictionary.content()))
    return number()


def whole(
    connection: sqlite3.Connection,
    id_: str,
    citekey: str | None,
    dictionary: int,
    document: bytes,
) -> tuple[Record, list[Note]]:
    """Return the record in a document, and its account; see `record`."""
    text, _, account = content(connection, dictionary, document).partition(_LINE_FEED)
    return _record(text, id_, citekey), _ACCOUNT.decode(account) if account else []


def record(
    connection: sqlite3.Connection,
    id_: str,
    citekey: str | None,
    dictionary: int,
    document: bytes,
) -> Record:
    """Return the record in a document.

    Args:
        connection: a connection to the `catalogue.db` that it is of.
        id_: the record's id, from its row.
        citekey: its citation key, from its row.
        dictionary: the number of the document's dictionary.
        document: the document.

    Raises:
        HarvesterError: the catalogue lacks the dictionary.
    """
    text, _, _ = content(connection, dictionary, document).partition(_LINE_FEED)
    return _record(text, id_, citekey)


def account(connection: sqlite3.Connection, id_: str) -> list[Note]:
    """Return the account of a live record; empty where none is kept."""
    row = connection.execute(_OF, (id_,)).fetchone()
    text = content(connection, *row).partition(_LINE_FEED)[2] if row else b""
    return _ACCOUNT.decode(text) if text else []


def content(connection: sqlite3.Connection, dictionary: int, document: bytes) -> bytes:
    """Return the text of a document.

    Raises:
        HarvesterError: the catalogue lacks its dictionary.
    """
    known = _ours().unpacks
    if dictionary not in known:
        found = connection.execute(_CONTENT, (dictionary,)).fetchone()
        if found is None:
            raise HarvesterError(
                f"the catalogue lacks the dictionary {dictionary} of some of its records: delete "
                "catalogue.db and run `harvester normalise --all`"
            )
        known[dictionary] = _unpacks(found[0])
    return known[dictionary].decompress(document)


def is_same(
    connection: sqlite3.Connection,
    dictionary: int | None,
    document: bytes | None,
    new: bytes | None,
) -> bool:
    """Say whether a document that is kept says what a new one does; either may be None.

    Their bytes may differ: another version of zstd, or another dictionary, made them.
    """
    if dictionary is None or document is None or new is None:
        return document is new
    if dictionary == number() and document == new:
        return True
    return content(connection, dictionary, document) == _ours().unpacks[number()].decompress(new)


def add_function(connection: sqlite3.Connection) -> None:
    """Give a connection the SQL function `record_json(content, document)`.

    It takes the content of the dictionary of a document and the document, and returns the record
    as JSON, without `id` and `citekey`.
    """
    connection.create_function("record_json", 2, _record_json, deterministic=True)


def _record(text: bytes, id_: str, citekey: str | None) -> Record:
    found = DECODER.decode(text)
    found.id, found.citekey = id_, citekey
    return found


def _record_json(content: bytes, document: bytes) -> str:
    return _unpacks(content).decompress(document).partition(_LINE_FEED)[0].decode()


@functools.cache
def _ours() -> _Ours:
    return _Ours()


@functools.cache
def _prepared() -> zstandard.ZstdCompressionDict:
    found = _raw(dictionary.content())
    found.precompute_compress(level=_LEVEL)
    return found


def _raw(content: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(content, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def _unpacks(content: bytes) -> zstandard.ZstdDecompressor:
    return zstandard.ZstdDecompressor(dict_data=_raw(content))
