"""Classes known by their form alone: of schemes whose tables are long, or not ours to hand on.

What `disciplines` does not find by its tables may still be a class and no keyword: a shelf mark
before a name (`BF Psychology`), a code behind it (`Geology (0372)`), the name before its mark
(DOAJ's `Psychology`, `BF1-990`), or the classes that Digital Commons puts behind the keywords.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from harvester.model import Discipline, Note
from harvester.normalise.classes import Lexicon
from harvester.normalise.folding import fold
from harvester.normalise.keywords import Piece

# HAL: `[SHS.PSY]Humanities and Social Sciences/Psychology`.
_HAL = re.compile(r"^\[([A-Z][A-Z0-9_.-]+)\]\s*(\S.*)$")
# ProQuest's subject codes: `Geology (0372)`; Montréal has the name in two languages before it.
_PROQUEST = re.compile(r"^(\S.*?)\s*\((?:UMI\s*:?\s*)?(0\d{3})\)$")
# The Library of Congress' letters, and W of the National Library of Medicine.
_LETTERS = (
    r"(?:A[CEGIMNPSYZ]?|B[CDFHJLMPQRSTVX]?|C[BCDEJNRST]?|D[A-HJ-LP-SUX]?|E|F|G[ABCEFNRTV]?"
    r"|H[A-GJMNQSTVX]?|J[ACFJKLNQSVXZ]?|K[A-Z]{0,2}|L[A-HJT]?|M[LT]?|N[A-EKX]?|P[A-HJ-NQRSTZ]?"
    r"|Q[A-EHKLMPR]?|R[A-GJ-MSTVXZ]?|S[BDFHK]?|T[ACD-HJ-NPRSTX]?|U[A-H]?|V[A-GKM]?|ZA?|W[A-Z]?)"
)
_SHELVED = re.compile(rf"^({_LETTERS}(?:\d{{1,4}}(?:\.\d+)?)?) ([A-ZÀ-Þ].*)$")
_RANGE = re.compile(rf"^({_LETTERS})(\d{{1,4}}(?:\.\d+)?)-\d{{1,4}}(?:\.\d+)?$")
# The Joint Academic Coding System of the United Kingdom: `L300 Sociology`.
_JACS = re.compile(r"^([A-Z]\d\d0) ([A-Z].*)$")
# Fields of research of Australia and New Zealand; no years: `1701 Psychology`, not `1916 Rising`.
_FIELD = re.compile(r"^((?:0[1-9]|1[0-8]|22)(?:0[1-8]|99)) ([A-Z].*)$")
_DEWEY = re.compile(r"^(\d\d0) ([A-ZÀ-Þ](?!egrees?\b|ears?\b|ays?\b)[^\d]*)$")
_VDP = re.compile(r"^(.*?)\s*:\s*(\d+)$")
_JEL = re.compile(r"^[A-Z]\d\d$")
_FEWEST_JEL = 3
# Schemes whose tables are not whole, but whose classes come in the order of the alphabet.
_IN_ORDER = frozenset({"bepress"})
# How France's evaluation agency called kinds of publications; HAL sends it beside the classes.
_AERES = frozenset(
    {"ACL", "ACLN", "ASCL", "BRE", "PV", "ACTI", "ACTN", "COM", "AFF", "OS", "DO", "AP"}
)
_PURE_OWN = "/dk/atira/pure/core/keywords/"


def find(
    pieces: Sequence[Piece],
    lexicon: Lexicon,
    *,
    schemes: Sequence[str],
    first: str,
    last: str,
    only: str,
) -> tuple[list[Discipline], list[Piece], list[Note]]:
    """Take the classes that are known by their form out of a list of subjects.

    Args:
        pieces: the subjects, without the classes that tables know.
        lexicon: the classes of the tables.
        schemes: schemes that this platform puts among the subjects.
        first: the scheme whose classes stand before the keywords, or "".
        last: the scheme whose classes stand behind the keywords, or "".
        only: the scheme that all subjects together may be of, or "".

    Returns:
        the disciplines, the pieces that are none, and the account.
    """
    found: dict[tuple[str, str], Discipline] = {}
    rest: list[Piece] = []
    notes: list[Note] = []
    if only and all(_is_class(piece.text, lexicon, only) for piece in pieces):
        first, head = only, len(pieces)
    else:
        head = _head(pieces, lexicon, first) if first else 0
    tail = _tail(pieces, lexicon, last) if last else len(pieces)
    # Marks of the Journal of Economic Literature; a `G20` alone may be a keyword.
    short = [piece.text for piece in pieces if len(piece.text) == 3]
    are_jel = len(short) >= _FEWEST_JEL and sum(map(bool, map(_JEL.match, short))) >= _FEWEST_JEL
    place = 0
    while place < len(pieces):
        one, taken = pieces[place], 1
        made: Discipline | None = None
        if place < head or place >= tail:
            made = _listed(one.text, lexicon, first if place < head else last)
        elif one.text.startswith(_PURE_OWN):
            # Pure's own headings, such as the faculty; their names come behind their paths.
            heading = pieces[place : place + 2]
            notes += [_note("keywords", piece, "keywords.dropped", "") for piece in heading]
            place += len(heading)
            continue
        elif are_jel and _JEL.match(one.text):
            made = Discipline("jel", one.text)
        elif not (one.plain and (place + 1 == len(pieces) or pieces[place + 1].plain)):
            made, taken = _shaped(pieces, place, lexicon, schemes)
        if made:
            made = found.setdefault((made.scheme, made.code or ""), made)
            result = f"{made.scheme}:{made.code} {made.en or ''}".rstrip()
            cut = pieces[place : place + taken]
            notes += [_note("disciplines", piece, "disciplines.form", result) for piece in cut]
        else:
            rest.append(one)
        place += taken
    if found and any(scheme == "hal" for scheme, _ in found):
        notes += [
            _note("keywords", piece, "keywords.class-marks", "")
            for piece in rest
            if _is_aeres(piece)
        ]
        rest = [piece for piece in rest if not _is_aeres(piece)]
    return list(found.values()), rest, notes


def may_tell(piece: Piece, lexicon: Lexicon) -> bool:
    """Tell whether a subject may be a class by its form, or say that the one before it is one."""
    text = piece.text
    return (
        len(text) == 1
        or text.startswith(_PURE_OWN)
        or _JEL.match(text) is not None
        or _RANGE.match(text) is not None
        or _shaped([piece], 0, lexicon, ("lcc",))[0] is not None
    )


def slug(label: str) -> str:
    """Make a code of a label, for schemes that have none: `library-and-information-science`."""
    return "-".join(re.findall(r"[^\W_]+", label.lower()))


def _shaped(
    pieces: Sequence[Piece], place: int, lexicon: Lexicon, schemes: Sequence[str]
) -> tuple[Discipline | None, int]:
    """Read one class, and tell how many pieces that took."""
    text = pieces[place].text
    if text[0].isdecimal():
        return _numbered(text, lexicon), 1
    if text[0] == "[" and (found := _HAL.match(text)):
        return Discipline("hal", found[1].lower(), en=_innermost(found[2])), 1
    if text[-1] == ")" and text[-2:-1].isdecimal() and (found := _PROQUEST.match(text)):
        english, _, french = found[1].partition(" / ")
        return Discipline("proquest", found[2], en=english, fr=french or None), 1
    if not text[0].isupper():
        return None, 1
    following = pieces[place + 1] if place + 1 < len(pieces) else None
    if following and following.chained and text == "VDP":
        return _norwegian(pieces, place)
    if "lcc" in schemes:
        if found := _JACS.match(text):
            return Discipline("jacs", found[1], en=found[2]), 1
        if (found := _SHELVED.match(text)) and (
            len(found[1]) > 1
            or found[2].endswith("(General)")
            or _is_main(found[1], found[2], lexicon)
        ):
            return Discipline("lcc", found[1], en=found[2]), 1
    # DOAJ: the name of a class, then its marks.
    if following and following.text[0].isupper():
        mark = following.text
        if mark[-1].isdecimal() and (found := _RANGE.match(mark)):
            return Discipline("lcc", found[1] if found[2] == "1" else mark, en=text), 2
        if len(mark) == 1 and _is_main(mark, text, lexicon):
            return Discipline("lcc", mark, en=text), 2
    return None, 1


def _is_main(letter: str, label: str, lexicon: Lexicon) -> bool:
    known = lexicon.by_code.get(("lcc", letter))
    return known is not None and fold(known.labels["en"]) == fold(label)


def _numbered(text: str, lexicon: Lexicon) -> Discipline | None:
    """Read a class whose number goes before its name."""
    if found := _FIELD.match(text):
        return Discipline("anzsrc", found[1], en=found[2])
    if (found := _DEWEY.match(text)) and (known := lexicon.by_code.get(("ddc", found[1]))):
        return Discipline("ddc", found[1], **known.labels)
    return None


def _innermost(path: str) -> str:
    """Return the last name of HAL's path of classes; its codes stand behind some of them."""
    names = [re.sub(r"\s*\[[\w.-]+\]$", "", name) for name in path.replace("\\/", "/").split("/")]
    return next((name for name in reversed(names) if not name.startswith("domain_")), path)


