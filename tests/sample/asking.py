"""Asks the sample providers, and reads their answers."""

from __future__ import annotations

from collections.abc import Iterator

import requests
from lxml import etree

from harvester.sources import Source

OAI = "{http://www.openarchives.org/OAI/2.0/}"
NAMES = ("sample-orbi", "sample-base", "sample-pure")
PREFIX = {"sample-orbi": "oai_dc", "sample-base": "base_dc", "sample-pure": "oai_dc"}
REFERENCE = "oai:orbi.ulg.ac.be:2268/231953"
Answer = etree._Element


def parse(content: bytes) -> Answer:
    # ORBi puts ORCID iDs into xml:id; with ids collected, lxml refuses what is no NCName.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, collect_ids=False)
    return etree.fromstring(content, parser)


def ask(session: requests.Session, source: Source, **arguments: str) -> Answer:
    arguments = {name.rstrip("_"): value for name, value in arguments.items()}
    received = session.get(source.urls[0], params=arguments, timeout=10)
    assert received.status_code == 200
    assert received.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = parse(received.content)
    assert root.tag == f"{OAI}OAI-PMH"
    assert root.findtext(f"{OAI}request") == source.urls[0]
    return root


def error(root: Answer) -> str:
    found = root.findall(f"{OAI}error")
    assert len(found) == 1
    assert found[0].text
    assert len(root) == 3  # responseDate, request, error: an error comes alone
    return str(found[0].get("code"))


def pages(session: requests.Session, source: Source, **arguments: str) -> Iterator[Answer]:
    root = ask(session, source, **arguments)
    yield root
    while token := root.findtext(f".//{OAI}resumptionToken"):
        root = ask(session, source, verb=arguments["verb"], resumptionToken=token)
        yield root


def headers(roots: Iterator[Answer]) -> list[Answer]:
    return [header for root in roots for header in root.iter(f"{OAI}header")]


def identifiers(found: list[Answer]) -> list[str]:
    return [str(header.findtext(f"{OAI}identifier")) for header in found]


def listed(session: requests.Session, source: Source, **arguments: str) -> list[Answer]:
    prefix = PREFIX[source.name]
    found = pages(session, source, verb="ListIdentifiers", metadataPrefix=prefix, **arguments)
    return headers(found)
