"""Crosswalks: the elements of a format to those that the rules understand, by a table.

The rules read Dublin Core with refinements (`dc:source:volume`) and names in parts. A crosswalk,
`schemas/crosswalks/FORMAT.yml`, says for each element of another format where its values and their
parts go. Whatever it does, a value keeps its own name and its text as received for the account. A
format without a crosswalk, such as `oai_dc`, costs nothing here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from harvester import faults, shapes
from harvester.normalise import identifiers, text
from harvester.normalise.agents import Roles
from harvester.normalise.folding import fold
from harvester.normalise.text import Value

_Piece = tuple[str, ...]
"""A piece of a text: literals and the names of attributes by turns, a literal first."""


class _Step(NamedTuple):
    """A row, ready for use."""

    element: str
    refinement: str
    when: tuple[tuple[str, frozenset[str]], ...]
    pieces: tuple[_Piece, ...]
    set: tuple[tuple[str, tuple[_Piece, ...]], ...]
    scheme: str
    trim: str
    also: tuple[_Step, ...]


Crosswalk = Mapping[str, Sequence[_Step]]

AGENT = "agent"
_READ = ("dc:", "dcterms:", "ali:")
_ANY = "*"
_HOLE = re.compile(r"\{(\w+)\}")
# The article of a title that is left out when it is filed, `L’`, stands without a blank.
_ELIDED = re.compile(r"^(\w{1,5}['’]) (?=\w)")


def index(files: Mapping[str, shapes.Crosswalk]) -> dict[str, Crosswalk]:
    """Make the crosswalks ready for use, by format; they lead somewhere, see `leads_nowhere`."""
    found: dict[str, Crosswalk] = {}
    for name, file in files.items():
        rows: dict[str, list[shapes.CrosswalkRow]] = {
            element: list(own) for element, own in file.elements.items()
        }
        for other in file.like:
            for element, further in files[other].elements.items():
                rows[element] = rows.get(element, []) + further
        found[name] = {
            element: tuple(_step(row) for row in several) for element, several in rows.items()
        }
    return found


def leads_nowhere(
    table: shapes.Crosswalk, tables: Mapping[str, shapes.Crosswalk]
) -> faults.Fault | None:
    """Return what a crosswalk names that is not there: an element that no rule reads, a format."""
    for place, other in enumerate(table.like):
        if other not in tables:
            return faults.Fault(("like", place), f"{other} has no crosswalk")
    for element, rows in table.elements.items():
        for place, row in enumerate(rows):
            for one in (row, *row.also):
                if one.to not in (AGENT, "") and not one.to.startswith(_READ):
                    keys = ("elements", element, place)
                    return faults.Fault(keys, f"no rule reads the element {one.to!r}")
    return None


def _step(row: shapes.CrosswalkRow) -> _Step:
    prefix, _, rest = row.to.partition(":")
    name, _, refinement = rest.partition(":")
    return _Step(
        element=f"{prefix}:{name}" if rest else row.to,
        refinement=refinement,
        when=tuple((attribute, _terms(terms)) for attribute, terms in row.when.items()),
        pieces=tuple(map(_piece, row.text)),
        set=tuple(
            (attribute, tuple(map(_piece, _listed(filled))))
            for attribute, filled in row.set.items()
        ),
        scheme=row.scheme,
        trim=row.trim,
        also=tuple(map(_step, row.also)),
    )


def _terms(terms: str | Sequence[str]) -> frozenset[str]:
    return frozenset(term if term == _ANY else fold(term) for term in _listed(terms))


def _listed(written: str | Sequence[str]) -> Sequence[str]:
    return [written] if isinstance(written, str) else written


def _piece(written: str) -> _Piece:
    return tuple(_HOLE.split(written))


def read(
    groups: Mapping[str, Sequence[Value]], crosswalk: Crosswalk, roles: Roles
) -> dict[str, list[Value]]:
    """Return the values under the elements that the rules understand.

    Args:
        groups: readable values by element, as `text.read` gives them.
        crosswalk: that of the record's format.
        roles: what the roles of persons and bodies are called, and which of them create.

    Returns:
        values by element. Those for which no row fits stay where they are, so that a format may mix
        its own elements with Dublin Core; those whose row says nothing are left out.
    """
    found: dict[str, list[Value]] = {}
    for values in groups.values():
        for value in values:
            steps = crosswalk.get(value.name)
            for one in (value,) if steps is None else _taken(value, steps, roles):
                found.setdefault(one.element, []).append(one)
    if titles := found.get("dc:title"):
        # The first one is the title, wherever a format puts its translations.
        titles.sort(key=lambda title: bool(title.refinement))
    return found


def _taken(value: Value, steps: Iterable[_Step], roles: Roles) -> Iterator[Value]:
    held = {name: text.readable(given)[0] for name, given in value.attributes.items()}
    value = msgspec.structs.replace(value, attributes=held)
    held = held | {"value": value.text}
    for step in steps:
        if _fits(step, held):
            yield from _made(value, step, held, roles, itself=bool(value.original))
            return
    yield value


def _fits(step: _Step, held: Mapping[str, str]) -> bool:
    for attribute, terms in step.when:
        given = held.get(attribute, "")
        if fold(given) not in terms and not (given and _ANY in terms):
            return False
    return True


def _made(
    value: Value, step: _Step, held: Mapping[str, str], roles: Roles, *, itself: bool
) -> Iterator[Value]:
    """Give what a row makes of a value.

    `itself`: the row is about the value as a whole, as which it is accounted for; the rows below
    `also` are about its parts, and what they give is named after those: `mods:relatedItem@volume`.
    """
    if step.element:
        filled, used = _filled(step.pieces, held, step.trim)
        if step.scheme and filled:
            filled = _named(filled, step.scheme)
        if filled:
            name = value.name if itself else f"{value.name}@{'+'.join(used)}"
            original = value.original if itself else filled
            made = _changed(value, step, held, filled)
            yield _under(step, msgspec.structs.replace(made, name=name, original=original), roles)
    for further in step.also:
        if _fits(further, held):
            yield from _made(value, further, held, roles, itself=False)


def _filled(
    pieces: Sequence[_Piece], held: Mapping[str, str], trim: str
) -> tuple[str, tuple[str, ...]]:
    """Return the pieces whose attributes are all there, joined, and which attributes those are."""
    joined = ""
    used: list[str] = []
    for first, *further in pieces:
        names, literals = further[::2], further[1::2]
        given = [held.get(name, "").strip(trim or None) for name in names]
        if all(given):
            joined += first + "".join(map(str.__add__, given, literals))
            used += names
    return _ELIDED.sub(r"\1", joined.strip()), tuple(used)


def _named(number: str, scheme: str) -> str:
    """Put its kind before a bare number or class; one that shows its kind stays as it is."""
    shows = number.lower().startswith(("http", f"{scheme.lower()}:"))
    return number if shows or identifiers.find(number)[0] else f"{scheme}:{number}"


def _changed(value: Value, step: _Step, held: Mapping[str, str], filled: str) -> Value:
    """Return the value with its new element, text and attributes."""
    attributes = value.attributes
    if step.set:
        made = {name: _filled(pieces, held, step.trim)[0] for name, pieces in step.set}
        attributes = attributes | {name: given for name, given in made.items() if given}
    return msgspec.structs.replace(
        value,
        element=step.element,
        refinement=step.refinement,
        text=filled,
        attributes=attributes,
    )


def _under(step: _Step, value: Value, roles: Roles) -> Value:
    """Return a person or body as creator or contributor in a role; other values as they are."""
    if step.element == AGENT:
        element, role = roles.of(value.attributes.get("role", ""))
        return msgspec.structs.replace(value, element=element, refinement=role)
    if step.element == "dc:contributor" and not step.refinement:
        _, role = roles.of(value.attributes.get("role", ""))
        return msgspec.structs.replace(value, refinement=role)
    return value


def unaccounted(values: Iterable[Value], told: Iterable[tuple[str, str]]) -> list[Value]:
    """Return the values that no note tells of, each once.

    Args:
        values: the values as received and as the rules saw them.
        told: element and original of every note.
    """
    known = set(told)
    left = []
    for value in values:
        original = (value.name, value.original)
        if value.original and original not in known and (value.name, value.text) not in known:
            known.add(original)
            left.append(value)
    return left
