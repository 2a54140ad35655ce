"""Lists that do not end or that skip: loops, empty pages, sizes that are none, no order."""

from __future__ import annotations

from harvester.oai.quirks import Quirks
from tests.servers.changes import answering, oai_error, replacing
from tests.servers.lists import (
    always_token,
    beginning_again,
    empty_page,
    empty_pages,
    same_page_for_ever,
    size,
    token,
)
from tests.servers.provider import LISTS
from tests.servers.row import Row, Subject, at

NO_TOKEN = rb"<resumptionToken.*</resumptionToken>"
SECOND = b"10|metadataPrefix=oai_dc"
TWICE = replacing(r"(oai:x:|brûlée )1(?=\d<)".encode(), rb"\g<1>2")

LOOPS = Subject(
    "Ends, sizes and order of lists",
    [
        Row(
            name="token-loop-of-one",
            does="gives page 2 the token of page 2",
            we="notices it, and halves the list until no part needs a token",
            seen="OpenSKOS#8, gssrjournal.com",
            wrong=at(2, token(SECOND)),
        ),
        Row(
            name="token-loop-of-two",
            does="lets page 3 lead back to page 2",
            we="notices it, and halves the list until no part needs a token",
            seen="coneda/kor#55",
            wrong=at(3, token(SECOND)),
        ),
        Row(
            name="token-loop-everywhere",
            does="gives the same token for ever, whatever list it is asked for",
            we="stops, and says that the list never ends",
            seen="scythe#411 (archive.org)",
            wrong=at(None, always_token(SECOND), verb=LISTS),
            state="loop",
            records=30,
            says=("same resumption token", "server is at fault"),
        ),
        Row(
            name="page-loop-under-new-tokens",
            does="sends page 2 again and again, each time with a new token",
            we="notices it, and halves the list until no part needs a token",
            seen="geoportal-harvester#79",
            wrong=at(None, same_page_for_ever),
        ),
        Row(
            name="list-begins-again",
            does="begins each list again where it should end, with new tokens",
            we="stops, and says that the list may never end",
            seen="OpenSKOS#8 (172,515 announced, 274,000 delivered)",
            wrong=at(None, beginning_again, verb=LISTS),
            state="loop",
            says=("same page twice",),
        ),
        Row(
            name="token-lost",
            does="ends the list on page 2, without a token",
            we="misses what was announced, and asks for it by identifier",
            seen="what a recovering parser makes of a truncated page",
            wrong=at(2, replacing(NO_TOKEN, b"")),
        ),
        Row(
            name="empty-page-with-token",
            does="sends page 2 without its records",
            we="misses what was announced, and asks for it by identifier",
            seen="DataCite",
            wrong=at(2, empty_page),
        ),
        Row(
            name="fourteen-empty-pages",
            does="sends 14 empty pages with tokens before page 2",
            we="goes on: they are legal as long as the token changes",
            seen="metha README",
            wrong=at(2, empty_pages(14)),
        ),
        Row(
            name="two-hundred-empty-pages",
            does="sends 200 empty pages with tokens before page 2",
            we="goes on: they are legal as long as the token changes",
            seen="metha README",
            wrong=at(2, empty_pages(200)),
        ),
        Row(
            name="size-too-large",
            does="announces 50 records and lists 35",
            we="says that the list is short, as no list can prove otherwise",
            seen="metis-framework's test page “Incorrect”",
            wrong=at(None, size(b"50"), verb=LISTS),
            state="short",
            says=("announced 50 records, 35 came",),
        ),
        Row(
            name="size-too-large-and-known",
            does="announces 50 records and lists 35, which the librarian has told (`wrong_size`)",
            we="does not believe the size",
            seen="metis-framework's test page “Incorrect”",
            wrong=at(None, size(b"50"), verb=LISTS),
            knows=Quirks(wrong_size=True),
            quirks=Quirks(wrong_size=True),
        ),
        Row(
            name="size-too-large-for-records-only",
            does="announces 50 records but lists 35 identifiers, and announces 35 of them",
            we="believes the list of identifiers, which names nothing else",
            seen="metis-framework's test page “Incorrect”",
            wrong=at(None, size(b"50")),
        ),
        Row(
            name="size-too-small",
            does="announces 20 records and lists 35",
            we="takes them all",
            seen="OpenSKOS#8",
            wrong=at(None, size(b"20"), verb=LISTS),
        ),
        Row(
            name="size-minus-one",
            does="announces -1 records",
            we="takes it for no announcement",
            seen="dLibra",
            wrong=at(None, size(b"-1"), verb=LISTS),
        ),
        Row(
            name="size-is-no-number",
            does="announces `unknown` records",
            we="takes it for no announcement",
            seen="metis-framework's test pages",
            wrong=at(None, size(b"unknown"), verb=LISTS),
        ),
        Row(
            name="size-grows",
            does="announces more records with every page",
            we="takes the first announcement: what is added meanwhile comes with the next harvest",
            seen="arXiv",
            wrong=(*at(3, size(b"36")), *at(4, size(b"37"))),
        ),
        Row(
            name="size-absent",
            does="announces no size",
            we="takes the end of the list for its end",
            seen="metis-framework's test page “NoCompleteListSize”",
            server={"announces_size": False},
        ),
        Row(
            name="records-come-twice",
            does="lists the records of page 3 on page 2, too, and those of page 2 nowhere",
            we="misses what was announced, and asks for it by identifier",
            seen="atom#1581, DOAJ#712",
            wrong=at(2, TWICE),
        ),
        Row(
            name="records-come-twice-without-a-size",
            does="lists records twice and others not at all, and announces no size",
            we="compares with the identifiers, and asks for what is missing",
            seen="atom#1581, DOAJ#712",
            wrong=at(2, TWICE),
            server={"announces_size": False},
        ),
        Row(
            name="records-come-twice-and-nothing-else-helps",
            does="lists records twice and others not at all, announces no size, and fails for "
            "identifiers",
            we="says that records may be missing",
            seen="atom#1581, DOAJ#712",
            wrong=(*at(2, TWICE), *at(None, answering(500), verb="ListIdentifiers")),
            server={"announces_size": False},
            state="short",
            records=25,
            says=("twice",),
        ),
        Row(
            name="in-order-only-at-first",
            does="lists the newest records first in their order and older ones later, announces no "
            "size, and refuses the token of page 3",
            we="proves with the identifiers that nothing is missing where it went on by datestamp",
            seen="vufindharvest#7 (lists that are not in the order of time)",
            wrong=at(3, oai_error("badResumptionToken")),
            order=[*range(15, 35), *range(15)],
            server={"announces_size": False},
        ),
        Row(
            name="in-order-only-at-first-with-a-size",
            does="lists the newest records first in their order and older ones later, and refuses "
            "the token of page 3",
            we="misses what was announced, and asks for it by identifier",
            seen="vufindharvest#7 (lists that are not in the order of time)",
            wrong=at(3, oai_error("badResumptionToken")),
            order=[*range(15, 35), *range(15)],
        ),
        Row(
            name="no-paging",
            does="sends the whole list as one page",
            we="takes it",
            seen="librisxl#1801",
            server={"page_size": None},
        ),
    ],
)
