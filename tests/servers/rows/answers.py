"""Answers that are none: HTML, another verb, errors of the protocol with any status, Identify."""

from __future__ import annotations

from tests.servers.changes import HTML, answering, oai_error, replacing, truncated
from tests.servers.provider import LISTS, Misbehaviour
from tests.servers.row import Row, Subject, at, everywhere

AS_HTML = {"Content-Type": "text/html"}
BOT = b"<!doctype html><html><title>Making sure you're not a bot!</title></html>"
STATIC = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>'
TRACE = b"<br />\n<b>Fatal error</b>: Allowed memory size exhausted in <b>oai.php</b><br />"
OLD = (
    b'<?xml version="1.0"?><Identify xmlns="http://www.openarchives.org/OAI/1.1/OAI_Identify">'
    b"<repositoryName>Old</repositoryName><protocolVersion>1.1</protocolVersion></Identify>"
)

ANSWERS = Subject(
    "Answers that are none",
    [
        Row(
            name="html-with-200",
            does="sends an HTML page with status 200 instead of answers",
            we="recognises it, stops, and gives its title",
            seen="what other harvesters fail on",
            wrong=everywhere(answering(200, HTML, AS_HTML)),
            state="failed",
            records=0,
            says=("HTML page", "“Down for maintenance”"),
            waits=[],
        ),
        Row(
            name="html-that-is-well-formed",
            does="sends an XHTML page with status 200 instead of answers",
            we="wants the root element `OAI-PMH`, stops, and gives the page's title",
            seen="what other harvesters fail on",
            wrong=everywhere(
                answering(200, b"<html><head><title>Bonjour</title></head><body/></html>")
            ),
            state="failed",
            records=0,
            says=("HTML page", "“Bonjour”"),
            waits=[],
        ),
        Row(
            name="html-at-page-three",
            does="sends an HTML page in place of page 3",
            we="takes the list up again at its last datestamp",
            seen="what other harvesters fail on",
            wrong=at(3, answering(200, HTML, AS_HTML)),
        ),
        Row(
            name="challenge-page",
            does="sends a page for browsers with status 200 (Cloudflare)",
            we="recognises it, stops, and says so",
            seen="regluit#1154 (DOAB)",
            wrong=everywhere(answering(200, HTML, {"cf-mitigated": "challenge"})),
            state="blocked",
            records=0,
            says=("asks for a browser", "challenge"),
            waits=[],
        ),
        Row(
            name="challenge-page-at-page-three",
            does="sends a page for browsers from page 3 on",
            we="stops, and goes on from there the next time",
            seen="regluit#1154 (DOAB)",
            wrong=everywhere(
                answering(200, HTML, {"cf-mitigated": "challenge"}),
                verb=(*LISTS, "GetRecord"),
                since=3,
            ),
            state="blocked",
            records=20,
            says=("asks for a browser",),
            waits=[],
        ),
        Row(
            name="challenge-page-without-a-sign",
            does="sends a page for browsers with status 200 and no other sign (Anubis)",
            we="recognises HTML, stops, and gives its title",
            seen="dspace-angular#5478",
            wrong=everywhere(answering(200, BOT, AS_HTML)),
            state="failed",
            records=0,
            says=("HTML page", "not a bot"),
            waits=[],
        ),
        Row(
            name="php-dies-in-the-page",
            does="sends a PHP error in the middle of page 2, and nothing after it",
            we="keeps its whole records, and takes the list up again at its last datestamp",
            seen="findsorguk#843",
            wrong=at(
                2,
                replacing(
                    rb"(<record>.*?</record>){2}.*",
                    lambda found: found.group()[: found.group().index(b"</record>") + 9] + TRACE,
                ),
            ),
        ),
        Row(
            name="another-verb",
            does="answers Identify, whatever it is asked",
            we="stops, and says so",
            seen="dataverse#4831 (a redirect that loses the query)",
            wrong=(Misbehaviour(hears=lambda arguments: {"verb": "Identify"}, verb=()),),
            state="failed",
            records=0,
            says=("was asked ListRecords and answers Identify",),
            waits=[],
        ),
        Row(
            name="empty-body",
            does="sends nothing, with status 200",
            we="stops after four tries",
            seen="dspace-angular#5478",
            wrong=everywhere(answering(200, b"")),
            state="failed",
            records=0,
            says=("empty",),
        ),
        Row(
            name="empty-body-at-page-two",
            does="sends nothing in place of page 2, with status 200",
            we="gives the token up after four tries, and takes the list up again at its last "
            "datestamp",
            seen="dspace-angular#5478",
            wrong=at(2, answering(200, b"")),
        ),
        Row(
            name="xml-of-another-kind",
            does="sends XML that is no OAI-PMH",
            we="stops, and names its root element",
            seen="feeds in the place of a provider",
            wrong=everywhere(answering(200, b"<rss version='2.0'><channel/></rss>")),
            state="failed",
            records=0,
            says=("XML of another kind", "<rss>"),
        ),
        Row(
            name="oai-one",
            does="speaks OAI-PMH 1.1",
            we="stops, and names the root element",
            seen="servers of 2001",
            wrong=everywhere(answering(200, OLD)),
            state="failed",
            records=0,
            says=("XML of another kind", "<Identify>"),
        ),
        Row(
            name="error-with-422",
            does="refuses the token of page 3 with status 422",
            we="reads the body whatever the status, and takes the list up again",
            seen="Zenodo",
            wrong=at(3, oai_error("badResumptionToken", 422)),
        ),
        Row(
            name="error-with-500",
            does="says cannotDisseminateFormat, with status 500",
            we="reads the body whatever the status, stops, and says what to check",
            seen="dataverse#3797",
            wrong=at(None, oai_error("cannotDisseminateFormat", 500), verb=LISTS),
            state="failed",
            records=0,
            says=("cannotDisseminateFormat", "sources check"),
            waits=[],
        ),
        Row(
            name="nothing-new-with-404",
            does="says noRecordsMatch with status 404, when there is nothing new",
            we="reads the body whatever the status",
            seen="servers that send OAI errors with 4xx",
            wrong=everywhere(
                oai_error("noRecordsMatch", 404), verb=LISTS, holding=(b"noRecordsMatch",)
            ),
            later=True,
            order=range(19),
            records=0,
        ),
        Row(
            name="restricted",
            does="answers registered addresses only",
            we="stops, and says where to register",
            seen="BASE (restrictedInterface)",
            wrong=everywhere(oai_error("restrictedInterface", 403)),
            state="blocked",
            records=0,
            says=("restrictedInterface", "register"),
            waits=[],
        ),
        Row(
            name="unknown-error-code",
            does="refuses page 2 with an error code of its own",
            we="takes the list up again at its last datestamp",
            seen="servers with codes of their own",
            wrong=at(2, oai_error("quotaExceeded")),
        ),
        Row(
            name="identify-fails",
            does="answers 500 to Identify, and lists its records",
            we="harvests all the same: a harvest can do without it",
            seen="servers whose Identify counts all records",
            wrong=everywhere(answering(500, b"<html>error</html>"), verb="Identify"),
        ),
        Row(
            name="identify-is-html",
            does="sends an HTML page for Identify, and lists its records",
            we="harvests all the same: a harvest can do without it",
            seen="test files of pyoai",
            wrong=everywhere(answering(200, HTML, AS_HTML), verb="Identify"),
        ),
        Row(
            name="identify-is-cut-off",
            does="sends an Identify that is cut off, and lists its records",
            we="harvests all the same: a harvest can do without it",
            seen="test files of pyoai",
            wrong=everywhere(truncated, verb="Identify"),
        ),
        Row(
            name="identify-is-another-verb",
            does="sends the same static file for Identify",
            we="harvests all the same: a harvest can do without it",
            seen="static repositories",
            wrong=everywhere(answering(200, STATIC), verb="Identify"),
        ),
        Row(
            name="identify-names-another-address",
            does="names another base URL in Identify",
            we="asks where it was told to",
            seen="Scholars-Archive#2548, findsorguk#1178",
            wrong=everywhere(
                replacing(rb"<baseURL>.*</baseURL>", b"<baseURL>http://x.invalid/</baseURL>"),
                verb="Identify",
            ),
        ),
        Row(
            name="identify-is-empty",
            does="says nothing of itself in Identify",
            we="harvests all the same",
            seen="test files of pyoai",
            wrong=everywhere(
                replacing(rb"<Identify>.*</Identify>", b"<Identify/>"), verb="Identify"
            ),
        ),
    ],
)
