"""`/opensearch.xml`: by it a browser adds the catalogue to its search bar (OpenSearch 1.1)."""

from __future__ import annotations

from typing import Any

from datasette.utils.asgi import Request, Response
from lxml import etree

from harvester.explorer import feed
from harvester.explorer.forms import FEED_SUFFIX
from harvester.explorer.site import Site

PATH = "/opensearch.xml"
MEDIA_TYPE = "application/opensearchdescription+xml"

_NAMESPACE = "http://a9.com/-/spec/opensearch/1.1/"
# What the specification allows at most.
_SHORT_NAME, _LONG_NAME, _DESCRIPTION = 16, 48, 1024


async def opensearch(site: Site, request: Request) -> Response:
    """Answer `/opensearch.xml`."""
    namespaces: dict[Any, str] = {None: _NAMESPACE}
    root = etree.Element(f"{{{_NAMESPACE}}}OpenSearchDescription", nsmap=namespaces)
    title = feed.clean(site.title)
    description = feed.clean(str(site.datasette.metadata("description") or title))
    for name, text in (
        ("ShortName", cut(title, _SHORT_NAME)),
        ("LongName", cut(title, _LONG_NAME)),
        ("Description", cut(description, _DESCRIPTION)),
        ("InputEncoding", "UTF-8"),
        ("OutputEncoding", "UTF-8"),
    ):
        etree.SubElement(root, f"{{{_NAMESPACE}}}{name}").text = text
    icon = {"width": "16", "height": "16", "type": "image/svg+xml"}
    image = etree.SubElement(root, f"{{{_NAMESPACE}}}Image", icon)
    image.text = site.absolute(request, site.bare_path("/-/explorer/icon.svg"))
    page = "&page={startPage?}"
    for rel, media_type, path in (
        ("results", "text/html", f"/search?q={{searchTerms}}{page}"),
        ("results", feed.MEDIA_TYPE, f"/search{FEED_SUFFIX}?q={{searchTerms}}{page}"),
        ("self", MEDIA_TYPE, PATH),
    ):
        # The braces must stay as they are.
        start = site.absolute(request, site.bare_path("/")).rstrip("/")
        address = {"rel": rel, "type": media_type, "template": f"{start}{path}"}
        etree.SubElement(root, f"{{{_NAMESPACE}}}Url", address)
    body = etree.tostring(root, encoding="utf-8", xml_declaration=True)
    headers = {**site.headers(), "Vary": "Accept-Language"}
    return Response(body, 200, headers, f"{MEDIA_TYPE}; charset=utf-8")


def cut(text: str, most: int) -> str:
    """The beginning of a text, whole words where there is more than one."""
    if len(text) <= most:
        return text
    words = text[: most + 1].rpartition(" ")[0]
    return words or text[:most]
