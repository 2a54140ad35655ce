"""Identifiers in every disguise, each to its bare form, with checksums where it has one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

import msgspec

from harvester.model import Identifiers, Note
from harvester.normalise.text import Value
from harvester.normalise.types import Type


class Found(msgspec.Struct, frozen=True, gc=False):
    """One identifier.

    Attributes:
        scheme: `doi`, `handle`, `isbn`, `issn`, `urn`, `pmid` or `arxiv`.
        value: the bare identifier.
        alternative: it was said to be another identifier of the same publication
            (`info:eu-repo/semantics/altIdentifier/…`, `uri/info:doi/…`).
    """

    scheme: str
    value: str
    alternative: bool = False


_WRAPPED = re.compile(
    r"^(?P<how>info:eu-repo/semantics/altidentifier|uri/info|uri/url|info|urn|uri)[:/]"
    r"(?P<scheme>doi|hdl|handle|isbn|e?issn|pissn|pmid|arxiv|urn|purl|wos|scp|repec)[:/]\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"^(?P<scheme>doi|hdl|handle|isbn(?:-?1[03])?|[ep]?-?issn(?:-?l)?|pmid|pubmed|arxiv|urn)\s*[:=]?\s*(?P<value>\S.*)$",
    re.IGNORECASE,
)
# Their first letters: most values begin otherwise.
_LABELS = "dhiepauDHIEPAU"
# The address of a resolver; the group that matches names the scheme, and an identifier follows.
_RESOLVER = re.compile(
    r"https?://(?:(?P<doi>(?:dx\.|www\.)?doi\.org/(?:doi:|https?://(?:dx\.)?doi\.org/)?)|(?P<hdl>hdl\.handle\.net/)|"
    r"(?P<pmid>(?:www\.)?ncbi\.nlm\.nih\.gov/pubmed/|pubmed\.ncbi\.nlm\.nih\.gov/)|"
    r"(?P<arxiv>(?:www\.)?arxiv\.org/(?:abs|pdf)/)|(?P<doaj>(?:www\.)?doaj\.org/toc/)|"
    r"(?P<urn>(?:nbn-resolving\.(?:de|org)|(?:www\.)?persistent-identifier\.nl|resolver\.kb\.nl)/(?:resolve\?)?(?:\?identifier=)?(?=urn:)))(?=.+$)",
    re.IGNORECASE,
)
# A page of DSpace and its kin: https://orbi.uliege.be/handle/2268/231953
_PAGE = re.compile(
    r"^https?://[^/]+/(?:[\w.-]+/){0,3}(?:handle|HandleResolver)/(?P<value>[0-9][0-9.]*/[^/?#]+)",
    re.IGNORECASE,
)
# A publisher's page: http://link.springer.com/article/10.1007/s11858-009-0231-3
_PUBLISHED = re.compile(
    r"^https?://[^/]+/(?:(?:[\w.-]+/){0,3}(?:doi|article|articles|chapter|book|content/pdf)/"
    r"(?:abs/|full/|pdf/|epdf/|book/|10\.1007%2f)?)?(?P<value>10\.[0-9]{4,9}/[^?#]+?)"
    r"(?:/(?:abstract|full|fullpdf|fulltext\.html|pdf|epdf|meta|html|xml|references)|\.pdf)*/?(?:[?#].*)?$",
    re.IGNORECASE,
)
# What most identifiers are, with nothing to trim: `http://hdl.handle.net/2066/1`, `10.1177/x.2`.
_USUAL = re.compile(
    r"https?://hdl\.handle\.net/(?!123456789/)(?P<handle>[0-9][0-9.]*/[\w.-]*[0-9a-z])|"
    r"(?:https?://(?:dx\.)?doi\.org/|(?:info:)?doi:)?"
    r"(?P<doi>10\.(?!(?:13039|1234|12345|5555|0000)/)[0-9]{4,9}/[0-9a-z.()_-]*[0-9a-z])"
)
_DOI = re.compile(r"10\.[0-9]{4,9}(?:\.[0-9]+)*/\S+")
_HANDLE = re.compile(r"[0-9][0-9.]*/\S+")
_ISSN = re.compile(r"[0-9]{4}[-– ]?[0-9]{3}[0-9Xx]")
_MEDIUM = re.compile(
    r"\s\((?:online|print|internet|electronic|impres[ao]|e-?book|pdf|hardback|paperback)\)$",
    re.IGNORECASE,
)
_ISBN = re.compile(r"(?:97[89][- ]?)?[0-9][0-9 -]{7,18}[0-9Xx]")
_OPENING = {")": "(", "]": "[", ">": "<"}
# No other digits than these, though Python reads those of other scripts too.
_CHECKED = frozenset("0123456789X")
_ARXIV = re.compile(
    r"(?:[a-z-]+(?:\.[A-Z]{2})?/)?[0-9]{4}\.?[0-9]{3,5}(?:v[0-9]+)?|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}",
    re.IGNORECASE,
)
# Several DOIs in one value; a semicolon without a blank is part of many an old DOI.
_BETWEEN_DOIS = re.compile(r"[;,|]?\s+(?:[;|]\s+)?")
_DOUBLED_URN = re.compile(r"^(?:urn:){2,}", re.IGNORECASE)
_PLACEHOLDER_DOI = re.compile(r"10\.(?:1234|12345|5555|0000)/")
# Springer's 10.1007/978-1-4615-1515-9, Oxford's 10.1093/oso/9780190676445.001.0001: a whole book.
_BOOK_DOI = re.compile(r"[\d.]+/(?:[a-z]+/?)?(97[89][\d-]{10,14})(?:\.001\.0001)?")
# Crossref's registry of funders: no publication.
_FUNDERS = "10.13039/"
# DSpace's prefix for installations that never registered one.
_PLACEHOLDER_HANDLE = ("123456789/",)

SCHEMES = {
    "doi": "doi",
    "hdl": "handle",
    "handle": "handle",
    "pmid": "pmid",
    "pubmed": "pmid",
    "arxiv": "arxiv",
    "urn": "urn",
}


def find(text: str) -> tuple[list[Found], str]:
    """Return the identifiers that a whole value is, and the rule.

    The value may be bare, labelled, a URN, an info URI, or the address of a resolver. Identifiers
    inside a sentence are not looked for. ISSNs may come several in one value.

    Returns:
        the identifiers, and `identifiers.<scheme>`; none and `identifiers.placeholder` or
        `identifiers.checksum` where it is one but cannot be right; none and "" where it is none.
    """
    if usual := _USUAL.fullmatch(text):
        handle, doi = usual.groups()
        if handle:
            return [Found("handle", handle)], "identifiers.handle"
        return [Found("doi", doi)], "identifiers.doi"
    if "\\" in text:
        text = text.replace("\\/", "/")
    head = text[:1]
    if head in "hH" and (found := _RESOLVER.match(text)):
        scheme, value = str(found.lastgroup), text[found.end() :]
        if scheme == "doaj":
            return _issns(value)
        if scheme == "doi":  # a question mark of the DOI itself is percent-encoded here
            value = value.partition("?")[0]
        return _bare(SCHEMES[scheme], _trimmed(value), alternative=False)
    if head in "hH" and (found := _PAGE.match(text)):
        return _bare("handle", found["value"], alternative=False)
    if (
        head in "hH"
        and "/10." in text
        and "/article-pdf/" not in text
        and (found := _PUBLISHED.match(text))
    ):
        return _bare("doi", _trimmed(found["value"]), alternative=False)
    if text[:4].lower() == "http":
        return [], ""
    if head.isdigit():
        return _numeric(text)
    if head in "iIuU" and (found := _WRAPPED.match(text)):
        alternative = found["how"].lower() not in ("info", "urn")
        return _labelled(found["scheme"], found["value"], alternative=alternative)
    if text[:4].lower() == "urn:":
        # German Medical Science by way of DataCite: `urn:urn:nbn:de:0183-mbi0002519`.
        return [Found("urn", _DOUBLED_URN.sub("urn:", text.split()[0]))], "identifiers.urn"
    if text[:4].lower() == "doi.":
        return find("https://" + text)
    if head in _LABELS and (found := _LABELLED.match(text)):
        return _labelled(found["scheme"], found["value"], alternative=False)
    return [], ""


def _labelled(label: str, value: str, *, alternative: bool) -> tuple[list[Found], str]:
    label = label.lower()
    if "issn" in label:
        return _issns(value)
    if label.startswith("isbn"):
        return _isbns(value)
    if label == "urn" and not value.lower().startswith("urn:"):
        value = "urn:" + value
    scheme = SCHEMES.get(label)
    if scheme is None:
        return [], ""
    if scheme == "doi" and (resolved := _DOI.search(value)):
        value = resolved.group()
    return _bare(scheme, _trimmed(value), alternative=alternative)


def _numeric(text: str) -> tuple[list[Found], str]:
    """Read a value that begins with a digit: DOI, ISSN, ISBN, or a number of something else."""
    if text[-1] == ")":  # `2171-861X (Internet)`
        text = _MEDIUM.sub("", text)
    if text.startswith("10.") and _DOI.fullmatch(text):
        return _bare("doi", _trimmed(text), alternative=False)
    if text.startswith("10.") and all(map(_DOI.fullmatch, _BETWEEN_DOIS.split(text))):
        return _bare("doi", _trimmed(_BETWEEN_DOIS.split(text)[0]), alternative=False)
    if _ISSN.fullmatch(text) and not text.isdecimal():
        return _issns(text)
    digits = text.replace("-", "").replace(" ", "")
    if len(digits) == 13 and digits.startswith(("978", "979")) and _ISBN.fullmatch(text):
        return _isbns(text)
    # Ten digits without a hyphen may be anything.
    if len(digits) == 10 and "-" in text and _ISBN.fullmatch(text):
        return _isbns(text)
    return [], ""


def _trimmed(value: str) -> str:
    """Take off what surrounds an identifier: a sentence's end, a bracket that opens nowhere."""
    value = next(iter(value.split(maxsplit=1)), "")
    if "%" in value:
        value = unquote(value)
    if value[-1:].isalnum():  # as most do
        return value
    end = len(value)
    surplus: dict[str, int] = {}
    while end and not (last := value[end - 1]).isalnum():
        if last in _OPENING:
            if last not in surplus:
                surplus[last] = value.count(last) - value.count(_OPENING[last])
            if surplus[last] <= 0:
                break
            surplus[last] -= 1
        elif last not in ".,;:\"'»”’":
            break
        end -= 1
    return value[:end]


