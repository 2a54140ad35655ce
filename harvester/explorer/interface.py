"""The languages of the interface: which one a reader is shown, its words, numbers and dates.

English is the source: what stands in templates and modules. The other catalogues are read from
`locale/LANGUAGE/LC_MESSAGES/explorer.po`. Nothing is stored at the reader's: `lang=` in an address
goes before what the browser asks for, and stays in the links of the page.
"""

from __future__ import annotations

import functools
import gettext as catalogues
import io
import re
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_datetime_format
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

SOURCE = "en"
LANGUAGES = {"en": "English", "de": "Deutsch", "fr": "Français", "nl": "Nederlands"}
"""The languages by BCP 47 tag, each called by its own name."""

# English as Europe writes it: the day before the month, 24 hours.
_LOCALES = {"en": "en_GB"}

PARAMETER = "lang"
LOCALE = Path(__file__).parent / "locale"

_ACCEPTED = re.compile(r"([A-Za-z]{1,8}|\*)(?:-[A-Za-z0-9-]*)?\s*(?:;\s*q\s*=\s*([01](?:\.\d*)?))?")
_MOST_ACCEPTED = 30

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Any]], Any]


class Reading(msgspec.Struct, frozen=True):
    """In which language a reader reads: its tag, and whether the address says so."""

    language: str = SOURCE
    chosen: bool = False


_READING: ContextVar[Reading] = ContextVar("reading")


def reading() -> Reading:
    """How the reader of the request at hand reads; English where there is no request."""
    return _READING.get(Reading())


def wrapper(app: App) -> App:
    """Answer each request in the language of its reader."""

    async def spoken(
        scope: Message, receive: Callable[[], Awaitable[Message]], send: Callable[[Message], Any]
    ) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        accepted = b",".join(
            value for name, value in scope["headers"] if name.lower() == b"accept-language"
        )
        token = _READING.set(
            asked(scope["query_string"].decode("latin-1"), accepted.decode("latin-1"))
        )
        try:
            await app(scope, receive, send)
        finally:
            _READING.reset(token)

    return spoken


def asked(query_string: str, accepted: str) -> Reading:
    """Decide on a language: `lang=` of the address, else the best of Accept-Language, else English.

    >>> asked("q=a&lang=nl", "de"), asked("", "it, fr-BE;q=0.7, de;q=0.2")
    (Reading(language='nl', chosen=True), Reading(language='fr', chosen=False))
    """
    for name, value in parse_qsl(query_string, max_num_fields=None):
        if name == PARAMETER and value in LANGUAGES:
            return Reading(value, chosen=True)
    best, weight = SOURCE, 0.0
    for part in accepted.split(",")[:_MOST_ACCEPTED]:
        match = _ACCEPTED.fullmatch(part.strip())
        if match is None:
            continue
        tag = match[1].lower()
        given = float(match[2] or 1)
        if tag in LANGUAGES and given > weight:
            best, weight = tag, given
    return Reading(best)


@functools.cache
def catalogue(language: str) -> catalogues.NullTranslations:
    """Read the words of a language; English has none but the source."""
    path = LOCALE / language / "LC_MESSAGES" / "explorer.po"
    if language == SOURCE:
        return catalogues.NullTranslations()
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    compiled = io.BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return catalogues.GNUTranslations(compiled)


@functools.cache
def locale(language: str) -> Locale:
    """The CLDR data of a language: names of languages and countries, numbers, dates."""
    return Locale.parse(_LOCALES.get(language, language))


def N_(message: str) -> str:  # noqa: N802 - the name that message extractors know
    """Mark a message whose translation is looked up later."""
    return message


def gettext(message: str, **variables: object) -> str:
    """A message in the reader's language, its `%(name)s` filled in."""
    text = catalogue(reading().language).gettext(message)
    return text % variables if variables else text


def decimal(value: int) -> str:
    """A whole number as the reader's language groups it."""
    return format_decimal(value, locale=locale(reading().language))


def percent(share: float) -> str:
    """A share in percent; only all of something is 100 %, and only nothing of it 0 %."""
    if share in (0.0, 1.0):
        return f"{share * 100:.0f}\N{NO-BREAK SPACE}%"
    value = min(max(share, 0.001), 0.999) * 100
    written = format_decimal(value, format="0.0", locale=locale(reading().language))
    return f"{written}\N{NO-BREAK SPACE}%"


def day(text: str) -> str:
    """An ISO date or time as a day in words; what is no date stays as it is.

    >>> day("2024-02-11T09:31:07Z"), day("2024-02"), day("1999~")
    ('11 February 2024', 'February 2024', '1999~')
    """
    known = locale(reading().language)
    try:
        if re.fullmatch(r"\d{4}-\d\d", text):
            month = date.fromisoformat(f"{text}-01")
            return format_skeleton("yMMMM", month, locale=known)
        if re.match(r"\d{4}-\d\d-\d\d(T|$)", text):
            return format_date(date.fromisoformat(text[:10]), format="long", locale=known)
    except ValueError:
        return text
    return text


def moment(text: str) -> str:
    """An ISO time in UTC as day and time; what is none stays as it is.

    >>> moment("2026-11-25T16:16:16Z"), moment("yesterday")
    ('25 Nov 2026, 16:16', 'yesterday')
    """
    try:
        when = datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return text
    known = locale(reading().language)
    joined = str(get_datetime_format("medium", locale=known)).replace("'", "")
    return joined.format(
        format_time(when, format="short", locale=known),
        format_date(when, format="medium", locale=known),
    )


def catalogued(singular: str, plural: str, number: int) -> str:
    """A message that counts, as a template takes it: its placeholders are filled in there."""
    return catalogue(reading().language).ngettext(singular, plural, number)
