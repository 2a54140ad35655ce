"""Hidden through everything, and reversibly; erased to the last byte, and only that."""

from __future__ import annotations

import gzip
import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest
import zstandard

from harvester.archive import FILE, items, known, ledger, open_archive, pages, suppressions
from harvester.archive.cutting import NOTHING
from harvester.archive.items import Broken
from harvester.errors import HarvesterError, TryLaterError, UsageError
from harvester.model import RawRecord
from harvester.oai.received import Received
from harvester.sources import Source
from tests.archive.asking import begin
from tests.archive.conftest import Opened
from tests.archive.test_cutting import HEAD, TAIL, record
from tests.full_disk import full_beyond

NOW = "2026-11-23T01:00:00Z"
SECRET = "Kwx7Qz-a-name-that-must-go"
ERASED = "oai:x:2"


def mint(archive: Opened, identifier: str, source: int | None = None) -> str:
    number = source or archive.source
    name = "orbi" if source is None else "vu"
    minted = ledger.mint(archive.connection, number, name, {identifier: "anon2020"}, NOW)
    return minted[identifier].id


def listed(archive: Opened) -> list[tuple[str, str, bool]]:
    found = suppressions.listed(archive.connection)
    return [(each.identifier, each.reason, each.erased is not None) for each in found]


class TestSuppress:
    def test_by_id_by_key_and_by_identifier(self, archive: Opened) -> None:
        ids = [mint(archive, f"oai:x:{number}") for number in range(4)]
        key = ledger.find(archive.connection, ids[1])[0].citekey
        assert key
        for name in (ids[0], key.upper(), "oai:x:2"):
            suppressions.suppress(archive.connection, name, "asked for by the author")
        found = suppressions.suppressed(
            archive.connection, archive.source, [f"oai:x:{number}" for number in range(9)]
        )
        assert found == {"oai:x:0", "oai:x:1", "oai:x:2"}
        wanted = ["oai:x:0", "oai:x:3"]
        assert suppressions.needs_erasing(archive.connection, archive.source, wanted) == set()

    def test_it_is_told_with_its_reason_and_can_be_taken_back(self, archive: Opened) -> None:
        id_ = mint(archive, "oai:x:0")
        for reason in ("a mistake", "a legal order"):
            assert suppressions.suppress(archive.connection, id_, reason).id == id_
        (found,) = suppressions.listed(archive.connection)
        assert (found.id, found.source, found.reason) == (id_, "orbi", "a legal order")
        assert suppressions.undo(archive.connection, id_).identifier == "oai:x:0"
        assert suppressions.listed(archive.connection) == []
        with pytest.raises(UsageError, match="is not suppressed"):
            suppressions.undo(archive.connection, id_)

    def test_what_means_several_is_refused_and_they_are_named(self, archive: Opened) -> None:
        other = known.source_number(archive.connection, Source(name="vu", title="VU"))
        ids = [mint(archive, "oai:pure:1"), mint(archive, "oai:pure:1", other)]
        with pytest.raises(UsageError, match=rf"2 records.*{ids[0]} \(orbi\), {ids[1]} \(vu\)"):
            suppressions.suppress(archive.connection, "oai:pure:1", "why")
        suppressions.suppress(archive.connection, ids[1], "why")
        both = [
            suppressions.suppressed(archive.connection, source, ["oai:pure:1"])
            for source in (archive.source, other)
        ]
        assert both == [set(), {"oai:pure:1"}]

    def test_what_nobody_knows_is_refused(self, archive: Opened) -> None:
        with pytest.raises(UsageError, match=r"no record has .*'oai:x:9'"):
            suppressions.suppress(archive.connection, "oai:x:9", "why")


