"""Publications on the same subjects as one record.

The question touches a bounded number of rows, however large the catalogue is.
"""

from __future__ import annotations

import math
import sqlite3
from collections import defaultdict

from harvester.catalogue import works
from harvester.catalogue.query import clean_value
from harvester.catalogue.row import discipline_value
from harvester.catalogue.search import by_numbers
from harvester.model import Record

MOST_SUBJECTS = 12
MOST_RECORDS = 300
"""Records of one subject that are looked at, the newest first; a broader subject says little."""

DISCIPLINE_WEIGHT = 0.3

_OF_KEYWORD = """
    select record from record_keywords
    where keyword = (select number from keywords where value = :value)
    order by record desc limit :limit
"""
_OF_DISCIPLINE = """
    select record from record_disciplines
    where discipline = (select number from disciplines where value = :value)
    order by record desc limit :limit
"""
_NUMBER = """
    select number from records where id = :id
    union select lead from work_records where work = (select number from works where id = :work)
"""


def similar(connection: sqlite3.Connection, record: Record, limit: int = 5) -> list[Record]:
    """Return works that share keywords, and disciplines, with one; rare subjects count most.

    Args:
        connection: a connection to `catalogue.db`.
        record: a live record, or the view of a work; neither it nor its copies are returned.
        limit: the most works to return.

    Returns:
        The most similar first, each as the best of its copies lets it be; none where nothing is
        shared but a discipline.
    """
    scores: defaultdict[int, float] = defaultdict(float)
    keywords = [clean_value(keyword.label) for keyword in record.keywords[:MOST_SUBJECTS]]
    for value in dict.fromkeys(keywords):
        numbers = _numbers(connection, _OF_KEYWORD, value)
        for number in numbers:
            scores[number] += 1 / math.log2(2 + len(numbers))
    for discipline in record.disciplines[:MOST_SUBJECTS]:
        for number in _numbers(connection, _OF_DISCIPLINE, discipline_value(discipline)):
            if number in scores:
                scores[number] += DISCIPLINE_WEIGHT
    leads = works.leads(connection, scores)
    best: dict[int, float] = {}
    for number, score in scores.items():
        lead = leads.get(number, number)
        best[lead] = max(best.get(lead, 0), score)
    own = connection.execute(_NUMBER, {"id": record.id, "work": record.work})
    for (number,) in own.fetchall():
        best.pop(number, None)
    first = sorted(best, key=lambda number: (-best[number], -number))[:limit]
    return by_numbers(connection, first, works=True)


def _numbers(connection: sqlite3.Connection, select: str, value: str) -> list[int]:
    wanted = {"value": value, "limit": MOST_RECORDS}
    return [number for (number,) in connection.execute(select, wanted)]
