"""Commands that keep the data safe, small and lawful: backup, restore, archive, suppress, cron."""

from __future__ import annotations

import getpass
import os
import sqlite3
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import click
import msgspec
from rich.markup import escape

from harvester import backup as backups
from harvester import cron as schedule
from harvester import pipeline, sources, terminal, workspace
from harvester.archive import housekeeping, known, open_archive, suppressions
from harvester.cli import options
from harvester.errors import COMPLETE, INCOMPLETE, HarvesterError, UsageError
from harvester.terminal import out, say, say_error

MEGA = 1e6


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Write both databases into one file, also while a harvest runs.

    Example: harvester backup backup-monday.tar.zst
    """
    installation = options.installation(context)
    options.spare_databases(installation, file)
    size = backups.backup(installation.directory, file)
    if terminal.is_watched():
        say(f"{file}: {size / MEGA:.1f} MB")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Put back what `backup` wrote; what is there now is backed up first.

    Example: harvester restore backup-monday.tar.zst
    """
    directory = options.installation(context).directory
    with workspace.alone(directory, "restore"):
        hidden = _hidden(directory)
        before = backups.restore(directory, file)
        still = _hidden(directory)
    shown = [
        f"{id_} (with --erase)" if erased else id_
        for id_, erased in sorted(hidden.items())
        if id_ not in still or (erased and not still[id_])
    ]
    say(f"restored {file}" + (f"; what was there before is in {before}" if before else ""))
    if shown:
        say_error(
            "the backup does not know that these were suppressed: suppress them anew, those that "
            "came after it when the next harvest has brought them again: " + ", ".join(shown)
        )


@click.group()
def archive() -> None:
    """Look after archive.db: everything that was ever received.

    Example: harvester archive size
    """


@archive.command()
@click.option("--json", "as_json", is_flag=True, help="Print the sizes as JSON.")
@click.pass_context
def size(context: click.Context, as_json: bool) -> None:
    """Show what the pages of each source take, and how much of that no record needs any more.

    Example: harvester archive size
    """
    with closing(open_archive(options.installation(context).directory, for_reading=True)) as pages:
        found = housekeeping.sizes(pages)
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    table = terminal.table(
        "source", "pages", "MB", "MB unpacked", "superseded pages", "superseded MB"
    )
    for row in found:
        sizes = (row.packed, row.unpacked, row.superseded_packed)
        packed, unpacked, superseded = (f"{bytes_ / MEGA:,.1f}" for bytes_ in sizes)
        counts = (f"{row.pages:,}", packed, unpacked, f"{row.superseded_pages:,}", superseded)
        table.add_row(row.source, *counts)
    out.print(table)


@archive.command()
@click.option("--before", metavar="DATE", help="Only pages received before (YYYY-MM-DD).")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be removed.")
@click.pass_context
def prune(context: click.Context, before: str | None, dry: bool) -> None:
    """Remove pages that no record needs any more: later ones say it all anew.

    The current version of every record stays, and so does the ledger.

    Example: harvester archive prune --before 2025-01-01
    """
    installation = options.installation(context)
    limit = _day(before)
    options.log_to_file(context, installation)
    _refuse_empty(installation.directory)
    with pipeline.writing(installation, "archive prune") as opened:
        pruned = housekeeping.prune(opened.archive, before=limit, dry=dry)
    if dry or terminal.is_watched():
        done = "would be removed" if dry else "removed"
        say(f"{pruned.pages:,} pages {done}, {pruned.packed / MEGA:.1f} MB")


@archive.command()
@click.pass_context
def verify(context: click.Context) -> None:
    """Read every page, and compare it with its checksum; exits with 1 when one is damaged.

    Example: harvester archive verify
    """
    with closing(open_archive(options.installation(context).directory, for_reading=True)) as pages:
        damages = housekeeping.verify(pages)
    for damage in damages:
        terminal.say_error(f"{damage.source}: {damage.reason}" if damage.source else damage.reason)
    if not damages and terminal.is_watched():
        say("every page is as it was received")
    context.exit(INCOMPLETE if damages else COMPLETE)


