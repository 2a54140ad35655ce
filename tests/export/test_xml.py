"""MODS and DataCite: where each thing that a record says stands."""

from __future__ import annotations

from lxml import etree

from harvester.export import datacite, mods
from harvester.model import Container, Discipline, Identifiers, Keyword, Link, Record, Rights

NAMES = {"m": mods.NAMESPACE, "d": datacite.NAMESPACE}
RECORD = Record(
    id="x-1",
    source="x",
    title="Sociaal kapitaal",
    type="journal article",
    year=2019,
    issued="2019",
    container=Container("Mens", "87", "2", "115-138", issn=["0025-9454"], series="Reeks"),
    keywords=[Keyword("vertrouwen")],
    disciplines=[Discipline("ddc", "300", en="Social sciences"), Discipline("x", "7")],
    identifiers=Identifiers(doi="10.5555/abc"),
    rights=Rights(access="embargoed access", embargo_until="2030-01-01"),
    links=[Link("https://x.example/1", "landing")],
    funding=["NWO 1"],
)


def texts(element: etree._Element, path: str) -> list[str]:
    found = element.xpath(path, namespaces=NAMES)
    return [one if isinstance(one, str) else one.text or "" for one in found]  # type: ignore[union-attr]


def test_datacite_says_who_paid_until_when_it_is_closed_and_where_its_page_is() -> None:
    root = datacite.element(RECORD)
    assert texts(root, "d:fundingReferences/d:fundingReference/d:funderName") == ["NWO 1"]
    assert texts(root, "d:dates/d:date[@dateType='Issued']") == ["2019"]
    assert texts(root, "d:dates/d:date[@dateType='Available']") == ["2030-01-01"]
    assert texts(root, "d:alternateIdentifiers/d:alternateIdentifier") == ["https://x.example/1"]
    assert texts(root, "d:descriptions/d:description[@descriptionType='SeriesInformation']") == [
        "Reeks"
    ]


def test_datacite_tells_disciplines_from_keywords() -> None:
    root = datacite.element(RECORD)
    assert texts(root, "d:subjects/d:subject[not(@subjectScheme)]") == ["vertrouwen"]
    assert texts(root, "d:subjects/d:subject[@subjectScheme='ddc']") == ["Social sciences"]
    assert texts(root, "d:subjects/d:subject[@subjectScheme='x']") == ["7"]


def test_datacite_has_the_series_or_issn_of_what_names_no_journal() -> None:
    series = Record(source="x", container=Container(series="Reeks", volume="RM 0403"))
    (item,) = datacite.element(series).iterfind("d:relatedItems/d:relatedItem", NAMES)
    assert texts(item, "d:titles/d:title") == ["Reeks"]
    assert texts(item, "d:volume") == ["RM 0403"]
    nameless = Record(source="x", container=Container(issn=["0025-9454"]))
    (item,) = datacite.element(nameless).iterfind("d:relatedItems/d:relatedItem", NAMES)
    assert [one.tag for one in item] == [f"{{{datacite.NAMESPACE}}}relatedItemIdentifier"]
    numbered = Record(source="x", container=Container(volume="2", issue="4", pages="48-53"))
    (item,) = datacite.element(numbered).iterfind("d:relatedItems/d:relatedItem", NAMES)
    assert [one.text for one in item] == ["2", "4", "48", "53"]


def test_datacite_has_the_number_of_pages_of_what_stands_alone() -> None:
    thesis = Record(source="x", type="doctoral thesis", container=Container(pages="250"))
    root = datacite.element(thesis)
    assert texts(root, "d:sizes/d:size") == ["250"]
    assert texts(root, "d:relatedItems") == []
    thesis.container = Container("Reeks", "3", pages="250")
    (item,) = datacite.element(thesis).iterfind("d:relatedItems/d:relatedItem", NAMES)
    assert texts(item, "d:titles/d:title | d:volume | d:firstPage") == ["Reeks", "3"]


def test_datacite_says_no_address_twice() -> None:
    record = Record(
        source="x",
        identifiers=Identifiers(handle="1/2"),
        links=[Link("https://hdl.handle.net/1/2", "landing")],
    )
    assert texts(datacite.element(record), "//d:alternateIdentifier") == []


def test_mods_says_who_paid_and_until_when_it_is_closed() -> None:
    root = mods.element(RECORD)
    assert texts(root, "m:note[@type='funding']") == ["NWO 1"]
    assert texts(root, "m:originInfo/m:dateOther[@type='embargo']") == ["2030-01-01"]
    assert texts(root, "m:originInfo/m:dateIssued") == ["2019"]


def test_mods_has_the_pages_of_what_stands_alone_and_several_ranges_whole() -> None:
    thesis = Record(source="x", type="doctoral thesis", container=Container(pages="250"))
    assert texts(mods.element(thesis), "m:physicalDescription/m:extent") == ["250"]
    article = Record(source="x", type="journal article", container=Container("J", pages="1-3, 7"))
    assert texts(mods.element(article), "m:relatedItem/m:part/m:extent/m:list") == ["1-3, 7"]


def test_mods_has_all_that_a_report_appeared_in() -> None:
    where = Container("Steunpunt", series="Reeks", issue="3", issn=["0025-9454"])
    root = mods.element(Record(source="x", type="report", container=where))
    assert texts(root, "m:relatedItem[@type='host']/m:titleInfo/m:title") == ["Steunpunt"]
    (series,) = root.iterfind("m:relatedItem[@type='series']", NAMES)
    assert texts(series, "m:titleInfo/m:title | m:titleInfo/m:partNumber") == ["Reeks", "3"]
    nameless = Record(source="x", type="report", container=Container(issn=["0025-9454"]))
    (series,) = mods.element(nameless).iterfind("m:relatedItem[@type='series']", NAMES)
    assert [one.text for one in series] == ["0025-9454"]
