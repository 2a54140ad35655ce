"""What is minted once stays as it is."""

from __future__ import annotations

from harvester.archive import citekey, known, ledger
from harvester.model import Agent, Record
from harvester.sources import Source
from tests.archive.conftest import Opened

NOW = "2026-11-23T01:00:00Z"


def record(title: str = "Een kleine geschiedenis", *, deleted: bool = False) -> Record:
    return Record(
        source="orbi",
        title=title,
        year=2019,
        creators=[Agent(literal="de Vries, Jan", family="de Vries", given="Jan")],
        deleted=deleted,
    )


def mint(archive: Opened, identifier: str, found: Record, now: str = NOW) -> ledger.Minted:
    begins = {identifier: begin(found)}
    return ledger.mint(archive.connection, archive.source, "orbi", begins, now)[identifier]


def begin(found: Record) -> str | None:
    return None if found.deleted else citekey.readable_part(found)


def test_a_later_title_author_or_year_changes_nothing(archive: Opened) -> None:
    first = mint(archive, "oai:x:1", record())
    changed = Record(source="orbi", title="Heel iets anders", year=1999)
    assert mint(archive, "oai:x:1", changed, now="2027-01-01T00:00:00Z") == first
    assert first.first_seen == NOW
    assert first.citekey is not None
    assert first.citekey.startswith("devries2019kleine-")


def test_ids_and_keys_do_not_depend_on_order(archive: Opened) -> None:
    together = ledger.mint(
        archive.connection,
        archive.source,
        "orbi",
        {"b": begin(record()), "a": begin(record())},
        NOW,
    )
    for identifier, minted in together.items():
        digest = citekey.identity_hash("orbi", identifier)
        assert minted.id == f"orbi-{digest[:10]}"
        assert minted.citekey == f"devries2019kleine-{digest[:5]}"


def test_a_record_first_seen_deleted_gets_its_key_when_it_lives(archive: Opened) -> None:
    dead = mint(archive, "oai:x:1", record(deleted=True))
    assert dead.citekey is None
    alive = mint(archive, "oai:x:1", record())
    assert (alive.number, alive.id) == (dead.number, dead.id)
    assert alive.citekey
    assert mint(archive, "oai:x:1", record(deleted=True)) == alive


def test_a_taken_key_makes_the_newcomer_longer(archive: Opened) -> None:
    digest = citekey.identity_hash("orbi", "oai:x:2")
    older = f"devries2019kleine-{digest[:5]}"
    archive.connection.execute(
        "insert into ledger (source, identifier, id, citekey, first_seen) values (?, ?, ?, ?, ?)",
        (archive.source, "oai:other:1", f"orbi-{digest[:10]}", older.upper(), NOW),
    )
    newer = mint(archive, "oai:x:2", record())
    assert newer.citekey == f"devries2019kleine-{digest[:6]}"
    assert newer.id == f"orbi-{digest[:11]}"


def test_a_record_is_found_by_id_key_and_identifier(archive: Opened) -> None:
    minted = mint(archive, "oai:x:1", record())
    other = known.source_number(archive.connection, Source(name="vu", title="VU"))
    ledger.mint(archive.connection, other, "vu", {"oai:x:1": begin(record())}, NOW)
    assert minted.citekey
    for key in (minted.id, minted.citekey, minted.citekey.upper()):
        assert [entry.id for entry in ledger.find(archive.connection, key)] == [minted.id]
    both = ledger.find(archive.connection, "oai:x:1")
    assert [entry.source_name for entry in both] == ["orbi", "vu"]
    assert ledger.find(archive.connection, "nothing") == []


def test_bytes_that_are_no_text_find_nothing(archive: Opened) -> None:
    mint(archive, "oai:x:1", record())
    assert ledger.find(archive.connection, "oai:x:1")
    assert ledger.find(archive.connection, "\udcff") == []
