"""Commands that read what is there: export, status."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import click
import msgspec

from harvester import export, terminal, workspace
from harvester.archive import open_archive
from harvester.archive.status import SourceStatus
from harvester.archive.status import status as sources_status
from harvester.catalogue import open_for_reading, quality, search
from harvester.catalogue.quality import Summary
from harvester.catalogue.query import FACETS, NOT, SORTS, Query, from_parameters, parse_years
from harvester.cli import options
from harvester.errors import COMPLETE, INCOMPLETE, UsageError
from harvester.files import write_whole
from harvester.model import Record
from harvester.results import Progress
from harvester.terminal import out, say

SHOWN_EVERY = 100
"""Records between two steps of a bar."""


def _facet_options(command: Callable[..., None]) -> Callable[..., None]:
    for word, before in (("without", NOT), ("with", "")):
        for facet in reversed(FACETS):
            name = before + facet
            command = click.option(
                f"--{name.replace('_', '-')}",
                name,
                metavar="VALUE",
                multiple=True,
                help=f"Only records {word} this {facet.replace('_', ' ')}; repeatable.",
            )(command)
    return command


@click.command("export")
@click.argument("format_", metavar="FORMAT")
@click.option("-q", "--query", default="", help="Words, as in the search box.")
@_facet_options
@click.option("--years", metavar="FROM-TO", help="Only these years, such as 2015-2020.")
@click.option("--sort", type=click.Choice(SORTS), help="The order of the records.")
@click.option("--works", is_flag=True, help="One entry for each publication, not for each copy.")
@click.option("--deleted", is_flag=True, help="Tombstones too (jsonl only, not of works).")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write to this file; it appears when it is whole.  [default: standard output]",
)
@click.pass_context
def export_(
    context: click.Context,
    /,
    format_: str,
    query: str,
    years: str | None,
    sort: str | None,
    works: bool,
    deleted: bool,
    output: Path | None,
    **chosen: tuple[str, ...],
) -> None:
    """Print records in a citation or data format: the whole catalogue, or what a query finds.

    Example: harvester export bibtex -q "action publique" --language fra -o found.bib
    """
    exporters = export.exporters()
    if format_ not in exporters:
        raise UsageError(f"there is no format {format_!r}: take one of {', '.join(exporters)}")
    if deleted and format_ != "jsonl":
        raise UsageError("tombstones have a place in jsonl only: leave out --deleted")
    if deleted and works:
        raise UsageError("tombstones are of records, not of works: leave out --deleted or --works")
    wanted = _query(query, years, sort, chosen)
    wanted = msgspec.structs.replace(wanted, works=works, deleted=deleted)
    installation = options.installation(context)
    with closing(open_for_reading(installation.directory)) as catalogue:
        write = exporters[format_].writer(installation.overlay)
        records = search.stream(catalogue, wanted)
        if output:
            options.spare_databases(installation, output)
            total = search.search(catalogue, wanted, limit=0).total
            with terminal.progress() as show:
                write_whole(write(_counted(records, output.name, total, show)), output)
        else:
            for chunk in write(records):
                sys.stdout.write(chunk)
            sys.stdout.flush()


def _counted(
    records: Iterator[Record], name: str, total: int, show: Callable[[Progress], None]
) -> Iterator[Record]:
    """Give the records, and show from time to time how many were given."""
    done = 0
    for done, record in enumerate(records, start=1):
        yield record
        if done % SHOWN_EVERY == 0:
            show(Progress(name, done, total))
    show(Progress(name, done, total))


def _query(
    words: str, years: str | None, sort: str | None, chosen: dict[str, tuple[str, ...]]
) -> Query:
    """Build a query as the page does, but refuse what the page would ignore."""
    if years and parse_years(years) is None:
        raise UsageError(f"--years {years!r} is no range of years such as 2015-2020")
    pairs = [("q", words), ("years", years or ""), ("sort", sort or "")]
    pairs += [(name, value) for name, values in chosen.items() for value in values]
    query = from_parameters(pairs)
    for name, values in chosen.items():
        facet = name.removeprefix(NOT)
        taken = query.facets if facet == name else query.excluded
        if len(taken.get(facet, ())) < len(set(values)):
            raise UsageError(f"--{name.replace('_', '-')} {' '.join(values)!r}: no such value")
    return query


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show every source: last complete harvest, records, what needs attention, what has drifted.

    Exits with 1 when something needs a person.

    Example: harvester status
    """
    installation = options.installation(context)
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        rows = sources_status(archive, running=workspace.is_writing(installation.directory))
    drifts = _drifts(installation.directory)
    if as_json:
        told = [
            {
                **msgspec.structs.asdict(row),
                "needs_attention": row.needs_attention,
                "drift": drifts[row.name].drift if row.name in drifts else [],
            }
            for row in rows
        ]
        click.echo(msgspec.json.encode(told))
    else:
        _show(rows)
        for name, summary in drifts.items():
            changes = (
                "1 thing is" if len(summary.drift) == 1 else f"{len(summary.drift)} things are"
            )
            say(
                f"{name}: {changes} otherwise than on {summary.since}; "
                f"`harvester quality {name}` tells them"
            )
    context.exit(INCOMPLETE if any(row.needs_attention for row in rows) else COMPLETE)


def _drifts(directory: Path) -> dict[str, Summary]:
    """Return the summaries of the sources that have drifted, by name.

    How harvests went is told even where the catalogue is missing or cannot be read.
    """
    try:
        catalogue = open_for_reading(directory)
    except UsageError:
        return {}
    with closing(catalogue):
        return {
            summary.report.source: summary for summary in quality.shown(catalogue) if summary.drift
        }


def _show(rows: list[SourceStatus]) -> None:
    """Print the sources as a table, and below it what is to be said of some."""
    table = terminal.table(
        "source", "state", "last complete", "records", "new", "changed", "touched", "deleted",
        "quarantine", "missing",
    )  # fmt: skip
    for row in rows:
        counts = (row.live, row.new, row.changed, row.touched, row.deleted)
        trouble = (row.quarantined, row.missing_identifiers or row.missing)
        table.add_row(
            row.name,
            row.state,
            row.last_complete or "never",
            *(f"{count:,}" for count in (*counts, *trouble)),
        )
    out.print(table)
    for row in sorted(rows, key=lambda row: not row.needs_attention):
        if row.reason or row.needs_attention:
            whom = "needs attention: " if row.needs_attention else ""
            say(f"{whom}{row.name}: {row.reason or row.state}")
