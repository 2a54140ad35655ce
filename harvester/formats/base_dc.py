"""What BASE (Bielefeld) sends: Dublin Core plus its own normalised elements (`base_dc:oa` …).

BASE cleans, joins and splits the Dublin Core of its sources; that damage is undone when the record
is understood, not here. The OAI identifier is `<collection>:<identifier at the source>`.
"""

from __future__ import annotations

from harvester.formats import Format
from harvester.formats.oai_dc import walk

BASE_DC = "http://oai.base-search.net/base_dc/"

FORMAT = Format(name="base_dc", richness=20, readers={f"{{{BASE_DC}}}dc": walk})
