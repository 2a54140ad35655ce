"""The records, or the works, that a query means, as the opening of an SQL statement.

Every statement of a search starts with one materialised list of hits, so that SQLite runs the
full-text match once: `match ? and rowid in (…)` would run it once for each row.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from harvester.catalogue import asked
from harvester.catalogue.asked import Mixed, parse_text
from harvester.catalogue.fields import Choice
from harvester.catalogue.query import Query
from harvester.catalogue.row import WEIGHTS

Parameters = dict[str, str | int | None]

# facet → (join table, its column, table of values); the narrowest first, they are applied so
MANY = {
    "keyword": ("record_keywords", "keyword", "keywords"),
    "creator": ("record_creators", "creator", "creators"),
    "discipline": ("record_disciplines", "discipline", "disciplines"),
    "language": ("record_languages", "language", "languages"),
    "publisher": ("record_publishers", "publisher", "publishers"),
}
# Facets of which a record has one value at most: each is a column of `records` with an index.
ONE = ("type", "source", "container", "access", "peer_reviewed", "year")
# Facets whose chosen values must all be there; of the others one is enough.
ALL_OF = ("keyword", "creator", "discipline")

RANK = f"bm25(records_fts, {', '.join(map(str, WEIGHTS.values()))})"
"""How good a hit is: less is better."""
IDENTIFIED = f"""{RANK} - 1e6 * (
    select instr(' ' || lower(coalesce(identifiers, '')) || ' ', ' ' || lower(:first) || ' ') > 0
    from records where number = records_fts.rowid
)"""
"""The same, with the records first that have the identifier `:first`, and no longer one."""

SOURCES = """
    select f.value from facet_values f left join sources s on s.name = f.value
    where f.facet = 'source'
    and (' ' || f.value || ' ' glob :pattern or ' ' || s.title || ' ' glob :pattern)
"""
"""The names of the sources that a pattern of `fields.source_pattern` means."""

UNLISTED = {
    "type": """
        select value from facet_values
        where facet = 'type' and ' ' || value || ' ' glob :pattern
    """,
    "language": "select value from languages where ' ' || value || ' ' glob :pattern",
}
"""By facet, the values that a pattern of `fields.unlisted` means."""

_MATCHED = "select rowid as number, 0 as score from records_fts where records_fts match :wanted"
_RANKED = "select rowid as number, {rank} as score from records_fts where records_fts match :wanted"
_UNWANTED = "select rowid as number from records_fts where records_fts match :unwanted"
_YEARS = """
    select number from records
    where year between coalesce(:{first}, -9999) and coalesce(:{last}, 9999)
"""
FOLLOWERS = "select record from work_records where lead <> record"
"""The live records of works that are not the ones that lead them."""
LEADS = f"select number from records where number not in ({FOLLOWERS})"
"""All works, by the records that lead them, and the records that are in none."""
LIFTED = """
    select distinct coalesce(lead, number) as number
    from ({select}) left join work_records on record = number
"""
"""The works that some live records are in."""
BEST = """
    select coalesce(lead, number) as number, min(place) as score
    from (select number, row_number() over (order by score, number desc) as place from matched)
    left join work_records on record = number group by 1
