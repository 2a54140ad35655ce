"""What is otherwise in a report on a source than in an earlier one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal

import msgspec

from harvester.catalogue.report import Report

TERMS = ("types.unknown", "languages.unknown", "rights.unknown-address")
"""Fallback rules for terms that a row in a table would mend: new ones are told."""
MOVED = 0.05
"""By more than this must a share differ to be told."""
FEWEST = 20
"""Of fewer records or values no share is told: a single one would move it by 5 points."""

Shares = Mapping[str, float]


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """Something that has drifted.

    Attributes:
        what: the share of records with a field; the share of values that a rule read; a term that
            no table knows.
        name: the field, or the rule.
        before, now: the shares; for a term `now` is the number of its records.
        value: the term.
    """

    what: Literal["field", "rule", "term"]
    name: str
    before: float
    now: float
    value: str | None = None

    @property
    def told(self) -> str:
        """The change in one line."""
        if self.what == "term":
            records = "1 record" if self.now == 1 else f"{self.now:,.0f} records"
            return f"{self.name}: “{self.value}” is new, in {records}"
        return f"{self.name}: {self.now:.0%}, before {self.before:.0%}"


def to_keep(report: Report) -> Report:
    """Return what of a report is kept to compare later ones with: of the values only terms."""
    terms = [one for one in report.unknown if one.rule in TERMS]
    return msgspec.structs.replace(report, unknown=terms)


def drift(before: Report, now: Report) -> list[Change]:
    """Say what is otherwise than in an earlier report: shares by more than 5 points, new terms."""
    changes = []
    if min(before.counted, now.counted) >= FEWEST:
        moved = _moved(_field_shares(before), _field_shares(now))
        changes += [Change("field", *one) for one in moved]
    kinds = [_of_kinds(report) for report in (before, now)]
    changes += [
        Change("rule", *one)
        for one in _moved(_rule_shares(before), _rule_shares(now))
        if min(values[_kind(one[0])] for values in kinds) >= FEWEST
    ]
    known = {(one.rule, one.value) for one in before.unknown}
    changes += [
        Change("term", one.rule, 0, one.records, one.value)
        for one in now.unknown
        if one.rule in TERMS and (one.rule, one.value) not in known
    ]
    return changes


def _moved(before: Shares, now: Shares) -> Iterator[tuple[str, float, float]]:
    for name in dict.fromkeys([*now, *before]):
        was, is_ = before.get(name, 0.0), now.get(name, 0.0)
        if abs(is_ - was) > MOVED:
            yield name, was, is_


def _field_shares(report: Report) -> Shares:
    return {one.field: one.share for one in report.fields}


def _rule_shares(report: Report) -> Shares:
    return {one.rule: one.share for one in report.rules}


def _of_kinds(report: Report) -> Counter[str]:
    """Count the values of each kind of rule."""
    kinds: Counter[str] = Counter()
    for one in report.rules:
        kinds[_kind(one.rule)] += one.values
    return kinds


def _kind(rule: str) -> str:
    return rule.partition(".")[0]
