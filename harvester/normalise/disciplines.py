"""Disciplines: classes of a scheme found among the subjects, whole, cut to pieces, or by code."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from harvester.model import Discipline, Note
from harvester.normalise.classes import NUMBERED, Class, Lexicon
from harvester.normalise.cut import ALL, residual, spelled
from harvester.normalise.folding import fold
from harvester.normalise.keywords import Piece

# Schemes without codes whose labels their platforms put first among the subjects.
_PLAIN = ("ugent", "ulb")
_CODE = re.compile(r"\s*\[([A-H]\d\d)\]$")
_SET = re.compile(r"^class_([a-h]\d\d)$")
_PURE_CLASS = re.compile(r"^/dk/atira/pure/subjectarea/(asjc|fos)/(?:\d+/)?([\d.]+)$")
_CLASSIFICATION = re.compile(r"^info:eu-repo/classification/(\w+)/(.+)$", re.IGNORECASE)
_DDC = re.compile(r"^(?:ddc|dewey)\s*:?\s*(\d{3}(?:\.\d+)?)\b", re.IGNORECASE)
_JEL = re.compile(r"^jel\s*(?:classification)?\s*:?\s*([A-Z]\d{0,2})$", re.IGNORECASE)
_FOS = re.compile(r"^FOS\s*:\s*(.+)$|^FOS (.+)$")
_NUMBERED = re.compile(r"^(\d{4}|\d{6})\s+([A-Z].*)$")


def find(
    pieces: Sequence[Piece],
    lexicon: Lexicon,
    *,
    schemes: Sequence[str],
    shredded: bool,
    in_sets: set[str],
) -> tuple[list[Discipline], list[Piece], list[Note]]:
    """Take the classes out of a list of subjects, in whatever order they stand.

    The same class in two languages is one discipline. A top class goes before its sub-classes.
    A label that may as well be a keyword (`Anthropology`) counts as a class only where something
    proves it: the label in the other language, a code, a place below a class, the record's set.

    Args:
        pieces: the subjects.
        lexicon: the classes.
        schemes: schemes whose bare labels this platform puts among the subjects.
        shredded: BASE cut the subjects at `, `: consecutive pieces are tried together.
        in_sets: the codes that the record's sets name.

    Returns:
        the disciplines, the pieces that are none, and the account.
    """
    may_be_class = [
        not piece.plain and (piece.chained or may_name_class(piece.text, lexicon))
        for piece in pieces
    ]
    if not in_sets and True not in may_be_class:
        return [], list(pieces), []
    claims = _Claims(lexicon, schemes, in_sets, [piece.text for piece in pieces])
    rest: list[Piece] = []
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        if not may_be_class[place]:
            rest.append(piece)  # most are keywords
            place += 1
            continue
        taken = claims.coded(pieces, place) if _looks_coded(piece.text) else 0
        if not taken:
            taken = claims.labelled(pieces, place, shredded=shredded)
        if not taken:
            rest.append(piece)
        place += taken or 1
    for code in sorted(in_sets):
        if "orbi" in schemes:
            claims.from_set(code)
    return claims.disciplines(), rest, claims.notes


def named_by_sets(sets: Sequence[str]) -> set[str]:
    """Return the codes of classes that setSpecs name, as ORBi's `class_h10` does."""
    return {found.group(1).upper() for spec in sets if (found := _SET.match(spec.lower()))}


def may_name_class(text: str, lexicon: Lexicon) -> bool:
    """Tell whether a subject may be a class by its code or label, or the first part of one."""
    if text[-1] == "]" or _looks_coded(text):
        return True
    opening = text[:3]
    if opening.isascii() and opening.isalpha() and opening.lower() not in lexicon.openings:
        return False
    folded = fold(text)
    return folded in lexicon.by_label or folded in lexicon.starts


def _looks_coded(text: str) -> bool:
    first = text[0]
    return first in "/0123456789" or ":" in text or text[:4] == "FOS "


def _telling(known: Class, cut: Sequence[Piece]) -> bool:
    """Tell whether pieces are more than keywords side by side: not so `Theater | Tanz`."""
    return known.scheme != "ddc" or any(" " in piece.text for piece in cut)


