"""Joins the stages: the one package that knows them all.

A record's way: `oai` asks, `archive` keeps the page, `formats` reads it, `normalise` understands
it, `catalogue` stores it. `arrival` is that way for one page that was kept; harvesting, importing
and rebuilding only differ in where the pages come from.
"""

from __future__ import annotations

from harvester.pipeline.assessing import assess
from harvester.pipeline.checking import check_source, remember_quirks
from harvester.pipeline.deciding import Compared, decide, explain_pair, link
from harvester.pipeline.harvesting import harvest
from harvester.pipeline.importing import import_files
from harvester.pipeline.learning import learn_phrases
from harvester.pipeline.previewing import Preview, preview
from harvester.pipeline.rebuilding import explain, rebuild
from harvester.pipeline.suppressing import show_again, suppress
from harvester.pipeline.writing import writing

__all__ = [
    "Compared", "Preview", "assess", "check_source", "decide", "explain", "explain_pair", "harvest",
    "import_files", "learn_phrases", "link", "preview", "rebuild", "remember_quirks", "show_again",
    "suppress", "writing",
]  # fmt: skip
