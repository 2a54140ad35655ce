"""What the archive takes, what of it may go, what is damaged, and its pages as files."""

from __future__ import annotations

import gzip
import hashlib
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from harvester.archive import FILE, housekeeping, items, known, ledger, open_archive, pages
from harvester.archive.housekeeping import Pruned
from harvester.archive.items import Broken
from harvester.errors import HarvesterError, TryLaterError
from harvester.model import RawRecord, RawValue
from harvester.oai.received import Received
from harvester.sources import Source
from tests.archive.asking import begin
from tests.archive.conftest import Opened
from tests.full_disk import full_beyond


class Shelf:
    """An archive with superseded pages between others, the newest one of them."""

    def __init__(self, archive: Opened, answer: Received) -> None:
        self.archive, self.answer = archive, answer
        connection, source = archive.connection, archive.source
        connection.execute("pragma busy_timeout = 50")
        connection.execute("insert into runs (id, command, started) values (2, 'harvest', '')")
        self.window = begin(archive)
        self.identify_before = self.keep(1, verb="Identify")
        self.first = self.keep(2, self.record("a"), self.record("b"))  # b is here
        self.failed = self.keep(3)
        self.second = self.keep(4, self.record("a", "Anders"))
        self.third = self.keep(5, self.record("a", "Weer anders"))  # a is here
        self.gone = self.keep(6, RawRecord("c", "oai_dc", deleted=True))  # so is the tombstone
        self.aside = self.keep(7)
        items.quarantine(connection, source, self.aside, [Broken("q", "why", b"<record/>")])
        self.identify = self.keep(8, verb="Identify", run=2)
        self.newest = self.keep(9)
        ledger.mint(connection, source, "orbi", {"a": "anon2020"}, "2026")
        connection.commit()
        self.superseded = [self.identify_before, self.failed, self.second]

    def record(self, identifier: str, title: str = "Over werk") -> RawRecord:
        return RawRecord(identifier, "oai_dc", values=[RawValue("dc:title", title)])

    def keep(self, day: int, *entered: RawRecord, verb: str = "ListRecords", run: int = 1) -> int:
        archive = self.archive
        noise = b"".join(hashlib.sha256(bytes([day, n])).digest() for n in range(256))
        received = msgspec.structs.replace(
            self.answer,
            params={"verb": verb},
            received_at=f"2026-11-{day:02}T01:00:00Z",
            body=noise.hex().encode(),
        )
        window = None if verb == "Identify" else self.window
        page = pages.keep(archive.connection, run, archive.source, window, received)
        with archive.connection:
            items.enter(archive.connection, archive.source, page, entered)
        return page

    def there(self) -> list[int]:
        rows = self.archive.connection.execute("select id from pages order by id")
        return [row[0] for row in rows]


@pytest.fixture
def shelf(archive: Opened, answer: Received) -> Shelf:
    return Shelf(archive, answer)


class TestSizes:
    def test_of_each_source(self, shelf: Shelf, answer: Received) -> None:
        connection = shelf.archive.connection
        other = known.source_number(connection, Source(name="biblio", title="Biblio"))
        pages.keep(connection, 1, other, None, answer)
        biblio, orbi = housekeeping.sizes(connection)
        assert (biblio.source, biblio.pages) == ("biblio", 1)
        assert biblio.unpacked == len(answer.body) > biblio.packed > 0
        assert (orbi.pages, orbi.superseded_pages) == (9, 4)  # orbi's newest is not the newest now
        assert orbi.unpacked == 9 * 256 * 64
        assert orbi.superseded_packed < orbi.packed < orbi.unpacked

    def test_a_damaged_page_counts_as_it_lies(self, shelf: Shelf) -> None:
        connection = shelf.archive.connection
        connection.execute("update pages set body = x'0102' where id = ?", (shelf.first,))
        (orbi,) = housekeeping.sizes(connection)
        assert orbi.unpacked == 8 * 256 * 64 + 2

    def test_of_an_empty_archive(self, archive: Opened) -> None:
        assert housekeeping.sizes(archive.connection) == []