class _Claims:
    """The classes found so far; lives for one record."""

    def __init__(
        self, lexicon: Lexicon, schemes: Sequence[str], in_sets: set[str], texts: list[str]
    ) -> None:
        self.lexicon = lexicon
        self.schemes = schemes
        self.in_sets = in_sets
        self.texts = texts
        self.folded: Counter[str] | None = None
        self.found: dict[tuple[str, str], dict[str, str]] = {}
        self.broader: dict[tuple[str, str], str | None] = {}
        self.top: str | None = None
        self.top_language = "en"
        self.notes: list[Note] = []

    def coded(self, pieces: Sequence[Piece], place: int) -> int:
        """Read a class that is named by its code; return how many pieces that took."""
        piece = pieces[place]
        text = piece.text
        if found := _PURE_CLASS.match(text):
            scheme, code = found.groups()
            following = pieces[place + 1].text if place + 1 < len(pieces) else ""
            known = self.lexicon.by_code.get((scheme, code))
            if known:
                taken = 1 + spelled(known.labels.get("en", ""), self._following(place))
                return self._add(known, pieces[place : place + taken], "disciplines.code")
            self._add(
                Class(scheme, code, {"en": following} if following else {}),
                pieces[place : place + 2],
                "disciplines.code",
            )
            return 2
        if found := _CLASSIFICATION.match(text):
            return self._by_scheme(found.group(1).lower(), found.group(2), piece)
        if found := _DDC.match(text):
            return self._by_scheme("ddc", found.group(1), piece)
        if found := _JEL.match(text):
            return self._by_scheme("jel", found.group(1).upper(), piece)
        if found := _FOS.match(text):
            return self._by_label(found.group(1) or found.group(2), "fos", piece)
        if found := _NUMBERED.match(text):
            scheme = "asjc" if len(found.group(1)) == 4 else "anzsrc"
            known = self.lexicon.by_code.get((scheme, found.group(1)))
            if known and fold(known.labels.get("en", "")) != fold(found.group(2)):
                return 0
            if known is None and scheme == "asjc":
                return 0  # `1984 Orwell`
            label, more = residual(found.group(2), self._following(place))
            return self._add(
                known or Class(scheme, found.group(1), {"en": label}),
                pieces[place : place + 1 + more],
                "disciplines.rejoined" if more else "disciplines.code",
            )
        return 0

    def _following(self, place: int) -> list[str]:
        return self.texts[place + 1 : place + 1 + self.lexicon.longest]

    def _by_scheme(self, scheme: str, code: str, piece: Piece) -> int:
        if scheme == "ddc":
            return self._ddc(code, piece)
        known = self.lexicon.by_code.get((scheme, code))
        return self._add(known or Class(scheme, code, {}), [piece], "disciplines.code")

    def _ddc(self, code: str, piece: Piece) -> int:
        """Claim a Dewey number, as the group of it that has a name."""
        for group in (code, code[:3], code[:2] + "0", code[:1] + "00"):
            if known := self.lexicon.by_code.get(("ddc", group)):
                rule = "disciplines.code" if group == code else "disciplines.group"
                return self._add(known, [piece], rule)
        return self._add(Class("ddc", code, {}), [piece], "disciplines.code")

    def _by_label(self, label: str, scheme: str, piece: Piece) -> int:
        for known, _ in self.lexicon.by_label.get(fold(label), ()):
            if known.scheme == scheme:
                return self._add(known, [piece], "disciplines.label")
        return 0

    def labelled(self, pieces: Sequence[Piece], place: int, *, shredded: bool) -> int:
        """Read a class that is named by its label; return how many pieces that took."""
        lexicon = self.lexicon
        piece = pieces[place]
        folded = fold(piece.text)
        if shredded and folded in lexicon.starts:
            taken = self._together(pieces, place)
            if taken:
                return taken
        if shredded and piece.chained and "orbi" in self.schemes:
            taken = self._below(pieces, place)
            if taken:
                return taken
        code = None
        if piece.text[-1] == "]" and (found := _CODE.search(piece.text)):
            code = found.group(1)
            folded = fold(piece.text[: found.start()])
        candidates = lexicon.by_label.get(folded)
        if candidates:
            known = self._proven(candidates, piece, folded, code)
            if known:
                rule = "disciplines.label"
                return self._add(known[0], [piece], rule, language=known[1], code=code)
        if code and "orbi" in self.schemes:
            label = _CODE.sub("", piece.text)
            language = self.top_language
            return self._add(
                Class("orbi", code, {language: label}, code[0]), [piece], "disciplines.code"
            )
        return 0

    def _below(self, pieces: Sequence[Piece], place: int) -> int:
        """Join a class of ORBi that no table has: from ` :: ` to its code in brackets."""
        for end in range(place + 1, min(place + self.lexicon.longest, len(pieces))):
            if pieces[end].chained:
                break
            if found := _CODE.search(pieces[end].text):
                cut = pieces[place : end + 1]
                label = _CODE.sub("", ", ".join(piece.text for piece in cut))
                one = Class("orbi", found[1], {self.top_language: label}, found[1][0])
                return self._add(one, cut, "disciplines.rejoined", language=self.top_language)
        return 0

    def _together(self, pieces: Sequence[Piece], place: int) -> int:
        """Try consecutive pieces together, the longest run first."""
        lexicon = self.lexicon
        run = fold(pieces[place].text)
        best: tuple[int, Class, str, str | None] | None = None
        for end in range(place + 1, min(place + lexicon.longest, len(pieces))):
            if pieces[end].chained:
                break
            text, code = pieces[end].text, None
            folded = fold(text)
            if text[-1] == "]" and (found := _CODE.search(text)):
                code = found.group(1)
                folded = fold(text[: found.start()])
            run += folded
            for known, language in lexicon.by_label.get(run, ()):
                if (
                    ", " in known.labels[language]
                    and self._fits(known, code)
                    and _telling(known, pieces[place : end + 1])
                ):
                    best = (end - place + 1, known, language, code)
                    break
        if best is None:
            return 0
        taken, known, language, code = best
        self._add(
            known,
            pieces[place : place + taken],
            "disciplines.rejoined",
            language=language,
            code=code,
        )
        return taken

    def _fits(self, known: Class, code: str | None) -> bool:
        """Tell whether a class may stand here: `Multidisciplinary …` is a class below every top."""
        if code:
            return known.scheme == "orbi" and (known.code == code or known.broader == code[0])
        return (
            known.scheme != "orbi"
            or known.broader is None
            or known.broader == self.top
            or not known.code.endswith("99")
        )

    def _proven(
        self, candidates: Sequence[tuple[Class, str]], piece: Piece, folded: str, code: str | None
    ) -> tuple[Class, str] | None:
        for known, language in candidates:
            label = known.labels[language]
            if known.scheme in NUMBERED and folded != fold(label) and piece.text[0].isdecimal():
                return known, language
            if known.scheme not in self.schemes:
                # A class of another scheme, whole and with its commas, is no keyword by chance.
                if piece.alone and ", " in piece.text and known.scheme in ("asjc", "orbi"):
                    return known, language
                if known.scheme == "asjc" and ALL.search(piece.text):
                    return known, language
                continue
            if not self._fits(known, code):
                continue
            if known.scheme in _PLAIN or code or known.code in self.in_sets:
                return known, language
            if known.scheme == "orbi" and (
                "&" in label or "," in label or piece.chained or self._in_both_languages(known)
            ):
                return known, language
            if known.scheme == "asjc" and (
                piece.text[-1] == ")"
                or ", " in label
                or (" and " in label and len(label.split()) > 3)
            ):
                return known, language
        return None

    def _in_both_languages(self, known: Class) -> bool:
        if self.folded is None:
            self.folded = Counter(map(fold, self.texts))
        wanted = Counter(map(fold, known.labels.values()))
        return all(self.folded[label] >= times for label, times in wanted.items())

    def _add(
        self,
        known: Class,
        cut: Sequence[Piece],
        rule: str,
        *,
        language: str = "en",
        code: str | None = None,
    ) -> int:
        code = code or known.code
        key = (known.scheme, code)
        value = cut[0].value
        original = " | ".join(piece.value.original if piece.alone else piece.text for piece in cut)
        certainty = 1.0
        if known.unverified and known.code not in self.in_sets and code == known.code:
            certainty = 0.9
        if known.scheme == "orbi" and known.broader is None:
            self.top, self.top_language = code, language
        if key in self.found:
            for name, label in known.labels.items():
                self.found[key].setdefault(name, label)
            if rule == "disciplines.label":
                rule = "disciplines.paired"
        else:
            self.found[key] = dict(known.labels)
            self.broader[key] = known.broader
        label = known.labels.get(language) or next(iter(known.labels.values()), "")
        result = f"{known.scheme}:{code} {label}".rstrip()
        self.notes.append(Note("disciplines", value.name, original, rule, result, certainty))
        return len(cut)

    def from_set(self, code: str) -> None:
        """Add a class that only the header names."""
        known = self.lexicon.by_code.get(("orbi", code))
        if known and ("orbi", code) not in self.found:
            self.found["orbi", code] = dict(known.labels)
            self.broader["orbi", code] = known.broader
            label = known.labels.get("en", "")
            self.notes.append(
                Note(
                    "disciplines",
                    "setSpec",
                    f"class_{code.lower()}",
                    "disciplines.set",
                    f"orbi:{code} {label}",
                )
            )

    def disciplines(self) -> list[Discipline]:
        """Return what was found, in the order of appearance, each top class before its own."""
        order: dict[tuple[str, str], int] = {}
        for scheme, code in self.found:
            order.setdefault((scheme, self.broader[scheme, code] or code), len(order))
        keys = sorted(
            self.found,
            key=lambda key: (
                order[key[0], self.broader[key] or key[1]],
                self.broader[key] is not None,
            ),
        )
        return [Discipline(scheme, code, **self.found[scheme, code]) for scheme, code in keys]
