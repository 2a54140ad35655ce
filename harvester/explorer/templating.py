"""What every template of ours can use: the site, icons, and how numbers and texts are written."""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
from markupsafe import escape

from harvester import links
from harvester.explorer import coins, interface, labels
from harvester.explorer.icons import icon
from harvester.explorer.interface import N_
from harvester.explorer.routes import static_path
from harvester.explorer.site import Site

TEMPLATES = Path(__file__).parent / "templates"


SHIPPED = (
    N_("Social-science literature of the Benelux"),
    N_(
        "Publications of the repositories of Belgium, the Netherlands and Luxembourg, harvested "
        "over OAI-PMH, brought into one form, to be searched and cited."
    ),
    N_(
        "The records are metadata of the repositories named in them as their source. Whether and "
        "how they may be reused is for each repository to say; the publications themselves have "
        "licences of their own, which a record names where its source does."
    ),
    N_("Harvested over OAI-PMH with benelux-harvester"),
)
"""What the shipped `metadata.yml` says, so that it is translated."""


class About:
    """What `metadata.yml` says of the site, for the head and the foot of its pages.

    What is shipped is there in every language; what an installation writes stays as it is.
    """

    def __init__(self, site: Site) -> None:
        self._site = site

    @property
    def description(self) -> str:
        """What the catalogue is, in one sentence."""
        return self._told("description")

    @property
    def text(self) -> str:
        """The terms of the records."""
        return self._told("license")

    @property
    def by(self) -> str:
        """Who made it, without a full stop."""
        return self._told("about").rstrip(".")

    @property
    def url(self) -> str | None:
        """The address of those who run it."""
        return links.safe(self._told("about_url"))

    @property
    def tables(self) -> str:
        """The address of Datasette's own page of the catalogue."""
        datasette = self._site.datasette
        return str(datasette.urls.database(self._site.database.name))

    def _told(self, name: str) -> str:
        text = " ".join(str(self._site.datasette.metadata(name) or "").split())
        return interface.gettext(text) if text else ""


def prepare(env: Environment, site: Site | None) -> None:
    """Add our templates and what they use; nothing where there is no site of ours.

    Templates of the same name in Datasette's `--template-dir` come before ours.
    """
    if site is None:
        return
    missing = DictLoader({"404.html": '{% extends "explorer/missing.html" %}'})
    theirs = [env.loader] if env.loader else []
    env.loader = ChoiceLoader([*theirs, FileSystemLoader(TEMPLATES), missing])
    env.add_extension("jinja2.ext.i18n")
    env.policies["ext.i18n.trimmed"] = True
    # Extensions are not known to Jinja's types.
    env.install_gettext_callables(  # type: ignore[attr-defined]
        interface.gettext, interface.catalogued, newstyle=True
    )
    env.filters["number"] = interface.decimal
    env.filters["percent"] = interface.percent
    env.filters["day"] = interface.day
    env.filters["moment"] = interface.moment
    env.filters["capital"] = labels.capital
    env.filters["field"] = labels.field
    env.filters["plain"] = links.plain
    env.filters["coins"] = lambda record: coins.context_object(record, site.overlay)
    env.globals["reading"] = interface.reading
    env.globals["mark"] = escape
    env.globals["site"] = site
    env.globals["about"] = About(site)
    env.globals["icon"] = icon
    env.globals["static"] = lambda name: static_path(site, name)
