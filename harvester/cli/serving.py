"""Commands that show the catalogue: serve, demo."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import click

from harvester import pipeline, sample, terminal
from harvester.catalogue import open_for_reading, search
from harvester.cli import options
from harvester.results import Ask, exit_code
from harvester.settings import Settings
from harvester.terminal import say

if TYPE_CHECKING:
    from harvester.explorer.clients import Policy

DEMO_DIRECTORY = "db/demo"
DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 8001


@click.command()
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
    installation = options.installation(context, DEMO_DIRECTORY)
    options.log_to_file(context, installation)
    with sample.running() as providers, terminal.progress() as progress:
        results = pipeline.harvest(installation, list(providers.values()), Ask(), progress)
    pipeline.link(installation)
    for result in results:
        say(result.line())
    with closing(open_for_reading(installation.directory)) as catalogue:
        say(f"{search.counts(catalogue).records} records in {installation.directory}/catalogue.db")
    code = exit_code(results)
    if code or no_serve:
        context.exit(code)
    _serve(installation, DEFAULT_HOST, port)


@click.command()
@click.option("--host", default=DEFAULT_HOST, show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=DEFAULT_PORT, show_default=True, help="Port to listen on; 0 takes a free one."
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="A name that the site answers to, besides localhost; may be repeated.",
)
@click.option(
    "--trusted-proxy",
    "trusted_proxies",
    multiple=True,
    metavar="ADDRESS",
    help="A proxy before this server, or a network of them, whose X-Forwarded-For and "
    "X-Forwarded-Proto are believed; may be repeated.",
)
@click.option(
    "--limits/--no-limits",
    "limits",
    default=None,
    help="Hold the limits on searches and downloads for everybody, or for nobody.  "
    "[default: for all but this machine]",
)
@click.pass_context
def serve(
    context: click.Context,
    host: str,
    port: int,
    allowed_hosts: tuple[str, ...],
    trusted_proxies: tuple[str, ...],
    limits: bool | None,
) -> None:
    """Serve the catalogue with settings that are safe for a public site.

    Example: harvester serve --allowed-host literature.example.org --trusted-proxy 127.0.0.1
    """
    from harvester.explorer.clients import policy

    _serve(
        options.installation(context), host, port, policy(allowed_hosts, trusted_proxies, limits)
    )


def _serve(installation: Settings, host: str, port: int, policy: Policy | None = None) -> None:
    # Datasette takes longer to load than all the rest, and no other command needs it.
    from harvester.explorer import serve as explorer

    explorer.serve(
        installation.directory,
        host,
        port,
        policy,
        listening=lambda url: say(f"Serving on {url}"),
    )
