"""Languages as the web and reference managers write them."""

from __future__ import annotations

import functools
from pathlib import Path

from harvester import schemas


def bcp47(code: str, overlay: Path | None = None) -> str:
    """Return the BCP 47 tag of a language: two letters where there are two, else three.

    Args:
        code: ISO 639-3, as records have it; one that the table lacks is its own tag.
        overlay: the folder of the librarian's own table rows, or None.

    >>> bcp47("nld"), bcp47("ang")
    ('nl', 'ang')
    """
    return _tags(overlay).get(code, code)


@functools.cache
def _tags(overlay: Path | None) -> dict[str, str]:
    languages = schemas.load("languages.yml", overlay)["languages"]
    return {code: str(facts["alpha2"]) for code, facts in languages.items() if "alpha2" in facts}
