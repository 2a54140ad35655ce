"""The HTML of a VuFind record page, in the shapes of its themes bootstrap3 and bootstrap5.

Both print a table of `<tr><th>label:</th><td>value</td></tr>` below a heading and a shortened
abstract, and a tab with the abstract in full. Names of classes are those of VuFind's own
templates (`core.phtml`, `data-authors.phtml`, `data-allSubjectHeadings.phtml`); portals restyle
them, so nothing but the rows is required.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import cast
from urllib.parse import urljoin

from lxml import etree, html

from harvester.formats import portal_text
from harvester.formats.labels import Labels
from harvester.formats.portal_page import PortalPage, is_control, tidy
from harvester.model import RawValue

_SKIPPED = frozenset(
    {
        "aside", "button", "footer", "form", "head", "iframe", "input", "nav", "noscript", "object",
        "script", "select", "style", "svg", "template", "textarea",
    }
)  # fmt: skip
_SKIPPED_CLASSES = frozenset(
    {
        "alert", "breadcrumb", "btn", "modal", "nav", "nav-tabs", "savedLists", "searchtools",
        "sidebar", "sr-only", "tagList", "toolbar", "visually-hidden",
    }
)  # fmt: skip
_BLOCKS = frozenset(
    {
        "address", "article", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "h1", "h2",
        "h3", "h4", "hr", "li", "main", "ol", "p", "pre", "section", "table", "tbody", "td", "th",
        "tr", "ul",
    }
)  # fmt: skip
# Each person of VuFind's author row is such a span; commas stand between them.
_PERSON_CLASS = "author-data"
_HEADINGS = frozenset({"h1", "h2", "h3"})
_TITLE_CLASS = "record-title"
_PROSE_CLASSES = frozenset({"summary", "abstract", "description", "record-description"})
_PROSE = 80
"""From so many characters of its own on, a block is a paragraph, whatever its class."""
_TABLE_BLANKS = re.compile(r"[ \t\r\n\f]+")
_URL = re.compile(r"https?://", re.IGNORECASE)
_RECORD_URL = re.compile(r"https?://[^/]+/.*\bRecord/", re.IGNORECASE)
_SEPARATORS = " ,;·|/"

# The Highwire names that VuFind writes (its class `MetadataVocabulary\HighwirePress`), and two
# more that portals add.
_META = {
    "citation_title": "dc:title",
    "citation_author": "dc:creator",
    "citation_date": "dc:date",
    "citation_publication_date": "dc:date",
    "citation_publisher": "dc:publisher",
    "citation_language": "dc:language",
    "citation_doi": "dc:identifier:doi",
    "citation_isbn": "dc:identifier:isbn",
    "citation_issn": "dc:identifier:issn",
    "citation_journal_title": "dc:source:journal",
    "citation_volume": "dc:source:volume",
    "citation_issue": "dc:source:issue",
    "citation_firstpage": "dc:source:page_start",
    "citation_lastpage": "dc:source:page_end",
    "citation_keywords": "dc:subject",
}


def tree(text: str) -> etree._Element | None:
    """Parse a page; None if there is no markup in it."""
    parser = html.HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError):
        return None
    return root


def parse(root: etree._Element, labels: Labels) -> PortalPage:
    """Take a page apart. Any HTML gives a page; it may be one without rows."""
    page = PortalPage(address=_address(root))
    container = _container(root)
    _walk(container, page, labels)
    if not page.rows:  # a theme without table: its lines are those of the text form
        page = portal_text.parse("\n".join(_lines(container)), labels)
        page.address = _address(root)
    metas = list(_metas(root))
    if not page.title:  # it stands outside the container, or only in the head
        titles = [" ".join(_lines(heading)) for heading in _found(root, "//h1")]
        titles += [text for name, text in metas if name == "citation_title"]
        page.title = next(filter(None, titles), "")
    page.further = [
        RawValue(_META[name], text, None, {"label": name})
        for name, text in metas
        if name != "citation_title"
    ]
    return page


def _walk(container: etree._Element, page: PortalPage, labels: Labels) -> None:
    """Go through the container in document order, not entering what was taken."""
    pending = [container]
    while pending:
        element = pending.pop()
        if not isinstance(element.tag, str) or _skipped(element):
            continue
        if _is_foreign_tab(element):
            continue
        if not _take(element, page, labels):
            pending.extend(reversed(element))


def _take(element: etree._Element, page: PortalPage, labels: Labels) -> bool:
    if element.tag == "tr":
        return _take_row(element.find("th"), element.find("td"), page, labels)
    if element.tag == "dt":
        following = element.getnext()
        value = following if following is not None and following.tag == "dd" else None
        return _take_row(element, value, page, labels)
    if element.tag in _HEADINGS or _TITLE_CLASS in _classes(element):
        if not page.title and not page.rows:
            page.title = " ".join(_lines(element))
        return True
    if element.tag == "dd" or not _is_prose(element):
        return False
    lines = [line for line in _lines(element) if not is_control(line, labels)]
    if lines:
        (page.full if page.rows else page.intro).append("\n".join(lines))
    return True


def _take_row(
    head: etree._Element | None,
    body: etree._Element | None,
    page: PortalPage,
    labels: Labels,
) -> bool:
    if head is None or body is None:
        return False
    label = " ".join(_lines(head)).rstrip(": \u00a0")
    elements = labels.elements(label)
    persons = any(element.startswith(("dc:creator", "dc:contributor")) for element in elements)
    links = any(element.startswith("dc:identifier") for element in elements)
    lines = [
        line
        for line in _lines(body, persons=persons, base=(page.address or "") if links else None)
        if not is_control(line, labels)
    ]
    if persons:
        lines = _joined_roles(lines)
    if label:
        page.rows.append((label, lines))
    elif page.rows:
        page.rows[-1][1].extend(lines)
    return True


def _joined_roles(lines: list[str]) -> list[str]:
    """Put a role that became a line of its own, `(Herausgeber)`, back behind its name."""
    joined: list[str] = []
    for line in lines:
        bare = line.strip(_SEPARATORS)
        if bare.startswith("(") and joined:
            joined[-1] += f" {bare}"
        elif bare:
            joined.append(bare)
    return joined


def _lines(root: etree._Element, *, persons: bool = False, base: str | None = None) -> list[str]:
    """Return the text of an element as the lines that a browser shows.

    Args:
        root: the element.
        persons: a person, and a link if no person is marked, stands on a line of its own.
        base: if not None, a link whose text is no address gives its address instead, completed by
            this one; for rows that hold links.
    """
    marked = persons and any(_PERSON_CLASS in _classes(span) for span in root.iter("span"))
    pieces: list[str] = []
    pending: list[etree._Element | str] = [root]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            pieces.append(item)
            continue
        if not isinstance(item.tag, str) or _skipped(item):
            continue
        person = _PERSON_CLASS in _classes(item) if marked else persons and item.tag == "a"
        breaks = item is not root and (person or item.tag in _BLOCKS)
        if breaks:
            pieces.append("\n")
        address = _link(item, base) if base is not None and item.tag == "a" else None
        if address:
            pieces.append(address)
            continue
        inside: list[etree._Element | str] = [_TABLE_BLANKS.sub(" ", item.text or "")]
        for child in item:
            inside += [child, _TABLE_BLANKS.sub(" ", child.tail or "")]
        pending += ["\n" if breaks else "", *reversed(inside)]
    return [line for line in map(tidy, "".join(pieces).split("\n")) if line]


def _link(element: etree._Element, base: str) -> str | None:
    href = (element.get("href") or "").strip()
    text = " ".join(_lines(element))
    if not href or _URL.match(text):
        return None
    try:
        address = urljoin(base, href)
    except ValueError:
        return None
    return address if _URL.match(address) else None


def _address(root: etree._Element) -> str | None:
    """Return the page's own address: what it calls canonical, or is shared under."""
    for path, attribute in (
        ("//link[@rel='canonical']", "href"),
        ("//meta[@property='og:url']", "content"),
    ):
        for element in _found(root, path):
            address = (element.get(attribute) or "").strip()
            if _RECORD_URL.match(address):
                return address
    return None


