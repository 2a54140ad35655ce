"""Every command in its place, and what becomes of errors."""

from __future__ import annotations

import io
import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import NoReturn

import click

from harvester import __version__
from harvester.cli import harvesting, keeping, quality, reading, serving, understanding
from harvester.cli.options import Options
from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER, HarvesterError
from harvester.terminal import say_error


def run() -> int:
    """Run the command that the arguments name, and return its exit code."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
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
    return code or COMPLETE


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


for command in (
    harvesting.sources_,
    harvesting.harvest,
    harvesting.import_,
    understanding.normalise,
    understanding.link,
    understanding.lexicon_,
    reading.export_,
    understanding.explain,
    reading.status,
    quality.quality,
    keeping.backup,
    keeping.restore,
    keeping.archive,
    keeping.suppress,
    keeping.cron,
    serving.demo,
    serving.serve,
):
    cli.add_command(command)


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt
