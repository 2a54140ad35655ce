"""Citations: what a publication appeared in, out of dc:source, dc:relation and their like."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

import msgspec
from msgspec.structs import replace

from harvester.model import Container, Note
from harvester.normalise import references, scattered
from harvester.normalise.cited import LONGEST, Cited
from harvester.normalise.container import (
    fill,
    from_addresses,
    numbered_article,
    without_publisher,
    without_source_of_data,
)
from harvester.normalise.dialects import BARE_PAGES
from harvester.normalise.dialects import series as numbered_series
from harvester.normalise.folding import fold
from harvester.normalise.identifiers import Found, find
from harvester.normalise.references import last_sentence, without_abbreviation
from harvester.normalise.same_journal import parse
from harvester.normalise.text import GLUE, Value

__all__ = [
    "described",
    "from_addresses",
    "in_descriptions",
    "numbered_article",
    "read",
    "without_publisher",
    "without_source_of_data",
]

_LENGTH_OF_ISSN = 8
_BARE_ISSN = re.compile(r"^\d{7}[\dXx]$")
_OPENS_NUMBER = frozenset("hHiIuUeEpP\\")
_LABELLED = re.compile(r"^(?:[ep]?-?ISSN|ISBN)(?:-?L)?\b", re.IGNORECASE)
_DOI = re.compile(r"https?://(?:dx\.)?doi\.org/\S{1,500}")
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
    collections: re.Pattern[str],
    authors: Sequence[Value] = (),
) -> tuple[Container, list[tuple[Value, list[Found], str]], list[Note]]:
    """Read what a publication appeared in.

    A citation that names its parts goes before a plain title, wherever it stands: DSpace at MIT
    writes the publisher into dc:source and the citation into dc:identifier.

    Args:
        groups: values that may hold a citation, each with whether a plain title may stand there
            (dc:source: yes; dc:relation and dc:identifier: only a citation that names its parts).
        title: the record's title, which is no container's.
        doi_is_own: a DOI inside the citation is the record's own (Pure).
        nothing: folded values that stand where there is no title.
        collections: names of a repository's collections, which nothing appeared in.
        authors: dc:creator; Digital Commons has collections of persons.

    Returns:
        the container without ISSN and ISBN, the identifiers in it, and the account.
    """
    container = Container()
    if not groups:
        return container, [], []
    reading = _Reading(title, doi_is_own, nothing, collections, authors[:_MOST_AUTHORS], [], [], [])
    plain_titles: list[tuple[Value, Cited]] = []
    series: list[tuple[Value, Cited]] = []
    for value, plain in groups:
        if value.refinement in scattered.REFINED:
            field = scattered.REFINED[value.refinement]
            scattered.refined(container, value, field, value.text, reading.notes)
            continue
        if not plain and (pair := scattered.PAIR.match(value.text)):
            field = scattered.PAIRS[pair["key"].lower()]
            scattered.refined(container, value, field, pair["value"], reading.notes)
            continue
        parts = _parts(value.text) if plain else [value.text]
        sequence = scattered.sequence(parts) if len(parts) > 2 else None
        if sequence:
            parts = [part for part in parts if not scattered.NUMBER.match(part)]
            reading.take(container, value, sequence)
        for part in parts:
            cited = reading.cited(value, part, plain)
            if cited is None:
                continue
            if cited.rule == "citation.title":
                plain_titles.append((value, cited))
            elif cited.series and not cited.title:
                series.append((value, cited))
            else:
                reading.take(container, value, cited)
    for value, cited in plain_titles:
        reading.take(container, value, cited)
    if container.title is None:
        for value, cited in series[:1]:
            reading.take(container, value, cited)
    relations = [value for value, plain in groups if not plain and value.element == "dc:relation"]
    if len(relations) > 1:
        if numbers := scattered.behind_title(relations, container):
            reading.take(container, *numbers)
        if container.title is None and (named := scattered.before_issn(relations)):
            value, cited, issn = named
            reading.take(container, value, cited)
            reading.identifiers.append((issn, *find(f"ISSN {issn.text}")))
    return container, reading.identifiers, reading.notes


_MOST_AUTHORS = 50
_LONGEST_NAME = 200
_LONGEST_HONORIFIC = 4


def _is_one_of(text: str, persons: Sequence[Set[str]]) -> bool:
    """Tell whether a text is the name of an author, whatever the order of its words.

    SelectedWorks names the person whose page it is: `Rev. Rebecca Butler`, `Ryan C. Alaniz`.
    """
    words = _words(text)
    return any(
        person == words
        or (
            len(person) > 1
            and person <= words
            and all(len(word) <= _LONGEST_HONORIFIC for word in words - person)
        )
        for person in persons
    )


def _words(name: str) -> set[str]:
    return {folded for word in name.split() if (folded := fold(word))}


class _Reading(msgspec.Struct, frozen=True, gc=False):
    """What the reading of all citations of one record shares."""

    title: str
    doi_is_own: bool
    nothing: Set[str]
    collections: re.Pattern[str]
    authors: Sequence[Value]
    persons: list[set[str]]
    identifiers: list[tuple[Value, list[Found], str]]
    notes: list[Note]

    def take(self, container: Container, value: Value, cited: Cited) -> None:
        """Fill what a container lacks, and account for it."""
        fill(container, cited)
        parts = (cited.title, cited.volume, cited.issue, cited.pages)
        shown = ", ".join(filter(None, (*parts, cited.article_number, cited.series)))
        note = Note("container", value.name, value.original, cited.rule, shown, cited.certainty)
        self.notes.append(note)

    def drop(self, value: Value, rule: str) -> None:
        """Account for a value that gives nothing."""
        self.notes.append(Note("container", value.name, value.original, rule, ""))

    def cited(self, value: Value, part: str, plain: bool) -> Cited | None:
        """Read one part: its identifiers are kept aside; None where it is no citation."""
        if plain and len(part) == _LENGTH_OF_ISSN and _BARE_ISSN.match(part):
            part = f"ISSN {part}"
        may_be_number = plain and (part[0] in _OPENS_NUMBER or part[0].isdigit())
        if may_be_number and (len(part) <= LONGEST or _LABELLED.match(part)):
            found, rule = find(part)
            if not (found or rule) and _LABELLED.match(part):
                # UGent: soft hyphens of which a wrong encoding left `Â` (`9781Â4799Â8626Â2`).
                found, rule = find(part.replace("Â", ""))
            found = [one for one in found if one.scheme in ("issn", "isbn")]
            if found or rule == "identifiers.checksum" or _LABELLED.match(part):
                self.identifiers.append((value, found, rule))
                return None
        if plain and self.doi_is_own and (doi := _DOI.search(part)):
            self.identifiers.append((value, *find(doi.group())))
        if not plain and (BARE_PAGES.match(part) or part[0] == ";"):
            # Delaware, dc:relation: `;T02-006.1`, a number without its series.
            # Papyrus, dc:identifier: `2228-9636`, an ISSN with a wrong check digit.
            self.drop(value, "citation.number")
            return None
        if not plain and part.startswith("info:"):  # `info:eu-repo/grantAgreement/…`
            return None
        reference = references.of(part, self.title)
        if (
            not plain
            and ";" in part
            and _IN_SERIES.match(part)
            and (numbered := numbered_series(part))
        ):
            return None if self.collections.search(numbered.series) else numbered
        cited = parse(part)
        if reference:
            self._numbers(value, reference.rest)
            if cited.rule not in _SURE:
                cited = reference.cited or Cited()
        elif not plain and _cites_another(value, cited):
            name = last_sentence(cited.title) if value.element == "dc:identifier" else ""
            if name and name != cited.title and not _SENTENCE.search(name):
                name = without_abbreviation(name)
                return replace(cited, title=name, rule="citation.reference", certainty=0.7)
            self.drop(value, "citation.other")
            return None
        elif cited.rule:
            self._numbers(value, part, own_doi=False)
        if cited.rule:
            return _series_title(cited)
        if plain and ((reference and _ANY_YEAR.search(part)) or _is_itself(part, self.title)):
            self.drop(value, "citation.itself")
        elif plain and _may_be_title(part, self.title, self.nothing):
            if not (self.collections.search(part) or self.is_author(part)):
                return _series_title(Cited(part, rule="citation.title", certainty=0.9))
            self.drop(value, "citation.collection")
        elif plain:
            self.drop(value, "citation.unread")
        elif not reference and ";" in part and (numbered := numbered_series(part)):
            return None if self.collections.search(numbered.series) else numbered
        return None

    def is_author(self, text: str) -> bool:
        """Tell whether a text is the name of an author; few records need to know."""
        if not self.persons:
            names = (author.text for author in self.authors)
            self.persons.extend(_words(name) for name in names if len(name) <= _LONGEST_NAME)
        return _is_one_of(text, self.persons)

    def _numbers(self, value: Value, text: str, *, own_doi: bool = True) -> None:
        """Keep the identifiers that stand within a citation."""
        if own_doi and "10." in text and (doi := _ANY_DOI.search(text)):
            self.identifiers.append((value, *find(doi.group())))
        upper = text.upper()
        for label in ("ISSN", "ISBN"):
            place = upper.find(label)
            if place >= 0:
                found, rule = find(f"{label} {text[place + 4 : place + 100]}")
                self.identifiers.append((value, found, rule))
        for within in _ISSN_WITHIN.findall(text):  # DiVA, South Australia
            self.identifiers.append((value, *find(f"ISSN {within}")))


# Dialects that name their parts, and hold other works' titles for certain not.
_SURE = frozenset(
    f"citation.{name}"
    for name in ("pure", "gost", "lirias", "hal", "ojs", "doaj", "crossref", "dergipark", "diva")
)
# Dialects of whole references: where the record's own title is not in them, they cite another work.
_OF_ANY = frozenset(
    f"citation.{name}" for name in ("bielefeld", "chicago", "gost", "imprint", "reference")
)
_SENTENCE = re.compile(r"^\W*\w?\d|^;|[a-zß-ÿа-яіїє]{4,}[.?!] \S|[.?!][\"”] |\. [–—-] |/\*ref")
# DSpace flattens `relation.ispartofseries`; `Sustainability;12(12)` is a journal all the same, and
# so is what has volume and issue (Papyrus).
_IN_SERIES = re.compile(
    r"(?!vol)[^;]{3,};(?!vol\b\.? ?\d+,? n)"
    r"(?:(?=[^\s;(][^;(]*$)(?!(?:no|nr)\b|.*[;(])|\s?(?:no|nr)\.?\s?\d+$)",
    re.IGNORECASE,
)
_ANY_DOI = re.compile(r"(?<![\w.])10\.\d{4,9}/[^\s<>\"]{1,500}")
_ISSN_WITHIN = re.compile(r"(?:--|, )(\d{4}-\d{3}[\dXx])(?=--|, (?:19|20)\d\d| [Vv]ol)")
_SERIES = re.compile(
    r"\b(?:(?:working|discussion|occasional) papers?(?: series)?|(?:papers?|reports?) series)$",
    re.IGNORECASE,
)


def _cites_another(value: Value, cited: Cited) -> bool:
    """Tell whether a citation that does not hold the record's title is that of another work.

    In dc:relation it may be: OJS puts whole lists of references there. In dc:identifier it is not.
    """
    if value.element == "dc:relation" and cited.rule in _OF_ANY:
        return True
    return cited.rule not in (_OF_ANY | _SURE) and _SENTENCE.search(cited.title) is not None


def _series_title(cited: Cited) -> Cited:
    """Tell a series by its name: `PSC Working Paper Series`."""
    ending = cited.title[-6:].lower()
    if (
        ending.endswith(("paper", "papers", "series"))
        and not cited.series
        and (_SERIES.search(cited.title))
    ):
        return replace(cited, title="", series=cited.title)
    return cited


def _parts(text: str) -> list[str]:
    """Cut a value at BASE's ` ; `."""
    if GLUE not in text:
        text = text.strip(" ;")
        return [text] if text else []
    return [part for piece in text.split(GLUE) if (part := piece.strip(" ;"))]


