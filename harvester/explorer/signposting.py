"""`Link` headers that lead machines from a record's page to all around it (signposting.org)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlsplit

from datasette.utils.asgi import Request

from harvester import kinds, links
from harvester.explorer import forms
from harvester.explorer.site import Site
from harvester.export import jsonld
from harvester.links import Way
from harvester.model import Record

MOST_BYTES = 3000
"""nginx refuses an answer whose headers are longer than 4 kB altogether."""

ABOUT_PAGE = "https://schema.org/AboutPage"


def of_page(site: Site, request: Request, record: Record, ways: Iterable[Way]) -> str:
    """Write the header of a record's page.

    What matters most comes first, since a paper of a thousand authors does not fit.

    Args:
        site: the site.
        request: what was asked; it knows the site's address.
        record: a live record.
        ways: the links to the publication.
    """
    return joined(_of_page(site, request, record, ways))


def of_form(site: Site, request: Request, record: Record) -> str:
    """Write the header of another form of a record: which page it describes."""
    page = site.absolute(request, site.record_path(record.id))
    return joined([_link(page, "describes", "text/html"), _link(page, "canonical")])


def joined(found: Iterable[str]) -> str:
    """Join links as long as they fit."""
    header = ""
    for one in found:
        longer = f"{header}, {one}" if header else one
        if len(longer) > MOST_BYTES:
            break
        header = longer
    return header


def _of_page(site: Site, request: Request, record: Record, ways: Iterable[Way]) -> Iterator[str]:
    addresses = [one.url for one in links.identifiers(record.identifiers) if one.url]
    page = site.absolute(request, site.record_path(record.id))
    yield _link(addresses[0] if addresses else page, "cite-as")
    yield _link(f"{jsonld.CONTEXT}/{kinds.kind(record, site.overlay).schema}", "type")
    yield _link(ABOUT_PAGE, "type")
    for form in forms.forms(lambda suffix: site.record_path(record.id, suffix)):
        yield _link(site.absolute(request, form.path), "describedby", form.media_type)
    licence = record.rights.licence if record.rights else None
    if licence and (address := jsonld.license_address(licence)):
        yield _link(address, "license")
    for way in ways:
        if way.fulltext:
            pdf = urlsplit(way.url).path.lower().endswith(".pdf")
            yield _link(way.url, "item", "application/pdf" if pdf else "")
    for agent in record.creators:
        if address := links.orcid(agent.orcid):
            yield _link(address, "author")


def _link(url: str, rel: str, media_type: str = "") -> str:
    # Addresses that `links.safe` let through may hold letters beyond ASCII, which no header may.
    target = quote(url, safe="%/:?#[]@!$&'()*+,;=~")
    return f'<{target}>; rel="{rel}"' + (f'; type="{media_type}"' if media_type else "")