class Shelf:
    """An archive in which a record lies in every way that there is."""

    def __init__(self, archive: Opened, answer: Received) -> None:
        self.archive, self.answer = archive, answer
        self.window = begin(archive)
        secret = record(ERASED, SECRET)
        whole = HEAD + record("oai:x:1") + secret + record("oai:x:3") + TAIL
        self.older = self.keep(whole, RawRecord(ERASED, "oai_dc", "2025-01-01"))
        self.newer = self.keep(
            gzip.compress(whole), *(RawRecord(f"oai:x:{n}", "oai_dc", "2026") for n in (1, 2, 3))
        )
        self.single = self.keep(HEAD + secret + TAIL)
        self.broken_off = self.keep(HEAD + record("oai:x:1") + secret[:-20])
        self.damaged = self.keep(gzip.compress(whole * 30)[:-9])
        self.clean = self.keep(HEAD + record("oai:x:1") + TAIL)
        self.file = self.keep(HEAD + secret + TAIL, url="file:///tmp/answer.xml", window=None)
        self.alone = self.keep(secret, url="file:///tmp/record.xml", window=None)
        for page in (self.newer, self.single):
            content = [Broken(ERASED, "why", secret), Broken("oai:x:9", "why", b"<record/>")]
            items.quarantine(archive.connection, archive.source, page, content)
        aside = pages.read(archive.connection, self.newer).received.body
        page_aside = Broken(f"{items.NAMELESS}abc", "a fault of ours", aside)
        items.quarantine(archive.connection, archive.source, self.damaged, [page_aside])
        mint(archive, "oai:x:1")
        suppressions.suppress(archive.connection, mint(archive, ERASED), "a legal order")
        archive.connection.commit()
        self.cut = [
            self.older, self.newer, self.single, self.broken_off, self.damaged, self.file,
            self.alone,
        ]  # fmt: skip

    def keep(
        self, body: bytes, *entered: RawRecord, url: str | None = None, window: int | None = -1
    ) -> int:
        received = msgspec.structs.replace(self.answer, body=body, url=url or self.answer.url)
        archive = self.archive
        page = pages.keep(
            archive.connection,
            archive.run,
            archive.source,
            self.window if window == -1 else window,
            received,
        )
        with archive.connection:
            items.enter(archive.connection, archive.source, page, entered)
        return page

    def body(self, page: int) -> bytes:
        return pages.read(self.archive.connection, page).received.body

    def erase(self) -> int:
        return suppressions.erase(self.archive.connection, self.archive.source, ERASED)


@pytest.fixture
def shelf(archive: Opened, answer: Received) -> Shelf:
    archive.connection.execute("pragma busy_timeout = 50")
    return Shelf(archive, answer)


class TestErase:
    def test_it_leaves_every_page_and_the_rest_stays(self, shelf: Shelf) -> None:
        clean = shelf.body(shelf.clean)
        assert shelf.erase() == len(shelf.cut)
        rest = HEAD + record("oai:x:1") + record("oai:x:3") + TAIL
        assert shelf.body(shelf.older) == shelf.body(shelf.newer) == rest
        assert shelf.body(shelf.single) == shelf.body(shelf.file) == HEAD + TAIL
        assert shelf.body(shelf.broken_off) == HEAD + record("oai:x:1")
        assert rest in shelf.body(shelf.damaged)
        assert shelf.body(shelf.alone) == NOTHING
        assert shelf.body(shelf.clean) == clean
        erased = shelf.archive.connection.execute(
            "select id from pages where erased is not null order by id"
        )
        assert [row[0] for row in erased] == shelf.cut

    def test_nothing_of_it_is_left_in_the_files(self, shelf: Shelf, tmp_path: Path) -> None:
        def lying() -> bytes:
            return b"".join(file.read_bytes() for file in sorted(tmp_path.glob(f"{FILE}*")))

        packed = [
            zstandard.ZstdCompressor(level=pages.ZSTD_LEVEL).compress(shelf.body(page))[8:60]
            for page in shelf.cut
        ]
        before = lying()
        assert SECRET.encode() in before
        assert all(piece in before for piece in packed)
        # What an older version deleted lies in free pages still.
        shelf.archive.connection.execute("pragma secure_delete = off")
        shelf.archive.connection.execute("create table old (content blob)")
        shelf.archive.connection.execute("insert into old values (?)", (SECRET.encode() * 400,))
        shelf.archive.connection.commit()
        shelf.archive.connection.execute("drop table old")
        shelf.erase()
        after = lying()
        assert SECRET.encode() not in after
        assert not any(piece in after for piece in packed)

    def test_the_record_is_known_as_erased_and_nothing_else_is(self, shelf: Shelf) -> None:
        shelf.erase()
        connection, source = shelf.archive.connection, shelf.archive.source
        assert list(items.versions(connection, source, ["oai:x:1", ERASED])) == ["oai:x:1"]
        names = connection.execute("select distinct identifier from quarantine order by 1")
        assert [row[0] for row in names] == [f"{items.NAMELESS}abc", "oai:x:9"]
        assert listed(shelf.archive) == [(ERASED, "a legal order", True)]
        wanted = [ERASED, "oai:x:1"]
        assert suppressions.needs_erasing(connection, source, wanted) == {ERASED}
        assert ledger.find(connection, ERASED)[0].citekey

    def test_a_sweep_does_not_ask_for_it_again(self, shelf: Shelf) -> None:
        shelf.erase()
        connection, source = shelf.archive.connection, shelf.archive.source
        items.begin_sweep(connection, source)
        listed = ["oai:x:1", ERASED, "oai:x:3", "oai:x:4"]
        items.note_listed(connection, source, [(name, "2026-01-01") for name in listed])
        assert items.unknown_in_sweep(connection, source) == ["oai:x:4"]
        assert items.missing_from_sweep(connection, source) == []

    def test_when_it_is_sent_anew_it_is_erased_again(self, shelf: Shelf) -> None:
        shelf.erase()
        connection, source = shelf.archive.connection, shelf.archive.source
        body = HEAD + record(ERASED, SECRET) + record("oai:x:4") + TAIL
        page = shelf.keep(body, RawRecord(ERASED, "oai_dc"), RawRecord("oai:x:4", "oai_dc"))
        with connection:
            suppressions.erase_from_page(connection, source, page, [ERASED])
        assert shelf.body(page) == HEAD + record("oai:x:4") + TAIL
        assert list(items.versions(connection, source, ["oai:x:4", ERASED])) == ["oai:x:4"]

    def test_what_was_not_suppressed_is_not_erased(self, shelf: Shelf) -> None:
        with pytest.raises(UsageError, match="suppress it before"):
            suppressions.erase(shelf.archive.connection, shelf.archive.source, "oai:x:1")
        assert b"oai:x:1" in shelf.body(shelf.older)


