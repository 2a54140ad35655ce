"""Give: writes records in the formats that people and programs read.

A format is one module that exports an `Exporter` and is named in the entry-point group
`harvester.export` under the exporter's name; the built-in ones register the same way as a third
party's.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec

from harvester import registry
from harvester.model import Record

GROUP = "harvester.export"

Write = Callable[[Iterable[Record]], Iterator[str]]


class Exporter(msgspec.Struct, frozen=True):
    """A format of export.

    Attributes:
        name: what users type, such as `bibtex`.
        suffix: of files and addresses, with its dot: `.bib`.
        media_type: of the web page's answer, with its charset.
        write: turns records into pieces of text, one by one, in little memory.
        with_tables: gives a writer that knows the librarian's rows in a folder `schemas/`, for
            formats that read these tables.
    """

    name: str
    suffix: str
    media_type: str
    write: Write
    with_tables: Callable[[Path], Write] | None = None

    def writer(self, overlay: Path) -> Write:
        """Return what writes the format in an installation.

        Args:
            overlay: the folder of the librarian's own table rows; it need not exist.
        """
        return self.with_tables(overlay) if self.with_tables else self.write


@functools.cache
def exporters() -> dict[str, Exporter]:
    """Return every format that is installed, by name.

    Raises:
        HarvesterError: a package's format cannot be used, see `registry.load`.
    """
    return registry.load(GROUP, Exporter)
