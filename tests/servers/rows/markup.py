"""Markup: entities, prefixes, prologs, and records that are no XML."""

from __future__ import annotations

from tests.servers.changes import BOMB, prefixed_by, replacing, suffixed_by
from tests.servers.damage import cut_out, damaged, put, swap
from tests.servers.row import DAMAGED, Row, Subject, both, everywhere, title

END = b"</dc:title>"
WHOLE = title(DAMAGED)
DC = b' xmlns:dc="http://purl.org/dc/elements/1.1/"'
ENVELOPE = b' xmlns="http://www.openarchives.org/OAI/2.0/"'
NOTICE = b"<br />\n<b>Notice</b>: Undefined index: verb in <b>/var/www/oai.php</b> on line 12\n"
NAMES = rb"(OAI-PMH|responseDate|request|error|List\w+|GetRecord|Identify|record|header|metadata"
NAMES += rb"|identifier|datestamp|setSpec|resumptionToken)\b"

MARKUP = Subject(
    "Markup",
    [
        Row(
            name="html-entities",
            does="writes `&eacute;` and `&nbsp;`, which XML does not know",
            we="makes the characters of HTML5 of them",
            seen="classic PHP servers",
            wrong=(damaged(DAMAGED, swap("Thé ".encode(), b"Th&eacute;&nbsp;")),),
        ),
        Row(
            name="unknown-entity",
            does="writes `&foo;`, which nobody knows",
            we="keeps it as text, and notes it",
            seen="classic PHP servers",
            wrong=(damaged(DAMAGED, put(END, b" &foo;")),),
            title=f"{WHOLE} &foo;",
        ),
        Row(
            name="entity-of-a-doctype",
            does="declares an entity in a DOCTYPE and uses it in a title",
            we="never reads the DOCTYPE, and keeps the reference as text",
            seen="DSpace/xoai#104",
            wrong=(
                damaged(DAMAGED, put(END, b" &lol2;")),
                *everywhere(replacing(rb"\?>\n", b"?>\n" + BOMB)),
            ),
            title=f"{WHOLE} &lol2;",
        ),
        Row(
            name="doctype-with-a-bomb",
            does="begins with a DOCTYPE that would fill the memory or read files",
            we="cuts it off before anything reads it",
            seen="DSpace/xoai#104",
            wrong=everywhere(replacing(rb"\?>\n", b"?>\n" + BOMB)),
        ),
        Row(
            name="bare-ampersand",
            does="writes `&` where `&amp;` is meant",
            we="takes it for what is meant",
            seen="scrapi#467",
            wrong=(damaged(DAMAGED, put(END, b" & Co")),),
            title=f"{WHOLE} & Co",
        ),
        Row(
            name="bare-less-than",
            does="writes `<` where `&lt;` is meant",
            we="takes it for what is meant",
            seen="dataverse#8306",
            wrong=(damaged(DAMAGED, put(END, b" p < 0.05")),),
            title=f"{WHOLE} p < 0.05",
        ),
        Row(
            name="cdata",
            does="wraps a title in CDATA",
            we="reads it",
            seen="test pages of xoai",
            wrong=(
                damaged(
                    DAMAGED,
                    lambda record: swap(END, b" & Co]]>" + END)(
                        swap(b"<dc:title>", b"<dc:title><![CDATA[")(record)
                    ),
                ),
            ),
            title=f"{WHOLE} & Co",
        ),
        Row(
            name="escaped-twice",
            does="escapes an entity and an element twice (`&amp;eacute;`, `&lt;i&gt;`)",
            we="keeps them as they came; the catalogue shows what is meant, and notes it",
            seen="test pages of meresco",
            wrong=(
                damaged(DAMAGED, swap("Thé et".encode(), b"&lt;i&gt;Th&amp;eacute;&lt;/i&gt; et")),
            ),
            title=WHOLE.replace("Thé", "<i>Th&eacute;</i>"),
            catalogued=WHOLE,
        ),
        Row(
            name="prolog-in-a-record",
            does="begins the metadata of a record with a second XML declaration",
            we="cuts it out",
            seen="dataverse#7431, #7974",
            wrong=(damaged(DAMAGED, swap(b"<metadata>", b'<metadata><?xml version="1.0"?>')),),
        ),
        Row(
            name="notice-before",
            does="begins its answers with a PHP notice",
            we="cuts it off, and notes it",
            seen="findsorguk#843",
            wrong=everywhere(prefixed_by(NOTICE)),
        ),
        Row(
            name="notice-after",
            does="ends its answers with a PHP notice",
            we="cuts it off, and notes it",
            seen="findsorguk#843",
            wrong=everywhere(suffixed_by(NOTICE)),
        ),
        Row(
            name="blank-lines-before",
            does="begins its answers with blank lines",
            we="passes over them",
            seen="findsorguk#843",
            wrong=everywhere(prefixed_by(b"\r\n\r\n ")),
        ),
        Row(
            name="undeclared-prefix",
            does="declares the prefix `dc` nowhere in a record",
            we="supplies the declaration that is missing",
            seen="samples of DPLA (esdn, tn)",
            wrong=(damaged(DAMAGED, cut_out(DC)),),
        ),
        Row(
            name="undeclared-xsi",
            does="writes `xsi:schemaLocation` without declaring `xsi`",
            we="supplies the declaration that is missing",
            seen="samples of DPLA (vt)",
            wrong=(
                damaged(
                    DAMAGED, swap(b"<oai_dc:dc ", b'<oai_dc:dc xsi:schemaLocation="http://x y" ')
                ),
            ),
        ),
        Row(
            name="prefixes-on-the-root-only",
            does="declares the prefixes of all records at the root only",
            we="keeps the declarations with each record",
            seen="what other harvesters fail on",
            wrong=everywhere(both(replacing(DC, b""), replacing(b"<OAI-PMH", b"<OAI-PMH" + DC))),
        ),
        Row(
            name="envelope-without-namespace",
            does="declares no namespace for OAI-PMH",
            we="goes by the names of the elements",
            seen="invenio-oaiharvester",
            wrong=everywhere(replacing(ENVELOPE, b"")),
        ),
        Row(
            name="envelope-in-a-namespace-of-its-own",
            does="declares a namespace of its own for OAI-PMH",
            we="goes by the names of the elements",
            seen="dataverse#6242 (pycsw)",
            wrong=everywhere(replacing(ENVELOPE, b' xmlns="http://example.org/oai"')),
        ),
        Row(
            name="envelope-with-a-prefix",
            does="writes `<oai:record>` for `<record>`",
            we="goes by the names of the elements",
            seen="pycsw",
            wrong=everywhere(
                both(
                    replacing(rb"<(/?)" + NAMES, rb"<\1oai:\2"),
                    replacing(b'xmlns="', b'xmlns:oai="'),
                )
            ),
        ),
        Row(
            name="record-that-does-not-close",
            does="forgets an end tag in one record",
            we="puts this record into quarantine, and reads the others",
            seen="dplah#109",
            wrong=(damaged(DAMAGED, cut_out(b"</dc:date>")),),
            quarantined=1,
        ),
        Row(
            name="record-with-crossed-tags",
            does="closes an element of one record with another name",
            we="puts this record into quarantine, and reads the others",
            seen="dplah#109",
            wrong=(damaged(DAMAGED, swap(END, b"</dc:titel>")),),
            quarantined=1,
        ),
        Row(
            name="record-with-an-attribute-twice",
            does="gives an element of one record the same attribute twice",
            we="puts this record into quarantine, and reads the others",
            seen="hand-made templates",
            wrong=(damaged(DAMAGED, swap(b"<dc:title>", b'<dc:title a="1" a="2">')),),
            quarantined=1,
        ),
        Row(
            name="record-with-an-id-that-is-none",
            does="puts ORCID iDs into `xml:id`, where XML allows no digits first",
            we="passes over it",
            seen="ORBi",
            wrong=(
                damaged(DAMAGED, swap(b"<dc:creator>", b'<dc:creator xml:id="0000-0002-1825">')),
            ),
        ),
    ],
)
