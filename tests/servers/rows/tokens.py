"""Resumption tokens: how they are written, how long they live, where they lead."""

from __future__ import annotations

from harvester.oai.quirks import Quirks
from tests.servers.changes import oai_error, replacing
from tests.servers.lists import token
from tests.servers.provider import LISTS
from tests.servers.row import NO_ORDER, Row, Subject, at
from tests.servers.ways import (
    beside_the_prefix,
    dying_tokens,
    encoded_already,
    full_of,
    in_blanks,
    named,
    not_encoded,
)

GONE = b"9999|metadataPrefix=oai_dc|gone"
NO_TOKEN = rb"<resumptionToken.*</resumptionToken>"

TOKENS = Subject(
    "Resumption tokens",
    [
        Row(
            name="token-expired",
            does="refuses the token of page 3 as expired",
            we="takes the list up again at its last datestamp",
            seen="sickle#19, arxiv-public-datasets#26",
            wrong=at(3, oai_error("badResumptionToken")),
        ),
        Row(
            name="token-expired-in-a-list-without-order",
            does="refuses the token of page 3 in a list that is in no order of time",
            we="asks for the identifiers, and for the records one by one",
            seen="scihist_digicoll#572",
            wrong=at(3, oai_error("badResumptionToken")),
            order=NO_ORDER,
        ),
        Row(
            name="tokens-never-live",
            does="refuses every token",
            we="halves the list until each part fits on one page",
            seen="sickle#19",
            wrong=(dying_tokens(1),),
        ),
        Row(
            name="tokens-live-for-two-pages",
            does="forgets its tokens after two pages of any list",
            we="takes the list up again at its last datestamp, again and again",
            seen="tokens with an expirationDate",
            wrong=(dying_tokens(2),),
        ),
        Row(
            name="tokens-never-live-in-a-list-without-order",
            does="refuses every token of a list that is in no order of time",
            we="halves the list until each part fits on one page",
            seen="sickle#19",
            wrong=(dying_tokens(1),),
            order=NO_ORDER,
        ),
        Row(
            name="token-with-special-characters",
            does="gives tokens with `+ / % & = #`, blanks and letters with accents",
            we="percent-encodes them exactly once, as UTF-8",
            seen="metha#23 (Rosetta), geonetwork#6435 (DWD)",
            wrong=(full_of("+/%2F&=;#?! é"),),
        ),
        Row(
            name="token-wanted-verbatim",
            does="refuses a token that is percent-encoded",
            we="sends it as it is, and remembers that",
            seen="dash.harvard.edu",
            wrong=(not_encoded(),),
            quirks=Quirks(verbatim_token=True),
        ),
        Row(
            name="token-encoded-already",
            does="gives tokens that are percent-encoded, and decodes them once",
            we="sends them as they are, and remembers that",
            seen="openjournals.ugent.be (janeway#5006)",
            wrong=(encoded_already(),),
            quirks=Quirks(verbatim_token=True),
        ),
        Row(
            name="token-in-blanks",
            does="puts blanks and line ends around its tokens",
            we="takes them off",
            seen="SobekCM#6",
            wrong=(in_blanks(wanted=False),),
        ),
        Row(
            name="token-wanted-with-its-blanks",
            does="puts blanks around its tokens and wants them back",
            we="sends them along where the server refuses the token without, and remembers that",
            seen="a test page of meresco",
            wrong=(in_blanks(wanted=True),),
            quirks=Quirks(raw_token=True),
        ),
        Row(
            name="token-beside-the-prefix",
            does="wants the metadataPrefix beside the token",
            we="sends it along where its absence is refused, and remembers that",
            seen="ruby-oai#107",
            wrong=(beside_the_prefix(),),
            quirks=Quirks(prefix_with_token=True),
        ),
        Row(
            name="token-is-zero",
            does="gives the token `0`",
            we="goes on: only an empty token ends a list",
            seen="RecordManager",
            wrong=(named("0", "10|metadataPrefix=oai_dc"),),
        ),
        Row(
            name="last-token-empty-with-blanks",
            does="ends the list with a token of blanks",
            we="takes it for the end",
            seen="ssoar (sickle#25)",
            wrong=at(4, replacing(rb"(<resumptionToken[^>]*>)(</)", rb"\1\n \2"), verb=LISTS),
        ),
        Row(
            name="last-token-absent",
            does="ends the list without a token",
            we="takes it for the end",
            seen="DOAJ#1396",
            wrong=at(4, replacing(NO_TOKEN, b"")),
        ),
        Row(
            name="token-after-the-end-is-refused",
            does="gives a token with the last page, and refuses it",
            we="takes it for the end, as all announced records came",
            seen="DOAJ (metha, refs #14865)",
            wrong=at(4, token(GONE)),
        ),
        Row(
            name="token-after-the-end-leads-to-nothing",
            does="gives a token with the last page, which leads to an empty page",
            we="takes that for the end",
            seen="DOAJ",
            wrong=at(4, token(b"40|metadataPrefix=oai_dc")),
        ),
        Row(
            name="token-after-the-end-without-a-size",
            does="gives a token with the last page and refuses it, and announces no size",
            we="asks for the identifiers to prove that nothing is missing",
            seen="DOAJ",
            wrong=at(4, token(GONE)),
            server={"announces_size": False},
        ),
        Row(
            name="later-page-says-no-records-match",
            does="answers noRecordsMatch on page 4, with records still to come",
            we="takes the list up again at its last datestamp",
            seen="what other harvesters fail on",
            wrong=at(4, oai_error("noRecordsMatch")),
        ),
    ],
)