def _bare(scheme: str, value: str, *, alternative: bool) -> tuple[list[Found], str]:
    if scheme == "doi":
        value = value.lower()
        if not _DOI.fullmatch(value):
            return [], ""
        if value.startswith(_FUNDERS):
            return [], ""
        if _PLACEHOLDER_DOI.match(value):
            return [], "identifiers.placeholder"
    elif scheme == "handle":
        value = value.partition("?")[0].partition("#")[0].rstrip("/")
        if not _HANDLE.fullmatch(value):
            return [], ""
        if value.startswith(_PLACEHOLDER_HANDLE):
            return [], "identifiers.placeholder"
    elif scheme == "pmid":
        value = value.rstrip("/").partition("?")[0]
        if not (value.isascii() and value.isdecimal()):
            return [], ""
    elif scheme == "arxiv":
        value = value.removesuffix(".pdf").removeprefix("arXiv:")
        if not _ARXIV.fullmatch(value):
            return [], ""
    elif scheme == "urn" and not value.lower().startswith("urn:"):
        return [], ""
    return [Found(scheme, value, alternative)], f"identifiers.{scheme}"


def _issns(text: str) -> tuple[list[Found], str]:
    candidates = _ISSN.findall(text)
    good = [issn for candidate in candidates if (issn := normal_issn(candidate))]
    if good:
        return [Found("issn", issn) for issn in dict.fromkeys(good)], "identifiers.issn"
    return [], "identifiers.checksum" if candidates else ""


