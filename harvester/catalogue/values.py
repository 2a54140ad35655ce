"""Counted values of facets, and what the catalogue calls them."""

from __future__ import annotations

import msgspec

from harvester.catalogue.hits import MANY, ONE


class Value(msgspec.Struct, frozen=True, gc=False):
    """A value of a facet: what stands in addresses, its label, and how many hits have it."""

    value: str
    label: str
    count: int


class Counted(msgspec.Struct, frozen=True, gc=False):
    """The most frequent values of a facet, chosen ones among them, in no order.

    Attributes:
        values: so many as were wanted, if there are so many.
        total: how many values the hits have; None where only the most frequent were looked at.
    """

    values: list[Value]
    total: int | None


_DISCIPLINE_LABEL = "coalesce(v.en, v.fr, v.nl, v.de, v.value)"

NAMED = {
    **{
        facet: f"""
            select v.number as number, v.value as value,
                {_DISCIPLINE_LABEL if facet == "discipline" else "v.value"} as label
            from {table} v
        """
        for facet, (_, _, table) in MANY.items()
    },
    **{
        facet: f"""
            select v.number as number, cast(v.value as text) as value,
                cast(v.value as text) as label
            from facet_values v where v.facet = '{facet}'
        """
        for facet in ONE
    },
    "peer_reviewed": """
        select v.number as number, iif(v.value, 'true', 'false') as value,
            iif(v.value, 'true', 'false') as label
        from facet_values v where v.facet = 'peer_reviewed'
    """,
    "source": """
        select v.number as number, v.value as value, coalesce(s.title, v.value) as label
        from facet_values v left join sources s on s.name = v.value where v.facet = 'source'
    """,
}
"""For each facet a `select` of the number of a value's row, the value, and its label."""
