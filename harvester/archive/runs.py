"""Sources, runs, windows and watermarks: what was asked, and how it ended."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester import address
from harvester.oai.datestamps import now
from harvester.oai.harvest import Outcome, Window
from harvester.sources import Source

_ADD_SOURCE = """
    insert into sources (name, facts) values (:name, :facts)
    on conflict (name) do update set facts = excluded.facts where facts <> excluded.facts"""
_START_WINDOW = """
    insert into windows (run, source, prefix, set_spec, "from", until, reaches_now, started)
    values (?, ?, ?, ?, ?, ?, ?, ?)"""
_FINISH_WINDOW = """
    update windows set finished = ?, state = ?, reason = ?, response_date = ?,
        complete_list_size = ?, new = ?, changed = ?, unchanged = ?, deleted = ?, quarantined = ?
    where id = ?"""
_MOVE_WATERMARK = """
    insert or replace into watermarks (source, prefix, set_spec, response_date, window)
    select ?, ?, ?, ?, ? from windows where id = ? and reaches_now"""
_WATERMARK = """
    select response_date from watermarks where source = ? and prefix = ? and set_spec = ?"""
# An incomplete window counts until the same list, or the whole source, was complete later; a list
# that never gave a record, such as one with a mistyped prefix, until any list of the source was.
# What the user bounded with dates proves nothing about the rest.
_STATUS = """
    select sources.name, sources.facts,
           told.state, told.reason, told.started, told.finished,
           (select max(finished) from windows
            where source = sources.id and state = 'complete' and reaches_now) as last_complete,
           told.new, told.changed, told.unchanged, told.deleted,
           (select count(distinct identifier) from items
            where source = sources.id and deleted_page is null) as live,
           (select count(distinct identifier) from items
            where source = sources.id and deleted_page is not null) as gone,
           (select count(*) from quarantine where source = sources.id) as quarantined
    from sources left join windows as told on told.id = coalesce(
        (select max(id) from windows as open
         where source = sources.id and reaches_now and state is not 'complete'
           and not exists (
               select 1 from windows as later
               where later.source = open.source and later.id > open.id
                 and later.state = 'complete' and later.reaches_now
                 and (later.set_spec = ''
                      or (later.prefix, later.set_spec) = (open.prefix, open.set_spec)
                      or (open.new + open.changed + open.unchanged + open.deleted = 0
                          and not exists (
                              select 1 from watermarks
                              where source = open.source and prefix = open.prefix
                                and set_spec = open.set_spec))))),
        (select max(id) from windows where source = sources.id and reaches_now),
        (select max(id) from windows where source = sources.id))
    where told.id is not null or exists (select 1 from items where source = sources.id)
    order by sources.name"""
_IS_EMPTY = """
    select not exists (select 1 from items where source = :source)
       and not exists (select 1 from quarantine where source = :source)"""
_FORGET = (
    "update pages set window = null where source = ?",
    "delete from watermarks where source = ?",
    "delete from windows where source = ?",
)
_KNOWN = "select id, facts from sources order by id"
_HARVESTED = """
    select id, facts from sources
    where exists (select 1 from windows where source = sources.id)
       or exists (select 1 from items where source = sources.id)
    order by id"""


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
    `running` or `interrupted` where the window has not ended, `imported` where there is
    none. An incomplete list counts until it, or the whole source, is complete.
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
        return self.state not in ("complete", "throttled", "running", "imported")


def source_number(connection: sqlite3.Connection, source: Source) -> int:
    """Return the number of a source, entered or brought up to date where needed."""
    with connection:
        connection.execute(
            _ADD_SOURCE, {"name": source.name, "facts": msgspec.json.encode(source).decode()}
        )
    row = connection.execute("select id from sources where name = ?", (source.name,)).fetchone()
    return int(row[0])


def known_sources(connection: sqlite3.Connection, *, harvested: bool = False) -> dict[int, Source]:
    """Return every source that the archive knows, by its number.

    Args:
        connection: the archive.
        harvested: only those that have records, or are to be asked again.
    """
    rows = connection.execute(_HARVESTED if harvested else _KNOWN)
    return {number: msgspec.json.decode(facts, type=Source) for number, facts in rows}


def forget_if_empty(connection: sqlite3.Connection, source: int) -> None:
    """Forget how a source was asked that never gave a record, such as a mistyped address.

    What it answered stays.
    """
    if connection.execute(_IS_EMPTY, {"source": source}).fetchone()[0]:
        with connection:
            for statement in _FORGET:
                connection.execute(statement, (source,))


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


def start_window(
    connection: sqlite3.Connection, run: int, source: int, window: Window, *, reaches_now: bool
) -> int:
    """Enter a window that is about to be asked for and return its number.

    Args:
        connection: the archive.
        run: the number of the run.
        source: the number of the source.
        window: what will be asked.
        reaches_now: it reaches from the last complete window (or the beginning) until now.
    """
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
                reaches_now,
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
) -> None:
    """Enter how a window ended; the watermark moves in the same transaction, or not at all.

    It moves when the window was complete and reached from the last one until now.

    Args:
        connection: the archive.
        number: the window's number.
        source: the source's number.
        window: what was asked.
        outcome: how it ended; only `complete` moves the watermark.
        tally: what it brought.
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
        if outcome.state == "complete" and outcome.response_date:
            connection.execute(
                _MOVE_WATERMARK,
                (
                    source,
                    window.prefix,
                    window.set_spec or "",
                    outcome.response_date,
                    number,
                    number,
                ),
            )


def watermark(
    connection: sqlite3.Connection, source: int, prefix: str, set_spec: str | None
) -> str | None:
    """Return the server's time at the start of the last complete harvest, if there was one."""
    row = connection.execute(_WATERMARK, (source, prefix, set_spec or "")).fetchone()
    return str(row[0]) if row else None


def status(connection: sqlite3.Connection, *, running: bool = False) -> list[SourceStatus]:
    """Return every source at a glance, in the order of their names.

    Args:
        connection: the archive.
        running: a harvest is going on, so a window that has not ended was not interrupted.
    """
    found = []
    for name, facts, state, reason, started, finished, last_complete, *counts in connection.execute(
        _STATUS
    ):
        source = msgspec.json.decode(facts, type=Source)
        if started and not finished and running:
            state = "running"
        elif started and not finished:
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