class TestPrune:
    def test_superseded_pages_go_and_the_disk_space_is_free(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        connection = shelf.archive.connection
        all_of_them = shelf.there()
        known_before = [
            connection.execute(f"select * from {table}").fetchall()
            for table in ("items", "ledger", "quarantine", "windows")
        ]
        planned = housekeeping.prune(connection, before=None, dry=True)
        assert shelf.there() == all_of_them
        connection.execute("pragma wal_checkpoint(truncate)")
        size = (tmp_path / FILE).stat().st_size
        assert housekeeping.prune(connection, before=None, dry=False) == planned
        assert planned.pages == len(shelf.superseded)
        assert [page for page in all_of_them if page not in shelf.there()] == shelf.superseded
        assert (tmp_path / FILE).stat().st_size < size - planned.packed
        assert (tmp_path / f"{FILE}-wal").stat().st_size == 0
        assert known_before == [
            connection.execute(f"select * from {table}").fetchall()
            for table in ("items", "ledger", "quarantine", "windows")
        ]
        assert housekeeping.verify(connection) == []
        assert housekeeping.prune(connection, before=None, dry=False) == Pruned(0, 0)

    def test_what_a_rebuild_reads_stays(self, shelf: Shelf) -> None:
        connection = shelf.archive.connection
        before = list(pages.current(connection))
        housekeeping.prune(connection, before=None, dry=False)
        assert list(pages.current(connection)) == before
        assert items.quarantined_pages(connection) == [shelf.aside]

    def test_a_number_is_never_used_again(self, shelf: Shelf) -> None:
        housekeeping.prune(shelf.archive.connection, before=None, dry=False)
        assert shelf.keep(10) == shelf.newest + 1

    def test_only_what_is_older(self, shelf: Shelf) -> None:
        before = datetime(2026, 11, 3, 1, 0, 1, tzinfo=UTC)
        found = housekeeping.prune(shelf.archive.connection, before=before, dry=False)
        assert found.pages == 2
        assert shelf.second in shelf.there()

    def test_a_full_disk_is_told_and_the_same_again_frees_it(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        connection = shelf.archive.connection
        connection.execute("pragma wal_checkpoint(truncate)")
        with pytest.raises(HarvesterError, match="make room"), full_beyond(120_000):
            housekeeping.prune(connection, before=None, dry=False)
        assert not set(shelf.superseded) & set(shelf.there())
        size = (tmp_path / FILE).stat().st_size
        housekeeping.prune(connection, before=None, dry=False)
        assert (tmp_path / FILE).stat().st_size < size

    def test_somebody_who_reads_is_told_of(self, shelf: Shelf, tmp_path: Path) -> None:
        with closing(open_archive(tmp_path, for_reading=True)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from pages").fetchone()
            with pytest.raises(TryLaterError, match="another program is reading"):
                housekeeping.prune(shelf.archive.connection, before=None, dry=False)


class TestVerify:
    def test_a_sound_archive(self, shelf: Shelf) -> None:
        assert housekeeping.verify(shelf.archive.connection) == []

    def test_every_damaged_page_is_named(self, shelf: Shelf) -> None:
        connection = shelf.archive.connection
        connection.execute("update pages set body = x'00' where id = ?", (shelf.first,))
        connection.execute("update pages set sha256 = x'00' where id = ?", (shelf.newest,))
        found = housekeeping.verify(connection)
        assert [(damage.page, damage.source) for damage in found] == [
            (shelf.first, "orbi"),
            (shelf.newest, "orbi"),
        ]
        assert all("damaged on the disk: restore a backup" in damage.reason for damage in found)

    def test_a_record_whose_page_is_lost(self, shelf: Shelf) -> None:
        connection = shelf.archive.connection
        connection.execute("pragma foreign_keys = off")
        for page in (shelf.third, shelf.gone, shelf.aside):
            connection.execute("delete from pages where id = ?", (page,))
        found = housekeeping.verify(connection)
        assert [damage.page for damage in found] == [shelf.third, shelf.gone, shelf.aside]
        assert found[0].reason == f"page {shelf.third} is not there, but 1 record is said to be"

    def test_a_file_that_rotted(self, shelf: Shelf, tmp_path: Path) -> None:
        connection = shelf.archive.connection
        sql = "select body from pages where id = ?"
        packed = connection.execute(sql, (shelf.third,)).fetchone()[0]
        connection.execute("pragma wal_checkpoint(truncate)")
        connection.close()
        file = tmp_path / FILE
        content = file.read_bytes()
        assert content.count(packed[-200:]) == 1
        file.write_bytes(content.replace(packed[-200:], packed[-200:-1] + b"\xa5"))
        with closing(sqlite3.connect(file)) as connection:
            assert [damage.page for damage in housekeeping.verify(connection)] == [shelf.third]
        file.write_bytes(content[: 4096 * 8] + b"\xa5" * (len(content) - 4096 * 8))
        with closing(sqlite3.connect(file)) as connection:
            found = housekeeping.verify(connection)
        assert found
        assert found[0].page is None


class TestExportPages:
    def test_each_page_is_two_files(
        self, archive: Opened, answer: Received, tmp_path: Path
    ) -> None:
        packed = msgspec.structs.replace(
            answer,
            body=gzip.compress(answer.body),
            headers={"content-encoding": "gzip"},
        )
        number = pages.keep(archive.connection, archive.run, archive.source, None, packed)
        folder = tmp_path / "out" / "pages"
        for _ in range(2):
            assert housekeeping.export_pages(archive.connection, folder) == 1
        assert sorted(file.name for file in folder.iterdir()) == ["00000001.json", "00000001.xml"]
        assert (folder / "00000001.xml").read_bytes() == answer.body
        assert msgspec.json.decode((folder / "00000001.json").read_bytes()) == {
            "page": number,
            "source": "orbi",
            "url": answer.url,
            "params": answer.params,
            "status": 200,
            "headers": {"content-encoding": "gzip"},
            "received_at": answer.received_at,
            "elapsed": 0.25,
            "sha256": hashlib.sha256(packed.body).hexdigest(),
            "erased": None,
        }

    def test_of_one_source(self, shelf: Shelf, answer: Received, tmp_path: Path) -> None:
        connection = shelf.archive.connection
        other = known.source_number(connection, Source(name="biblio", title="Biblio"))
        pages.keep(connection, 1, other, None, answer)
        assert housekeeping.export_pages(connection, tmp_path / "a", other) == 1
        assert housekeeping.export_pages(connection, tmp_path / "b") == 10

    def test_damaged_pages_are_named_and_the_others_are_there(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        connection = shelf.archive.connection
        connection.execute("update pages set body = x'00' where id = ?", (shelf.first,))
        with pytest.raises(HarvesterError, match=rf"8 pages were written, but page {shelf.first} "):
            housekeeping.export_pages(connection, tmp_path / "out")
        assert len(list((tmp_path / "out").glob("*.xml"))) == 8

    def test_no_half_file_where_the_disk_is_full(self, shelf: Shelf, tmp_path: Path) -> None:
        with pytest.raises(HarvesterError, match="make room"), full_beyond(5_000):
            housekeeping.export_pages(shelf.archive.connection, tmp_path / "out")
        assert list((tmp_path / "out").iterdir()) == []

    def test_a_folder_that_cannot_be_made(self, shelf: Shelf, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("x")
        with pytest.raises(HarvesterError, match="cannot be written to"):
            housekeeping.export_pages(shelf.archive.connection, tmp_path / "file" / "out")
