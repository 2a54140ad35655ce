"""Commands that understand records again and group them: normalise, lexicon, explain, link."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click
from rich.markup import escape

from harvester import pipeline, sources, terminal, workspace
from harvester.catalogue import open_for_reading, search
from harvester.cli import options
from harvester.errors import UsageError
from harvester.normalise import lexicon
from harvester.terminal import out, say

SHOWN = 200
"""Characters of a value that an example of a change shows."""


@click.command()
@click.option("--source", "name", metavar="NAME", help="Only records of this source.")
@click.option("--all", "every", is_flag=True, help="Records of every source.")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would change, with examples.")
@click.pass_context
def normalise(context: click.Context, name: str | None, every: bool, dry: bool) -> None:
    """Rebuild records from the archive, offline; retry what is in quarantine.

    Needed after a table in schemas/ was changed, or when catalogue.db was deleted. --dry-run
    compares what the tables make of the records today with the catalogue, and writes nothing.

    Example: harvester normalise --all --dry-run
    """
    if bool(name) == every:
        raise UsageError("say --all, or which source with --source NAME")
    installation = options.installation(context)
    known = workspace.received_sources(installation)
    if not known:
        raise UsageError(f"{installation.directory} holds nothing to rebuild: harvest first")
    source = sources.resolve(name, known) if name else None
    if dry:
        _show_preview(pipeline.preview(installation, source))
        return
    options.log_to_file(context, installation)
    left = pipeline.rebuild(installation, source)
    if terminal.is_watched():
        with closing(open_for_reading(installation.directory)) as catalogue:
            count = search.counts(catalogue).records
            say(f"{count} records in the catalogue, {left} in quarantine")


def _show_preview(found: pipeline.Preview) -> None:
    say(f"{found.changed:,} of {found.records:,} records would change")
    others = {
        "are new to the catalogue": found.added,
        "cannot be understood any more": found.lost,
        "would come about in another way, with the same values": found.retold,
    }
    for what, count in others.items():
        if count:
            say(f"{count:,} {what}")
    if not found.fields:
        return
    table = terminal.table(
        "field", "records", "before", "after", "example", wide=("before", "after")
    )
    for field in found.fields:
        table.add_row(field.name, f"{field.records:,}", "", "", "")
        for change in field.changes:
            texts = (change.before or "(nothing)", change.after or "(nothing)", change.example)
            table.add_row("", f"{change.records:,}", *(escape(text[:SHOWN]) for text in texts))
    out.print(table)


@click.command("lexicon")
@click.option(
    "--least",
    type=click.IntRange(min=1),
    default=lexicon.LEAST,
    show_default=True,
    help="In how many records a phrase must be.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The table to write.  [default: schemas/phrases.yml of the data folder]",
)
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.pass_context
def lexicon_(
    context: click.Context, least: int, output: Path | None, paths: tuple[Path, ...]
) -> None:
    """Learn phrases with commas from whole records: what was harvested, or files of answers.

    BASE cuts subjects at commas; what was learned from records of the repositories themselves is
    put together again. Then say `harvester normalise --all`.

    Example: harvester lexicon --least 3
    """
    installation = options.installation(context)
    file = output or installation.overlay / "phrases.yml"
    learned = pipeline.learn_phrases(installation, options.files(paths), least=least, output=file)
    if terminal.is_watched():
        say(f"{file}: {len(learned.phrases):,} phrases from {learned.records:,} records")


@click.command()
@click.argument("key", metavar="ID")
@click.argument("other", metavar="[OTHER]", required=False)
@click.pass_context
def explain(context: click.Context, key: str, other: str | None) -> None:
    """Say where every value of a record comes from: original, rule, result.

    ID is an id, a citation key or an OAI identifier. With the id of another record: how alike the
    two are, feature by feature, and whether they are taken for one publication.

    Example: harvester explain oai:orbi.ulg.ac.be:2268/231953
    """
    if other is not None:
        _explain_pair(pipeline.explain_pair(options.installation(context), key, other))
        return
    found = pipeline.explain(options.installation(context), key)
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


def _explain_pair(found: pipeline.Compared) -> None:
    evidence = found.evidence
    say(f"{found.one.id} and {found.other.id}")
    table = terminal.table("feature", "value", "weight", "counts")
    for name, value in evidence.features.items():
        weight = found.weights.of(name)
        if value and weight:
            table.add_row(name, f"{value:.2f}", f"{weight:+.2f}", f"{value * weight:+.2f}")
    table.add_row("(always)", "", "", f"{found.weights.bias:+.2f}")
    table.add_row("sum", "", "", f"{evidence.score:+.2f}")
    out.print(table)
    if evidence.veto:
        say(f"two publications whatever the sum says: {evidence.veto}")
    else:
        say("above 0: one publication" if evidence.score > 0 else "not above 0: two publications")
    if found.decided is not None:
        say(f"a librarian decided: {'one publication' if found.decided else 'two publications'}")
    say("they stand in one work" if found.together else "they do not stand in one work")


@click.command()
@click.option("--all", "every", is_flag=True, help="Look for copies of every record anew.")
@click.option(
    "--confirm", nargs=2, metavar="A B", help="Two records are one publication, for good."
)
@click.option("--split", nargs=2, metavar="A B", help="Two records are never one publication.")
@click.option("--undo", nargs=2, metavar="A B", help="Take back what was said of two records.")
@click.pass_context
def link(
    context: click.Context,
    every: bool,
    confirm: tuple[str, str] | None,
    split: tuple[str, str] | None,
    undo: tuple[str, str] | None,
) -> None:
    """Group the copies of one publication into works.

    Said once, every later harvest does it for what it brings. Nothing is merged away: each record
    stays, and `harvester explain A B` says how alike two are. A and B are ids, citation keys or OAI
    identifiers; what is decided of them outlasts every rebuild.

    Example: harvester link --split orbi-1a2b3c4d5e base-5f6g7h8j9k
    """
    asked = [pair for pair in (confirm, split, undo) if pair]
    if len(asked) + every > 1:
        raise UsageError("say one thing at a time: --all, --confirm, --split or --undo")
    installation = options.installation(context)
    if not workspace.received_sources(installation):
        raise UsageError(f"{installation.directory} holds no records yet: harvest first")
    options.log_to_file(context, installation)
    if asked:
        same = None if undo else bool(confirm)
        one, other = pipeline.decide(installation, *asked[0], same=same)
        if terminal.is_watched():
            done = {True: "are one publication", False: "are two publications", None: "are left"}
            say(f"{one.id} and {other.id} {done[same]}" + (" to the rules" if undo else ""))
        return
    with terminal.progress() as tell:
        found = pipeline.link(installation, every=every, tell=tell)
    if terminal.is_watched():
        say(
            f"{found.records:,} records looked at: "
            f"{found.copies:,} records are copies of {found.works:,} publications"
        )
