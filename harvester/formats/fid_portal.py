"""Record pages of the FID Benelux portal and other VuFind portals, as text or HTML.

A page carries no OAI header: the last part of its permalink stands for the identifier. Values keep
the words of the page and go to the element that `schemas/fields.yml` gives for their label; the
label itself is kept as the attribute `label`.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from harvester.formats import Format, UnreadableError, labels, portal_html, portal_text
from harvester.formats.labels import Labels
from harvester.formats.portal_page import (
    MAX_HTML,
    MAX_TEXT,
    PortalPage,
    continues,
    decode,
    is_control,
    unfold,
)
from harvester.model import RawRecord, RawValue

NAME = "fid_portal"
PERMALINK = "dc:identifier:permalink"
# Fewer labels than this are no record page but a text with a colon in it.
_FEWEST_ROWS = 2

_RECORD_PATH = re.compile(r"/Record/([^/]+)", re.IGNORECASE)
_URL = re.compile(r"https?://\S+", re.IGNORECASE)
_BETWEEN_PERSONS = re.compile(r"\s*;\s+|\s+;|\s+/\s+|;$")
_PERSONS = ("dc:creator", "dc:contributor")
_NO_PERSONS = ("dc:creator:note",)
_PROSE = ("dc:description", "dc:bibliographicCitation")


def read_text(content: bytes, overlay: Path | None = None) -> RawRecord:
    """Read the plain text of a record page, copied from a browser.

    The shortened abstract on top (`… Mehr ...`) gives way to the one in full below the labelled
    lines. Keywords that the page prints on one line stay one value.

    Args:
        content: the text, in UTF-8, UTF-16 with a byte-order mark, or Windows-1252.
        overlay: the folder of the librarian's own table rows, or None.

    Raises:
        UnreadableError: it is no text, no record page, or has no permalink; in one line.
        UsageError: the librarian's `fields.yml` is broken.
    """
    table = labels.load(overlay)
    return _record(portal_text.parse(decode(content, MAX_TEXT), table), table)


def read_html(content: bytes, overlay: Path | None = None) -> RawRecord:
    """Read the HTML of a record page; the values are those of its text form.

    What only the HTML tells is taken too: each person of a row apart, the target of a link, and
    the `citation_…` names of the head for elements that no row gives.

    Args:
        content: the page, as saved from a browser or fetched.
        overlay: the folder of the librarian's own table rows, or None.

    Raises:
        UnreadableError: it is no text, no record page, or has no permalink; in one line.
        UsageError: the librarian's `fields.yml` is broken.
    """
    table = labels.load(overlay)
    root = portal_html.tree(decode(content, MAX_HTML))
    if root is None:
        raise UnreadableError("it is HTML without any content")
    return _record(portal_html.parse(root, table), table)


# No OAI-PMH server sends pages: they come as files, which `document` tells apart.
FORMAT = Format(name=NAME, richness=5, readers={})


def _record(page: PortalPage, table: Labels) -> RawRecord:
    values = _values(page, table)
    known = sum(table.knows(label) for label, _ in page.rows)
    if known < _FEWEST_ROWS:
        raise UnreadableError(
            "it is no record page of a portal: it lacks lines such as `Verfasser: …` or "
            "`Permalink: …` (schemas/fields.yml lists the labels)"
        )
    if not any(value.element == "dc:title" for value in values):
        raise UnreadableError("it is a record page without a title")
    return RawRecord(identifier=_identifier(values), format=NAME, values=values)


def _identifier(values: list[RawValue]) -> str:
    addresses = [value.value for value in values if value.element == PERMALINK]
    addresses += [
        value.value
        for value in values
        if value.element == "dc:identifier:url" and _RECORD_PATH.search(value.value)
    ]
    for address in sorted(addresses, key=lambda address: not _RECORD_PATH.search(address)):
        identifier = _last_part(address)
        if identifier:
            return identifier
    raise UnreadableError(
        "it is a record page without a permalink, which is what tells records apart: "
        "add a line `Permalink: https://…`"
    )


def _last_part(address: str) -> str:
    """Return the part of a permalink that names the record; tabs and queries behind it do not."""
    found = _URL.match(address)
    if not found:
        return ""
    try:
        path = urlsplit(found.group()).path
    except ValueError:
        return ""
    record = _RECORD_PATH.search(path)
    return unquote(record.group(1) if record else path.rstrip("/").rpartition("/")[2]).strip()


def _values(page: PortalPage, table: Labels) -> list[RawValue]:
    rows = _row_values(page, table)
    texts = [value.value for value in rows if value.element.startswith("dc:description")]
    full = "\n\n".join(page.full)
    intro, folded = "\n\n".join(page.intro), False
    if intro:
        intro, folded = unfold(intro, table)
    if full:
        full = unfold(full, table)[0]
    if any(full == text for text in texts):
        full = ""
    longer = [text for text in (full, *texts) if text]
    if any(intro == text or (folded and continues(intro, text)) for text in longer):
        intro = ""
    values = []
    if page.title:
        values.append(RawValue("dc:title", page.title))
        rows = [row for row in rows if (row.element, row.value) != ("dc:title", page.title)]
    if intro:
        values.append(RawValue("dc:description", intro))
    values += rows
    if full:
        values.append(RawValue("dc:description", full))
    given = {value.element for value in values}
    values += [value for value in page.further if value.element not in given]
    if page.address and PERMALINK not in given:
        values.append(RawValue(PERMALINK, page.address))
    return values


def _row_values(page: PortalPage, table: Labels) -> list[RawValue]:
    languages = table.languages(label for label, _ in page.rows)
    values = []
    for label, lines in page.rows:
        kept = [line for line in lines if not is_control(line, table)]
        element = table.element(label, " ".join(kept), languages) or f"portal:{label}"
        if element.startswith("ui:"):
            continue
        for value in _split(element, kept):
            values.append(RawValue(element, value, None, {"label": label}))
    return values


def _split(element: str, lines: list[str]) -> list[str]:
    """Give the values of a row: its lines, unless its element is written otherwise."""
    if element.startswith(_PROSE):
        lines = ["\n".join(lines)]
    elif element == "dc:title":
        lines = [" ".join(lines)]
    elif element == "dc:subject" and any(_is_joined(line) for line in lines):
        lines = [" ".join(lines)]  # keywords joined with ` / `, wrapped
    elif element.startswith(_PERSONS) and element not in _NO_PERSONS:
        lines = [name for line in lines for name in _BETWEEN_PERSONS.split(line)]
    return [line for line in lines if line]


def _is_joined(line: str) -> bool:
    return " / " in line or line.startswith("/ ") or line.endswith(" /")
