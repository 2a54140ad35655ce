"""Citations of one journal, which differ in nothing but their numbers, are read once."""

from __future__ import annotations

import re
from functools import lru_cache

from harvester.normalise import dialects, numbering
from harvester.normalise.cited import Cited, page_range
from harvester.normalise.remembering import LONGEST

# How most citations end: `, 28(10), 10-11 (2018)`.
_NUMBERS = re.compile(
    r", (?P<volume>[0-9]{1,3})\((?P<issue>[0-9]{1,3})\), (?P<pages>[0-9]{1,3}-[0-9]{1,3})"
    rf"(?P<dated> \({dialects.YEAR}\))?\Z"
)
# Dialects in which it may matter how many digits the numbers have.
_COUNTING = re.compile(r"[;”]|Issue: |vol:|pages:|\. - | // ")


def parse(text: str) -> Cited:
    """Read one citation as `dialects.parse` does, but quicker where its journal was seen before."""
    found = _NUMBERS.search(text)
    if found is None or len(text) > LONGEST:
        return dialects.parse(text)
    volume, issue, pages, dated = found.groups()
    alike = _numbered_alike(text[: found.start()], len(volume) > 2, dated is not None)
    if alike is None:
        return dialects.parse(text)
    if not alike.rule:
        return alike
    pages, _ = page_range(pages)
    return Cited(alike.title, volume, issue, pages, rule=alike.rule, certainty=alike.certainty)


@lru_cache(maxsize=8192)
def _numbered_alike(name: str, long: bool, dated: bool) -> Cited | None:
    """Read what most citations of a journal share: its name, before other numbers.

    Which digits they are changes nothing, nor how many, but for a volume of three, which may be a
    page behind another number.

    Args:
        name: what stands before the numbers.
        long: the volume has three digits.
        dated: the year stands behind the pages.

    Returns:
        what such a citation says, with other numbers, or nothing; None where it is read otherwise.
    """
    if _COUNTING.search(name):
        return None
    volume, year = "111" if long else "11", " (2000)" if dated else ""
    cited = dialects.parse(f"{name}, {volume}(2), 3-4{year}")
    title = numbering.title_of(f"{name}, ")
    alike = Cited(title, volume, "2", "3-4", rule="citation.parts", certainty=0.9)
    return cited if cited in (alike, Cited()) else None
