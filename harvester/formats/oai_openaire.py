"""`oai_openaire`: the OpenAIRE Guidelines for Literature Repository Managers, version 4.

https://openaire-guidelines-for-literature-repository-managers.readthedocs.io/. A `resource` of
OpenAIRE holds elements of DataCite (`datacite:`), of Dublin Core, and OpenAIRE's own (`oaire:`).
DSpace 7 sends it, and what Lirias calls `oai-openaire`.
"""

from __future__ import annotations

from harvester.formats import Format
from harvester.formats.datacite import walk

FORMAT = Format(
    name="oai_openaire",
    richness=70,
    readers={"{http://namespace.openaire.eu/schema/oaire/}resource": walk},
)
