"""The connection: resets, silence, redirects, compression."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.servers.changes import (
    HTML,
    answering,
    chunked,
    chunked_and_cut,
    damaged_gzip,
    double_gzip,
    dripping,
    gzip_bomb,
    hanging_up,
    plain_announced_as_gzip,
    raw_deflate,
    reset,
    sent_on,
    shorter_than_announced,
    silent,
    stalling,
    truncated,
    truncated_gzip,
    unannounced_gzip,
)
from tests.servers.provider import LISTS, Question, Reply
from tests.servers.row import Row, Subject, at, everywhere

IMPATIENT = 0.3
"""Seconds of patience with a server that is silent."""
GIVING = (*LISTS, "GetRecord")


def _query(question: Question) -> str:
    return urlsplit(question.path).query


def _elsewhere(question: Question) -> str:
    return f"http://{question.headers['host'].replace('127.0.0.1', 'localhost')}/new?" + _query(
        question
    )


def _login(question: Question, reply: Reply) -> Reply:
    if question.path.startswith("/login"):
        return answering(200, HTML.replace(b"Down for maintenance", b"Log in"))(question, reply)
    return reply


def _only_with_its_query(question: Question, reply: Reply) -> Reply:
    asked = question.arguments
    return reply if asked.get("mode") == "oaipmh" else answering(200, HTML)(question, reply)


CONNECTION = Subject(
    "Connections that break, stall or lead elsewhere",
    [
        Row(
            name="reset-passes",
            does="breaks the connection off in the middle of page 2, once",
            we="asks for the page again",
            seen="sickle#33 (theses.fr, page 155 of 299)",
            wrong=at(2, reset, times=1),
        ),
        Row(
            name="reset-for-ever",
            does="breaks the connection off in the middle of page 2, whenever it is asked",
            we="gives the token up after four tries, and takes the list up again at its last "
            "datestamp",
            seen="sickle#33 (theses.fr)",
            wrong=at(2, reset),
        ),
        Row(
            name="hang-up-passes",
            does="closes the connection instead of an answer, once",
            we="asks for the page again",
            seen="idle connections that are closed",
            wrong=at(2, hanging_up, times=1),
        ),
        Row(
            name="hang-up-for-ever",
            does="closes every connection without an answer",
            we="stops after four tries",
            seen="dead services behind a proxy",
            wrong=everywhere(hanging_up),
            state="failed",
            records=0,
            says=("broken off",),
        ),
        Row(
            name="hang-up-after-page-two",
            does="closes every connection after page 2",
            we="stops, and goes on from there the next time",
            seen="servers that die in the night",
            wrong=everywhere(hanging_up, verb=GIVING, since=3),
            state="partial",
            records=20,
            says=("broken off",),
        ),
        Row(
            name="chunked",
            does="sends its pages in chunks",
            we="takes them",
            seen="most servers",
            wrong=everywhere(chunked),
        ),
        Row(
            name="chunked-and-cut",
            does="never sends the last chunk of page 2",
            we="gives the token up after four tries, and takes the list up again at its last "
            "datestamp",
            seen="jschol#898 (eScholarship)",
            wrong=at(2, chunked_and_cut),
        ),
        Row(
            name="truncated-passes",
            does="sends page 2 cut off, once, with a Content-Length that agrees",
            we="misses `</OAI-PMH>`, and asks for the page again",
            seen="jschol#898 (eScholarship)",
            wrong=at(2, truncated, times=1),
        ),
        Row(
            name="truncated-for-ever",
            does="sends page 2 cut off, whenever it is asked",
            we="keeps its whole records, and takes the list up again at its last datestamp",
            seen="dataverse#8306",
            wrong=at(2, truncated),
        ),
        Row(
            name="truncated-first-page",
            does="sends page 1 cut off, whenever it is asked",
            we="asks for the identifiers, and for the records one by one",
            seen="dataverse#4548",
            wrong=at(1, truncated),
        ),
        Row(
            name="shorter-than-announced",
            does="sends fewer bytes than its Content-Length, once",
            we="asks for the page again",
            seen="sickle#33",
            wrong=at(2, shorter_than_announced, times=1),
        ),
        Row(
            name="silence",
            does="does not answer the request for page 2, whenever it is asked",
            we="gives up after the time limit and four tries, and takes the list up again at its "
            "last datestamp",
            seen="metha README",
            wrong=at(2, silent),
            patience=IMPATIENT,
        ),
        Row(
            name="stall",
            does="sends the head of page 2 and then nothing, whenever it is asked",
            we="gives up after the time limit and four tries, and takes the list up again at its "
            "last datestamp",
            seen="metha README",
            wrong=at(2, stalling),
            patience=IMPATIENT,
        ),
        Row(
            name="drip",
            does="sends page 2 byte by byte, for hours",
            we="gives up after the time limit and four tries, and takes the list up again at its "
            "last datestamp",
            seen="INSPIRE helpdesk#42",
            wrong=at(2, dripping),
            patience=IMPATIENT,
        ),
        Row(
            name="redirect",
            does="sends every request on to another address",
            we="follows",
            seen="most repositories that moved",
            wrong=everywhere(sent_on(302, lambda question: f"/new?{_query(question)}")),
        ),
        Row(
            name="redirect-to-another-host",
            does="sends every request on to another host",
            we="follows, without the password",
            seen="dataverse#10913",
            wrong=everywhere(sent_on(301, _elsewhere)),
        ),
        Row(
            name="redirect-loses-the-query",
            does="sends every request on to another address, without its arguments",
            we="puts the arguments back, and asks there from now on",
            seen="dataverse#4831, #10913",
            wrong=everywhere(sent_on(301, lambda question: "/new")),
        ),
        Row(
            name="redirect-glues-the-path",
            does="names an address that is none: the path is glued to the host",
            we="stops, and says so",
            seen="coneda/kor#245",
            wrong=everywhere(sent_on(301, lambda question: f"http://{question.headers['host']}x")),
            state="failed",
            records=0,
            says=("redirects to what is no address",),
            waits=[],
        ),
        Row(
            name="redirect-loop",
            does="sends every request on to itself",
            we="stops after ten times, and says so",
            seen="metadataQA#3",
            wrong=everywhere(sent_on(302, lambda question: question.path)),
            state="failed",
            records=0,
            says=("redirects 10 times",),
            waits=[],
        ),
        Row(
            name="redirect-to-a-login",
            does="sends every request on to a page for users",
            we="recognises HTML, stops, and names the page",
            seen="repositories behind single sign-on",
            wrong=(
                *everywhere(sent_on(302, lambda question: "/login")),
                *everywhere(_login),
            ),
            state="failed",
            records=0,
            says=("HTML page", "“Log in”"),
            waits=[],
        ),
        Row(
            name="base-url-with-a-query",
            does="answers only where the base URL's own query (`?mode=oaipmh`) is sent along",
            we="sends it along",
            seen="pycsw, Rijksmuseum (meresco)",
            wrong=everywhere(_only_with_its_query),
            base="?mode=oaipmh",
        ),
        Row(
            name="certificate-not-trusted",
            does="shows a TLS certificate that nobody has signed",
            we="stops, and says so: certificates are always verified",
            seen="dataverse.harvard.edu#259",
            tls=True,
            state="failed",
            records=0,
            says=("TLS certificate is not trusted",),
            waits=[],
        ),
    ],
)

COMPRESSION = Subject(
    "Compression",
    [
        Row(
            name="gzip-unannounced",
            does="compresses without saying so",
            we="looks at the bytes",
            seen="metha maybeCompressed",
            wrong=everywhere(unannounced_gzip),
        ),
        Row(
            name="gzip-twice",
            does="compresses twice",
            we="unpacks twice",
            seen="metha README",
            wrong=everywhere(double_gzip),
        ),
        Row(
            name="gzip-announced-but-plain",
            does="says that it compresses, and does not",
            we="looks at the bytes",
            seen="metha README",
            wrong=everywhere(plain_announced_as_gzip),
        ),
        Row(
            name="deflate-without-wrapper",
            does="sends deflate without the zlib wrapper",
            we="unpacks it",
            seen="RFC 9110 §8.4.1.2",
            wrong=everywhere(raw_deflate),
        ),
        Row(
            name="gzip-truncated",
            does="sends page 2 compressed and cut off, whenever it is asked",
            we="gives the token up after four tries, and takes the list up again at its last "
            "datestamp",
            seen="dataverse#8306",
            wrong=at(2, truncated_gzip),
        ),
        Row(
            name="gzip-damaged",
            does="sends page 2 compressed, with a wrong byte, whenever it is asked",
            we="gives the token up after four tries, and takes the list up again at its last "
            "datestamp",
            seen="broken proxies",
            wrong=at(2, damaged_gzip),
        ),
        Row(
            name="gzip-bomb",
            does="sends a page of 39 kB that unpacks to 40 MB",
            we="stops unpacking, and takes the list up again at its last datestamp",
            seen="decompression bombs",
            wrong=at(2, gzip_bomb),
        ),
    ],
)
