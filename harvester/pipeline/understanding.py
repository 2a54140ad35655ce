"""Makes records of a page ready for the catalogue: pure, here or in another process."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from itertools import islice

import msgspec

from harvester.archive import citekey
from harvester.catalogue.ready import Ready, make_all_ready
from harvester.catalogue.row import Entry
from harvester.model import RawRecord, Record, Understood
from harvester.normalise import complete, understand_all
from harvester.normalise.tables import Tables
from harvester.sources import Source

AT_ONCE = 50
"""How many records take each step together; more of them are less at hand, and take up room."""


class Word(msgspec.Struct, frozen=True):
    """The newest word on a record: all its formats, the richest first, or that it is deleted."""

    identifier: str
    raws: list[RawRecord]
    deleted: bool


class Made(msgspec.Struct, frozen=True, tag=True):
    """A record that was understood and made ready.

    `readable` is what its citation key begins with, should it get one; None where it is deleted.
    """

    identifier: str
    ready: Ready
    readable: str | None


class Failed(msgspec.Struct, frozen=True, tag=True):
    """A record on which our own code failed: why, the whole account, and what was to be read."""

    identifier: str
    reason: str
    account: str
    content: bytes


Outcome = Made | Failed


def make(words: Sequence[Word], facts: Source, tables: Tables) -> list[Outcome]:
    """Understand records of one source and make them ready for the catalogue, in their order.

    Where our own code fails on one of them, that is told in its place.
    """
    made: list[Outcome] = []
    for start in range(0, len(words), AT_ONCE):
        some = words[start : start + AT_ONCE]
        try:
            made += _all_made(some, facts, tables)
        except Exception:  # which of them it is shows one by one
            made += [_made(word, facts, tables) for word in some]
    return made


def understand_word(word: Word, facts: Source, tables: Tables) -> Understood:
    """Understand the newest word on a record."""
    (understood,) = _understand_words([word], facts, tables)
    return understood


def understand_record(
    identifier: str, raws: Sequence[RawRecord], source: Source, tables: Tables
) -> Understood:
    """Understand a record from all its formats; a tombstone that was never live has none."""
    return _completed(identifier, understand_all(raws, source, tables), source)


def _understand_words(words: Sequence[Word], facts: Source, tables: Tables) -> list[Understood]:
    read = iter(understand_all([raw for word in words for raw in word.raws], facts, tables))
    understood = []
    for word in words:
        one = _completed(word.identifier, list(islice(read, len(word.raws))), facts)
        one.record.deleted = word.deleted
        understood.append(one)
    return understood


def _completed(identifier: str, read: Sequence[Understood], source: Source) -> Understood:
    """Complete what the richest format of a record says with the others, in their order."""
    if not read:
        return Understood(Record(source=source.name, oai_identifier=identifier, deleted=True), [])
    first, *others = read
    record, trace = first.record, list(first.trace)
    for other in others:
        record = complete(record, other.record)
        trace += other.trace
    return Understood(record, trace, first.home)


def failed(word: Word, error: Exception) -> Failed:
    """Tell that our own code failed on a record."""
    account = "".join(traceback.format_exception(error))
    content = msgspec.json.encode(word.raws)
    return Failed(word.identifier, f"{type(error).__name__}: {error}", account, content)


def _made(word: Word, facts: Source, tables: Tables) -> Outcome:
    try:
        (made,) = _all_made([word], facts, tables)
    except Exception as error:
        return failed(word, error)
    return made


def _all_made(words: Sequence[Word], facts: Source, tables: Tables) -> list[Outcome]:
    understood = _understand_words(words, facts, tables)
    entries = [Entry(0, one.record, "", "", one.trace, one.home) for one in understood]
    return [
        Made(word.identifier, ready, None if word.deleted else citekey.readable_part(one.record))
        for word, one, ready in zip(words, understood, make_all_ready(entries), strict=True)
    ]
