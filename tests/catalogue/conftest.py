from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from harvester.catalogue import store
from harvester.catalogue.store import Entry
from harvester.model import (
    Abstract,
    Agent,
    Concept,
    Container,
    Discipline,
    Identifiers,
    Keyword,
    Link,
    Origin,
    Record,
    Rights,
    Title,
)

Build = Callable[..., Entry]


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[sqlite_utils.Database]:
    """An empty catalogue, open for writing, in `tmp_path`."""
    with closing(store.open_catalogue(tmp_path)) as database:
        yield database


@pytest.fixture
def entry() -> Build:
    """A function that builds the entry of a record: its number, then fields of the record."""

    def build(
        number: int, *, added: str = "2026-01-01", changed: str = "2026-01-01", **fields: Any
    ) -> Entry:
        values = {"id": f"orbi-{number}", "source": "orbi", "citekey": f"key-{number}", **fields}
        return Entry(number, Record(**values), added, changed)

    return build


@pytest.fixture
def whole() -> Build:
    """A function that builds an entry, by its number, that has something in every column."""

    def build(number: int = 1) -> Entry:
        return Entry(
            number,
            Record(
                id=f"orbi-{number}",
                source="orbi",
                oai_identifier=f"oai:orbi:{number}",
                datestamp="2025-01-02",
                citekey=f"gerard2019quand-{number}",
                origin=Origin("ORBi", f"oai:origin:{number}"),
                title="Élan : « l’action publique »",
                titles=[Title("Public action", "eng")],
                creators=[Agent("Gérard, Julie", "Gérard", "Julie"), Agent("Gérard, Julie")],
                contributors=[Agent("Vrancken, Didier", role="editor")],
                type="journal article",
                issued="2019-03",
                year=2019,
                publishers=["Ministère du Travail"],
                container=Container(
                    title="Travail  et\nemploi", series="Cahiers", issn=["0224-4365"]
                ),
                languages=["fra"],
                abstracts=[Abstract("Un résumé.", "fra"), Abstract("An abstract.", "eng")],
                keywords=[Keyword("contrôle"), Keyword("contro\u0302le"), Keyword("a\nb")],
                disciplines=[
                    Discipline("orbi", "H10", en="Sociology", fr="Sociologie"),
                    Discipline("ugent", en="Social Sciences"),
                ],
                concepts=[Concept("http://example.org/1", "Arbeidsmarkt")],
                peer_reviewed=True,
                funding=["ARC flexicurity"],
                identifiers=Identifiers(doi="10.1/abc", handle="2268/231953", isbn=["978-90"]),
                rights=Rights("open access"),
                links=[
                    Link("https://x.be/file.pdf", "fulltext"),
                    Link("https://x.be/1", "landing"),
                    Link("https://x.be/1", "permalink"),
                ],
            ),
            "2026-01-01T00:00:00Z",
            "2026-02-01T00:00:00Z",
        )

    return build
