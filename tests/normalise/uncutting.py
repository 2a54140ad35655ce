"""How well cut subjects are put together: whole records, damaged as by BASE, understood again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from harvester.model import Record
from harvester.normalise import Tables, lexicon, phrases, understand
from harvester.normalise.classes import CUT
from harvester.normalise.folding import fold
from harvester.sources import Source
from tests.normalise.damage import by_base
from tests.normalise.whole import MADE, Whole

KNOWN = ("orbi", "asjc", "fos", "ddc", "headings", "people")
JOINING = frozenset(
    {"disciplines.rejoined", "disciplines.code", "keywords.rejoined", "keywords.learned",
     "keywords.bracket", "keywords.person", "keywords.event"}
)  # fmt: skip


class Score(msgspec.Struct):
    """What became of the subjects of some records.

    Attributes:
        cut, restored: subjects that BASE cuts, and those that come out exactly, by scheme.
        pairs: values that stood side by side.
        wrong: what was joined of several values, told by its parts.
        missed: cut subjects that did not come out.
    """

    cut: Counter[str] = msgspec.field(default_factory=Counter)
    restored: Counter[str] = msgspec.field(default_factory=Counter)
    pairs: int = 0
    wrong: list[str] = msgspec.field(default_factory=list)
    missed: list[str] = msgspec.field(default_factory=list)

    def share(self, schemes: Sequence[str] = KNOWN) -> float:
        """Return the share of cut subjects of these schemes that came out exactly."""
        cut = sum(self.cut[scheme] for scheme in schemes)
        return sum(self.restored[scheme] for scheme in schemes) / cut if cut else 1.0


def evaluate(records: Sequence[Whole], source: Source, tables: Tables) -> Score:
    """Damage whole records, understand them, and compare."""
    score = Score()
    for whole in records:
        understood = understand(by_base(whole.raw), source, tables)
        came_out = _meanings(understood.record)
        for subject in whole.subjects:
            if CUT.search(subject.text):
                score.cut[subject.scheme] += 1
                restored = subject.meant in came_out
                score.restored[subject.scheme] += restored
                if not restored:
                    score.missed.append(subject.text)
        score.pairs += len(whole.subjects) - 1
        values = [fold(subject.text) for subject in whole.subjects]
        for note in understood.trace:
            parts = note.original.split(" | ")
            if note.rule not in JOINING or len(parts) == 1 or parts[0].startswith("/dk/atira/"):
                continue
            if not any(fold(note.original) in value for value in values):
                score.wrong.append(note.original)
    return score


def _meanings(record: Record) -> set[str]:
    return {f"{one.scheme}:{one.code}" for one in record.disciplines} | {
        keyword.label for keyword in record.keywords
    }


def having_learned(tables: Tables, records: Sequence[Whole]) -> Tables:
    """Return tables whose learned phrases are those of these whole records, and no others."""
    learned = lexicon.learn([lexicon.subjects(whole.raw, MADE) for whole in records], ())
    entered = {
        folded: phrase
        for folded, phrase in tables.phrases.known.items()
        if phrase.rule == "keywords.rejoined"
    }
    index = phrases.index((), (), (), learned.phrases)
    known = msgspec.structs.replace(
        tables.phrases,
        known={**index.known, **entered},
        starts=index.starts | {fold(phrase.text.split(", ")[0]) for phrase in entered.values()},
    )
    return msgspec.structs.replace(tables, phrases=known)
