"""What a repository lists, page by page as it comes over the wire: what benchmarks are fed with."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import requests

_TOKEN = re.compile(rb"<resumptionToken[^>]*>([^<]+)</")


def pages(url: str, prefix: str = "oai_dc", records: int | None = None) -> Iterator[bytes]:
    """Give the pages of a list, so many records of it or all.

    Args:
        url: the base URL.
        prefix: the metadata prefix.
        records: the page that completes them is the last one; None means all there are.

    Raises:
        requests.RequestException: the server does not answer, or not with 200.
    """
    asked = {"verb": "ListRecords", "metadataPrefix": prefix}
    with requests.Session() as session:
        while records is None or records > 0:
            answer = session.get(url, params=asked, timeout=60)
            answer.raise_for_status()
            yield answer.content
            token = _TOKEN.search(answer.content)
            if token is None:
                return
            resumed = html.unescape(token.group(1).decode())
            asked = {"verb": "ListRecords", "resumptionToken": resumed}
            if records is not None:
                records -= answer.content.count(b"<record>")
