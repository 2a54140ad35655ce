"""Poisoned records: the answers that would hold them fail, for ever."""

from __future__ import annotations

from tests.servers.changes import answering, hanging_up, oai_error, replacing, truncated
from tests.servers.provider import DAYS, Change, Misbehaviour
from tests.servers.row import NO_ORDER, Row, Subject, identifier

FAILS = answering(500, b"<html>Internal error</html>")
RECORDS_ONLY = ("ListRecords",)
WITH_SINGLE = ("ListRecords", "GetRecord")
ALL = ("ListRecords", "GetRecord", "ListIdentifiers")


def _poisoned(verbs: tuple[str, ...], *numbers: int, change: Change = FAILS) -> Misbehaviour:
    marks = tuple(f"<identifier>{identifier(number)}<".encode() for number in numbers)
    return Misbehaviour(change=change, verb=verbs, holding=marks)


def _single(change: Change) -> Misbehaviour:
    return Misbehaviour(change=change, verb="GetRecord")


POISON = Subject(
    "Records that cannot be sent",
    [
        Row(
            name="poisoned-page",
            does="answers 500 to the token of page 3, whenever it is asked",
            we="takes the list up again at its last datestamp",
            seen="zenodo#2555, lobid-gnd#416",
            wrong=(Misbehaviour(change=FAILS, page=3),),
        ),
        Row(
            name="poisoned-record",
            does="answers 500 to every list that would hold one record",
            we="harvests around it, and asks for it alone",
            seen="datacite#1442",
            wrong=(_poisoned(RECORDS_ONLY, 12),),
        ),
        Row(
            name="poisoned-record-in-a-list-without-order",
            does="answers 500 to every list that would hold one record, in no order of time",
            we="asks for the identifiers, and for the records one by one",
            seen="datacite#941",
            wrong=(_poisoned(RECORDS_ONLY, 12),),
            order=NO_ORDER,
        ),
        Row(
            name="poisoned-record-that-hangs-up",
            does="breaks the connection off at every list that would hold one record",
            we="harvests around it, and asks for it alone",
            seen="lobid-gnd#416",
            wrong=(_poisoned(RECORDS_ONLY, 12, change=hanging_up),),
        ),
        Row(
            name="poisoned-record-that-cuts-the-answer",
            does="cuts every list off that would hold one record",
            we="keeps the whole records, and asks for the others alone",
            seen="dataverse#8306",
            wrong=(_poisoned(RECORDS_ONLY, 12, change=truncated),),
        ),
        Row(
            name="poisoned-record-alone-too",
            does="answers 500 to every list that would hold one record, and to that record alone",
            we="harvests all others, names it, and asks for it again the next time",
            seen="datacite#1442",
            wrong=(_poisoned(WITH_SINGLE, 12),),
            state="partial",
            records=34,
            lost=(12,),
            holes=1,
            says=("1 record (oai:x:12) cannot be fetched", "HTTP 500"),
        ),
        Row(
            name="poisoned-record-that-is-denied",
            does="answers 500 to every list that would hold one record, and says that the record "
            "does not exist",
            we="harvests all others, names it, and asks for it again the next time",
            seen="indexes that know more than the database",
            wrong=(
                _poisoned(RECORDS_ONLY, 12),
                _poisoned(("GetRecord",), 12, change=oai_error("idDoesNotExist")),
            ),
            state="partial",
            records=34,
            lost=(12,),
            holes=1,
            says=("1 record (oai:x:12) cannot be fetched", "idDoesNotExist"),
        ),
        Row(
            name="poisoned-record-and-get-record-gives-another",
            does="answers 500 to every list that would hold one record, and sends another record "
            "when it is asked for alone",
            we="notices that, names the record, and asks for it again the next time",
            seen="servers that mix identifiers up",
            wrong=(
                _poisoned(RECORDS_ONLY, 12),
                _single(replacing(r"(oai:x:|brûlée )12(?=</)".encode(), rb"\g<1>11")),
            ),
            state="partial",
            records=34,
            lost=(12,),
            holes=1,
            says=("1 record (oai:x:12) cannot be fetched",),
        ),
        Row(
            name="poisoned-record-and-get-record-gives-none",
            does="answers 500 to every list that would hold one record, and sends no record when "
            "it is asked for alone",
            we="notices that, names the record, and asks for it again the next time",
            seen="indexes that know more than the database",
            wrong=(
                _poisoned(RECORDS_ONLY, 12),
                _poisoned(("GetRecord",), 12, change=replacing(rb"<record>.*</record>", b"")),
            ),
            state="partial",
            records=34,
            lost=(12,),
            holes=1,
            says=("1 record (oai:x:12) cannot be fetched",),
        ),
        Row(
            name="poisoned-record-in-every-verb",
            does="answers 500 to whatever would hold one record, its identifier too",
            we="halves time down to two seconds around it, names them, and asks again next time",
            seen="lobid-gnd#416 (one second of DNB)",
            wrong=(_poisoned(ALL, 12),),
            state="partial",
            records=34,
            holes=1,
            says=("what changed between 2026-01-13T1", "HTTP 500"),
        ),
        Row(
            name="poisoned-record-in-every-verb-and-days",
            does="answers 500 to whatever would hold one record, and counts days",
            we="halves time down to two days around it, names them, and asks again next time",
            seen="lobid-gnd#416",
            wrong=(_poisoned(ALL, 12),),
            server={"granularity": DAYS},
            state="partial",
            records=34,
            holes=1,
            says=("what changed between 2026-01-1", "HTTP 500"),
        ),
        Row(
            name="poisoned-record-in-every-verb-without-order",
            does="answers 500 to whatever would hold one record, in no order of time",
            we="halves time down to two seconds around it, names them, and asks again next time",
            seen="lobid-gnd#416",
            wrong=(_poisoned(ALL, 12),),
            order=NO_ORDER,
            state="partial",
            records=34,
            holes=1,
            says=("what changed between 2026-01-13T1",),
        ),
        Row(
            name="poisoned-record-and-in-order-only-at-first",
            does="answers 500 to every list that would hold one record, and to that record alone; "
            "lists the newest records first in their order, and older ones later",
            we="compares with the identifiers all the same, and asks for what else is missing",
            seen="vufindharvest#7 (lists that are not in the order of time)",
            wrong=(_poisoned(WITH_SINGLE, 30),),
            order=[*range(15, 35), *range(15)],
            state="partial",
            records=34,
            lost=(30,),
            holes=1,
            says=("1 record (oai:x:30) cannot be fetched",),
        ),
        Row(
            name="poisoned-records",
            does="answers 500 to every list that would hold one of five records, and to these five"
            " alone",
            we="harvests all others, names these, and asks for them again the next time",
            seen="zenodo#849",
            wrong=(_poisoned(WITH_SINGLE, 3, 4, 12, 20, 34),),
            state="partial",
            records=30,
            lost=(3, 4, 12, 20, 34),
            says=("5 records (oai:x:", "cannot be fetched"),
        ),
        Row(
            name="poisoned-records-on-every-page",
            does="answers 500 to every list that would hold one of twelve records",
            we="harvests around them, and asks for them alone",
            seen="DSpace#10721",
            wrong=(_poisoned(RECORDS_ONLY, *range(0, 35, 3)),),
        ),
        Row(
            name="lists-fail",
            does="answers 500 to every list of records, and gives single ones",
            we="asks for the identifiers, and for the records one by one",
            seen="dataverse#3797",
            wrong=(Misbehaviour(change=FAILS),),
        ),
        Row(
            name="lists-and-records-fail",
            does="answers 500 to every list of records, and to every record alone",
            we="stops, and says that the server is at fault",
            seen="zenodo#849",
            wrong=(Misbehaviour(change=FAILS, verb=WITH_SINGLE),),
            state="failed",
            records=0,
            says=("server is at fault", "HTTP 500"),
        ),
        Row(
            name="everything-but-identify-fails",
            does="answers 500 to everything but Identify",
            we="stops, and says that the server is at fault",
            seen="metha's list of sites",
            wrong=(Misbehaviour(change=FAILS, verb=ALL),),
            state="failed",
            records=0,
            says=("server is at fault", "HTTP 500"),
        ),
        Row(
            name="poisoned-record-and-no-identifiers",
            does="answers 500 to every list that would hold one record, and has no ListIdentifiers",
            we="halves time down to two seconds around it, but takes nothing for proven",
            seen="static repositories",
            wrong=(
                _poisoned(RECORDS_ONLY, 12),
                Misbehaviour(change=oai_error("badVerb"), verb="ListIdentifiers"),
            ),
            state="short",
            records=34,
            holes=1,
            says=("announced 35 records, 34 came",),
        ),
    ],
)