# Woods Hole and others that hold authors' versions.
_PUBLISHED_IN = re.compile(
    r"\b(?:published|appears?|appeared) in (?P<rest>[A-Z][^.]{3,120}\d[^.]{0,63}\d)\.?(?:\s|$)"
)
_APPEARED = ("appear in ", "appears in ", "appeared in ")
# CSIR: `The definitive version of the work is published in the SPIE Proceedings, Vol. 9194.`
_VOLUME_OF = re.compile(r"\bpublished in (?:the )?(?P<rest>[A-Z][^.,]{3,120}, Vol\. \d{1,5})\.")
# DataCite by way of BASE: `<abstract> ... : Student Research E-journal!, Vol 5 (2019): …`
_DATACITE_SERIES = re.compile(r" \.\.\. : (?P<rest>[^:]{3,200}?, Vol\.? \d[^:]{0,40}\(\d{4}\))")


def in_descriptions(values: Sequence[Value]) -> list[tuple[Value, bool]]:
    """Give the citations that stand among the descriptions.

    DataCite's `SeriesInformation` is a description (German Medical Science); a repository of
    authors' versions says where a work was published.
    """
    found = []
    follows = False
    for value in values:
        text = value.text
        rest = ""
        if follows:
            rest = text
        elif (
            (
                "published in " in text
                or ("appear" in text and any(one in text for one in _APPEARED))
            )
            and (held := _PUBLISHED_IN.search(text) or _VOLUME_OF.search(text))
        ) or (" ... : " in text and (held := _DATACITE_SERIES.search(text))):
            rest = held["rest"]
        if rest and len(rest) <= LONGEST:
            found.append((replace(value, text=rest), False))
        follows = text == "SeriesInformation"
    return found


