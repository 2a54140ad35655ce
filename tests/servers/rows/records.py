"""Records: what they lack, what is deleted, and lists of nothing."""

from __future__ import annotations

import re

from tests.servers.changes import answering, oai_error, replacing
from tests.servers.damage import GIVING, cut_out, damaged, swap
from tests.servers.lists import empty_page
from tests.servers.provider import LISTS, Misbehaviour
from tests.servers.row import DAMAGED, RECORDS, Row, Subject, at, everywhere

METADATA = rb"<metadata>.*?</metadata>"
NEW = 16
"""So many records have a datestamp from the second harvest's `from` on."""
EMPTY = b'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords/></OAI-PMH>'
TWO_SETS = b"</datestamp><setSpec>a</setSpec><setSpec></setSpec><setSpec>a</setSpec>"


def _emptied(record: bytes) -> bytes:
    return re.sub(METADATA, b"<metadata/>", record, flags=re.DOTALL)


RECORDS_ = Subject(
    "Records",
    [
        Row(
            name="record-without-metadata",
            does="lists a live record without metadata",
            we="keeps its header, and puts it into quarantine",
            seen="a sample of DPLA (txdl)",
            wrong=(damaged(DAMAGED, cut_out(METADATA)),),
            quarantined=1,
        ),
        Row(
            name="record-with-empty-metadata",
            does="lists a live record whose metadata is empty",
            we="keeps its header, and puts it into quarantine",
            seen="b2share#812",
            wrong=(damaged(DAMAGED, _emptied),),
            quarantined=1,
        ),
        Row(
            name="record-without-header",
            does="lists a record without a header",
            we="puts it into quarantine",
            seen="b2share#812",
            wrong=(damaged(DAMAGED, cut_out(rb"<header>.*?</header>")),),
            quarantined=1,
        ),
        Row(
            name="record-without-identifier",
            does="lists a record without an identifier",
            we="puts it into quarantine",
            seen="b2share#812",
            wrong=(damaged(DAMAGED, cut_out(rb"<identifier>.*?</identifier>")),),
            quarantined=1,
        ),
        Row(
            name="record-without-datestamp",
            does="lists a record without a datestamp",
            we="takes it all the same",
            seen="b2share#812",
            wrong=(damaged(DAMAGED, cut_out(rb"<datestamp>.*?</datestamp>")),),
        ),
        Row(
            name="record-twice-on-a-page",
            does="lists a record twice on one page",
            we="takes it once",
            seen="DOAJ#712 (122 doubles)",
            wrong=(damaged(DAMAGED, lambda record: record + record),),
        ),
        Row(
            name="record-deleted-with-metadata",
            does="marks a record as deleted, and sends its metadata",
            we="believes the header",
            seen="pod4lib#872",
            wrong=(damaged(DAMAGED, swap(b"<header>", b'<header status="deleted">')),),
            deleted=1,
        ),
        Row(
            name="record-deleted-in-capitals",
            does="marks a record as ` Deleted `",
            we="understands it",
            seen="hand-made servers",
            wrong=(damaged(DAMAGED, swap(b"<header>", b'<header status=" Deleted ">')),),
            deleted=1,
        ),
        Row(
            name="all-records-deleted-at-the-first-harvest",
            does="lists nothing but deletions at the first harvest",
            we="keeps them as tombstones",
            seen="combine#36",
            wrong=(
                Misbehaviour(
                    change=replacing(
                        rb"<header>(.*?)</header>" + METADATA,
                        rb'<header status="deleted">\1</header>',
                    ),
                    verb=GIVING,
                ),
            ),
            deleted=RECORDS,
        ),
        Row(
            name="sets-twice-and-empty",
            does="names a record's set twice, and one that is empty",
            we="takes each once",
            seen="xoai#40",
            wrong=(damaged(DAMAGED, swap(b"</datestamp>", TWO_SETS)),),
        ),
        Row(
            name="about-before-metadata",
            does="puts `<about>` before the metadata, and twice",
            we="passes over it",
            seen="provenance containers of aggregators",
            wrong=(
                damaged(
                    DAMAGED,
                    swap(b"<metadata>", b"<about><x/></about><about><x/></about><metadata>"),
                ),
            ),
        ),
        Row(
            name="deletions-never-announced",
            does="deletes three records without a word",
            we="with `--reconcile` compares with the identifiers, and makes tombstones of what is "
            "gone",
            seen="Zenodo#2447, DOAJ#1408",
            later=True,
            known=RECORDS,
            gone=range(2, 5),
            records=NEW,
            reconciles="complete",
        ),
        Row(
            name="most-records-gone",
            does="has lost 15 of its records for a night",
            we="with `--reconcile` refuses to delete so many, unless told `--accept-deletions`",
            seen="geonetwork#419",
            later=True,
            known=RECORDS,
            gone=range(15),
            records=NEW,
            reconciles="partial",
            says=("no longer lists 15 of 35 records", "suspiciously much"),
        ),
        Row(
            name="late-indexing",
            does="lists a record weeks after its datestamp",
            we="with `--reconcile` compares with the identifiers, and asks for what never came",
            seen="HydraNorth#1255, Erasmus University Rotterdam",
            later=True,
            known=RECORDS,
            belated=(3,),
            records=NEW,
            reconciles="complete",
        ),
        Row(
            name="nothing-listed",
            does="says noRecordsMatch when everything is asked for",
            we="does not believe it, and says what to check",
            seen="dataverse.harvard.edu#92, regluit#1143",
            wrong=everywhere(oai_error("noRecordsMatch"), verb=LISTS),
            state="suspicious-empty",
            records=0,
            says=("no records at all", "sources check"),
            waits=[],
        ),
        Row(
            name="nothing-listed-without-an-error",
            does="sends an empty list when everything is asked for",
            we="does not believe it, and says what to check",
            seen="geonetwork#419",
            wrong=everywhere(answering(200, EMPTY), verb="ListRecords"),
            state="suspicious-empty",
            records=0,
            says=("no records at all",),
            waits=[],
        ),
        Row(
            name="every-page-empty",
            does="announces 35 records and sends only empty pages",
            we="misses what was announced, and asks for it by identifier",
            seen="dataverse#7545",
            wrong=at(None, empty_page),
        ),
    ],
)