def _norwegian(pieces: Sequence[Piece], place: int) -> tuple[Discipline | None, int]:
    """Read a class of Norway's list, as Brage sends it: `VDP::Pedagogiske fag: 280`."""
    end = place + 1
    while end < len(pieces) and pieces[end].chained:
        end += 1
    found = _VDP.match(pieces[end - 1].text)
    return (Discipline("vdp", found[2], en=found[1]), end - place) if found else (None, 1)


def _tail(pieces: Sequence[Piece], lexicon: Lexicon, scheme: str) -> int:
    """Return where the classes begin that stand behind the keywords.

    Both lists come in one. That of Digital Commons is in the order of the alphabet, begins with a
    class that the table knows, and most of it is there; of other schemes the table knows all.
    """
    begin = end = len(pieces)
    while begin and pieces[begin - 1].text[0].isupper():
        text = pieces[begin - 1].text
        if scheme not in _IN_ORDER and not _is_class(text, lexicon, scheme):
            break
        if scheme in _IN_ORDER and begin < end and text > pieces[begin].text:
            break
        begin -= 1
    known = [_is_class(piece.text, lexicon, scheme) for piece in pieces[begin:]]
    if not any(known) or not known[-1]:
        return end
    known = known[known.index(True) :]
    return end - len(known) if 2 * sum(known) > len(known) else end