# The journals of IISTE and others end an abstract with it.
_DESCRIBED_DOI = re.compile(r"\bdoi:? ?(?:https?://(?:dx\.)?doi\.org/)?(?=10\.)", re.IGNORECASE)
_DESCRIBED_PMID = re.compile(r"(?:^| ; )PMID: ?(\d{5,9})(?= ; |$)")


def described(values: Sequence[Value]) -> list[tuple[Value, list[Found], str]]:
    """Find the DOI and the PubMed number that a description gives with its label.

    Several DOIs in a description are those of other works.
    """
    identifiers = []
    for value in values:
        text = value.text
        if (
            "10." in text
            and "doi" in text.lower()
            and len(labels := list(_DESCRIBED_DOI.finditer(text))) == 1
        ):
            end = labels[0].end()
            if doi := _ANY_DOI.match(text, end):
                identifiers.append((value, *find(doi.group())))
        if "PMID" in text and (pmid := _DESCRIBED_PMID.search(text)):  # HAL's comment
            identifiers.append((value, *find(f"pmid:{pmid.group(1)}")))
    return identifiers


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
    return (
        len(text) <= _LONGEST_TITLE
        and "://" not in text.replace("\\/", "/")
        and not text.startswith(("10.", "oai:", "urn:", "info:"))
        and not text.lower().startswith(("reponame:", "instname:"))
        and not (";" in text and any(map(str.isdecimal, text)))
        and any(map(str.isalpha, text))
        and not _LABELLED_PARTS.search(text)
        and len(folded := fold(text)) > 1
        and folded not in nothing
        and folded != fold(title)
    )
