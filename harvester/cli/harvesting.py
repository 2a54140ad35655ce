"""Commands that bring records: sources, harvest, import."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.markup import escape

from harvester import address, pipeline, sources, terminal, workspace
from harvester.cli import options, stopping
from harvester.errors import COMPLETE, INCOMPLETE, TryLaterError, UsageError
from harvester.oai.check import report
from harvester.oai.datestamps import read_datestamp
from harvester.results import Ask, exit_code
from harvester.settings import Settings
from harvester.terminal import out, say, say_error


@click.group("sources", invoke_without_command=True)
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
    for source in sorted(
        options.installation(context).sources.values(), key=lambda source: source.name
    ):
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
@click.argument("source", metavar="NAME|URL")
@click.option(
    "--lang",
    type=click.Choice(report.LANGUAGES),
    default="en",
    show_default=True,
    help="The language of the report.",
)
@click.option("--letter", is_flag=True, help="A letter to the repository, with what would help.")
@click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
@click.pass_context
def sources_check(
    context: click.Context, source: str, lang: str, letter: bool, as_json: bool
) -> None:
    """Ask one repository what it really does, and report in plain words.

    What a harvest has to know of it is remembered. Exits with 1 when records would be missing.

    Example: harvester sources check orbi --lang fr --letter
    """
    installation = options.installation(context)
    found = sources.resolve(source, workspace.all_sources(installation))
    if not found.urls:
        raise UsageError(f"{found.name} has no OAI-PMH server: its pages are imported")
    checked = pipeline.check_source(installation, found)
    if as_json:
        click.echo(msgspec.json.encode(checked))
    else:
        contact = installation.config.contact
        for line in report.lines(checked, lang, contact, letter, installation.overlay):
            say(line)
    try:
        pipeline.remember_quirks(installation, found, checked)
    except TryLaterError as error:
        say_error(f"what was found was not remembered: {error}")
    context.exit(INCOMPLETE if checked.problems else COMPLETE)


@click.command()
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
@click.option(
    "--reconcile",
    is_flag=True,
    help="Then compare with what the server lists, and delete what it no longer does.",
)
@click.option(
    "--accept-deletions",
    is_flag=True,
    help="With --reconcile: delete also more than 10 % or 500 records of a source.",
)
@click.option(
    "--from-origin",
    is_flag=True,
    help="Instead: fetch the undamaged originals of the records that an aggregator or a portal "
    "handed on, one by one, from the repositories that they come from.",
)
@click.option(
    "--jobs",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="Harvest from N hosts at once.",
)
@click.option("--max-time", metavar="TIME", help="End in good order after 2h, 90m, 1:30 …")
@click.option(
    "--between", metavar="HOURS", help="Ask servers only at these hours, such as 22:00-06:00."
)
@click.option("--json", "as_json", is_flag=True, help="Print the results as JSON.")
@click.pass_context
def harvest(
    context: click.Context,
    /,
    names: tuple[str, ...],
    every: bool,
    jobs: int,
    max_time: str | None,
    between: str | None,
    as_json: bool,
    **asked: Any,  # noqa: ANN401 - the fields of an Ask
) -> None:
    """Harvest what is new since the last complete run, the whole way into the catalogue.

    A URL that is in no catalogue is harvested under a name made from it. A harvest that was ended
    by a signal, --max-time or --between goes on the next time where it ended. Without a terminal
    only what a person should read is printed; every line is in harvest.log.

    Example: harvester harvest --all --jobs 4 --between 22:00-06:00
    """
    installation = options.installation(context)
    known = workspace.all_sources(installation)
    wanted = [sources.resolve(name, known) for name in names]
    if every and asked["from_origin"]:
        wanted += workspace.received_sources(installation).values()
    elif every:
        wanted += workspace.own_sources(installation)
    wanted = list({source.name: source for source in wanted}.values())
    if not wanted:
        raise UsageError("name a source or a URL, or say --all; `harvester sources` lists them")
    ask = Ask(as_before=every, **asked)
    _check(ask)
    options.log_to_file(context, installation)
    started = time.monotonic()
    try:
        stop = stopping.until(max_time, between, datetime.now().astimezone())
        _warn_without_contact(installation, wanted)
        with stopping.by_signals(stop), terminal.progress() as progress:
            results = pipeline.harvest(installation, wanted, ask, progress, jobs=jobs, stop=stop)
    except (stopping.OutsideHoursError, workspace.LockedError) as error:
        if as_json:
            click.echo("[]")
        terminal.report_later(error)
        context.exit(error.exit_code)
    if as_json:
        click.echo(msgspec.json.encode(results))
    terminal.report(results, time.monotonic() - started, also_success=not as_json)
    if ask.from_origin and not results and terminal.is_watched():
        say("no record lacks an original that can be asked for")
    context.exit(exit_code(results))


@click.command("import")
@click.option("--source", "name", metavar="NAME", help="Whose records they are.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def import_(context: click.Context, name: str | None, paths: tuple[Path, ...]) -> None:
    """Take records from files: OAI-PMH answers, single records, portal pages (text or HTML).

    Folders are taken with all that is in them. The source is found in the file unless named.

    Example: harvester import page.html answers/
    """
    installation = options.installation(context)
    source = None
    if name is not None:
        source = sources.resolve(name, workspace.all_sources(installation))
    options.log_to_file(context, installation)
    started = time.monotonic()
    results = pipeline.import_files(installation, options.files(paths), source)
    terminal.report(results, time.monotonic() - started)
    context.exit(exit_code(results))


def _check(ask: Ask) -> None:
    """Refuse what means nothing.

    Raises:
        UsageError: which option, and why.
    """
    for option, value in (("--from", ask.from_), ("--until", ask.until)):
        if value is not None and read_datestamp(value) is None:
            raise UsageError(f"{option} {value!r} is no date such as 2024-01-31")
        if value is not None and ask.reconcile:
            raise UsageError(f"--reconcile compares everything: leave out {option}")
    if ask.from_ and ask.until and ask.from_ > ask.until:
        raise UsageError(f"--from {ask.from_} is later than --until {ask.until}")
    bounds = {
        "--from": ask.from_, "--until": ask.until, "--prefix": ask.prefix, "--set": ask.set_spec
    }  # fmt: skip
    for option, value in bounds.items():
        if value is not None and ask.from_origin:
            raise UsageError(f"--from-origin asks for single records: leave out {option}")
    if ask.reconcile and ask.from_origin:
        raise UsageError(
            "--reconcile compares lists, --from-origin asks for single records: say one"
        )
    if ask.full and ask.from_:
        raise UsageError("--full asks for everything: leave out --from")
    if ask.accept_deletions and not ask.reconcile:
        raise UsageError("--accept-deletions means nothing without --reconcile")


def _warn_without_contact(installation: Settings, wanted: list[sources.Source]) -> None:
    if installation.config.contact or all(map(sources.is_loopback, wanted)):
        return
    terminal.warn(
        "no contact address: write `contact: you@example.org` into "
        f"{installation.directory}/config.yml, so that a repository can reach you"
    )