def _isbns(text: str) -> tuple[list[Found], str]:
    candidates = _ISBN.findall(text)
    good = [isbn for candidate in candidates if (isbn := normal_isbn(candidate))]
    if good:
        return [Found("isbn", isbn) for isbn in dict.fromkeys(good)], "identifiers.isbn"
    return [], "identifiers.checksum" if candidates else ""


def normal_issn(text: str) -> str | None:
    """Return an ISSN as `1234-567X` if its checksum is right (ISO 3297)."""
    digits = [character for character in text.upper() if character in _CHECKED]
    if len(digits) != 8 or "X" in digits[:7]:
        return None
    total = sum((8 - place) * int(digit) for place, digit in enumerate(digits[:7]))
    check = (11 - total % 11) % 11
    if digits[7] != ("X" if check == 10 else str(check)) or len(set(digits)) == 1:
        return None
    return "".join(digits[:4]) + "-" + "".join(digits[4:])


def normal_isbn(text: str) -> str | None:
    """Return an ISBN as 13 digits if its checksum is right (ISO 2108); 10 digits are converted."""
    digits = "".join(character for character in text.upper() if character in _CHECKED)
    if len(digits) == 10 and "X" not in digits[:9]:
        total = sum(
            (10 - place) * (10 if digit == "X" else int(digit))
            for place, digit in enumerate(digits)
        )
        if total % 11 or len(set(digits)) == 1:
            return None
        stem = "978" + digits[:9]
        return stem + _ean_check(stem)
    if len(digits) == 13 and digits.startswith(("978", "979")) and "X" not in digits:
        return digits if digits[12] == _ean_check(digits[:12]) else None
    return None


