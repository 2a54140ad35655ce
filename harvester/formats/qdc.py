"""Qualified Dublin Core: the fifteen elements with the refinements of `dcterms` beside them.

DSpace sends it as `qdc`, CONTENTdm as `oai_qdc`, Dataverse as `dc_terms`, each with a root of its
own; what stands below it is read as in `oai_dc`.
"""

from __future__ import annotations

from harvester.formats import Format
from harvester.formats.elements import roots
from harvester.formats.oai_dc import walk

_ROOTS = (
    *roots(
        "qualifieddc",
        "http://dspace.org/qualifieddc/",
        "http://worldcat.org/xmlschemas/qdc-1.0/",
        "http://www.openarchives.org/OAI/2.0/oai_qdc/",
    ),
    *roots(
        "qdc",
        "http://dspace.org/qualifieddc/",
        "http://epubs.cclrc.ac.uk/xmlns/qdc/",
        "http://purl.org/dc/terms/",
        "http://www.openarchives.org/OAI/2.0/oai_qdc/",
    ),
    "{http://purl.org/dc/terms/}dcterms",
    "{http://dublincore.org/documents/dcmi-terms/}dcterms",
    "{http://www.openarchives.org/OAI/2.0/oai_dcterms/}dcterms",
)

FORMAT = Format(name="qdc", richness=40, readers=dict.fromkeys(_ROOTS, walk))