def _container(root: etree._Element) -> etree._Element:
    """Return the part of the page that describes the record."""
    for path in (
        "//div[contains(concat(' ', normalize-space(@class), ' '), ' record ')]",
        "//main",
        "//*[@id='content']",
        "//body",
    ):
        for element in _found(root, path):
            if next(element.iter("tr", "dt", "h1", "h3"), None) is not None:
                return element
    return root


def _metas(root: etree._Element) -> Iterator[tuple[str, str]]:
    for element in _found(root, "//meta[@name]"):
        name = (element.get("name") or "").lower()
        text = tidy(element.get("content") or "")
        if name in _META and text:
            yield name, text


def _found(root: etree._Element, path: str) -> list[etree._Element]:
    return cast(list[etree._Element], root.xpath(path))


def _classes(element: etree._Element) -> frozenset[str]:
    return frozenset((element.get("class") or "").split())


def _skipped(element: etree._Element) -> bool:
    return element.tag in _SKIPPED or not _SKIPPED_CLASSES.isdisjoint(_classes(element))


def _is_foreign_tab(element: etree._Element) -> bool:
    """Tell whether this is a tab of something else than the description: holdings, staff view."""
    classes = _classes(element)
    names = " ".join(classes | {element.get("id") or ""}).lower()
    return "tab-pane" in classes and "description" not in names


def _is_prose(element: etree._Element) -> bool:
    if element.tag == "p" or not _PROSE_CLASSES.isdisjoint(_classes(element)):
        return next(element.iter("tr", "dt"), None) is None
    if "tab-pane" in _classes(element):
        return next(element.iter("tr", "dt", "p"), None) is None
    own = len((element.text or "").strip()) + sum(len((c.tail or "").strip()) for c in element)
    return own >= _PROSE and element.tag in _BLOCKS | {"span"}
