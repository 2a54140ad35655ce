"""Store: `catalogue.db` holds the records, their full text and their facets, for all to read.

- `store`: writes it; `ready` makes records ready for that without it; `row` says how a record lies
  in it, `vocabularies` how the values that records share do, `documents` how the whole of it does,
  under a `dictionary`; `replacing` writes what is otherwise of a record that was there, `fulltext`
  its words in the `forms` that find it; `copies` lets the record of the origin go before an
  aggregator's copy of it. `meta` is what the catalogue knows of itself.
- `query`: what a reader asks for, and its form in a URL; `asked` reads the words, `fields` those of
  them that are fields.
- `hits`: what a query means in SQL.
- `search`: pages of hits, whole results, single records; `alike`, records on the same subjects;
  `spelling`, which words may be meant; `moments`, when records came.
- `facets`: exact counts of `values`, by the facet index.
- `index`: the facet index, which has two forms: `plain` asks the tables, `fast` asks `bitmaps` in
  memory, with the `leads` of works and a `cache`. `changes` logs with each write what it changed,
  `snapshot` stores the bitmaps and the `forward` index, by which `tally` counts, `packing` numbers
  the values, `relevance` is the one order that both share.
- `works`: copies of one publication as one; `relations` between publications; `candidates` and
  `doubts` are the pairs that were compared.
- `counts`: how each record was understood, `sums` all of a source; `report` tells that, `drift`
  compares two reports, `quality` holds what readers see of them.
"""

from __future__ import annotations

from harvester.catalogue.store import open_for_reading

__all__ = ["open_for_reading"]
