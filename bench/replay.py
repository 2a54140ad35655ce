"""A provider that lists so many records of a corpus again, and later what changed in a night.

The records are taken from a base URL or a folder of pages once, into one file, and served from it
in pages of 100: serving costs next to nothing, and everybody gets the same bytes. Who asks without
`from` gets the whole list. Who asks with it gets the records of a night: some of all parts of the
list, with a datestamp of now and one word more in their title.
"""

from __future__ import annotations

import mmap
import multiprocessing
import re
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from bench import listing
from harvester.oai.datestamps import now

PAGE = 100
NIGHT_WORD = "nachtwijziging"
"""Stands in the title of every record that a night changed."""

_RECORD = re.compile(rb"<record>.*?</record>", re.DOTALL)
_DELETED = re.compile(rb"<header[^>]*\sstatus\s*=\s*[\"']deleted")
_TITLE = re.compile(rb"<dc:title[^>]*>[^<]*")
_DATESTAMP = re.compile(rb"<datestamp>[^<]*")
_ANSWERED = re.compile(rb"<responseDate>.*?</request>|<responseDate>.*?<request[^>]*/>", re.DOTALL)
_SPAWN = multiprocessing.get_context("spawn")
_IDENTIFY = """<?xml version="1.0" encoding="UTF-8"?>
<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><responseDate>{now}</responseDate>
<request verb="Identify">{url}</request><Identify><repositoryName>Benchmark</repositoryName>
<baseURL>{url}</baseURL><protocolVersion>2.0</protocolVersion>
<adminEmail>nobody@example.org</adminEmail>
<earliestDatestamp>1990-01-01T00:00:00Z</earliestDatestamp>
<deletedRecord>persistent</deletedRecord><granularity>YYYY-MM-DDThh:mm:ssZ</granularity></Identify>
</OAI-PMH>"""


class Corpus(NamedTuple):
    """Records in a file, one after the other.

    Attributes:
        file: holds them, as they were listed.
        ends: where each of them begins, and at last where the last one ends.
        deleted: how many of all before each of them are tombstones, and at last how many of all.
        head: the answer that the first of them came in, up to the first record.
    """

    file: Path
    ends: array[int]
    deleted: array[int]
    head: bytes

    def live(self, records: int) -> int:
        """How many of the first so many records are not deleted."""
        return records - self.deleted[records]


class Provider(NamedTuple):
    """A provider that runs: its base URL, and how many records its night changed."""

    url: str
    changed: int


def take(source: str, records: int, file: Path) -> Corpus:
    """Write so many records of a base URL, or of a folder of pages (`*.xml`), to a file.

    Raises:
        SystemExit: there are fewer.
    """
    bodies: Iterator[bytes]
    if source.startswith("http"):
        bodies = listing.pages(source, records=records)
    else:
        bodies = (page.read_bytes() for page in sorted(Path(source).glob("*.xml")))
    ends, deleted, head = array("q", [0]), array("q", [0]), b""
    with file.open("wb") as out:
        for body in bodies:
            head = head or body[: body.find(b"<record>")]
            for record in _RECORD.findall(body)[: records + 1 - len(ends)]:
                out.write(record)
                ends.append(ends[-1] + len(record))
                deleted.append(deleted[-1] + bool(_DELETED.search(record)))
    if len(ends) - 1 < records:
        raise SystemExit(f"{source} lists {len(ends) - 1:,} records, not {records:,}")
    return Corpus(file, ends, deleted, head)


@contextmanager
def serving(corpus: Corpus, records: int, night: int = 0) -> Iterator[Provider]:
    """Serve the first so many records, and so many of them as a night changed them."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_serve, args=(there, corpus, records, night), daemon=True)
    process.start()
    there.close()
    try:
        port, count = here.recv()
        yield Provider(f"http://127.0.0.1:{port}/oai", count)
    finally:
        process.terminate()
        process.join()


def changed(records: Iterator[bytes], count: int) -> list[bytes]:
    """Change the titles of so many records that have one, and make their datestamp now.

    Args:
        records: as they are listed; where there are fewer, all are changed.
        count: how many.
    """
    datestamp = b"<datestamp>" + now().encode()
    found: list[bytes] = []
    for record in records:
        if len(found) == count:
            break
        title = _TITLE.search(record)
        if title is not None and not _DELETED.search(record):
            record = record[: title.end()] + b" " + NIGHT_WORD.encode() + record[title.end() :]
            found.append(_DATESTAMP.sub(datestamp, record, count=1))
    return found


def _serve(pipe: Connection, corpus: Corpus, records: int, night: int) -> None:
    with corpus.file.open("rb") as file:
        held = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    ends = corpus.ends

    def spread() -> Iterator[bytes]:
        """Give one record of every part of the list, then the next one of every part."""
        step = max(1, records // max(1, night))
        for start in range(step):
            for number in range(start, records, step):
                yield bytes(held[ends[number] : ends[number + 1]])

    changes = changed(spread(), night)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            asked = {name: found[0] for name, found in parse_qs(urlsplit(self.path).query).items()}
            url = f"http://127.0.0.1:{self.server.server_port}/oai"  # type: ignore[attr-defined]
            if asked.get("verb") != "ListRecords":
                self._send([_IDENTIFY.format(now=now(), url=url).encode()])
                return
            told = "".join(f' {name}="{value}"' for name, value in asked.items())
            answered = f"<responseDate>{now()}</responseDate><request{told}>{url}</request>"
            token = asked.get("resumptionToken", "changed-0" if "from" in asked else "all-0")
            kind, _, page = token.partition("-")
            begin = int(page) * PAGE
            size = len(changes) if kind == "changed" else records
            end = min(begin + PAGE, size)
            body: Sequence[bytes | memoryview] = changes[begin:end]
            if kind == "all":
                body = [held[ends[begin] : ends[end]]]
            more = f"{kind}-{int(page) + 1}" if end < size else ""
            token = f'<resumptionToken completeListSize="{size}" cursor="{begin}">{more}'
            tail = f"{token}</resumptionToken></ListRecords></OAI-PMH>"
            head = _ANSWERED.sub(lambda _: answered.encode(), corpus.head, count=1)
            self._send([head, *body, tail.encode()])

        def _send(self, parts: Sequence[bytes | memoryview]) -> None:
            """Send all of an answer at once."""
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml; charset=utf-8\r\n"
            head += b"Content-Length: %d\r\n\r\n" % sum(map(len, parts))
            self.request.sendall(b"".join([head, *parts]))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    pipe.send((server.server_port, len(changes)))
    server.serve_forever()