def _ean_check(stem: str) -> str:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(stem))
    return str((10 - total % 10) % 10)


class Numbers(msgspec.Struct, frozen=True, gc=False):
    """The identifiers of a record, and those of what it appeared in."""

    own: Identifiers
    container_issn: list[str]
    container_isbn: list[str]


Read = Sequence[tuple[Value, Sequence[Found], str]]


def read(
    identifiers: Read,
    relations: Read,
    cited: Read,
    *,
    kind: Type | None,
    relation_is_own: bool,
    relation_is_other: bool = False,
) -> tuple[Numbers, list[Note]]:
    """Sort the identifiers of a record by what they identify.

    A DOI of dc:identifier, or of the record's own citation, is the publication's own. One of
    dc:relation is where it is said to be (`altIdentifier`, `uri/info:`), where the platform is
    known to put it there, and where it is the only DOI of the record: DSpace, Fez and others
    flatten `relation.isversionof` and `relation.doi`. Beside an own DOI it names another article, a
    dataset, or all versions together (Zenodo); so it does for data, and where there are several.
    A chapter never has the DOI of its book, which is made of the book's ISBN.

    Args:
        identifiers: values of dc:identifier with what `find` said of them.
        relations: the same of dc:relation.
        cited: what the citation in dc:source holds (ISSN, ISBN; a DOI only where it is own).
        kind: the record's type; an ISBN is a chapter's book's, but a book's own.
        relation_is_own: this platform repeats the record's own identifiers in dc:relation.
        relation_is_other: this platform names other works and versions there.
    """
    asks = relations and not relation_is_other
    lone = _lone_doi(identifiers, relations, kind) if asks else None
    names, is_part = (kind.own, kind.part) if kind else (frozenset[str](), False)
    own = Identifiers()
    # Dictionaries for their order: a volume of proceedings may name thousands.
    numbers: dict[tuple[str, bool], dict[str, None]] = {}
    notes = []
    for place, group in (("identifier", identifiers), ("source", cited), ("relation", relations)):
        for value, found, rule in group:
            if not rule:  # none is found without one
                continue
            kept = []
            for one in found:
                scheme, number = one.scheme, one.value
                if scheme in ("issn", "isbn"):
                    is_own = scheme in names or (
                        scheme == "isbn" and place == "identifier" and not is_part
                    )
                    numbers.setdefault((scheme, is_own), {})[number] = None
                    kept.append(number)
                elif is_part and scheme == "doi" and _is_of_a_book(number):
                    rule = "identifiers.of-the-book"
                elif (
                    place != "relation"
                    or one.alternative
                    or relation_is_own
                    or number in (lone, own.doi)
                ):
                    if getattr(own, scheme) is None:
                        setattr(own, scheme, number)
                    if getattr(own, scheme) == number:
                        kept.append(number)
            if found and not kept and rule != "identifiers.of-the-book":
                rule = "identifiers.related" if place == "relation" else "identifiers.second"
            notes.append(Note("identifiers", value.name, value.original, rule, " ".join(kept)))

    if not numbers:
        return Numbers(own, [], []), notes

    def held(scheme: str, *, is_own: bool) -> list[str]:
        return list(numbers.get((scheme, is_own), ()))

    own.issn, own.isbn = held("issn", is_own=True), held("isbn", is_own=True)
    return Numbers(own, held("issn", is_own=False), held("isbn", is_own=False)), notes


def _is_of_a_book(doi: str) -> bool:
    found = _BOOK_DOI.fullmatch(doi)
    return found is not None and normal_isbn(found.group(1)) is not None


def _lone_doi(identifiers: Read, relations: Read, kind: Type | None) -> str | None:
    """Return the only DOI of a record that has it in dc:relation; None where there are others."""
    if kind is not None and kind.label in _DATA:
        return None
    named = {
        one.value
        for group in (identifiers, relations)
        for _, found, _ in group
        for one in found
        if one.scheme == "doi"
    }
    return named.pop() if len(named) == 1 else None


_DATA = frozenset({"dataset", "software"})
