"""Reads what the exporters write, format by format, down to what every format should hold."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import unquote

import rispy
from bibtexparser.entrypoint import parse_string
from lxml import etree

from harvester.catalogue.row import landing
from harvester.export import parts, tex, tree
from harvester.languages import bcp47
from harvester.model import Container, Identifiers, Record

MODS = {"m": "http://www.loc.gov/mods/v3"}
DATACITE = {"d": "http://datacite.org/schema/kernel-4"}


class Seen(NamedTuple):
    """What came back of one record; what the format has no place for is None."""

    title: str | None
    creators: list[str] | None
    year: str | None
    doi: str | None
    url: str | None
    language: str | None
    pages: str | None
    issn: str | None
    keywords: list[str] | None


def expected(record: Record) -> Seen:
    """What should come back where nothing is lost."""
    container, known = record.container or Container(), record.identifiers or Identifiers()
    year = parts.date(record)
    return Seen(
        title=record.title,
        creators=[parts.name(agent) for agent in parts.authors(record)],
        year=str(year.year) if year else "",
        doi=(known.doi or "").lower(),
        url=landing(record) or "",
        language=bcp47(record.languages[0]) if record.languages else "",
        pages="-".join(filter(None, parts.pages(container.pages)))
        or (container.article_number or ""),
        issn=next(iter(container.issn or known.issn), ""),
        keywords=[keyword.label for keyword in record.keywords],
    )


def csl(text: str) -> list[Seen]:
    return [
        Seen(
            one.get("title", ""),
            [
                person["literal"] if "literal" in person
                else ", ".join(filter(None, (person["family"], person.get("given"))))
                for person in one.get("author", [])
            ],
            str(one["issued"]["date-parts"][0][0]) if "issued" in one else "",
            one.get("DOI", ""),
            one.get("URL", ""),
            one.get("language", ""),
            one.get("page", ""),
            one.get("ISSN", ""),
            list(filter(None, one.get("keyword", "").split(", "))),
        )
        for one in json.loads(text)
    ]  # fmt: skip


def jsonld(text: str) -> list[Seen]:
    def listed(value: Any) -> list[Any]:
        return value if isinstance(value, list) else [value] if value else []

    found = json.loads(text)
    assert found["@context"] == "https://schema.org"
    return [
        Seen(
            one.get("name", ""),
            [", ".join(filter(None, (person.get("familyName"), person.get("givenName"))))
             or person.get("name", "") for person in one.get("author", [])],
            one.get("datePublished", "")[:4].lstrip("0"),
            next((i["value"].lower() for i in one.get("identifier", [])
                  if i["propertyID"] == "DOI"), ""),
            None,
            next(iter(listed(one.get("inLanguage"))), ""),
            None,
            None,
            one.get("keywords", []),
        )
        for one in found["@graph"]
    ]  # fmt: skip


def mods(text: str) -> list[Seen]:
    def first(node: etree._Element, path: str) -> str:
        return str(node.xpath(f"string(({path})[1])", namespaces=MODS))

    root = etree.fromstring(text.encode())
    records = [root] if root.tag.endswith("}mods") else list(root)
    return [
        Seen(
            first(one, "m:titleInfo[not(@type)]/m:title"),
            [
                ", ".join(part.text or "" for part in person.iterfind("m:namePart", MODS))
                for person in one.iterfind("m:name", MODS)
                if first(person, "m:role/m:roleTerm") not in ("edt", "ctb")
            ],
            first(one, "m:originInfo/m:dateIssued")[:4],
            first(one, "m:identifier[@type='doi']").lower(),
            None,
            first(one, "m:language/m:languageTerm"),
            None,
            first(one, "m:relatedItem/m:identifier[@type='issn']")
            or first(one, "m:identifier[@type='issn']"),
            [
                first(subject, "m:topic")
                for subject in one.iterfind("m:subject", MODS)
                if subject.get("authority") is None
            ],
        )
        for one in records
    ]


def datacite(text: str) -> list[Seen]:
    def first(node: etree._Element, path: str) -> str:
        return str(node.xpath(f"string(({path})[1])", namespaces=DATACITE))

    root = etree.fromstring(text.encode())
    records = [root] if root.tag.endswith("}resource") else list(root)
    return [
        Seen(
            first(one, "d:titles/d:title[not(@titleType)]"),
            [
                one.text or ""
                for one in one.iterfind("d:creators/d:creator/d:creatorName", DATACITE)
            ],
            first(one, "d:publicationYear").lstrip("0"),
            first(one, "d:identifier[@identifierType='DOI']").lower(),
            None,
            first(one, "d:language"),
            None,
            None,
            [
                each.text or ""
                for each in one.iterfind("d:subjects/d:subject", DATACITE)
                if each.get("subjectScheme") is None
            ],
        )
        for one in records
    ]


def ris(text: str) -> list[Seen]:
    return [
        Seen(
            one.get("title", ""),
            one.get("authors", []),
            one.get("year", ""),
            one.get("doi", ""),
            unquote(next(iter(one.get("urls", [])), "")),
            one.get("language", ""),
            "-".join(filter(None, (one.get("start_page"), one.get("end_page")))),
            one.get("issn", ""),
            one.get("keywords", []),
        )
        for one in rispy.loads(text.replace("\r\n", "\n"))
    ]


def enw(text: str) -> list[Seen]:
    found = []
    for reference in text.split("\r\n\r\n")[:-1]:
        tags: dict[str, list[str]] = {}
        for line in reference.split("\r\n"):
            assert re.match(r"%[A-Z0-9@] ", line)
            tags.setdefault(line[:2], []).append(line[3:])
        one = {tag: values[0] for tag, values in tags.items()}
        found.append(
            Seen(
                one.get("%T", ""),
                [each.removesuffix(",") for each in tags.get("%A", [])],
                one.get("%D", ""),
                one.get("%R", ""),
                unquote(one.get("%U", "")),
                one.get("%G", ""),
                one.get("%P", ""),
                one.get("%@", ""),
                tags.get("%K", []),
            )
        )
    return found


def bib(text: str) -> list[Seen]:
    library = parse_string(text, parse_stack=[])
    assert not library.failed_blocks
    found = []
    for entry in library.entries:
        got = {field.key: str(field.value) for field in entry.fields}
        inner = {key: value[1:-1] for key, value in got.items() if key != "month"}
        found.append(
            Seen(
                unescaped(inner.get("title", "")),
                [unescaped(one) for one in split_names(inner.get("author", ""))],
                (inner.get("year") or inner.get("date", "").lstrip("/"))[:4],
                unquote(inner.get("doi", "")),
                unquote(inner.get("url", "")),
                inner.get("language"),
                unescaped(inner.get("pages", "")).replace("--", "-"),
                inner.get("issn", ""),
                list(filter(None, unescaped(inner.get("keywords", "")).split(", "))),
            )
        )
    return found


def split_names(value: str) -> list[str]:
    """Split at the word "and" outside braces, as BibTeX does."""
    names, depth, current = [], 0, ""
    for word in re.split(r"(\s+)", value):
        if depth == 0 and word.lower() == "and":
            names.append(current.strip())
            current = ""
        else:
            current += word
            depth += balance(word)
    return [*names, current.strip()] if value else []


def balance(value: str) -> int:
    """Count how many more braces open than close."""
    unescaped_braces = re.findall(r"(?<!\\)[{}]", value)
    return unescaped_braces.count("{") - unescaped_braces.count("}")


def unescaped(value: str) -> str:
    """Undo the documented escapes and protecting braces."""
    value = value.replace(r"\~{}", "~").replace(r"\^{}", "^")
    value = re.sub(r"(?<!\\)[{}]", "", value)
    return re.sub(r"\\([&%#_${}])", r"\1", value)


def line(text: str) -> str:
    """Make one line of a text, without control characters, as RIS and ENW need it."""
    return re.sub(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).strip()


READERS: dict[str, Callable[[str], list[Seen]]] = {
    "biblatex": bib,
    "bibtex": bib,
    "csl-json": csl,
    "datacite": datacite,
    "enw": enw,
    "jsonld": jsonld,
    "mods": mods,
    "ris": ris,
}
PLAIN: dict[str, Callable[[str], str]] = {
    "biblatex": tex.plain,
    "bibtex": tex.plain,
    "datacite": tree.clean,
    "enw": line,
    "mods": tree.clean,
    "ris": line,
}
"""What a format can hold of a text; the others hold all of it."""
