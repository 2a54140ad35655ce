"""Gives the namespaces back that a server uses and forgets to declare.

Asking binds a prefix that nobody declares to a name of its own (`harvester.oai.repair`), since it
knows no formats; here the well-known ones get the namespace that they always stand for.
"""

from __future__ import annotations

from lxml import etree

from harvester.oai.envelope import parser
from harvester.oai.repair import UNDECLARED

# DPLA's samples of esdn, tn and vt, and pycsw (dataverse#6242) forget one or the other.
NAMESPACES = {
    "ali": "http://www.niso.org/schemas/ali/1.0/",
    "base_dc": "http://oai.base-search.net/base_dc/",
    "datacite": "http://datacite.org/schema/kernel-4",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "dcmitype": "http://purl.org/dc/dcmitype/",
    "didl": "urn:mpeg:mpeg21:2002:02-DIDL-NS",
    "dii": "urn:mpeg:mpeg21:2002:01-DII-NS",
    "dim": "http://www.dspace.org/xmlns/dspace/dim",
    "edm": "http://www.europeana.eu/schemas/edm/",
    "etdms": "http://www.ndltd.org/standards/metadata/etdms/1.1/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "marc": "http://www.loc.gov/MARC21/slim",
    "mets": "http://www.loc.gov/METS/",
    "mods": "http://www.loc.gov/mods/v3",
    "oai_dc": "http://www.openarchives.org/OAI/2.0/oai_dc/",
    "oaire": "http://namespace.openaire.eu/schema/oaire/",
    "qdc": "http://dspace.org/qualifieddc/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "uketd_dc": "http://naca.central.cranfield.ac.uk/ethos-oai/2.0/",
    "xlink": "http://www.w3.org/1999/xlink",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def declared(metadata: etree._Element) -> etree._Element:
    """Return metadata in which well-known prefixes that nobody declares have their namespace.

    Metadata without such prefixes comes back as it is; other prefixes stay undeclared.
    """
    missing = {
        address: NAMESPACES[prefix]
        for prefix, address in metadata.nsmap.items()
        if prefix in NAMESPACES and address == UNDECLARED + prefix
    }
    if not missing:
        return metadata
    text = etree.tostring(metadata, encoding="unicode", with_tail=False)
    for address, namespace in missing.items():
        text = text.replace(f'="{address}"', f'="{namespace}"')
    return etree.fromstring(text, parser())
