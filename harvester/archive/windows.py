"""Windows: what a list was asked for, how far that came, what is missing, and where to go on.

A list is a source's records in one format, of one set or of all. It has one watermark, and holes
where it was harvested around something that the server cannot send.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

import msgspec

from harvester.archive.runs import Tally
from harvester.oai.datestamps import now
from harvester.oai.harvest import Outcome
from harvester.oai.windows import Hole, Window

MAX_HALVINGS = 10
"""A list without order is cut into at most 2 ** so many pieces."""

_START = """
    insert into windows (run, source, prefix, set_spec, "from", until, reaches_now, started,
        reached, resumed, until_now)
    values (:run, :source, :prefix, :set_spec, :from, :until, :reaches_now, :started,
        :reached, :reached, 0)"""
# What lies before a window that reaches now came earlier, so it is never less than its beginning.
_PROGRESS = """
    update windows set reached = coalesce(:reached, resumed, "from")
    where id = :window and reaches_now"""
_FINISH = """
    update windows set finished = :now, state = :state, reason = :reason,
        response_date = :response_date, complete_list_size = :complete_list_size,
        new = :new, changed = :changed, unchanged = :unchanged, touched = :touched,
        deleted = :deleted, quarantined = :quarantined, until_now = :until_now,
        reached = case when :goes_on then coalesce(:reached, reached) end
    where id = :window"""
_REACHES_NOW = "select reaches_now from windows where id = ?"
_MOVE_WATERMARK = """
    insert or replace into watermarks (source, prefix, set_spec, response_date, window)
    select source, prefix, set_spec, :response_date, id from windows where id = :window"""
_WATERMARK = """
    select response_date from watermarks where source = ? and prefix = ? and set_spec = ?"""
_LISTS = "select prefix, set_spec from watermarks where source = ? order by prefix, set_spec"
# One whose set or prefix was mistyped never brought anything.
_BEGUN = """
    select distinct prefix, set_spec from windows
    where source = ? and reaches_now
      and (new + changed + unchanged + touched + deleted + quarantined > 0
           or exists (select 1 from watermarks
                      where (watermarks.source, watermarks.prefix, watermarks.set_spec) =
                            (windows.source, windows.prefix, windows.set_spec))
           or exists (select 1 from pages join items on items.page = pages.id
                      where pages.window = windows.id))
    order by prefix, set_spec"""

_HOLES = """
    select nullif("from", ''), nullif(until, ''), reason, identifiers from holes
    where source = ? and prefix = ? and set_spec = ? order by "from", until"""
_ADD_HOLE = """
    insert into holes (source, prefix, set_spec, "from", until, reason, identifiers,
        since, tries, last_tried, window)
    select source, prefix, set_spec, :from, :until, :reason, :identifiers, :now, 1, :now, id
    from windows where id = :window
    on conflict do nothing"""
# A hole of an earlier window was tried once more; one of this window was not.
_TRY_HOLE = """
    update holes set reason = :reason, identifiers = :identifiers, last_tried = :now,
        tries = tries + (window <> :window), window = :window
    where (source, prefix, set_spec) =
          (select source, prefix, set_spec from windows where id = :window)
      and "from" = :from and until = :until"""
_FILL_HOLES = """
    delete from holes
    where (source, prefix, set_spec) =
          (select source, prefix, set_spec from windows where id = :window)
      and ("from", until) not in (
          select coalesce(value ->> 'from', ''), coalesce(value ->> 'until', '')
          from json_each(:left))"""
# Every record of the source came in this format, in whatever list it was missing.
_FILL_ALL_HOLES = """
    delete from holes
    where (source, prefix) = (select source, prefix from windows where id = :window)"""
_NOT_BEFORE = "update sources set not_before = ? where id = ?"

_RESUME = """
    select coalesce(reached, resumed) from windows
    where id = (select max(id) from windows
                where source = ? and prefix = ? and set_spec = ? and reaches_now)
      and until_now = 0
      and (finished is null
           or state in ('partial', 'throttled', 'interrupted', 'blocked', 'failed'))"""
# How often a list was cut short after records came, and nobody knows where it could go on. A night
# in which nothing came at all says nothing about that.
_CUT_SHORT = """
    with list as (
        select *, until_now = 0 and (reached is null or reached in ("from", resumed)) as stood
        from windows where source = ? and prefix = ? and set_spec = ? and reaches_now)
    select count(*) from list
    where id > coalesce((select max(id) from list where stood is not 1), 0)
      and case when finished is null
          then exists (select 1 from pages where window = list.id and status = 200)
          else state in ('partial', 'throttled', 'interrupted', 'blocked', 'failed')
               and new + changed + unchanged + touched + deleted + quarantined > 0 end"""

_FULFILLED = ("complete", "partial")
_GOES_ON = ("partial", "throttled", "interrupted", "blocked", "failed")


class Plan(msgspec.Struct, frozen=True):
    """How a list is harvested next.

    Attributes:
        watermark: the server's time at the start of the last harvest that reached the list's end.
        resume: the datestamp at which an unfinished harvest goes on; None where there is none.
        holes: what is missing, to be asked for again.
        pieces: into how many windows the list is cut: more for every time that it was cut short
            and nobody knows where it could go on, until a piece fits into a night.
    """

    watermark: str | None
    resume: str | None
    holes: list[Hole]
    pieces: int


def start_window(
    connection: sqlite3.Connection,
    run: int,
    source: int,
    window: Window,
    *,
    reaches_now: bool,
    reached: str | None = None,
) -> int:
    """Enter a window that is about to be asked for and return its number.

    Args:
        connection: the archive.
        run: the number of the run.
        source: the number of the source.
        window: what will be asked.
        reaches_now: it reaches from where all is known (or the beginning) until now.
        reached: `Plan.resume`, where the window goes on there.
    """
    with connection:
        cursor = connection.execute(
            _START,
            {
                "run": run,
                "source": source,
                "prefix": window.prefix,
                "set_spec": window.set_spec or "",
                "from": window.from_,
                "until": window.until,
                "reaches_now": reaches_now,
                "started": now(),
                "reached": reached,
            },
        )
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def progress(
    connection: sqlite3.Connection, number: int, reached: str | None, holes: Iterable[Hole]
) -> None:
    """Note how far a window has come; runs inside the caller's transaction.

    Args:
        connection: the archive.
        number: the window's number.
        reached: all that has an earlier datestamp was stored or is in a hole; None: unknown.
        holes: the holes so far; no hole is ever forgotten here.
    """
    connection.execute(_PROGRESS, {"reached": reached, "window": number})
    if connection.execute(_REACHES_NOW, (number,)).fetchone()[0]:
        connection.executemany(_ADD_HOLE, _rows(number, holes))


def finish_window(
    connection: sqlite3.Connection,
    number: int,
    source: int,
    window: Window,
    outcome: Outcome,
    tally: Tally,
) -> None:
    """Enter how a window ended; watermark and holes move in the same transaction, or not at all.

    The watermark moves when the window reached from where all was known until now, and its list
    came to its end. Then the holes it left take the place of the earlier ones; otherwise they are
    added to them, because earlier ones may not have been asked for again.

    Args:
        connection: the archive.
        number: the window's number.
        source: the source's number.
        window: what was asked.
        outcome: how it ended.
        tally: what it brought.
    """
    fulfilled = outcome.until_now and outcome.state in _FULFILLED
    facts = {
        **msgspec.structs.asdict(tally),
        "window": number,
        "now": now(),
        "state": outcome.state,
        "reason": outcome.reason,
        "response_date": outcome.response_date,
        "complete_list_size": outcome.complete_list_size,
        "until_now": fulfilled,
        "goes_on": outcome.state in _GOES_ON and not fulfilled,
        "reached": outcome.reached,
    }
    with connection:
        connection.execute(_FINISH, facts)
        if outcome.not_before is not None or outcome.state != "throttled":
            connection.execute(_NOT_BEFORE, (outcome.not_before, source))
        if not connection.execute(_REACHES_NOW, (number,)).fetchone()[0]:
            return
        holes = list(_rows(number, outcome.holes))
        connection.executemany(_ADD_HOLE, holes)
        if not fulfilled:
            return
        if outcome.state == "complete" and window.from_ is None and window.set_spec is None:
            connection.execute(_FILL_ALL_HOLES, facts)
        else:
            connection.executemany(_TRY_HOLE, holes)
            left = msgspec.json.encode(
                [{"from": row["from"], "until": row["until"]} for row in holes]
            )
            connection.execute(_FILL_HOLES, {"window": number, "left": left.decode()})
        if outcome.response_date:
            connection.execute(_MOVE_WATERMARK, facts)


def watermark(
    connection: sqlite3.Connection, source: int, prefix: str, set_spec: str | None
) -> str | None:
    """Return the server's time at the start of the last complete harvest, if there was one."""
    row = connection.execute(_WATERMARK, (source, prefix, set_spec or "")).fetchone()
    return str(row[0]) if row else None


