"""The plain text of a VuFind record page, as one gets it by copying the page from a browser.

Title
                                 a blank line
Abstract, shortened... Mehr ...
                                 a blank line
Verfasser: Gérard, Julie         labelled lines, a value may go on over further lines
Link(s) : https://…
                                 a blank line
Abstract in full
"""

from __future__ import annotations

import re

from harvester.formats.labels import Labels
from harvester.formats.portal_page import PortalPage, continues, is_control, tidy, unfold

_NEWLINE = re.compile(r"\r\n|[\r\n\u2028\u2029]")
# `Autor:in: …` has a colon inside its label; `https://…` is no label.
_LABELLED = re.compile(
    r"(?P<label>[^\W_][^:]{0,59}?(?::in(?:nen)?)?)\s*:(?!//)(?P<blank>\s*)(?P<value>.*)$",
    re.IGNORECASE | re.DOTALL,
)
# A label that the table does not know must look like one, lest the first words of a sentence or
# of a keyword be taken for it.
_LOOKS_LIKE_LABEL = re.compile(r"[^\W\d_][^.;!?,«»\"“”]{0,39}", re.DOTALL)
_LABEL_WORDS = 4
_SHORT = 120
_LONG = 200

Paragraph = list[str]


def parse(text: str, labels: Labels) -> PortalPage:
    """Take the text of a page apart. Any text gives a page; it may be one without rows."""
    page = PortalPage()
    paragraphs = _paragraphs(text)
    _take_title(paragraphs, page, labels)
    _take_intro(paragraphs, page, labels)
    end = _end_of_rows(paragraphs, page, labels)
    for paragraph in paragraphs[:end]:
        _take_rows(paragraph, page, labels)
    page.full += ["\n".join(paragraph) for paragraph in paragraphs[end:]]
    page.full = [text for text in page.full if not is_control(text, labels)]
    return page


def _paragraphs(text: str) -> list[Paragraph]:
    paragraphs: list[Paragraph] = [[]]
    for line in map(tidy, _NEWLINE.split(text)):
        if line:
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _known(line: str, labels: Labels) -> tuple[str, str] | None:
    """Split a line that begins with a label of the table."""
    found = _LABELLED.match(line)
    if found is None or not labels.knows(found["label"]):
        return None
    return found["label"], found["value"]


def _unknown(line: str, labels: Labels) -> tuple[str, str] | None:
    """Split a line that begins with what looks like a label that the table does not know."""
    found = _LABELLED.match(line)
    if found is None or not found["blank"] or not found["value"] or labels.knows(found["label"]):
        return None
    label = found["label"]
    if len(label.split()) > _LABEL_WORDS or not _LOOKS_LIKE_LABEL.fullmatch(label):
        return None
    return label, found["value"]


def _take_title(paragraphs: list[Paragraph], page: PortalPage, labels: Labels) -> None:
    """Take the heading: the first line, and those after it up to a blank or labelled one.

    A heading may begin like a label (`Langue: un enjeu`), so the first line is one, unless a
    labelled line gives the title.
    """
    if not paragraphs:
        return
    titled = any(
        "dc:title" in labels.elements(known[0])
        for paragraph in paragraphs
        for line in paragraph
        if (known := _known(line, labels))
    )
    first = paragraphs[0]
    if titled and _known(first[0], labels):
        return
    end = 1
    while end < len(first) and not _known(first[end], labels):
        end += 1
    if unfold(first[end - 1], labels)[0] != first[end - 1]:
        end = 1  # the abstract follows without a blank line
    page.title = " ".join(first[:end])
    if end < len(first):
        paragraphs[0] = first[end:]
    else:
        del paragraphs[0]


def _take_intro(paragraphs: list[Paragraph], page: PortalPage, labels: Labels) -> None:
    """Take what stands before the first label of the table."""
    while paragraphs:
        paragraph = paragraphs[0]
        first = 0
        while first < len(paragraph) and not _known(paragraph[first], labels):
            first += 1
        # Lines that look like labels, right above the first known one, belong to the rows.
        if first < len(paragraph):
            while first and _unknown(paragraph[first - 1], labels):
                first -= 1
        text = "\n".join(line for line in paragraph[:first] if not is_control(line, labels))
        if text and text != page.title:
            page.intro.append(text)
        if first < len(paragraph):
            paragraphs[0] = paragraph[first:]
            return
        del paragraphs[0]


def _end_of_rows(paragraphs: list[Paragraph], page: PortalPage, labels: Labels) -> int:
    """Return the number of the paragraph with which the abstract in full begins.

    It is the one that goes on from the shortened abstract, or else the one behind the last
    paragraph of labelled lines.
    """
    shortened, folded = unfold(page.intro[-1] if page.intro else "", labels)
    if folded:
        for number, paragraph in enumerate(paragraphs):
            if continues(shortened, "\n".join(paragraph)):
                return number
    for number in range(len(paragraphs), 1, -1):
        if _is_rows(paragraphs[number - 1], labels):
            return number
    return min(1, len(paragraphs))


def _is_rows(paragraph: Paragraph, labels: Labels) -> bool:
    first, *others = paragraph
    if _known(first, labels):
        return True
    if len(first) >= _SHORT or not _unknown(first, labels):
        return False
    return any(_known(line, labels) for line in others) or all(
        len(line) < _SHORT and _unknown(line, labels) for line in others
    )


def _take_rows(paragraph: Paragraph, page: PortalPage, labels: Labels) -> None:
    lines: list[str] = page.full
    elements: set[str] = set()
    for line in paragraph:
        prose = any(element.startswith("dc:description") for element in elements)
        # The sections of a labelled abstract look like labels.
        row = _known(line, labels) or (None if prose else _unknown(line, labels))
        if row:
            label, value = row
            lines = [value] if value else []
            elements = labels.elements(label)
            page.rows.append((label, lines))
        else:
            # The abstract in full may follow the last row without a blank line.
            if len(line) >= _LONG and not prose and elements and "dc:subject" not in elements:
                lines = page.full
            lines.append(line)
