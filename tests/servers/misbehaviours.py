"""How providers misbehave, as a table: what goes wrong at which page, and how a harvest ends.

A row is one way to misbehave, met by a harvest of 35 records in four pages of ten. To add one,
write its row, and its change where `tests/servers/changes.py` has none that fits.
"""

from __future__ import annotations

import msgspec

from tests.servers.changes import (
    BOMB,
    HTML,
    answering,
    chunked,
    chunked_and_cut,
    double_gzip,
    dripping,
    empty_page,
    gzip_bomb,
    hanging_up,
    http_date_in,
    oai_error,
    plain_announced_as_gzip,
    prefixed_by,
    raw_deflate,
    replacing,
    reset,
    same_page_for_ever,
    shorter_than_announced,
    stalling,
    token,
    truncated,
    truncated_gzip,
    unannounced_gzip,
)
from tests.servers.provider import Change, Misbehaviour

RECORDS = 35
PAGE_SIZE = 10
ALL_PAGES = 4


class Row(msgspec.Struct, kw_only=True):
    """A way to misbehave.

    Attributes:
        name: what it is called in the tests.
        change: what it does to the honest reply.
        page: at which page; None at all of them.
        times: how often; None always.
        state: the state that the harvest must end in.
        records: how many records it brings.
        says: a piece of the reason.
        waits: the seconds that are waited for, where that matters.
        seen: where it was seen.
    """

    name: str
    change: Change
    page: int | None = 2
    times: int | None = None
    state: str = "complete"
    records: int = RECORDS
    says: str = ""
    waits: list[float] | None = None
    seen: str

    def misbehaviour(self) -> Misbehaviour:
        return Misbehaviour(change=self.change, page=self.page, times=self.times)


