"""Encodings: bytes that are not what they are said to be, and characters that XML forbids."""

from __future__ import annotations

from tests.servers.damage import damaged, put, recoded, swap
from tests.servers.row import DAMAGED, Row, Subject, everywhere, title

END = b"</dc:title>"
WHOLE = title(DAMAGED)
TWICE = WHOLE.encode().decode("cp1252")

ENCODING = Subject(
    "Encodings and characters",
    [
        Row(
            name="bad-utf-8-run",
            does="sends one title in Latin-1, on a page in UTF-8",
            we="reads only the wrong bytes as Windows-1252; all else stays as it is",
            seen="dataverse#9987 (heiDATA), metha#1",
            wrong=(damaged(DAMAGED, swap("Thé".encode(), "Thé".encode("cp1252"))),),
        ),
        Row(
            name="bad-utf-8-cut",
            does="cuts a character of UTF-8 in half",
            we="marks the half, and keeps all else as it is",
            seen="databases that cut text by bytes",
            wrong=(damaged(DAMAGED, swap(END, b" br\xc3" + END)),),
            title=f"{WHOLE} brÃ",
        ),
        Row(
            name="latin-1-declared-as-utf-8",
            does="declares UTF-8 and sends Windows-1252",
            we="reads it as what it is",
            seen="digi.ub.uni-heidelberg.de (metha)",
            wrong=everywhere(recoded("cp1252", "UTF-8")),
        ),
        Row(
            name="utf-8-declared-as-latin-1",
            does="declares ISO-8859-1 and sends UTF-8",
            we="reads it as what it is",
            seen="metha#35",
            wrong=everywhere(recoded("utf-8", "ISO-8859-1")),
        ),
        Row(
            name="latin-1-as-declared",
            does="declares ISO-8859-1 and sends it",
            we="reads it as declared",
            seen="a static repository of CLARIN",
            wrong=everywhere(recoded("iso-8859-1", "ISO-8859-1")),
        ),
        Row(
            name="http-says-latin-1",
            does="declares UTF-8 in the XML and Latin-1 in the HTTP header, and sends UTF-8",
            we="believes the XML",
            seen="gbif/ipt#1316 (INBO), inspire-next#338",
            wrong=everywhere(recoded("utf-8", "UTF-8", "ISO-8859-1")),
        ),
        Row(
            name="only-http-says-latin-1",
            does="declares Latin-1 in the HTTP header only, and sends it",
            we="believes the header, as the XML says nothing",
            seen="RFC 7303",
            wrong=everywhere(recoded("iso-8859-1", None, "ISO-8859-1")),
        ),
        Row(
            name="nobody-says-latin-1",
            does="declares no encoding and sends Windows-1252",
            we="reads it as what it is",
            seen="hand-made servers",
            wrong=everywhere(recoded("cp1252", None)),
        ),
        Row(
            name="utf-16",
            does="sends UTF-16",
            we="reads it",
            seen="servers on Windows",
            wrong=everywhere(recoded("utf-16", "UTF-16")),
        ),
        Row(
            name="utf-8-declared-as-utf-16",
            does="declares UTF-16 and sends UTF-8",
            we="reads it as what it is",
            seen="servers on Windows",
            wrong=everywhere(recoded("utf-8", "UTF-16")),
        ),
        Row(
            name="encoding-that-does-not-exist",
            does="declares the encoding `utf8mb4`",
            we="reads it as what it is",
            seen="names of databases' encodings",
            wrong=everywhere(recoded("utf-8", "utf8mb4")),
        ),
        Row(
            name="control-characters",
            does="sends the control characters 0x0B and 0x1A in a title",
            we="takes them out of this record, and notes it",
            seen="SHARE#142 (bepress), TreeBASE#193",
            wrong=(damaged(DAMAGED, put(END, b"\x0b\x1a")),),
        ),
        Row(
            name="nul-character",
            does="sends a zero byte in a title",
            we="takes it out of this record, and notes it",
            seen="fields of fixed length",
            wrong=(damaged(DAMAGED, put(END, b"\0")),),
        ),
        Row(
            name="control-character-references",
            does="refers to the characters `&#x3;` and `&#11;` in a title",
            we="takes them out of this record, and notes it",
            seen="dataverse#8306",
            wrong=(damaged(DAMAGED, put(END, b"&#x3;&#11;")),),
        ),
        Row(
            name="forbidden-character",
            does="sends U+FFFE in a title, as bytes and as a reference",
            we="takes it out of this record, and notes it",
            seen="lobid-gnd#336",
            wrong=(damaged(DAMAGED, put(END, b"\xef\xbf\xbe&#xFFFE;")),),
        ),
        Row(
            name="surrogate-pair-as-references",
            does="refers to one character as a pair of surrogates, `&#55349;&#56320;`",
            we="joins them",
            seen="DSpace#10721",
            wrong=(damaged(DAMAGED, put(END, b" &#55349;&#56320;")),),
            title=f"{WHOLE} \U0001d400",
        ),
        Row(
            name="lone-surrogate-reference",
            does="refers to half of a pair of surrogates, `&#55349;`",
            we="puts U+FFFD in its place, and notes it",
            seen="DSpace#10721",
            wrong=(damaged(DAMAGED, put(END, b" &#55349;")),),
            title=f"{WHOLE} \ufffd",
        ),
        Row(
            name="tab-in-a-title",
            does="sends a tab in a title",
            we="takes it for a blank",
            seen="what other harvesters fail on",
            wrong=(damaged(DAMAGED, swap(b" et ", b"\tet\t")),),
        ),
        Row(
            name="encoded-twice",
            does="has stored a title that was encoded twice (`ThÃ©`)",
            we="keeps it as it came; the catalogue shows what is meant, and notes it",
            seen="citeseerx, heidrun",
            wrong=(damaged(DAMAGED, swap(WHOLE.encode(), TWICE.encode())),),
            title=TWICE,
            catalogued=WHOLE,
        ),
        Row(
            name="byte-order-mark",
            does="begins its answers with a byte-order mark",
            we="passes over it",
            seen="findsorguk#843",
            wrong=everywhere(recoded("utf-8-sig", "UTF-8")),
        ),
        Row(
            name="no-declaration",
            does="sends UTF-8 without an XML declaration",
            we="reads it",
            seen="RFC 7303",
            wrong=everywhere(recoded("utf-8", None)),
        ),
    ],
)
