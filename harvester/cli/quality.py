"""The command that tells how well records are understood, source by source."""

from __future__ import annotations

from collections.abc import Sequence

import click
import msgspec
from rich.markup import escape
from rich.table import Table

from harvester import pipeline, sources, terminal, workspace
from harvester.catalogue.quality import Summary, commonest
from harvester.catalogue.report import Report
from harvester.cli import options
from harvester.errors import UsageError
from harvester.normalise.rules import FALLBACKS, RULES
from harvester.terminal import out, say

OVERVIEW = ("title", "creators", "issued", "type", "languages", "keywords", "abstracts")
"""The fields whose shares stand in the table of all sources."""
EXAMPLES = 5
"""So many values of each fallback rule are shown; `--list` shows all."""


@click.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the whole report as JSON.")
@click.option("--list", "rule", metavar="RULE", help="List every value that this rule gave up on.")
@click.pass_context
def quality(context: click.Context, name: str | None, as_json: bool, rule: str | None) -> None:
    """Tell how well the records of each source are understood, and what has drifted.

    With NAME, of one source: the share of its records with each field, of its values that are
    understood, and the values that are not, the commonest first. What has drifted is told against
    the last report of an earlier day.

    Example: harvester quality orbi --list types.unknown
    """
    if rule is not None and rule not in FALLBACKS:
        raise UsageError(f"--list {rule!r}: take one of {', '.join(sorted(FALLBACKS))}")
    installation = options.installation(context)
    if name is not None:
        name = sources.resolve(name, workspace.all_sources(installation)).name
    summaries = pipeline.assess(installation, name)
    if rule is not None:
        _list(summaries, rule, as_json=as_json)
    elif as_json:
        click.echo(msgspec.json.encode(summaries))
    elif name is not None:
        _show(summaries[0])
    else:
        _overview(summaries)


def _list(summaries: Sequence[Summary], rule: str, *, as_json: bool) -> None:
    """Print every value that a rule gave up on, the commonest of each source first."""
    found = [
        {"source": summary.report.source, **msgspec.structs.asdict(one)}
        for summary in summaries
        for one in summary.report.unknown
        if one.rule == rule
    ]
    if as_json:
        click.echo(msgspec.json.encode(found))
        return
    table = terminal.table("source", "records", "value", "for example", wide=("value",))
    for row in found:
        counted = (row["source"], f"{row['records']:,}", row["value"], row["example"])
        table.add_row(*map(escape, counted))
    out.print(table)


def _overview(summaries: Sequence[Summary]) -> None:
    """Print a line a source."""
    table = terminal.table("source", "records", *OVERVIEW, "understood", "drift")
    for summary in summaries:
        report = summary.report
        shares = (*(report.share(field) for field in OVERVIEW), report.understood)
        drift = f"{len(summary.drift)} since {summary.since}" if summary.drift else ""
        table.add_row(report.source, f"{report.records:,}", *map(_percent, shares), drift)
    out.print(table)


def _show(summary: Summary) -> None:
    """Print everything about one source."""
    report = summary.report
    say(f"{report.source}: {report.records:,} records, {_percent(report.understood)} understood")
    if report.counted < report.records:
        say(
            f"{report.records - report.counted:,} of them are not counted, because an earlier "
            "version understood them: run `harvester normalise --all`"
        )
    fields = terminal.table("field", "records", "share")
    for field in report.fields:
        fields.add_row(field.field, f"{field.records:,}", _percent(field.share))
    elements = terminal.table("element", "values", "unused", "understood", "share")
    for one in report.elements:
        counts = (f"{count:,}" for count in (one.values, one.unused, one.understood))
        share = _percent(one.share) if one.values > one.unused else ""
        elements.add_row(escape(one.element), *counts, share)
    for table in (fields, elements, _fallbacks(report)):
        out.print()
        out.print(table)
    say("")
    for change in summary.drift:
        say(f"since {summary.since}: {change.told}")
    if not summary.drift:
        say(f"no drift since {summary.since}" if summary.since else "there is no earlier report")


def _fallbacks(report: Report) -> Table:
    """Make a table of the fallback rules, each with the commonest of its values."""
    table = terminal.table(
        "not understood", "values", "share", "for example", wide=("for example",)
    )
    for rule in report.rules:
        if rule.fallback:
            table.add_row(
                rule.rule, f"{rule.values:,}", _percent(rule.share), RULES[rule.rule].what
            )
            unknown = [one for one in report.unknown if one.rule == rule.rule]
            for one in commonest(unknown, EXAMPLES):
                table.add_row("", f"{one.records:,}", "", escape(f"{one.value} ({one.example})"))
    return table


def _percent(share: float) -> str:
    """Write a share so that only all is 100 %."""
    return f"{min(share, 0.999) if share < 1 else share:.1%}"