ROWS = [
    Row(name="honest", change=lambda question, reply: reply, seen="most servers"),
    # tokens
    Row(
        name="token-expired",
        change=oai_error("badResumptionToken"),
        page=3,
        state="partial",
        records=20,
        says="badResumptionToken",
        seen="sickle#19, arxiv-public-datasets#26",
    ),
    Row(
        name="token-loop-of-one",
        change=token(b"10|metadataPrefix=oai_dc"),
        state="loop",
        records=20,
        says="same resumption token",
        seen="OpenSKOS#8, gssrjournal.com",
    ),
    Row(
        name="token-loop-of-two",
        change=token(b"10|metadataPrefix=oai_dc"),
        page=3,
        state="loop",
        records=30,
        says="same resumption token",
        seen="coneda/kor#55",
    ),
    Row(
        name="page-loop-under-new-tokens",
        change=same_page_for_ever,
        state="loop",
        records=30,
        says="same page twice",
        seen="geoportal-harvester#79",
    ),
    Row(
        name="token-in-whitespace",
        change=replacing(rb"(<resumptionToken[^>]*>)([^<]+)", rb"\1\n   \2\n "),
        page=None,
        seen="SobekCM#6",
    ),
    Row(
        name="last-token-empty-with-whitespace",
        change=replacing(rb"(<resumptionToken[^>]*>)(</)", rb"\1\n \2"),
        page=4,
        seen="ssoar (sickle#25)",
    ),
    Row(
        name="last-token-absent",
        change=replacing(rb"<resumptionToken.*</resumptionToken>", b""),
        page=4,
        seen="DOAJ#1396",
    ),
    Row(
        name="token-lost",
        change=replacing(rb"<resumptionToken.*</resumptionToken>", b""),
        state="short",
        records=20,
        says="announced 35 records, 20 came",
        seen="a page cut by a recovering parser",
    ),
    Row(
        name="token-after-the-end",
        change=token(b"9999|metadataPrefix=oai_dc|gone"),
        page=4,
        seen="DOAJ (metha, refs #14865)",
    ),
    Row(
        name="empty-page-with-token",
        change=empty_page,
        state="short",
        records=25,
        says="announced 35 records, 25 came",
        seen="DataCite",
    ),
    Row(
        name="later-page-says-no-records-match",
        change=oai_error("noRecordsMatch"),
        page=4,
        state="partial",
        records=30,
        says="noRecordsMatch",
        seen="table of peers",
    ),
    Row(
        name="records-come-twice",
        change=replacing(rb"oai:x:1(\d)", rb"oai:x:2\1"),
        state="short",
        says="10 of them twice",
        seen="DOAJ#712, atom#1581",
    ),
    Row(
        name="size-is-no-number",
        change=replacing(rb'completeListSize="\d+"', b'completeListSize="unknown"'),
        page=None,
        seen="metis-framework test pages",
    ),
    # transport
    Row(
        name="busy-seconds",
        change=answering(503, b"later", {"Retry-After": "7"}),
        times=2,
        waits=[7, 7],
        seen="geoportal#101, pyoai#14",
    ),
    Row(
        name="busy-date",
        change=http_date_in(9),
        times=1,
        waits=[9],
        seen="Sickle crashes on it",
    ),
    Row(
        name="busy-without-a-word",
        change=answering(503, b"later"),
        times=3,
        waits=[2, 5, 13],
        seen="pyoai#14",
    ),
    Row(
        name="busy-for-ever",
        change=answering(503, b"later"),
        state="partial",
        records=10,
        says="HTTP 503",
        waits=[2, 5, 13],
        seen="pyoai#14",
    ),
    Row(
        name="too-many-requests",
        change=answering(429, b"", {"Retry-After": "4"}),
        times=1,
        waits=[4],
        seen="geoportal#89 (PANGAEA)",
    ),
    Row(
        name="too-many-requests-come-tomorrow",
        change=answering(429, b"", {"Retry-After": "86400"}),
        state="throttled",
        records=10,
        says="harvest again after",
        waits=[],
        seen="Gluejar/regluit#1143",
    ),
    Row(
        name="retry-after-on-success",
        change=lambda question, reply: msgspec.structs.replace(
            reply, headers={**reply.headers, "Retry-After": "59"}
        ),
        page=None,
        waits=[],
        seen="Zenodo",
    ),
    Row(
        name="gateway-error-passes",
        change=answering(502, b"<html>Bad gateway</html>"),
        times=1,
        seen="datacite#941",
    ),
    Row(
        name="poisoned-page",
        change=answering(500, b"<html>Internal error</html>"),
        page=3,
        state="partial",
        records=20,
        says="HTTP 500",
        seen="zenodo#2555, lobid-gnd#416",
    ),
    Row(name="reset-passes", change=reset, times=1, seen="sickle#33 (theses.fr)"),
    Row(
        name="reset-for-ever",
        change=reset,
        state="partial",
        records=10,
        says="broken off",
        seen="sickle#33 (theses.fr)",
    ),
    Row(name="hang-up-passes", change=hanging_up, times=1, seen="idle connections that are closed"),
    Row(
        name="hang-up-for-ever",
        change=hanging_up,
        page=1,
        state="failed",
        records=0,
        says="broken off",
        seen="dead services behind a proxy",
    ),
    Row(name="chunked", change=chunked, page=None, seen="most servers"),
    Row(
        name="chunked-and-cut",
        change=chunked_and_cut,
        state="partial",
        records=10,
        says="broke off",
        seen="jschol#898 (eScholarship)",
    ),
    Row(name="truncated-passes", change=truncated, times=1, seen="jschol#898 (eScholarship)"),
    Row(
        name="truncated-for-ever",
        change=truncated,
        state="partial",
        records=10,
        says="cut off",
        seen="dataverse#8306",
    ),
    Row(
        name="truncated-first-page",
        change=truncated,
        page=1,
        state="failed",
        records=0,
        says="cut off",
        seen="dataverse#4548",
    ),
    Row(
        name="shorter-than-announced",
        change=shorter_than_announced,
        times=1,
        seen="sickle#33",
    ),
    Row(
        name="stall",
        change=stalling,
        state="partial",
        records=10,
        says="did not answer in time",
        seen="metha README",
    ),
    Row(
        name="drip",
        change=dripping,
        state="partial",
        records=10,
        says="had not finished a page",
        seen="INSPIRE helpdesk#42",
    ),
    Row(name="gzip-unannounced", change=unannounced_gzip, seen="metha maybeCompressed"),
    Row(name="gzip-twice", change=double_gzip, seen="metha README"),
    Row(name="gzip-announced-but-plain", change=plain_announced_as_gzip, seen="metha README"),
    Row(name="deflate-without-wrapper", change=raw_deflate, seen="RFC 9110 §8.4.1.2"),
    Row(
        name="gzip-truncated",
        change=truncated_gzip,
        state="partial",
        records=10,
        says="cut off",
        seen="dataverse#8306",
    ),
    Row(
        name="gzip-bomb",
        change=gzip_bomb,
        state="partial",
        records=10,
        says="unpacks to more than",
        seen="DSpace/xoai#104",
    ),
    Row(
        name="error-with-422",
        change=oai_error("badResumptionToken", 422),
        page=3,
        state="partial",
        records=20,
        says="badResumptionToken",
        seen="Zenodo",
    ),
    Row(
        name="right-answer-with-404",
        change=lambda question, reply: msgspec.structs.replace(reply, status=404),
        seen="dataverse#3797",
    ),
    Row(
        name="restricted",
        change=oai_error("restrictedInterface", 403),
        page=1,
        state="blocked",
        records=0,
        says="register",
        seen="BASE",
    ),
    Row(
        name="unknown-error-code",
        change=oai_error("quotaExceeded"),
        state="partial",
        records=10,
        says="quotaExceeded (in its own words)",
        seen="codes of servers' own",
    ),
    Row(
        name="forbidden",
        change=answering(403, b"<html>no</html>"),
        page=1,
        state="blocked",
        records=0,
        says="refuses this client",
        seen="pooch#502",
    ),
    Row(
        name="challenge-page",
        change=answering(200, HTML, {"cf-mitigated": "challenge"}),
        page=1,
        state="blocked",
        records=0,
        says="challenge",
        waits=[],
        seen="regluit#1154 (DOAB)",
    ),
    Row(
        name="gone",
        change=answering(404, b"not here"),
        page=1,
        state="failed",
        records=0,
        says="does not exist",
        waits=[],
        seen="UNC, dataverse.harvard.edu#258",
    ),
    Row(
        name="html-with-200",
        change=answering(200, HTML, {"Content-Type": "text/html"}),
        page=1,
        state="failed",
        records=0,
        says="“Down for maintenance”",
        waits=[],
        seen="table of peers",
    ),
    Row(
        name="html-at-page-three",
        change=answering(200, HTML, {"Content-Type": "text/html"}),
        page=3,
        state="partial",
        records=20,
        says="HTML",
        seen="table of peers",
    ),
    Row(
        name="another-verb",
        change=replacing(rb"(</?)ListRecords", rb"\1Identify"),
        page=1,
        state="failed",
        records=0,
        says="was asked ListRecords and answers Identify",
        waits=[],
        seen="dataverse#4831 (redirect that loses the query)",
    ),
    Row(
        name="empty-body",
        change=answering(200, b""),
        page=1,
        state="failed",
        records=0,
        says="empty",
        seen="dspace-angular#5478",
    ),
    # XML
    Row(
        name="byte-order-mark-and-blank-lines",
        change=prefixed_by(b"\xef\xbb\xbf"),
        page=None,
        seen="findsorguk#843",
    ),
    Row(
        name="blank-lines-before-the-declaration",
        change=prefixed_by(b"\r\n\r\n "),
        page=None,
        seen="findsorguk#843",
    ),
    Row(
        name="doctype-with-a-bomb",
        change=replacing(rb"\?>\n", b"?>\n" + BOMB),
        page=None,
        seen="DSpace/xoai#104",
    ),
    Row(
        name="entity-of-a-doctype",
        change=replacing(rb"\?>\n(.*?)<title>", b"?>\n" + BOMB + rb"\1<title>&lol2;"),
        state="partial",
        records=10,
        says="not well-formed",
        seen="classic PHP servers",
    ),
    Row(
        name="envelope-without-namespace",
        change=replacing(rb' xmlns="http://www.openarchives.org/OAI/2.0/"', b""),
        page=None,
        seen="invenio-oaiharvester",
    ),
    Row(
        name="envelope-in-a-namespace-of-its-own",
        change=replacing(rb"openarchives.org/OAI/2.0/", b"example.org/oai"),
        page=None,
        seen="dataverse#6242 (pycsw)",
    ),
    Row(
        name="control-character",
        change=replacing(rb"<title>", b"<title>\x0b"),
        state="partial",
        records=10,
        says="not well-formed",
        seen="SHARE#142 (bepress), scrapi pcurio",
    ),
    Row(
        name="record-without-metadata",
        change=replacing(rb"<metadata>.*?</metadata>", b""),
        seen="DPLA sample txdl",
    ),
    Row(
        name="record-without-header",
        change=replacing(rb"<header>.*?</header>", b""),
        seen="b2share#812",
    ),
    Row(
        name="deleted-with-metadata",
        change=replacing(rb"<header>", b'<header status="deleted">'),
        seen="pod4lib#872",
    ),
    Row(
        name="response-date-absent",
        change=replacing(rb"<responseDate>.*?</responseDate>", b""),
        page=None,
        seen="comment in meresco oairequest.py",
    ),
]
