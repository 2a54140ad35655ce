"""The command line: parses arguments, calls the pipeline or one stage, and prints."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, NoReturn

import click
import msgspec
from rich.markup import escape

from harvester import (
    __version__,
    address,
    export,
    pipeline,
    sample,
    settings,
    sources,
    terminal,
    workspace,
)
from harvester import backup as backups
from harvester.archive import open_archive, runs
from harvester.catalogue import open_for_reading, search
from harvester.catalogue.query import FACETS, SORTS, Query, from_parameters, parse_years
from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER, HarvesterError, UsageError
from harvester.explorer import serve as explorer
from harvester.oai import check as checking
from harvester.oai.client import Client
from harvester.oai.datestamps import read_datestamp
from harvester.results import Ask, exit_code
from harvester.settings import Settings
from harvester.terminal import out, say, say_error

DEFAULT_DIRECTORY = "db"
DEMO_DIRECTORY = "demo"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8001


def main() -> NoReturn:
    """Run the command line; errors become one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8")
    try:
        code = cli.main(standalone_mode=False)
    except (click.exceptions.Abort, KeyboardInterrupt):
        say_error("stopped; nothing that was received is lost")
        code = TRY_LATER
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        code = error.exit_code
    except click.ClickException as error:
        say_error(error.format_message())
        code = error.exit_code
    except HarvesterError as error:
        say_error(str(error))
        code = error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has gone, such as `head`; the interpreter must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = INCOMPLETE
    except (OSError, sqlite3.Error) as error:
        say_error(f"{error}: nothing that was received is lost; mend it and say the same again")
        code = INCOMPLETE
    sys.exit(code or COMPLETE)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="harvester")
