"""What every template of ours can use: the site, icons, and how numbers and texts are written."""

from __future__ import annotations

from pathlib import Path

import msgspec
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader

from harvester.explorer import coins, links
from harvester.explorer.icons import icon
from harvester.explorer.routes import static_path
from harvester.explorer.site import Site

TEMPLATES = Path(__file__).parent / "templates"


class About(msgspec.Struct, frozen=True):
    """What `metadata.yml` says of the site, for the head and the foot of its pages."""

    description: str
    text: str
    by: str
    url: str | None
    tables: str


def prepare(env: Environment, site: Site | None) -> None:
    """Add our templates and what they use; nothing where there is no site of ours.

    Templates of the same name in Datasette's `--template-dir` come before ours.
    """
    if site is None:
        return
    missing = DictLoader({"404.html": '{% extends "explorer/missing.html" %}'})
    theirs = [env.loader] if env.loader else []
    env.loader = ChoiceLoader([*theirs, FileSystemLoader(TEMPLATES), missing])
    env.filters["number"] = number
    env.filters["percent"] = percent
    env.filters["plain"] = links.plain
    env.filters["coins"] = lambda record: coins.context_object(record, site.overlay)
    env.globals["site"] = site
    env.globals["about"] = about(site)
    env.globals["icon"] = icon
    env.globals["static"] = lambda name: static_path(site, name)


def number(value: int) -> str:
    """A number with its thousands set apart."""
    return f"{value:,}"


def percent(share: float) -> str:
    """A share in percent; only all of something is 100 %, and only nothing of it 0 %."""
    if share in (0.0, 1.0):
        return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"
    return f"{min(max(share, 0.001), 0.999) * 100:.1f}\N{NO-BREAK SPACE}%"


def about(site: Site) -> About:
    """Read the foot of the pages from the metadata."""
    datasette = site.datasette
    return About(
        description=str(datasette.metadata("description") or ""),
        text=str(datasette.metadata("license") or ""),
        by=str(datasette.metadata("about") or "").rstrip("."),
        url=links.safe(str(datasette.metadata("about_url") or "")),
        tables=str(datasette.urls.database(site.database.name)),
    )