@archive.command("export")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--source", "name", metavar="NAME", help="Only pages of this source.")
@click.pass_context
def export_pages(context: click.Context, folder: Path, name: str | None) -> None:
    """Write the pages as files: each as it was received, and beside it what was asked and when.

    Example: harvester archive export pages --source orbi
    """
    with closing(open_archive(options.installation(context).directory, for_reading=True)) as pages:
        number = None
        if name is not None:
            numbers = {source.name: number for number, source in known.known_sources(pages).items()}
            facts = {source.name: source for source in known.known_sources(pages).values()}
            number = numbers[sources.resolve(name, facts).name]
        count = housekeeping.export_pages(pages, folder, number)
    if terminal.is_watched():
        say(f"{count:,} pages in {folder}")


@click.command()
@click.argument("key", metavar="[ID]", required=False)
@click.option("--reason", metavar="TEXT", help="Why; it is kept with the decision.")
@click.option("--erase", is_flag=True, help="Take its bytes out of both databases too.")
@click.option("--undo", is_flag=True, help="Show it again.")
@click.pass_context
def suppress(
    context: click.Context, key: str | None, reason: str | None, erase: bool, undo: bool
) -> None:
    """Hide a record everywhere, through every rebuild and every later harvest.

    ID is an id, a citation key or an OAI identifier; without one, the hidden records are listed.
    What is erased, for a legal order, cannot be shown again; backups keep it until they are
    thrown away.

    Example: harvester suppress orbi-1a2b3c4d5e --reason "withdrawn by its author"
    """
    installation = options.installation(context)
    if key is None:
        if reason or erase or undo:
            raise UsageError("say which record: its id, citation key or OAI identifier")
        _list_suppressed(installation.directory)
        return
    if undo and (reason or erase):
        raise UsageError("--undo stands alone")
    if not undo and not (reason or "").strip():
        raise UsageError("say why, with --reason TEXT")
    options.log_to_file(context, installation)
    _refuse_empty(installation.directory)
    if undo:
        entry = pipeline.show_again(installation, key)
        done = "is shown again"
    else:
        entry = pipeline.suppress(installation, key, reason or "", erase=erase)
        done = "is erased" if erase else "is hidden"
    if terminal.is_watched():
        say(f"{entry.id} {done}")


@click.command()
@click.pass_context
def cron(context: click.Context) -> None:
    """Print what makes this installation harvest every night: a crontab line, and systemd units.

    Example: harvester cron
    """
    installation = options.installation(context)
    executable = Path(os.path.abspath(sys.argv[0]))
    click.echo(
        schedule.instructions(
            executable,
            installation.directory.resolve(),
            getpass.getuser(),
            installation.config.contact,
        ),
        nl=False,
    )


def _hidden(directory: Path) -> dict[str, bool]:
    """Say of suppressed records, by id, whether they were erased.

    There are none where the archive is missing or damaged.
    """
    try:
        with closing(open_archive(directory, for_reading=True, older=True)) as archive:
            return {one.id: one.erased is not None for one in suppressions.listed(archive)}
    except (HarvesterError, sqlite3.DatabaseError):
        return {}  # a damaged archive is what backups are put back for


def _list_suppressed(directory: Path) -> None:
    with closing(open_archive(directory, for_reading=True)) as archive:
        found = suppressions.listed(archive)
    table = terminal.table("id", "source", "since", "erased", "reason", wide=("reason",))
    for hidden in found:
        row = (hidden.id, hidden.source, hidden.since, hidden.erased or "", hidden.reason)
        table.add_row(*map(escape, row))
    if found:
        out.print(table)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise UsageError(f"--before {text!r} is no date such as 2025-01-31") from error


def _refuse_empty(directory: Path) -> None:
    """Make no archive where there is none.

    Raises:
        UsageError: there is none.
    """
    open_archive(directory, for_reading=True).close()