@click.option(
    "--db",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    envvar="HARVESTER_DB",
    show_envvar=True,
    help="Folder of the data; made if missing.  [default: db]",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more, on stderr.")
@click.pass_context
def cli(context: click.Context, directory: Path | None, verbose: bool) -> None:
    """Harvest bibliographic records, understand them, search them, cite them.

    Try it with made-up repositories: harvester demo
    """
    context.obj = Options(directory, verbose)


class Options(NamedTuple):
    """What stands before the command."""

    directory: Path | None
    verbose: bool


def _settings(context: click.Context) -> Settings:
    return settings.load(context.obj.directory or Path(DEFAULT_DIRECTORY))


@cli.command()
@click.option("--no-serve", is_flag=True, help="Only harvest, do not serve the result.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port to serve on; 0 takes a free one."
)
@click.pass_context
def demo(context: click.Context, no_serve: bool, port: int) -> None:
    """Harvest three sample repositories on this machine, and serve the result.

    The data goes to db/demo unless --db names another folder. A second demo changes nothing.

    Example: harvester demo --port 8080
    """
    directory = context.obj.directory or Path(DEFAULT_DIRECTORY) / DEMO_DIRECTORY
    installation = settings.load(directory)
    _log(context, installation)
    with sample.running() as providers, terminal.progress() as progress:
        results = pipeline.harvest(installation, list(providers.values()), Ask(), progress)
    for result in results:
        say(result.line())
    with closing(open_for_reading(directory)) as catalogue:
        say(f"{search.counts(catalogue).records} records in {directory}/catalogue.db")
    code = exit_code(results)
    if code or no_serve:
        context.exit(code)
    _serve(installation, DEFAULT_HOST, port)


@cli.group("sources", invoke_without_command=True)
@click.pass_context
def sources_(context: click.Context) -> None:
    """List the catalogue of repositories.

    Own sources go into config.yml in the data folder.

    Example: harvester sources
    """
    if context.invoked_subcommand:
        return
    table = terminal.table(
        "name", "title", "country", "platform", "address", "remarks", wide=("title", "remarks")
    )
    for source in sorted(_settings(context).sources.values(), key=lambda source: source.name):
        remarks = source.access or {"unknown": "not seen answering", "closed": "closed"}.get(
            source.state, ""
        )
        table.add_row(
            source.name,
            escape(source.title),
            source.country or "",
            source.platform,
            escape(address.masked(source.urls[0])) if source.urls else "",
            escape(remarks),
        )
    out.print(table)


@sources_.command("check")
@click.argument("source")
@click.pass_context
def sources_check(context: click.Context, source: str) -> None:
    """Ask one repository what it can do, and report in plain words.

    Example: harvester sources check orbi
    """
    installation = _settings(context)
    found = sources.resolve(source, workspace.all_sources(installation))
    if not found.urls:
        raise UsageError(f"{found.name} has no OAI-PMH server: its pages are imported")
    report = checking.check(
        Client(
            found.urls[0],
            contact=installation.config.contact,
            politeness=installation.config.politeness,
            auth=installation.credentials(found.name),
        )
    )
    for line in checking.lines(report):
        say(line)
    context.exit(INCOMPLETE if report.problems else COMPLETE)


@cli.command()
@click.argument("names", metavar="[NAME|URL]...", nargs=-1)
@click.option(
    "--all", "every", is_flag=True, help="Every source harvested before or in config.yml."
)
@click.option(
    "--prefix", help="Metadata prefix.  [default: the richest that the source is known for]"
)
@click.option("--set", "set_spec", help="Only this set (setSpec).")
@click.option("--from", "from_", metavar="DATE", help="Only records changed since (YYYY-MM-DD).")
@click.option("--until", metavar="DATE", help="Only records changed until.")
@click.option("--full", is_flag=True, help="Everything, not only what is new.")
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def harvest(
    context: click.Context,
    names: tuple[str, ...],
    every: bool,
    prefix: str | None,
    set_spec: str | None,
    from_: str | None,
    until: str | None,
    full: bool,
    as_json: bool,
) -> None:
    """Harvest what is new since the last complete run, the whole way into the catalogue.

    A URL that is in no catalogue is harvested under a name made from it. Without a terminal
    nothing is printed on success; the lines are in harvest.log.

    Example: harvester harvest orbi --set class_h10
    """
    installation = _settings(context)
    known = workspace.all_sources(installation)
    wanted = [sources.resolve(name, known) for name in names]
    if every:
        wanted += workspace.own_sources(installation)
    wanted = list({source.name: source for source in wanted}.values())
    if not wanted:
        raise UsageError("name a source or a URL, or say --all; `harvester sources` lists them")
    _check_dates(from_, until, full=full)
    _log(context, installation)
    _warn_without_contact(installation, wanted)
    with terminal.progress() as progress:
        ask = Ask(prefix, set_spec, from_, until, full)
        results = pipeline.harvest(installation, wanted, ask, progress)
    if as_json:
        click.echo(msgspec.json.encode(results))
    terminal.report(results, also_success=terminal.is_watched() and not as_json)
    context.exit(exit_code(results))


@cli.command("import")
@click.option("--source", "name", metavar="NAME", help="Whose records they are.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def import_(context: click.Context, name: str | None, paths: tuple[Path, ...]) -> None:
    """Take records from files: OAI-PMH answers, single records, portal pages (text or HTML).

    Folders are taken with all that is in them. The source is found in the file unless named.

    Example: harvester import page.html answers/
    """
    installation = _settings(context)
    source = sources.resolve(name, workspace.all_sources(installation)) if name else None
    _log(context, installation)
    results = pipeline.import_files(installation, _files(paths), source)
    terminal.report(results, also_success=terminal.is_watched())
    context.exit(exit_code(results))


@cli.command()
@click.option("--source", "name", metavar="NAME", help="Only records of this source.")
@click.option("--all", "every", is_flag=True, help="Records of every source.")
@click.pass_context
def normalise(context: click.Context, name: str | None, every: bool) -> None:
    """Rebuild records from the archive, offline; retry what is in quarantine.

    Needed after a table in schemas/ was changed, or when catalogue.db was deleted.

    Example: harvester normalise --all
    """
    if bool(name) == every:
        raise UsageError("say --all, or which source with --source NAME")
    installation = _settings(context)
    _log(context, installation)
    known = workspace.received_sources(installation)
    if not known:
        raise UsageError(f"{installation.directory} holds nothing to rebuild: harvest first")
    source = sources.resolve(name, known) if name else None
    left = pipeline.rebuild(installation, source)
    if terminal.is_watched():
        with closing(open_for_reading(installation.directory)) as catalogue:
            count = search.counts(catalogue).records
            say(f"{count} records in the catalogue, {left} in quarantine")


def _log(context: click.Context, installation: Settings) -> None:
    terminal.log_to(installation.directory, verbose=context.obj.verbose)


def _facet_options(command: Callable[..., None]) -> Callable[..., None]:
    for facet in reversed(FACETS):
        command = click.option(
            f"--{facet.replace('_', '-')}",
            facet,
            metavar="VALUE",
            multiple=True,
            help=f"Only records with this {facet.replace('_', ' ')}; repeatable.",
        )(command)
    return command


@cli.command("export")
@click.argument("format_", metavar="FORMAT")
@click.option("-q", "--query", default="", help="Words, as in the search box.")
@_facet_options
@click.option("--years", metavar="FROM-TO", help="Only these years, such as 2015-2020.")
@click.option("--sort", type=click.Choice(SORTS), help="The order of the records.")
@click.option("--deleted", is_flag=True, help="Tombstones too (jsonl only).")
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
    wanted = _query(query, years, sort, chosen)
    wanted = msgspec.structs.replace(wanted, deleted=deleted)
    installation = _settings(context)
    with closing(open_for_reading(installation.directory)) as catalogue:
        chunks = exporters[format_].write(search.stream(catalogue, wanted))
        if output:
            _spare_databases(installation, output)
            export.write_file(chunks, output)
        else:
            for chunk in chunks:
                sys.stdout.write(chunk)
            sys.stdout.flush()


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
        if len(query.facets.get(name, ())) < len(set(values)):
            raise UsageError(f"--{name.replace('_', '-')} {' '.join(values)!r}: no such value")
    return query


@cli.command()
@click.argument("key", metavar="ID")
@click.pass_context
def explain(context: click.Context, key: str) -> None:
    """Say where every value of a record comes from: original, rule, result.

    ID is an id, a citation key or an OAI identifier.

    Example: harvester explain oai:orbi.ulg.ac.be:2268/231953
    """
    found = pipeline.explain(_settings(context), key)
    if not found:
        raise UsageError(f"no record has the id, citation key or OAI identifier {key!r}")
    for understood in found:
        record = understood.record
        say(f"{record.id}  {record.title or '(no title)'}")
        table = terminal.table(
            "field", "element", "rule", "sure", "original", "result", wide=("original", "result")
        )
        for note in understood.trace:
            told = (note.field, note.element, note.rule, f"{note.certainty:.0%}")
            table.add_row(*map(escape, (*told, note.original, note.result or "(dropped)")))
        out.print(table)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print the status as JSON.")
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:
    """Show every source: last complete harvest, records, what needs attention.

    Exits with 1 when something needs a person.

    Example: harvester status
    """
    installation = _settings(context)
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        rows = runs.status(archive, running=workspace.is_writing(installation.directory))
    if as_json:
        click.echo(msgspec.json.encode(rows))
    else:
        table = terminal.table(
            "source", "state", "last complete", "records", "deleted", "quarantine"
        )
        for row in rows:
            counts = (row.live, row.gone, row.quarantined)
            table.add_row(row.name, row.state, row.last_complete or "never", *map(str, counts))
        out.print(table)
        for row in rows:
            if row.reason:
                say(f"{row.name}: {row.reason}")
    context.exit(INCOMPLETE if any(row.needs_attention for row in rows) else COMPLETE)


@cli.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Write both databases into one file, also while a harvest runs.

    Example: harvester backup backup-monday.tar.zst
    """
    installation = _settings(context)
    _spare_databases(installation, file)
    size = backups.backup(installation.directory, file)
    if terminal.is_watched():
        say(f"{file}: {size / 1e6:.1f} MB")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Put back what `backup` wrote; what is there now is backed up first.

    Example: harvester restore backup-monday.tar.zst
    """
    directory = _settings(context).directory
    with workspace.alone(directory):
        before = backups.restore(directory, file)
    say(f"restored {file}" + (f"; what was there before is in {before}" if before else ""))


@cli.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.pass_context
def serve(context: click.Context, host: str, port: int) -> None:
    """Serve the catalogue with settings that are safe for a public site.

    Example: harvester serve --port 8080
    """
    _serve(_settings(context), host, port)


def _serve(installation: Settings, host: str, port: int) -> None:
    explorer.serve(
        installation.directory, host, port, listening=lambda url: say(f"Serving on {url}")
    )


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = ((file, file.relative_to(path).parts) for file in path.rglob("*"))
            yield from sorted(
                file
                for file, parts in inside
                if file.is_file() and not any(part.startswith(".") for part in parts)
            )
        else:
            yield path


def _check_dates(from_: str | None, until: str | None, *, full: bool) -> None:
    for option, value in (("--from", from_), ("--until", until)):
        if value is not None and read_datestamp(value) is None:
            raise UsageError(f"{option} {value!r} is no date such as 2024-01-31")
    if from_ and until and from_ > until:
        raise UsageError(f"--from {from_} is later than --until {until}")
    if full and from_:
        raise UsageError("--full asks for everything: leave out --from")


def _spare_databases(installation: Settings, file: Path) -> None:
    if file.resolve() in {(installation.directory / name).resolve() for name in backups.DATABASES}:
        raise UsageError(f"{file} is a database of this catalogue: choose another name")


def _warn_without_contact(installation: Settings, wanted: list[sources.Source]) -> None:
    if installation.config.contact or all(map(sources.is_loopback, wanted)):
        return
    say_error(
        "no contact address: write `contact: you@example.org` into "
        f"{installation.directory}/config.yml, so that a repository can reach you"
    )


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
