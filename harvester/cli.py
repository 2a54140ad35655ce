"""The command line: parses arguments, calls the pipeline or one stage, and prints."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple, NoReturn

import click
import msgspec
from rich.markup import escape

from harvester import __version__, export, pipeline, sample, settings, sources, stores, terminal
from harvester.archive import backup as backups
from harvester.archive import open_archive, runs
from harvester.catalogue import open_for_reading, search
from harvester.catalogue.query import FACETS, Query, from_parameters
from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER, HarvesterError, UsageError
from harvester.explorer import serve as explorer
from harvester.oai import address
from harvester.oai import check as checking
from harvester.oai.client import Client
from harvester.results import Ask, exit_code
from harvester.settings import Settings
from harvester.terminal import err, out, say, say_error

DEFAULT_DIRECTORY = "db"
DEMO_DIRECTORY = "demo"
DEFAULT_PORT = 8001


def main() -> NoReturn:
    """Run the command line; errors become one line on stderr and an exit code."""
    signal.signal(signal.SIGTERM, _stop)
    try:
        code = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        code = _say_stopped()
    except KeyboardInterrupt:
        code = _say_stopped()
    except click.ClickException as error:
        error.show()
        code = error.exit_code
    except HarvesterError as error:
        say_error(str(error))
        code = error.exit_code
    except BrokenPipeError:
        # The reader of a pipe has gone, such as `head`; the interpreter must not complain again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
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
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port to serve on; 0 takes a free one."
)
@click.pass_context
def demo(context: click.Context, no_serve: bool, host: str, port: int) -> None:
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
        out.print(f"{search.counts(catalogue).records} records in {directory}/catalogue.db")
    code = exit_code(results)
    if code or no_serve:
        context.exit(code)
    _serve(installation, host, port)


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
    found = sources.resolve(source, stores.all_sources(installation))
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
    known = stores.all_sources(installation)
    wanted = [sources.resolve(name, known) for name in names]
    if every:
        wanted += [source for source in stores.own_sources(installation) if source not in wanted]
    if not wanted:
        raise UsageError("name a source or a URL, or say --all; `harvester sources` lists them")
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
    source = sources.resolve(name, stores.all_sources(installation)) if name else None
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
    source = sources.resolve(name, stores.received_sources(installation)) if name else None
    left = pipeline.rebuild(installation, source)
    if terminal.is_watched():
        with closing(open_for_reading(installation.directory)) as catalogue:
            out.print(
                f"{search.counts(catalogue).records} records in the catalogue, {left} in quarantine"
            )


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
@click.argument("format_", metavar="FORMAT", type=click.Choice(sorted(export.exporters())))
@click.option("-q", "--query", default="", help="Words, as in the search box.")
@_facet_options
@click.option("--years", metavar="FROM-TO", help="Only these years, such as 2015-2020.")
@click.option("--sort", help="relevance, newest, oldest, title or added.")
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
    if deleted and format_ != "jsonl":
        raise UsageError("tombstones have a place in jsonl only: leave out --deleted")
    pairs = [("q", query)] + [(name, value) for name, values in chosen.items() for value in values]
    pairs += [(name, value) for name, value in (("years", years), ("sort", sort)) if value]
    wanted: Query = msgspec.structs.replace(from_parameters(pairs), deleted=deleted)
    installation = _settings(context)
    with closing(open_for_reading(installation.directory)) as catalogue:
        exporter = export.exporters()[format_]
        chunks = exporter.write(search.stream(catalogue, wanted))
        if output:
            export.write_file(chunks, output)
        else:
            for chunk in chunks:
                sys.stdout.write(chunk)


@cli.command()
@click.argument("key", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
@click.pass_context
def explain(context: click.Context, key: str, as_json: bool) -> None:
    """Say where every value of a record comes from: original, rule, result.

    ID is an id, a citation key or an OAI identifier.

    Example: harvester explain oai:orbi.ulg.ac.be:2268/231953
    """
    found = pipeline.explain(_settings(context), key)
    if not found:
        raise UsageError(f"no record has the id, citation key or OAI identifier {key!r}")
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
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
        rows = runs.status(archive)
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
    size = backups.backup(_settings(context).directory, file)
    if terminal.is_watched():
        out.print(f"{file}: {size / 1e6:.1f} MB")


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Put back what `backup` wrote; what is there now is backed up first.

    Example: harvester restore backup-monday.tar.zst
    """
    directory = _settings(context).directory
    with stores.alone(directory):
        before = backups.restore(directory, file)
    out.print(f"restored {file}" + (f"; what was there before is in {before}" if before else ""))


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
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
        installation.directory, host, port, listening=lambda url: out.print(f"Serving on {url}")
    )


def _files(paths: tuple[Path, ...]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("[!.]*") if file.is_file())
        else:
            yield path


def _warn_without_contact(installation: Settings, wanted: list[sources.Source]) -> None:
    if installation.config.contact or all(map(sources.is_loopback, wanted)):
        return
    err.print(
        "harvester: no contact address: write `contact: you@example.org` into "
        f"{installation.directory}/config.yml, so that a repository can reach you"
    )


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _say_stopped() -> int:
    say_error("stopped; what was received is kept, and the next run goes on from there")
    return TRY_LATER
