"""OpenAIRE's own format: three vocabularies, each under its customary prefix."""

from __future__ import annotations

from tests.formats.reading import of, recorded


def test_each_vocabulary_keeps_its_prefix() -> None:
    values = recorded("oai_openaire_dspace")
    prefixes = {value.element.partition(":")[0] for value in values}
    assert prefixes == {"datacite", "dc", "oaire"}
    (kind,) = of(values, "oaire:resourceType")
    assert kind.attributes["uri"] == "http://purl.org/coar/resource_type/c_6501"


def test_funding_has_its_parts() -> None:
    (funding,) = of(recorded("oai_openaire_dspace"), "oaire:fundingReference")
    assert funding.value == "European Commission"
    assert funding.attributes["awardNumber"] == "999999"
    assert funding.attributes["awardTitle"] == "Sorting homes"
