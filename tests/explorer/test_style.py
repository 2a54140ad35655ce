"""The style sheet: contrast in both colour schemes, nothing from elsewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import harvester.explorer

CSS = (Path(harvester.explorer.__file__).parent / "static" / "site.css").read_text(encoding="utf-8")
LIGHT, DARK = (
    dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
    for block in re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[:2]
)

TEXT = [
    (colour, ground)
    for colour in ("ink", "soft", "accent", "accent-deep")
    for ground in ("paper", "surface", "tint", "accent-tint")
] + [
    *((colour, "found") for colour in ("ink", "soft", "accent", "visited")),
    ("visited", "paper"),
    ("open", "paper"),
    ("warn", "paper"),
    ("ink", "warn-tint"),
    ("on-accent", "accent"),
    ("on-accent", "accent-deep"),
]


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast as WCAG 2.2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("colour", "ground"), TEXT)
def test_text_can_be_read(scheme: dict[str, str], colour: str, ground: str) -> None:
    assert contrast(scheme[colour], scheme[ground]) >= 4.5


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "surface", "tint"])
def test_edges_of_fields_can_be_seen(scheme: dict[str, str], ground: str) -> None:
    assert contrast(scheme["edge"], scheme[ground]) >= 3


def test_both_schemes_have_the_same_colours() -> None:
    assert set(LIGHT) == set(DARK)


def test_nothing_comes_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS


def test_focus_stays_visible() -> None:
    assert "outline: none" not in CSS
    assert "outline: 0" not in CSS