def lists(connection: sqlite3.Connection, source: int) -> list[tuple[str, str | None]]:
    """Return prefix and set (None: all records) of the lists that were once harvested whole."""
    rows = connection.execute(_LISTS, (source,))
    return [(prefix, set_spec or None) for prefix, set_spec in rows]


def begun(connection: sqlite3.Connection, source: int) -> list[tuple[str, str | None]]:
    """Return prefix and set (None: all records) of the lists that ever brought a record.

    A set is left out where all records are harvested in the same format.
    """
    rows = connection.execute(_BEGUN, (source,)).fetchall()
    whole = {prefix for prefix, set_spec in rows if not set_spec}
    return [
        (prefix, set_spec or None)
        for prefix, set_spec in rows
        if not (set_spec and prefix in whole)
    ]


def plan(connection: sqlite3.Connection, source: int, prefix: str, set_spec: str | None) -> Plan:
    """Say how a list is harvested next.

    Args:
        connection: the archive.
        source: the source's number.
        prefix: the metadata prefix.
        set_spec: one set, or None for all records.
    """
    key = (source, prefix, set_spec or "")
    resume = connection.execute(_RESUME, key).fetchone()
    cut_short = connection.execute(_CUT_SHORT, key).fetchone()[0]
    return Plan(
        watermark=watermark(connection, source, prefix, set_spec),
        resume=resume[0] if resume else None,
        holes=[
            Hole(from_, until, reason, msgspec.json.decode(identifiers, type=list[str]))
            for from_, until, reason, identifiers in connection.execute(_HOLES, key)
        ],
        pieces=2 ** min(cut_short, MAX_HALVINGS),
    )


def _rows(number: int, holes: Iterable[Hole]) -> Iterable[dict[str, object]]:
    at = now()
    for hole in holes:
        yield {
            "window": number,
            "from": hole.from_ or "",
            "until": hole.until or "",
            "reason": hole.reason,
            "identifiers": msgspec.json.encode(hole.identifiers).decode(),
            "now": at,
        }
