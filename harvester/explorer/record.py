"""`/record/ID`: one publication, how to get it, how to cite it, and where its record comes from.

The id of a work leads to what the best of its copies say, that of a record to the one copy.
"""

from __future__ import annotations

import sqlite3
from urllib.parse import quote, unquote, urlencode

import msgspec
from datasette.utils.asgi import Request, Response

from harvester import links
from harvester.catalogue import alike, documents, works
from harvester.catalogue import search as searching
from harvester.catalogue.relations import Related, related
from harvester.explorer import citing, forms, meta, signposting, unapi
from harvester.explorer import copies as copying
from harvester.explorer.bounds import PAGE, bounded
from harvester.explorer.card import card, citation
from harvester.explorer.download import json_answer, one_record
from harvester.explorer.fields import details, provenance
from harvester.explorer.interface import gettext
from harvester.explorer.problem import no_such_form, not_found
from harvester.explorer.site import Site
from harvester.export import jsonld
from harvester.model import ENCODER, Note, Record
from harvester.normalise.rules import RULES

GONE = 410
SIMILAR = 5
MOST_CHARACTERS = 50_000
"""As much of an abstract is shown; the other forms of the record have the whole of it."""
ACCOUNT = "account"
"""The parameter that asks for all values as they were received."""


class Around(msgspec.Struct, frozen=True):
    """What the page of a record tells beside it.

    Attributes:
        account: how each of its values came about, where that was asked for.
        copies: the records of its work, where there are several.
        related: what it has to do with.
        similar: records on the same subjects.
    """

    account: list[Note]
    copies: list[works.Copy]
    related: list[Related]
    similar: list[Record]


async def record(site: Site, request: Request) -> Response:
    """Answer `/record/ID`, its other forms, and `/record/oai:…`."""
    asked = unquote(request.url_vars["name"])
    name, suffix = forms.split(asked)

    def ask(connection: sqlite3.Connection) -> tuple[Record | None, list[Record]]:
        found = searching.get(connection, name)
        if found is not None:
            return found, []
        # An identifier may itself end like a suffix: the whole of it first.
        # Those that carry it themselves come before copies whose origin carries it.
        return None, searching.by_oai_identifier(connection, asked) or (
            searching.by_oai_identifier(connection, name)
        )

    found, known = await site.read(ask)
    if found is None:
        if not known:
            return await nowhere(site, request, asked)
        own = [one for one in known if one.oai_identifier in (asked, name)] or known
        if len(own) == 1:
            return site.redirect(site.record_path(own[0].id, suffix))
        return await site.page(
            "several.html",
            request,
            identifier=asked,
            cards=[card(site, one) for one in own],
            unapi=unapi.server(site, request),
        )
    if found.id != name:  # the work that was asked for has become part of another, or one record
        return site.redirect(site.record_path(found.id, suffix))
    if suffix == forms.JSON_SUFFIX:
        return json_answer(site, ENCODER.encode(found), GONE if found.deleted else 200)
    if found.deleted:
        return await deleted(site, request, found)
    if suffix:
        file = links.file_name(found.citekey or found.id, suffix)
        answer = one_record(site, forms.by_suffix()[suffix], found, file)
        answer.headers["Link"] = signposting.of_form(site, request, found)
        return answer
    return await page(site, request, found)


async def nowhere(site: Site, request: Request, asked: str) -> Response:
    """There is no such record, or a record but no such form of it."""
    id_, dot, suffix = asked.partition(".")

    def ask(connection: sqlite3.Connection) -> Record | None:
        return searching.get(connection, id_)

    found = await site.read(ask)
    if dot and found:
        return await no_such_form(site, request, f".{suffix}")
    return await not_found(site, request, asked)


async def page(site: Site, request: Request, found: Record) -> Response:
    """The page of a live record."""
    whole, found = found, bounded(found, PAGE)
    shown = card(site, found, bounds=PAGE)
    permalink = site.absolute(request, shown.path)

    def ask(connection: sqlite3.Connection) -> Around:
        account = documents.account(connection, found.id) if ACCOUNT in request.args else []
        return Around(
            account,
            works.copies(connection, found.id),
            related(connection, found.id),
            alike.similar(connection, found, SIMILAR),
        )

    around = await site.read(ask)
    answer = await site.page(
        "record.html",
        request,
        card=shown,
        cite=await citing.box(site, request, [found], lambda name: in_style(site, found, name)),
        permalink=permalink,
        fields=details(site, found),
        provenance=provenance(site, found),
        forms=forms.forms(lambda suffix: site.record_path(found.id, suffix)),
        tags=meta.tags(found, permalink, site.overlay),
        canonical=permalink,
        jsonld=jsonld.script(found, permalink, site.overlay),
        unapi=unapi.server(site, request) if unapi.tells_more(found, site.overlay) else None,
        rules=RULES,
        account=around.account,
        account_path=account_path(site, found),
        copies=copying.of_record(site, around.copies, found),
        view=site.record_path(found.work) if found.work not in (None, found.id) else None,
        related=copying.others(site, around.related),
        similar=[card(site, one) for one in around.similar],
        report=report(site, found, permalink),
        most=MOST_CHARACTERS,
        rest=None if found is whole else site.record_path(found.id, forms.JSON_SUFFIX),
    )
    answer.headers["Link"] = signposting.of_page(site, request, found, shown.ways)
    return answer


def in_style(site: Site, found: Record, style: str) -> str:
    """The address of a record's page with its reference in a style."""
    return site.path(f"/record/{found.id}?{citing.PARAMETER}={quote(style)}") + "#cite"


def account_path(site: Site, found: Record) -> str | None:
    """The address of all values of a record as they were received; a work has only its copies'."""
    if found.id == found.work:
        return None
    return site.path(f"/record/{found.id}?{ACCOUNT}=all") + f"#{ACCOUNT}"


def report(site: Site, found: Record, permalink: str) -> str | None:
    """The address under which an error in a record can be told to its source.

    A letter to the source's contact, where the table of repositories names one; else the record's
    page at the repository; None where neither is known.
    """
    contact = site.contact(found.source)
    if contact is None:
        return next((way.url for way in links.ways(found) if not way.fulltext), None)
    subject = gettext("Error in the record %(identifier)s", identifier=found.oai_identifier or "")
    body = gettext(
        "Record: %(title)s\nOAI identifier: %(identifier)s\nSeen at: %(address)s\n\n"
        "What is wrong:\n",
        title=links.plain(found.title),
        identifier=found.oai_identifier or "",
        address=permalink,
    )
    letter = urlencode({"subject": links.plain(subject), "body": body}, quote_via=quote)
    return f"mailto:{quote(contact, safe='@')}?{letter}"


async def deleted(site: Site, request: Request, found: Record) -> Response:
    """What is left of a record that its repository withdrew."""
    return await site.page(
        "deleted.html",
        request,
        status=GONE,
        title=found.title,
        citation=citation(found) if found.title else "",
        source=site.labels.source(found.source),
        datestamp=found.datestamp,
        identifier=found.oai_identifier,
    )
