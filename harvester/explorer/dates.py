"""Dates of publication: EDTF, in the reader's words."""

from __future__ import annotations

import re

from harvester.explorer.interface import N_, day, gettext

SEASONS = {
    "21": N_("spring %(year)s"),
    "22": N_("summer %(year)s"),
    "23": N_("autumn %(year)s"),
    "24": N_("winter %(year)s"),
}
"""Seasons by the number that EDTF has for them in the place of a month."""

_OPEN = ("", "..")
_YEAR = re.compile(r"\d{4}")
_END = re.compile(r"(\.\.)?|\d{4}(-\d\d){0,2}[~?]?")


def issued(text: str) -> str:
    """A date of publication in words; what is no date stays as it is.

    >>> [issued(text) for text in ("2024-02", "2015-21", "2008/2009", "2008/..", "198X", "1650~")]
    ['February 2024', 'spring 2015', '2008–2009', 'from 2008', '1980–1989', 'about 1650']
    """
    first, slash, last = text.partition("/")
    if not slash:
        return _one(text)
    if (first in _OPEN and last in _OPEN) or not (_END.fullmatch(first) and _END.fullmatch(last)):
        return text
    if first in _OPEN:
        return gettext("until %(year)s", year=_one(last))
    if last in _OPEN:
        return gettext("from %(year)s", year=_one(first))
    dash = "–" if _YEAR.fullmatch(first) and _YEAR.fullmatch(last) else " – "
    return _one(first) if first == last else f"{_one(first)}{dash}{_one(last)}"


def _one(text: str) -> str:
    exact = text.removesuffix("~") or text
    if re.fullmatch(r"\d{2}(XX|\dX)", exact):
        words = f"{exact.replace('X', '0')}–{exact.replace('X', '9')}"
    elif season := re.fullmatch(r"(\d{4})-(2[1-4])", exact):
        words = gettext(SEASONS[season[2]], year=season[1])
    else:
        words = day(exact)
    return words if exact == text else gettext("about %(date)s", date=words)
