"""Reads records: one module per format, each found by name through entry points.

A format turns the metadata of one record into `RawValue`s, in the order of the source and without
interpretation. Built-in formats register in the entry-point group `harvester.formats` exactly as
third parties do: a name, and a module attribute that is a `Format`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

import msgspec
from lxml import etree

from harvester.errors import HarvesterError
from harvester.model import RawRecord, RawValue

if TYPE_CHECKING:
    from harvester.oai.page import Page, PageRecord

GROUP = "harvester.formats"


class Format(msgspec.Struct, frozen=True):
    """How one metadata format is read.

    Attributes:
        name: the format's name, `oai_dc`; it is kept in `RawRecord.format`.
        richness: of two formats of one record the one with the higher number is read first.
        roots: what the element below `<metadata>` is called, as `{namespace}local`. It decides
            which format reads a record; the metadata prefix does not, because servers choose it
            freely.
        read: gives the values of that element, in their order.
    """

    name: str
    richness: int
    roots: tuple[str, ...]
    read: Callable[[etree._Element], list[RawValue]]


class Unreadable(msgspec.Struct, frozen=True):
    """A record that was received and could not be read; it goes into quarantine.

    Attributes:
        identifier: its OAI identifier, if it has one.
        datestamp: its datestamp as given, or "".
        reason: one line that says why.
        content: the record as XML, as far as there is any.
    """

    identifier: str | None
    datestamp: str
    reason: str
    content: bytes


class UnreadableError(HarvesterError):
    """The bytes of a file are no record, no OAI-PMH answer and no portal page."""


@cache
def formats() -> dict[str, Format]:
    """Return all formats by name, built-in and third-party ones; looked up once.

    Raises:
        HarvesterError: a format cannot be loaded, is no `Format`, or claims the name or the root
            element of another one; the message names it and its package.
    """
    found: dict[str, Format] = {}
    targets: dict[str, str] = {}
    owners: dict[str, str] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        # One package that is installed twice, say from a checkout and from a wheel, lists its
        # formats twice: that is no conflict.
        if targets.get(entry.name) == entry.value:
            continue
        if entry.name in targets:
            raise HarvesterError(
                f"two formats are named {entry.name}: {targets[entry.name]} and {entry.value}"
                f"{_package(entry)}: uninstall one of the packages"
            )
        loaded = _load(entry)
        for root in loaded.roots:
            if root in owners:
                raise HarvesterError(
                    f"format {entry.name}{_package(entry)} reads {root}, which {owners[root]} "
                    "already reads: uninstall one of the packages"
                )
            owners[root] = entry.name
        found[entry.name] = loaded
        targets[entry.name] = entry.value
    return found


def read_page(page: Page) -> list[RawRecord | Unreadable]:
    """Read all records of a page, each by the format of its root element.

    Returns:
        one entry per record, in the order of the page. A deleted record has no values; its
        `format` is "" where the server sent no metadata with it.

    Raises:
        HarvesterError: the formats themselves are broken, see `formats`.
    """
    by_root = _by_root()
    return [_read(record, by_root) for record in page.records]


@cache
def _by_root() -> dict[str, Format]:
    return {root: format_ for format_ in formats().values() for root in format_.roots}


def _read(record: PageRecord, by_root: dict[str, Format]) -> RawRecord | Unreadable:
    header, metadata = record.header, record.metadata
    format_ = by_root.get(metadata.tag) if metadata is not None else None
    if not header.identifier:
        return _unreadable(record, "the record's header has no identifier")
    if header.deleted:
        return RawRecord(
            identifier=header.identifier,
            format=format_.name if format_ else "",
            datestamp=header.datestamp,
            sets=header.sets,
            deleted=True,
        )
    if metadata is None:
        return _unreadable(record, "the record is not deleted, yet has no metadata")
    if format_ is None:
        return _unreadable(record, f"no format reads metadata whose root is {metadata.tag}")
    try:
        values = format_.read(metadata)
    except Exception as error:  # one record that upsets a format must not stop a harvest
        return _unreadable(record, f"format {format_.name} failed on it: {_kind(error)}")
    return RawRecord(
        identifier=header.identifier,
        format=format_.name,
        datestamp=header.datestamp,
        sets=header.sets,
        values=values,
    )


def _unreadable(record: PageRecord, reason: str) -> Unreadable:
    element = record.metadata
    while element is not None and etree.QName(element).localname != "record":
        parent = element.getparent()
        if parent is None:
            break
        element = parent
    content = b"" if element is None else etree.tostring(element, with_tail=False)
    return Unreadable(record.header.identifier or None, record.header.datestamp, reason, content)


def _load(entry: EntryPoint) -> Format:
    try:
        loaded = entry.load()
    except Exception as error:  # whatever a foreign package does when it is imported
        raise HarvesterError(
            f"format {entry.name}{_package(entry)} cannot be loaded: {_kind(error)}: "
            "mend or uninstall that package"
        ) from error
    if not isinstance(loaded, Format):
        raise HarvesterError(
            f"format {entry.name}{_package(entry)}: {entry.value} is a {type(loaded).__name__}, "
            "not a harvester.formats.Format: mend or uninstall that package"
        )
    if loaded.name != entry.name:
        raise HarvesterError(
            f"format {entry.name}{_package(entry)} calls itself {loaded.name}: "
            "mend or uninstall that package"
        )
    return loaded


def _package(entry: EntryPoint) -> str:
    return f" (of package {entry.dist.name})" if entry.dist else ""


def _kind(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
