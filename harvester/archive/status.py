"""Every source at a glance: how its last harvest went, and what needs a person."""

from __future__ import annotations

import sqlite3

import msgspec

from harvester import address
from harvester.oai.windows import Hole
from harvester.sources import Source

THROTTLED_TOO_OFTEN = 3
"""So many nights running a server may ask for patience before a person should look."""

# An incomplete window counts until the same list, or the whole source, was complete later; a list
# that never gave a record, such as one with a mistyped prefix, until any list of the source was.
# What the user bounded with dates proves nothing about the rest.
_STATUS = """
    select sources.name, sources.facts, sources.not_before,
           told.state, told.reason, told.started, told.finished, told.until_now,
           (select max(finished) from windows
            where source = sources.id and state = 'complete' and reaches_now) as last_complete,
           told.new, told.changed, told.unchanged, told.touched, told.deleted,
           (select count(distinct identifier) from items
            where source = sources.id and deleted_page is null)
           - (select count(*) from suppressions cross join ledger on number = record
              where ledger.source = sources.id
                and exists (select 1 from items
                            where (items.source, items.identifier) =
                                  (ledger.source, ledger.identifier)
                              and deleted_page is null)) as live,
           (select count(distinct identifier) from items
            where source = sources.id and deleted_page is not null) as gone,
           (select count(*) from quarantine where source = sources.id) as quarantined,
           (select count(distinct date(night.started)) from windows as night
            where (night.source, night.prefix, night.set_spec) =
                  (told.source, told.prefix, told.set_spec)
              and night.reaches_now
              and night.id > coalesce(
                  (select max(other.id) from windows as other
                   where (other.source, other.prefix, other.set_spec) =
                         (told.source, told.prefix, told.set_spec)
                     and other.reaches_now and other.state is not 'throttled'), 0)) as throttled
    from sources left join windows as told on told.id = coalesce(
        (select max(id) from windows as open
         where source = sources.id and reaches_now and state is not 'complete'
           and not exists (
               select 1 from windows as later
               where later.source = open.source and later.id > open.id
                 and later.state = 'complete' and later.reaches_now
                 and (later.set_spec = ''
                      or (later.prefix, later.set_spec) = (open.prefix, open.set_spec)
                      or (open.new + open.changed + open.unchanged + open.touched + open.deleted = 0
                          and not exists (
                              select 1 from watermarks
                              where source = open.source and prefix = open.prefix
                                and set_spec = open.set_spec))))),
        (select max(id) from windows where source = sources.id and reaches_now),
        (select max(id) from windows where source = sources.id))
    where told.id is not null or exists (select 1 from items where source = sources.id)
    order by sources.name"""
_HOLES = """
    select sources.name, holes."from", holes.until, holes.reason, holes.identifiers
    from holes join sources on sources.id = holes.source
    order by sources.name, holes."from", holes.until"""
_INTERRUPTED = "the last run was stopped before it ended; the next one goes on"


class SourceStatus(msgspec.Struct, frozen=True):
    """One source at a glance; times are ISO, counts are records.

    `state` is that of the last window: a state of `harvester.oai.harvest.Outcome`, or
    `running` or `interrupted` where the window has not ended, `imported` where there is
    none. An incomplete list counts until it, or the whole source, is complete.

    Attributes:
        missing: how many windows of time could not be harvested; they are asked for every time.
        missing_identifiers: how many records in them are known by name.
        not_before: the server asked not to be asked before.
        nights_throttled: on how many days running the server asked for patience.
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
    touched: int = 0
    missing: int = 0
    missing_identifiers: int = 0
    not_before: str | None = None
    nights_throttled: int = 0

    @property
    def needs_attention(self) -> bool:
        """A person should look: the last harvest is incomplete for a reason that may stay."""
        if self.missing or self.nights_throttled >= THROTTLED_TOO_OFTEN:
            return True
        return self.state not in ("complete", "throttled", "interrupted", "running", "imported")


def status(connection: sqlite3.Connection, *, running: bool = False) -> list[SourceStatus]:
    """Return every source at a glance, in the order of their names.

    Args:
        connection: the archive.
        running: a harvest is going on, so a window that has not ended was not interrupted.
    """
    missing: dict[str, list[Hole]] = {}
    for name, from_, until, reason, identifiers in connection.execute(_HOLES):
        named = msgspec.json.decode(identifiers, type=list[str])
        missing.setdefault(name, []).append(Hole(from_ or None, until or None, reason, named))
    found = []
    for row in connection.execute(_STATUS):
        name, facts, not_before, state, reason, started, finished, until_now, complete, *counts = (
            row
        )
        source = msgspec.json.decode(facts, type=Source)
        holes = missing.get(name, [])
        if started and not finished:
            state, reason = ("running", None) if running else ("interrupted", _INTERRUPTED)
        new, changed, unchanged, touched, deleted, live, gone, quarantined, throttled = (
            count or 0 for count in counts
        )
        if throttled >= THROTTLED_TOO_OFTEN:
            often = f"so for {throttled} days running: ask the repository how it may be harvested"
            reason = _join(reason, often)
        if holes:
            # What came to its end says nothing that its holes do not say.
            reason = _join(None if until_now else reason, _told(holes))
        found.append(
            SourceStatus(
                name=name,
                title=source.title,
                url=address.masked(source.urls[0]) if source.urls else None,
                state=state or "imported",
                reason=reason,
                last_started=started,
                last_complete=complete,
                new=new,
                changed=changed,
                unchanged=unchanged,
                touched=touched,
                deleted=deleted,
                live=live,
                gone=gone,
                quarantined=quarantined,
                missing=len(holes),
                missing_identifiers=len({name for hole in holes for name in hole.identifiers}),
                not_before=not_before,
                nights_throttled=throttled,
            )
        )
    return found


def _told(holes: list[Hole]) -> str:
    """Say what is missing: `3 records between 2020-01-01 and 2020-01-02 cannot be fetched: …`."""
    first, *others = holes
    match len(first.identifiers):
        case 0:
            what = "what the server has"
        case 1:
            what = "1 record"
        case count:
            what = f"{count:,} records"
    match first.from_, first.until:
        case str(from_), str(until):
            when = f" between {from_} and {until}"
        case str(from_), None:
            when = f" since {from_}"
        case None, str(until):
            when = f" until {until}"
        case _:
            when = ""
    also = f" (and {len(others):,} more such gaps)" if len(others) > 1 else ""
    also = " (and 1 more such gap)" if len(others) == 1 else also
    return f"{what}{when} cannot be fetched: {first.reason}{also}"


def _join(reason: str | None, also: str) -> str:
    return f"{reason}; {also}" if reason else also