class TestInterruptedErasing:
    @pytest.mark.parametrize(
        "moment",
        [
            "update of body on pages when new.id = 1",
            "update of body on pages when new.id = 7",
            "update of content on quarantine",
            "delete on items",
            "update of erased on suppressions",
        ],
    )
    def test_stopped_in_the_middle_it_has_done_nothing(self, shelf: Shelf, moment: str) -> None:
        connection = shelf.archive.connection
        before = [shelf.body(page) for page in shelf.cut]
        connection.execute(
            f"create temp trigger stop before {moment} begin select raise(rollback, 'stop'); end"
        )
        with pytest.raises(sqlite3.DatabaseError, match="stop"):
            shelf.erase()
        connection.execute("drop trigger stop")
        assert [shelf.body(page) for page in shelf.cut] == before
        assert listed(shelf.archive) == [(ERASED, "a legal order", False)]
        assert shelf.erase() == len(shelf.cut)

    def test_somebody_who_reads_keeps_it_from_ending(self, shelf: Shelf, tmp_path: Path) -> None:
        with closing(open_archive(tmp_path, for_reading=True)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from pages").fetchone()
            with pytest.raises(TryLaterError, match="say the same again"):
                shelf.erase()
        assert (tmp_path / f"{FILE}-wal").stat().st_size > 0
        assert shelf.erase() == 0
        assert (tmp_path / f"{FILE}-wal").stat().st_size == 0

    def test_a_full_disk_is_told_and_the_same_again_ends_it(
        self, shelf: Shelf, tmp_path: Path
    ) -> None:
        log = tmp_path / f"{FILE}-wal"
        with pytest.raises(sqlite3.OperationalError), full_beyond(log.stat().st_size):
            shelf.erase()
        assert listed(shelf.archive) == [(ERASED, "a legal order", False)]
        # Room for what is cut, but not for the whole database written anew.
        with (
            pytest.raises(HarvesterError, match=r"make room on the disk .* say the same again"),
            full_beyond(log.stat().st_size + 120_000),
        ):
            shelf.erase()
        assert listed(shelf.archive) == [(ERASED, "a legal order", True)]
        assert shelf.erase() == 0
        assert log.stat().st_size == 0

    def test_a_page_that_rotted_is_named_and_the_others_are_done(self, shelf: Shelf) -> None:
        connection = shelf.archive.connection
        connection.execute("update pages set body = x'00' where id = ?", (shelf.single,))
        connection.commit()
        with pytest.raises(
            HarvesterError, match=rf"can be read, but page {shelf.single} .*damaged"
        ):
            shelf.erase()
        assert SECRET.encode() not in shelf.body(shelf.older)


class TestPortalPages:
    """A portal page is one record; it has no element that could be cut out."""

    URL = "file:///tmp/page.html"

    def page(self, shelf: Shelf, text: str, *entered: str) -> int:
        raws = [RawRecord(identifier, "fid_portal") for identifier in entered]
        return shelf.keep(text.encode(), *raws, url=self.URL, window=None)

    def test_all_of_it_goes_with_its_older_states_but_no_other_page(
        self, archive: Opened, answer: Received
    ) -> None:
        shelf = Shelf(archive, answer)
        older = self.page(shelf, "Oud: https://x.be/Record/base-7", "base-7")
        newer = self.page(shelf, "Nieuw: https://x.be/Record/base-7", "base-7")
        archive.connection.execute("update items set digest = x'' where identifier = 'base-7'")
        newest = self.page(shelf, "Nieuwst: https://x.be/Record/base-7", "base-7")
        similar = "Ander: https://x.be/Record/base-8, zie ook https://x.be/Record/base-7"
        other = self.page(shelf, similar, "base-8")
        server = shelf.keep(b"<html>base-7</html>")
        suppressions.suppress(archive.connection, mint(archive, "base-7"), "a legal order")
        archive.connection.commit()
        assert suppressions.erase(archive.connection, archive.source, "base-7") == 3
        assert [shelf.body(page) for page in (older, newer, newest)] == [NOTHING] * 3
        assert shelf.body(other) == similar.encode()
        assert shelf.body(server) == b"<html>base-7</html>"
        assert suppressions.erase(archive.connection, archive.source, "base-7") == 0