def _head(pieces: Sequence[Piece], lexicon: Lexicon, scheme: str) -> int:
    """Return where the classes end that stand before the keywords; one word alone is none."""
    end = 0
    while end < len(pieces) and _is_class(pieces[end].text, lexicon, scheme):
        end += 1
    return end if end > 1 or (end and " " in pieces[0].text) else 0


def _listed(text: str, lexicon: Lexicon, scheme: str) -> Discipline:
    """Make a class of its label; one that no table has gets a code of its label."""
    for known, _ in lexicon.by_label.get(fold(text), ()):
        if known.scheme == scheme:
            return Discipline(scheme, known.code, **known.labels)
    return Discipline(scheme, slug(text), en=text)


def _is_aeres(piece: Piece) -> bool:
    return piece.text in _AERES


def _is_class(text: str, lexicon: Lexicon, scheme: str) -> bool:
    """Tell whether a label is one of a scheme; those begin with a capital, many keywords do not."""
    return text[0].isupper() and any(
        known.scheme == scheme for known, _ in lexicon.by_label.get(fold(text), ())
    )


def _note(field: str, piece: Piece, rule: str, result: str) -> Note:
    original = piece.value.original if piece.alone else piece.text
    return Note(field, piece.value.name, original, rule, result, 0.9 if result else 1.0)
