"""Pages of records for the tests of repairing."""

from __future__ import annotations

OAI = "http://www.openarchives.org/OAI/2.0/"
METADATA = (
    f'<oai_dc:dc xmlns:oai_dc="{OAI}oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    "<dc:title>{}</dc:title></oai_dc:dc>"
)
TOKEN = '<resumptionToken completeListSize="9">next|2</resumptionToken>'


def record(number: int, title: str) -> str:
    return wrapped(f"<identifier>oai:x:{number}</identifier>", METADATA.format(title))


def wrapped(header: str, metadata: str) -> str:
    return f"<record><header>{header}</header><metadata>{metadata}</metadata></record>"


def page(*records: str, token: str = TOKEN, head: str = "", between: str = "") -> str:
    first, *others = records
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="{OAI}">'
        "<responseDate>2026-11-23T01:00:00Z</responseDate>"
        f'<request verb="ListRecords">https://x.org/oai</request>{head}'
        f"<ListRecords>{first}{between}{''.join(others)}{token}</ListRecords></OAI-PMH>"
    )
