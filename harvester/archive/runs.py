"""Sources, runs, windows and watermarks: what was asked, and how it ended."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime

import msgspec

from harvester.oai import address
from harvester.oai.harvest import Identity, Outcome, Window
from harvester.sources import Source

_ADD_SOURCE = """
    insert into sources (name, facts) values (:name, :facts)
    on conflict (name) do update set facts = excluded.facts where facts <> excluded.facts"""
_START_WINDOW = """
    insert into windows (run, source, prefix, set_spec, "from", until, started)
    values (?, ?, ?, ?, ?, ?, ?)"""
_FINISH_WINDOW = """
    update windows set finished = ?, state = ?, reason = ?, response_date = ?,
        complete_list_size = ?, new = ?, changed = ?, unchanged = ?, deleted = ?, quarantined = ?
    where id = ?"""
_MOVE_WATERMARK = """
    insert or replace into watermarks (source, prefix, set_spec, response_date, window)
    values (?, ?, ?, ?, ?)"""
_WATERMARK = """
    select response_date from watermarks where source = ? and prefix = ? and set_spec = ?"""
_STATUS = """
    select sources.name, sources.facts,
           last.state, last.reason, last.started, last.finished,
           (select max(finished) from windows
            where windows.source = sources.id and state = 'complete') as last_complete,
           last.new, last.changed, last.unchanged, last.deleted,
           (select count(distinct identifier) from items
            where items.source = sources.id and deleted_page is null) as live,
           (select count(distinct identifier) from items
            where items.source = sources.id and deleted_page is not null) as gone,
           (select count(*) from quarantine where quarantine.source = sources.id) as quarantined
    from sources left join windows as last on last.id =
        (select max(id) from windows where windows.source = sources.id)
    order by sources.name"""


class Tally(msgspec.Struct):
    """What a window brought, in records."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    deleted: int = 0
    quarantined: int = 0

    def add(self, other: Tally) -> None:
        """Add another tally to this one."""
        self.new += other.new
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.deleted += other.deleted
        self.quarantined += other.quarantined


class SourceStatus(msgspec.Struct, frozen=True):
    """One source at a glance; times are ISO, counts are records.

    `state` is that of the last window: a state of `harvester.oai.harvest.Outcome`, or
    `interrupted` where the window never ended, or `imported` where there was none.
    """

    name: str
    title: str
    url: str | None
    state: str
    reason: str | None
    last_started: str | None
    last_complete: str | None
    new: int
    changed: int
    unchanged: int
    deleted: int
    live: int
    gone: int
    quarantined: int

    @property
    def needs_attention(self) -> bool:
        """A person should look: the last harvest is incomplete for a reason that may stay."""
        return self.state not in ("complete", "throttled", "imported")


def now() -> str:
    """Return the present time as ISO 8601 in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def source_number(connection: sqlite3.Connection, source: Source) -> int:
    """Return the number of a source, entered or brought up to date where needed."""
    with connection:
        connection.execute(
            _ADD_SOURCE, {"name": source.name, "facts": msgspec.json.encode(source).decode()}
        )
    row = connection.execute("select id from sources where name = ?", (source.name,)).fetchone()
    return int(row[0])


def known_sources(connection: sqlite3.Connection) -> dict[int, Source]:
    """Return every source that anything was received from, by its number."""
    return {
        number: msgspec.json.decode(facts, type=Source)
        for number, facts in connection.execute("select id, facts from sources order by id")
    }


def keep_identity(connection: sqlite3.Connection, source: int, identity: Identity) -> None:
    """Keep what a server said of itself."""
    with connection:
        connection.execute(
            "update sources set identity = ? where id = ?",
            (msgspec.json.encode(identity).decode(), source),
        )


def start_run(connection: sqlite3.Connection, command: str) -> int:
    """Enter a run of a command and return its number."""
    with connection:
        cursor = connection.execute(
            "insert into runs (command, started) values (?, ?)", (command, now())
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def finish_run(connection: sqlite3.Connection, run: int, exit_code: int) -> None:
    """Enter how a run ended."""
    with connection:
        connection.execute(
            "update runs set finished = ?, exit_code = ? where id = ?", (now(), exit_code, run)
        )


def start_window(connection: sqlite3.Connection, run: int, source: int, window: Window) -> int:
    """Enter a window that is about to be asked for and return its number."""
    with connection:
        cursor = connection.execute(
            _START_WINDOW,
            (
                run,
                source,
                window.prefix,
                window.set_spec or "",
                window.from_,
                window.until,
                now(),
            ),
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def finish_window(
    connection: sqlite3.Connection,
    number: int,
    source: int,
    window: Window,
    outcome: Outcome,
    tally: Tally,
    *,
    moves_watermark: bool,
) -> None:
    """Enter how a window ended; the watermark moves in the same transaction, or not at all.

    Args:
        connection: the archive.
        number: the window's number.
        source: the source's number.
        window: what was asked.
        outcome: how it ended; only `complete` moves the watermark.
        tally: what it brought.
        moves_watermark: the window reaches from the last watermark (or the beginning) until now.
    """
    with connection:
        connection.execute(
            _FINISH_WINDOW,
            (
                now(),
                outcome.state,
                outcome.reason,
                outcome.response_date,
                outcome.complete_list_size,
                tally.new,
                tally.changed,
                tally.unchanged,
                tally.deleted,
                tally.quarantined,
                number,
            ),
        )
        if moves_watermark and outcome.state == "complete" and outcome.response_date:
            connection.execute(
                _MOVE_WATERMARK,
                (source, window.prefix, window.set_spec or "", outcome.response_date, number),
            )


def watermark(
    connection: sqlite3.Connection, source: int, prefix: str, set_spec: str | None
) -> str | None:
    """Return the server's time at the start of the last complete harvest, if there was one."""
    row = connection.execute(_WATERMARK, (source, prefix, set_spec or "")).fetchone()
    return str(row[0]) if row else None


def status(connection: sqlite3.Connection) -> list[SourceStatus]:
    """Return every source at a glance, in the order of their names."""
    found = []
    for name, facts, state, reason, started, finished, last_complete, *counts in connection.execute(
        _STATUS
    ):
        source = msgspec.json.decode(facts, type=Source)
        if started and not finished:
            state = "interrupted"
            reason = "the last run was stopped before it ended; the next one goes on"
        new, changed, unchanged, deleted, live, gone, quarantined = (count or 0 for count in counts)
        found.append(
            SourceStatus(
                name=name,
                title=source.title,
                url=address.masked(source.urls[0]) if source.urls else None,
                state=state or "imported",
                reason=reason,
                last_started=started,
                last_complete=last_complete,
                new=new,
                changed=changed,
                unchanged=unchanged,
                deleted=deleted,
                live=live,
                gone=gone,
                quarantined=quarantined,
            )
        )
    return found
