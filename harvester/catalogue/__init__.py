"""Store: `catalogue.db` holds the records, their full text and their facets, for all to read.

- `store`: writes it; `ready` makes records ready for that without it; `row` says how a record lies
  in it, `vocabularies` how the values that records share do, `documents` how the whole of it does,
  under a `dictionary`; `replacing` writes what is otherwise of a record that was there, `fulltext`
  its words;
  `copies` lets the record of the origin go before an aggregator's copy of it.
- `query`: the query language, and its form in a URL.
- `hits`: what a query means in SQL.
- `search`: pages of hits, whole results, single records.
- `facets`: exact counts, by the facet index.
- `index`: the facet index, which has two forms: `plain` asks the tables, `fast` asks `bitmaps` in
  memory. `changes` logs with each write what it changed, `snapshot` stores the bitmaps and the
  `forward` index, by which `tally` counts, `packing` numbers the values, `relevance` is the one
  order that both share.
- `counts`: how each record was understood, `sums` all of a source; `report` tells that, `drift`
  compares two reports, `quality` holds what readers see of them.
"""

from __future__ import annotations

from harvester.catalogue.store import open_for_reading

__all__ = ["open_for_reading"]
