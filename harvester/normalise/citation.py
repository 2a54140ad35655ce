"""Citations: what a publication appeared in, out of dc:source, dc:relation and their like."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from harvester.model import Container, Note
from harvester.normalise.dialects import BARE_PAGES, DAY, LONGEST, Cited, page_range, parse
from harvester.normalise.folding import fold
from harvester.normalise.identifiers import Found, find
from harvester.normalise.text import GLUE, Value

_BARE_ISSN = re.compile(r"^\d{7}[\dXx]$")
_LABELLED = re.compile(r"^(?:[ep]?-?ISSN|ISBN)(?:-?L)?\b", re.IGNORECASE)
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/\S+")
_ANY_YEAR = re.compile(r"\b(?:1[5-9]|20)\d\d\b")
_PURE_ITSELF = re.compile(r" (?:1[5-9]|20)\d\d , .* \. ")
# Letters of a title that does not stand in another one by chance.
_TELLING = 20
_LONGEST_TITLE = 300
_LABELLED_PARTS = re.compile(r"\bn[°º]\s?\d.*\bpp?\.\s?\d")


def read(
    groups: Sequence[tuple[Value, bool]],
    title: str,
    *,
    doi_is_own: bool,
    nothing: Set[str],
) -> tuple[Container, list[tuple[Value, list[Found], str]], list[Note]]:
    """Read what a publication appeared in.

    Args:
        groups: values that may hold a citation, each with whether a plain title may stand there
            (dc:source: yes; dc:relation and dc:identifier: only a citation that names its parts).
        title: the record's title, which is no container's.
        doi_is_own: a DOI inside the citation is the record's own (Pure).
        nothing: folded values that stand where there is no title.

    Returns:
        the container without ISSN and ISBN, the identifiers in it, and the account.
    """
    container = Container()
    identifiers: list[tuple[Value, list[Found], str]] = []
    notes: list[Note] = []
    for value, plain in groups:
        if value.refinement in _REFINED:
            _refined(container, value, notes)
            continue
        parts = value.text.split(GLUE) if plain and GLUE in value.text else [value.text]
        for part in parts:
            part = part.strip(" ;")
            if not part:
                continue
            if plain and _BARE_ISSN.match(part):
                part = f"ISSN {part}"
            found, rule = find(part) if plain else ([], "")
            found = [one for one in found if one.scheme in ("issn", "isbn")]
            if found or rule == "identifiers.checksum" or (plain and _LABELLED.match(part)):
                identifiers.append((value, found, rule))
                continue
            if plain and doi_is_own and (doi := _DOI.search(part)):
                held, rule = find(doi.group())
                identifiers.append((value, held, rule))
            cited = parse(part)
            if cited.rule == "" and plain and _is_itself(part, title):
                note = Note("container", value.name, value.original, "citation.itself", "")
                notes.append(note)
                continue
            if not cited.rule and plain and _may_be_title(part, title, nothing):
                cited = Cited(title=part, rule="citation.title", certainty=0.9)
            if not plain and BARE_PAGES.match(part):
                # Papyrus, dc:identifier: `2228-9636`, an ISSN with a wrong check digit.
                notes.append(Note("container", value.name, value.original, "citation.number", ""))
            elif cited.rule:
                _fill(container, cited)
                shown = ", ".join(filter(None, cited[:6]))
                notes.append(
                    Note(
                        "container", value.name, value.original, cited.rule, shown, cited.certainty
                    )
                )
            elif plain:
                notes.append(Note("container", value.name, value.original, "citation.unread", ""))
    return container, identifiers, notes


def without_publisher(container: Container, publishers: Sequence[str]) -> list[Note]:
    """Take the title off a container that says nothing but the publisher's name.

    DSpace at MIT gives `MIT Press` in dc:source.

    Args:
        container: what the work appeared in, with its ISSN and ISBN.
        publishers: the record's publishers.

    Returns:
        the account of what was taken off.
    """
    title = container.title
    if (
        title is None
        or container != Container(title=title, issn=[], isbn=[])
        or fold(title) not in {fold(name) for name in publishers}
    ):
        return []
    container.title = None
    return [Note("container", "dc:source", title, "citation.publisher", "")]


_REFINED = {
    "journal": "title",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "series": "series",
    "page_start": "pages",
    "page_end": "pages",
}


def _refined(container: Container, value: Value, notes: list[Note]) -> None:
    """Take a part that the source names itself, such as `dc:source:volume`."""
    field = _REFINED[value.refinement]
    text = value.text
    if value.refinement == "page_end" and container.pages:
        text = f"{container.pages}-{value.text}"
    if field == "pages":
        pages, article = page_range(text)
        container.pages = pages or container.pages
        container.article_number = article or container.article_number
    elif field == "issue" and DAY.match(text):
        notes.append(Note("container", value.name, value.original, "citation.date", ""))
        return
    elif getattr(container, field) is None:
        setattr(container, field, text)
    notes.append(Note("container", value.name, value.original, "citation.given", text))


def _fill(container: Container, cited: Cited) -> None:
    container.title = container.title or cited.title or None
    container.volume = container.volume or cited.volume or None
    container.issue = container.issue or cited.issue or None
    container.pages = container.pages or cited.pages or None
    container.article_number = container.article_number or cited.article_number or None


def _is_itself(text: str, title: str) -> bool:
    """Tell whether a reference names the record and nothing that it appeared in.

    Pure's books and reports: `Vos , J 2011 , Title . Publisher .`; a reference with a year and the
    record's own title elsewhere.
    """
    if len(text) > LONGEST:
        return False
    if _PURE_ITSELF.search(text):
        return True
    folded = fold(title)
    return len(folded) >= _TELLING and folded in fold(text) and bool(_ANY_YEAR.search(text))


def _may_be_title(text: str, title: str, nothing: Set[str]) -> bool:
    """Tell whether a plain text in dc:source is the title of what the publication appeared in."""
    folded = fold(text)
    return (
        len(text) <= _LONGEST_TITLE
        and len(folded) > 1
        and folded not in nothing
        and not (";" in text and any(map(str.isdecimal, text)))
        and any(map(str.isalpha, text))
        and not _LABELLED_PARTS.search(text)
        and "://" not in text.replace("\\/", "/")
        and not text.startswith(("10.", "oai:", "urn:", "info:"))
        and not text.lower().startswith(("reponame:", "instname:"))
        and folded != fold(title)
    )
