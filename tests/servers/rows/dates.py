"""Dates: granularity, `from` and `until`, datestamps that are none."""

from __future__ import annotations

from harvester.oai.quirks import Quirks
from tests.servers.changes import answering, oai_error, replacing
from tests.servers.provider import DAYS, LISTS, Change, Misbehaviour
from tests.servers.row import NO_ORDER, Row, Subject, at, everywhere
from tests.servers.ways import days_only, deaf_to, dying_tokens, empty_units, none_before

DATED = (*LISTS, "GetRecord")
EMPTY = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>'
NEW = 16
"""So many records have a datestamp from the second harvest's `from` on."""


def _identify(name: bytes, value: bytes | None) -> Misbehaviour:
    element = b"<%b>.*?</%b>" % (name, name)
    new = b"" if value is None else b"<%b>%b</%b>" % (name, value, name)
    return Misbehaviour(change=replacing(element, new), verb="Identify")


def _datestamps(form: bytes) -> Misbehaviour:
    """Every datestamp in another form; its groups are year, month, day and the time."""
    pattern = rb"(?<=<datestamp>)(\d+)-(\d+)-(\d+)T([\d:]+)Z(?=</datestamp>)"
    return Misbehaviour(change=replacing(pattern, form), verb=DATED)


def _response_date(value: bytes) -> Change:
    return replacing(rb"<responseDate>.*?</responseDate>", value)


