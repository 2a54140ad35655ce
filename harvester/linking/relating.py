"""How two publications have to do with each other, where they are not one or two forms of one."""

from __future__ import annotations

from harvester.linking.evidence import Evidence, telling
from harvester.linking.people import share_one
from harvester.linking.traits import Traits

RELATIONS = ("version", "translation", "part", "review", "reply", "correction", "supplement")
"""What a record can be of another."""

_ABOUT = {
    "review": "review", "conference abstract": "version",
    "reply": "reply", "comment": "reply",
    "correction": "correction", "retraction": "correction", "expression of concern": "correction",
    "addendum": "correction",
    "data set": "supplement", "supplement": "supplement", "questionnaire": "supplement",
    "codebook": "supplement",
}  # fmt: skip
_WITHIN = 0.9
"""Such a share of the words of a title must stand in that of what is about it."""


def relation(one: Traits, other: Traits, found: Evidence) -> str:
    """Return what a record is of another, one of `RELATIONS`; "" for nothing that it says.

    Args:
        one: the record that is something.
        other: the record that it is something of.
        found: how alike the two are.
    """
    if found.score > 0 and not found.veto:
        return "version" if one.early and not other.early else ""
    about, counterpart = (record.about or record.perhaps for record in (one, other))
    if about and not counterpart and _names(one, other):
        return _ABOUT.get(about, "")
    if one.chapter and not other.chapter and other.kind.name == "book" and _within(one, other):
        return "part"
    if _translates(one, other):
        return "translation"
    return ""


def _names(one: Traits, other: Traits) -> bool:
    """Whether a title has the title of the other record in it."""
    said = telling(other.title)
    return bool(said) and sum(word in one.title for word in said) >= _WITHIN * len(said)


def _within(chapter: Traits, book: Traits) -> bool:
    same = len(book.title) > 1 and chapter.host == book.title
    return same or not chapter.isbns.isdisjoint(book.isbns)


def _translates(one: Traits, other: Traits) -> bool:
    """Whether it gives the title of the other beside its own, and is in another language."""
    return (
        bool(one.languages and other.languages)
        and one.languages.isdisjoint(other.languages)
        and one.title != other.title
        and other.title in one.parallels
        and share_one(one.people, other.people)
    )