"""
"""The works of the records `matched (number, score)`, each with the place of its best copy."""


class Part(NamedTuple):
    """What is asked of single records: a `select` of those that hits are, or are not, among."""

    select: str
    left_out: bool = False


def restricts(query: Query, leave_out: str | None = None) -> bool:
    """Say whether the query leaves any live record out.

    Args:
        query: what is asked for.
        leave_out: a facet whose own choices do not count.
    """
    return bool(asked.read(query.text)) or bool(_parts(query, leave_out, {}))


def has_words(query: Query) -> bool:
    """Say whether there is something to rank by: words to find, not only words to leave out."""
    return bool(asked.read(query.text).words)


def is_ranked(query: Query) -> bool:
    """Say whether the hits come in the order of relevance."""
    return query.sort not in ("newest", "oldest", "title", "added") and has_words(query)


def has_own_hits(query: Query, facet: str) -> bool:
    """Say whether a facet is counted over other hits than the query's: without its own choices.

    So it is where one chosen value is enough, that a reader sees what another choice would add;
    `year` leaves the range of years out too.
    """
    if facet == "year" and query.years:
        return True
    return facet not in ALL_OF and bool(query.facets.get(facet))


def common_table(
    query: Query, leave_out: str | None = None, *, ranked: bool = False
) -> tuple[str, Parameters]:
    """Write `with … hits (number, score)` for the live records, or works, that a query means.

    Args:
        query: what is asked for.
        leave_out: a facet whose own choices do not count: its counts must show what another
            choice would give. For `year` the range of years is left out with it.
        ranked: compute the bm25 score (less is better), which costs time for every hit; of works
            it is the place of the best copy.

    Returns:
        The clause, to put before a `select`, and its named parameters.
    """
    parameters: Parameters = {}
    parts = _parts(query, leave_out, parameters)
    wanted = asked.read(query.text)
    # A work is left out by any of its copies, also by one that has not the words.
    if wanted.unwanted and (query.works or not wanted.words):
        parameters["unwanted"] = wanted.unwanted
        parts.append(Part(_UNWANTED, left_out=True))
    if query.works:
        parts = [Part(LIFTED.format(select=select), left_out) for select, left_out in parts]
    matched = "with"
    if wanted.words:
        parameters["wanted"] = parse_text(query.text)
        select = _MATCHED
        if ranked:
            select = _RANKED.format(rank=rank(wanted.first, parameters))
        matched = f"with matched as materialized ({select}),"
        base = "select number, score from matched"
        if query.works and ranked:
            base = f"select number, score from ({BEST})"
        elif query.works:
            base = f"select number, 0 from ({LIFTED.format(select='select number from matched')})"
    else:
        first = next((part for part in parts if not part.left_out), None)
        if first:
            parts.remove(first)
        everything = LEADS if query.works else "select number from records"
        base = f"select number, 0 from ({first.select if first else everything})"
    where = " and ".join(
        f"number {'not in' if part.left_out else 'in'} ({part.select})" for part in parts
    )
    hits = f"hits (number, score) as materialized ({base} where {where or 'true'})"
    return f"{matched} {hits}", parameters


def _parts(query: Query, leave_out: str | None, parameters: Parameters) -> list[Part]:
    """Write each filter as a `select` of distinct record numbers, the narrow ones first."""
    parts = _typed(query.text, parameters)
    for name in (*MANY, *ONE):
        chosen = query.facets.get(name, ())
        if name == leave_out or not chosen:
            continue
        for index, value in enumerate(chosen):
            parameters[f"{name}_{index}"] = stored(name, value)
        names = [f":{name}_{index}" for index in range(len(chosen))]
        parts += map(Part, _selects(name, names))
    for name in (*MANY, *ONE):
        if values := query.excluded.get(name, ()):
            for index, value in enumerate(values):
                parameters[f"not_{name}_{index}"] = stored(name, value)
            names = [f":not_{name}_{index}" for index in range(len(values))]
            parts.append(Part(_select_any(name, names), left_out=True))
    if query.years and leave_out != "year":
        parameters["first_year"], parameters["last_year"] = query.years
        parts.append(Part(_YEARS.format(first="first_year", last="last_year")))
    return parts


def rank(first: str, parameters: Parameters) -> str:
    """Write how good a hit is, with the records of one identifier first if there is one."""
    if not first:
        return RANK
    parameters["first"] = first
    return IDENTIFIED


def _typed(text: str, parameters: Parameters) -> list[Part]:
    """Write each choice of the text as a `select` of record numbers."""
    wanted = asked.read(text)
    return [
        *(Part(_mixed(one, f"typed_{n}", parameters)) for n, one in enumerate(wanted.chosen)),
        *(
            Part(_chosen(choice, f"not_typed_{n}", parameters), left_out=True)
            for n, choice in enumerate(wanted.left_out)
        ),
    ]


def _mixed(mixed: Mixed, name: str, parameters: Parameters) -> str:
    selects = [_chosen(choice, f"{name}_{n}", parameters) for n, choice in enumerate(mixed.choices)]
    if mixed.words:
        parameters[name] = mixed.words
        selects.append(f"select rowid as number from records_fts where records_fts match :{name}")
    return " union ".join(selects)


def _chosen(choice: Choice, name: str, parameters: Parameters) -> str:
    """Write the records of a choice as a `select`; `name` begins the names of its parameters."""
    if choice.facet == "year":
        parameters[f"{name}_first"], parameters[f"{name}_last"] = choice.years
        return _YEARS.format(first=f"{name}_first", last=f"{name}_last")
    names = [f":{name}_{n}" for n in range(len(choice.values))]
    parameters.update({name[1:]: value for name, value in zip(names, choice.values, strict=True)})
    if choice.facet == "source":
        sources = " union ".join(SOURCES.replace(":pattern", name) for name in names)
        return f"select number from records where source in ({sources})"
    if choice.pattern:
        parameters[f"{name}_pattern"] = choice.pattern
        values = UNLISTED[choice.facet].replace(":pattern", f":{name}_pattern")
        listed = " union ".join([values, *(f"select {one}" for one in names)])
        return _select_any(choice.facet, [listed])
    return _select_any(choice.facet, names)


def _selects(facet: str, names: list[str]) -> Iterator[str]:
    """Write the `select`s of one facet; `names` are the parameters that hold its values."""
    if facet in ONE or (facet not in ALL_OF and len(names) > 1):
        yield _select_any(facet, names)
        return
    join, column, table = MANY[facet]
    for name in names:
        yield (
            f"select record as number from {join} "
            f"where {column} = (select number from {table} where value = {name})"
        )


def _select_any(facet: str, names: list[str]) -> str:
    listed = ", ".join(names)
    if facet in ONE:
        return f"select number from records where {facet} in ({listed})"
    join, column, table = MANY[facet]
    return (
        f"select distinct record as number from {join} "
        f"where {column} in (select number from {table} where value in ({listed}))"
    )


def stored(facet: str, value: str) -> str | int | None:
    """Turn a facet value into what its column holds; None, which equals nothing, if it cannot."""
    if facet == "year":
        return int(value) if value.isascii() and value.isdigit() and len(value) <= 4 else None
    if facet == "peer_reviewed":
        return {"true": 1, "false": 0}.get(value)
    return value