DATES = Subject(
    "Dates and selective harvesting",
    [
        Row(
            name="days-only-though-it-announces-seconds",
            does="announces seconds, and refuses dates with a time",
            we="asks in days, and remembers that",
            seen="nakala.fr (dataverse#11020), PubMed Central (pyoai#29)",
            wrong=(days_only(),),
            later=True,
            records=NEW,
            quirks=Quirks(days_only=True),
        ),
        Row(
            name="days",
            does="counts days",
            we="asks in days, with an overlap of two",
            seen="DOAJ#507",
            server={"granularity": DAYS},
            later=True,
            records=NEW + 1,
        ),
        Row(
            name="granularity-in-small-letters",
            does="announces its granularity as `yyyy-mm-ddThh:mm:ssZ`",
            we="reads it",
            seen="digizeitschriften.de, eudml.org",
            wrong=(_identify(b"granularity", b"yyyy-mm-ddThh:mm:ssZ"),),
            later=True,
            records=NEW,
        ),
        Row(
            name="granularity-absent",
            does="announces no granularity",
            we="asks in days, which every server must understand",
            seen="test files of pyoai",
            wrong=(_identify(b"granularity", None),),
            later=True,
            records=NEW + 1,
        ),
        Row(
            name="granularity-is-nonsense",
            does="announces the granularity `second`",
            we="asks in days, which every server must understand",
            seen="test files of pyoai",
            wrong=(_identify(b"granularity", b"second"),),
            later=True,
            records=NEW + 1,
        ),
        Row(
            name="dates-ignored",
            does="lists everything, whatever `from` and `until` say",
            we="takes it all, recognises what it knows, and remembers that",
            seen="SRDA (dataverse.harvard.edu#243), pkp-lib#7348 (OJS)",
            wrong=(deaf_to("from", "until"),),
            later=True,
            quirks=Quirks(ignores_dates=True),
        ),
        Row(
            name="dates-ignored-and-token-expired",
            does="lists everything, whatever `from` and `until` say, and refuses the token of "
            "page 3",
            we="asks for the identifiers, and for the records one by one",
            seen="invenio-app-rdm#2153",
            wrong=(deaf_to("from", "until"), *at(3, oai_error("badResumptionToken"))),
            quirks=Quirks(ignores_dates=True),
        ),
        Row(
            name="dates-ignored-and-tokens-never-live",
            does="lists everything, whatever `from` and `until` say, and refuses every token",
            we="says what the server refuses: nothing leads round it",
            seen="invenio-app-rdm#2714",
            wrong=(deaf_to("from", "until"), dying_tokens(1)),
            quirks=Quirks(ignores_dates=True),
            state="partial",
            records=10,
            says=("badResumptionToken",),
        ),
        Row(
            name="until-ignored-and-tokens-never-live",
            does="passes over `until`, and refuses every token",
            we="takes the list up again at its last datestamp, again and again",
            seen="gbif/registry#62",
            wrong=(deaf_to("until"), dying_tokens(1)),
        ),
        Row(
            name="from-equals-until",
            does="finds nothing where `from` equals `until`",
            we="asks for one unit more, and remembers that",
            seen="DSpace 4 to 5.2 (ilri/DSpace#63)",
            wrong=(empty_units(),),
            asked=("2026-01-05", "2026-01-05"),
            server={"granularity": DAYS},
            records=2,
            quirks=Quirks(empty_units=True),
        ),
        Row(
            name="windows-of-one-day-are-empty",
            does="finds nothing where `from` equals `until`, and refuses every token",
            we="asks for windows of two units at least",
            seen="DSpace 4 to 5.2 (ilri/DSpace#63)",
            wrong=(empty_units(), dying_tokens(1)),
            server={"granularity": DAYS},
            order=NO_ORDER,
        ),
        Row(
            name="early-from-refused",
            does="refuses a `from` before its earliest datestamp, which is wrong",
            we="asks without `from`",
            seen="dataverse#9309",
            wrong=(none_before("2026-01-25"), _identify(b"earliestDatestamp", b"2026-01-25")),
            later=True,
        ),
        Row(
            name="earliest-datestamp-too-late",
            does="announces an earliest datestamp later than most records, and refuses every token",
            we="leaves the first window open",
            seen="dataverse#9309, eprints3.4#526",
            wrong=(_identify(b"earliestDatestamp", b"2026-01-25T00:00:00Z"), dying_tokens(1)),
            order=NO_ORDER,
        ),
        Row(
            name="earliest-datestamp-in-the-future",
            does="announces an earliest datestamp that is still to come, and refuses every token",
            we="leaves the first window open",
            seen="DOAJ#786",
            wrong=(_identify(b"earliestDatestamp", b"2199-01-01T00:00:00Z"), dying_tokens(1)),
            order=NO_ORDER,
        ),
        Row(
            name="earliest-datestamp-of-the-year-one",
            does="announces the earliest datestamp 0001-01-01, and refuses every token",
            we="halves time until each part fits on one page",
            seen="databases with zero dates",
            wrong=(_identify(b"earliestDatestamp", b"0001-01-01T00:00:00Z"), dying_tokens(1)),
            order=NO_ORDER,
        ),
        Row(
            name="earliest-datestamp-is-no-date",
            does="announces the earliest datestamp `aaaa-bb-cc`, and refuses every token",
            we="takes 1990 for the beginning",
            seen="dspace.ubib.eur.nl, as in a test file of pyoai",
            wrong=(_identify(b"earliestDatestamp", b"aaaa-bb-cc"), dying_tokens(1)),
            order=NO_ORDER,
        ),
        Row(
            name="earliest-datestamp-absent",
            does="announces no earliest datestamp, and refuses every token",
            we="takes 1990 for the beginning",
            seen="shell-oaiharvester#7",
            wrong=(_identify(b"earliestDatestamp", None), dying_tokens(1)),
            order=NO_ORDER,
        ),
        Row(
            name="datestamps-without-z",
            does="writes datestamps without `Z`, and refuses the token of page 3",
            we="reads them as UTC",
            seen="noaa_nodc",
            wrong=(_datestamps(rb"\1-\2-\3T\4"), *at(3, oai_error("badResumptionToken"))),
        ),
        Row(
            name="datestamps-with-an-offset",
            does="writes datestamps with an offset, and refuses the token of page 3",
            we="reads them",
            seen="B2FIND (slks)",
            wrong=(_datestamps(rb"\1-\2-\3T\4+00:00"), *at(3, oai_error("badResumptionToken"))),
        ),
        Row(
            name="datestamps-with-fractions",
            does="writes datestamps with microseconds, and refuses the token of page 3",
            we="reads them",
            seen="a sample of DPLA, DSpace#13092",
            wrong=(_datestamps(rb"\1-\2-\3T\4.123456Z"), *at(3, oai_error("badResumptionToken"))),
        ),
        Row(
            name="datestamps-without-hyphens",
            does="writes datestamps as `20260121`, and refuses the token of page 3",
            we="reads them",
            seen="samples of DPLA",
            wrong=(_datestamps(rb"\1\2\3"), *at(3, oai_error("badResumptionToken"))),
        ),
        Row(
            name="datestamps-are-no-dates",
            does="writes `aaaa-bb-cc` for every datestamp, and refuses the token of page 3",
            we="asks for the identifiers, and for the records one by one",
            seen="dspace.ubib.eur.nl, as in a test file of pyoai",
            wrong=(_datestamps(b"aaaa-bb-cc"), *at(3, oai_error("badResumptionToken"))),
        ),
        Row(
            name="datestamps-absent",
            does="writes no datestamps, and refuses the token of page 3",
            we="asks for the identifiers, and for the records one by one",
            seen="b2share#812",
            wrong=(
                Misbehaviour(change=replacing(rb"<datestamp>.*?</datestamp>", b""), verb=DATED),
                *at(3, oai_error("badResumptionToken")),
            ),
        ),
        Row(
            name="datestamps-are-all-alike",
            does="gives all records the datestamp of its last reindexing, and refuses every token",
            we="says that what changed in that time cannot be had",
            seen="SRDA (dataverse.harvard.edu#243)",
            wrong=(dying_tokens(1),),
            datestamp="2026-01-15T12:00:00Z",
            state="partial",
            records=10,
            holes=1,
            says=("what changed between", "badResumptionToken"),
        ),
        Row(
            name="datestamps-in-local-time",
            does="writes its local time as UTC, so that what is new looks 14 hours old",
            we="asks again for the last 26 hours",
            seen="OpenSKOS#11, vufind#1350; HydraNorth#1255 (late indexing)",
            later=True,
            known=19,
            records=NEW,
        ),
        Row(
            name="datestamps-touched-every-night",
            does="gives every record a new datestamp every night",
            we="takes them all, and recognises those that say what they said",
            seen="SRDA (dataverse.harvard.edu#243)",
            wrong=(
                deaf_to("from"),
                Misbehaviour(
                    change=replacing(rb"<datestamp>.*?<", b"<datestamp>2026-02-10T00:00:00Z<"),
                    verb=DATED,
                ),
            ),
            later=True,
        ),
        Row(
            name="response-date-absent",
            does="sends no responseDate",
            we="takes the date of the HTTP header",
            seen="a comment in meresco",
            wrong=everywhere(_response_date(b"")),
        ),
        Row(
            name="response-date-is-no-date",
            does="sends the responseDate `now`",
            we="takes the date of the HTTP header",
            seen="a comment in meresco",
            wrong=everywhere(_response_date(b"<responseDate>now</responseDate>")),
        ),
        Row(
            name="clock-ahead",
            does="is years ahead with its clock",
            we="goes by its own clock, so that nothing is skipped the next time",
            seen="vufindharvest#7",
            wrong=everywhere(_response_date(b"<responseDate>2199-01-01T00:00:00Z</responseDate>")),
        ),
        Row(
            name="nothing-new-as-an-empty-list",
            does="sends an empty list instead of noRecordsMatch",
            we="takes it for what it is",
            seen="DataCite",
            wrong=everywhere(
                answering(200, EMPTY), verb="ListRecords", holding=(b"noRecordsMatch",)
            ),
            later=True,
            order=range(19),
            records=0,
        ),
    ],
)
