"""Titles: one title, its parallel titles, and what is no title at all."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec

from harvester.model import Note, Title
from harvester.normalise.folding import fold
from harvester.normalise.languages import Languages, code, detect, said
from harvester.normalise.profile import Dialect
from harvester.normalise.text import GLUE, Value


class Titled(msgspec.Struct, frozen=True, gc=False):
    """The title of a record, and its titles in other languages."""

    title: str
    parallel: list[Title]


# BASE puts this behind the titles that it takes from DataCite, and between two of them.
_DOTS = " ..."
_BETWEEN_DOTS = " ... : "
# Cataloguers' sign before the names of those responsible, as the Library of Congress has it.
_SLASH = " /"
# EUR's older records: `in Nederland .`; CiteSeerX's ` . . .` means that more follows.
_STOP = " ."
_ENDS = (_DOTS, _SLASH, _STOP)
# Pure joins title and subtitle: `in tijden van corona:Verbinding op afstand`.
_TIGHT = re.compile(
    r"(?:(?<=[^\W\d_][^\W\d_])|(?<=[?!»”’\"')])):(?=[^\W\d_][^\W\d_])|(?<=\d\d):(?=[A-ZÀ-Þ][^\W\d_])"
)
# The same elsewhere (Copenhagen's Pure by way of BASE), where a whole word stands on both sides.
_TIGHT_BETWEEN_WORDS = re.compile(r"(?<=[a-zß-ÿ]{3}):(?=[A-ZÀ-Þ][a-zß-ÿ]{2,}[’'“”,]* )")
# PUC-Rio tells the language of titles in front: `[en] MANAGING FOREIGN EXCHANGE RISKS`.
LANGUAGE_BEFORE = re.compile(r"^\[([a-z]{2,3})\]\s+(?=\S)")
# Letters that neither English nor its neighbours on the Continent have: `ě`, `ł`, `ş`, `ų`.
_FAR_LETTER = re.compile(r"[Ā-ŐŔ-ſ]")
_SCRIPTS = (
    re.compile(r"[A-Za-zÀ-ɏ]"),
    re.compile(r"[Ѐ-ӿ]"),
    re.compile(r"[぀-鿿가-힯]"),
    re.compile(r"[؀-ۿ]"),
    re.compile(r"[Ͱ-Ͽ]"),
)
_FEWEST_WORDS = 2


def read(
    values: Sequence[Value],
    *,
    dialect: Dialect,
    languages: Languages,
    container: str | None,
    from_agency: bool,
    given: Sequence[str] = (),
) -> tuple[Titled, list[Note]]:
    """Read the titles of a record; the first is the title.

    BASE joins titles with ` ; `, and some titles hold ` ; ` themselves: they are only taken apart
    where the parts are in different languages or scripts (parallel titles), say the same twice,
    name the journal, or come from Crossref (title ; subtitle).

    Args:
        values: dc:title and its refinements.
        dialect: the platform's habits.
        languages: for the languages of the titles.
        container: the title of the journal or book, which is no title of the record.
        from_agency: the record came to BASE from a DOI agency.
        given: the languages that the record gives.
    """
    if len(values) == 1 and not _may_be_more(values[0].text, dialect):  # as most records have it
        text, rule = values[0].text, values[0].rule or "titles.given"
        note = Note("title", values[0].name, values[0].original, rule, text, 1.0)
        return Titled(text, []), [note]
    notes: list[Note] = []
    titles: list[Title] = []
    seen: set[str] = set()
    several = len(values) > 1
    for value in values:
        text, rule, given_language = value.text, value.rule or "titles.given", value.language
        if _may_be_more(text, dialect):
            text, rule, given_language = _mended(value, rule, dialect)
        certainty = 1.0
        parts = [text]
        if rule == "titles.dots" and _BETWEEN_DOTS in text:
            parts, rule, certainty = _of_datacite(text, languages)
        elif dialect.joined and GLUE in text:
            parts, rule, certainty = _apart(
                text, languages, container, given, from_agency=from_agency
            )
        kept = []
        for part in parts:
            if several or len(parts) > 1:
                folded = fold(part)
                if folded and folded in seen:
                    continue
                seen.add(folded)
            language = code(given_language, languages)[0] if given_language else None
            if language is None and len(parts) > 1:
                language = detect(part, languages)
            titles.append(Title(part, language))
            kept.append(part)
        rule = rule if kept else "titles.duplicate"
        field = "title" if len(titles) == len(kept) else "titles"
        notes.append(Note(field, value.name, value.original, rule, " | ".join(kept), certainty))
    if not titles:
        return Titled("", []), notes
    return Titled(titles[0].text, titles[1:]), notes


def _may_be_more(text: str, dialect: Dialect) -> bool:
    """Tell whether there may be more in a value than one title as a reader should see it."""
    return (
        text.endswith(_ENDS)
        or text[0] == "["
        or (":" in text and text.count(":") > text.count(": "))
        or (dialect.joined and GLUE in text)
    )


def _mended(value: Value, rule: str, dialect: Dialect) -> tuple[str, str, str | None]:
    """Return a title without what carriers and cataloguers put around it, the rule, its language.

    Args:
        value: the title.
        rule: the rule that changed it before, or `titles.given`.
        dialect: the platform's habits.
    """
    text = value.text
    if dialect.joined and text.endswith(_DOTS):
        text, rule = text[: -len(_DOTS)].rstrip(), "titles.dots"
    if text.endswith(_SLASH):
        text, rule = text[: -len(_SLASH)].rstrip(), "titles.slash"
    if text.endswith(_STOP) and not text.endswith(" . ."):
        text, rule = text[: -len(_STOP)].rstrip(), "titles.full-stop"
    if ":" in text:
        tight = _TIGHT if dialect.tight_colon else _TIGHT_BETWEEN_WORDS
        if tight.search(text) and " " in text.partition(":")[0]:
            text, rule = tight.sub(": ", text), "titles.colon"
    if text[0] == "[" and (found := LANGUAGE_BEFORE.match(text)):
        return text[found.end() :], "titles.language", found.group(1)
    return text, rule, value.language


def _of_datacite(text: str, languages: Languages) -> tuple[list[str], str, float]:
    """Take apart a title and its subtitle or translation, which DataCite does not tell apart.

    `Herding in Financial Markets ... : Herdenverhalten auf Finanzmärkten` is a translation.
    """
    first, _, second = text.partition(_BETWEEN_DOTS)
    spoken = detect(first, languages), detect(second, languages)
    foreign = _script(first) != _script(second) or (None not in spoken and spoken[0] != spoken[1])
    if foreign or any(
        _is_english(one, languages) and not any("eng" in words for words in said(other, languages))
        for one, other in ((first, second), (second, first))
        if said(other, languages)
    ):
        return [first, second], "titles.parallel", 0.8
    return [f"{first}: {second}"], "titles.subtitle", 0.8


def _apart(
    text: str,
    languages: Languages,
    container: str | None,
    given: Sequence[str],
    *,
    from_agency: bool,
) -> tuple[list[str], str, float]:
    parts = [part.strip() for part in text.split(GLUE) if part.strip()]
    if len(parts) < 2:
        return parts or [text], "titles.given", 1.0
    journal = fold(container) if container else ""
    titles = [part for part in parts if not journal or fold(part) != journal]
    if len(titles) < len(parts) and titles:
        return titles, "titles.journal-removed", 0.9
    folded = [fold(part) for part in parts]
    if len(parts) == 2 and folded[0] != folded[1]:
        # One says the other and more: `Black Lives Matter … ; Black Lives Matter …: An interview`.
        if folded[1].startswith(folded[0]) or folded[1].endswith(folded[0]):
            more = folded[1].replace(folded[0], "", 1)
            # `Skoplal trapicha ; 0097-Skoplal trapicha`: a number is no part of a title.
            kept = parts[:1] if more.isdecimal() else parts[1:]
            return kept, "titles.longer", 0.9
        if folded[0].startswith(folded[1]):
            return parts[:1], "titles.longer", 0.9
    if len(set(map(_spoken, folded))) < len(folded):
        return _each_once(parts, folded), "titles.unglued", 1.0
    spoken = [detect(part, languages) for part in parts]
    scripts = [_script(part) for part in parts]
    if len(set(scripts)) == len(parts) or (None not in spoken and len(set(spoken)) == len(parts)):
        return parts, "titles.parallel", 0.9
    if from_agency and len(parts) == 2:
        return [f"{parts[0].rstrip(' :')}: {parts[1]}"], "titles.subtitle", 0.8
    known = [language for language in spoken if language]
    if len(parts) > 2 and _of_several(parts, known):
        return parts, "titles.parallel", 0.7
    if (
        len(parts) == 2
        and len(known) == 1
        and all(
            len(part.split()) > _FEWEST_WORDS and any(map(str.isupper, part[:1])) for part in parts
        )
        and _differ(parts, spoken)
    ):
        return parts, "titles.parallel", 0.7
    if len(parts) == 2 and any(_parallel(parts, language, languages) for language in given):
        return parts, "titles.parallel", 0.8
    if len(parts) == 2 and any(
        _is_english(one, languages) and _is_far(other, languages)
        for one, other in (parts, reversed(parts))
    ):
        return parts, "titles.parallel", 0.8
    return [text], "titles.undecided", 0.5


def _spoken(folded: str) -> str:
    """Return a folded title as it is said: `Food & Water` is `Food and Water`."""
    return folded.replace("and", "")


def _each_once(parts: Sequence[str], folded: Sequence[str]) -> list[str]:
    """Return every title once, rather in small letters than in capitals."""
    once: dict[str, str] = {}
    for part, key in zip(parts, map(_spoken, folded), strict=True):
        if key not in once or (once[key].isupper() and not part.isupper()):
            once[key] = part
    return list(once.values())


def _of_several(parts: Sequence[str], known: Sequence[str]) -> bool:
    """Tell whether three titles and more are in as many languages, all but one of them known."""
    return len(set(known)) == len(known) == len(parts) - 1 and all(
        part[0].isupper() and len(part.split()) > _FEWEST_WORDS for part in parts
    )


def _is_english(text: str, languages: Languages) -> bool:
    """Tell whether a text is in ASCII and all its function words may be English ones."""
    heard = said(text, languages)
    return text.isascii() and bool(heard) and all("eng" in spoken for spoken in heard)


def _is_far(text: str, languages: Languages) -> bool:
    """Tell whether a title is in a language far from English.

    It has letters like `ě`, `ş` and `ų`, and no word of English: `Dějiny filosofie jako filosofie`.
    """
    return _FAR_LETTER.search(text) is not None and not any(
        "eng" in spoken for spoken in said(text, languages)
    )


def _parallel(parts: Sequence[str], own: str, languages: Languages) -> bool:
    """Tell whether the first title is in a language of the record and the second in another.

    For titles too short to betray their language by themselves. Each must have a function word that
    the other's language lacks, and none that its own lacks: `Die Euregio in den Köpfen` and
    `The Euregio in People’s Minds`.
    """
    if not all(part[0].isupper() and len(part.split()) > _FEWEST_WORDS for part in parts):
        return False
    first, second = (said(part, languages) for part in parts)
    if any(own in spoken for spoken in second if len(spoken) == 1):
        return False
    others = {language for spoken in second if own not in spoken for language in spoken} - {own}
    return any(
        all(other in spoken for spoken in second)
        and all(own in spoken for spoken in first)
        and any(other not in spoken for spoken in first)
        for other in others
    )


def _differ(parts: Sequence[str], spoken: Sequence[str | None]) -> bool:
    """Tell whether two titles, one of known language, can hardly be of one language.

    A title of six words and more in a language that we know would show a function word.
    """
    unknown = parts[spoken.index(None)] if None in spoken else ""
    return len(unknown.split()) > 5


def _script(text: str) -> int:
    counts = [len(pattern.findall(text)) for pattern in _SCRIPTS]
    return counts.index(max(counts))
