"""Formats by name, built-in and third-party, and the choice of one for each record of a page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from harvester import formats
from harvester.errors import HarvesterError
from harvester.formats import Format, Unreadable, read_page
from harvester.formats.oai_dc import PREFIXES
from harvester.formats.undeclared import NAMESPACES
from harvester.model import RawRecord, RawValue
from harvester.oai import page as oai_page

DC_ROOT = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">'
)


@pytest.fixture
def fresh_formats() -> Iterator[ModuleType]:
    """The formats, looked up anew for the test and after it."""
    for cached in (formats.formats, formats._by_root):
        cached.cache_clear()
    yield formats
    for cached in (formats.formats, formats._by_root):
        cached.cache_clear()


def install(folder: Path, name: str, entries: str, **modules: str) -> None:
    """Put a package into a folder, as pip would: its modules and its entry points."""
    for module, text in modules.items():
        (folder / f"{module}.py").write_text(text, encoding="utf-8")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[harvester.formats]\n{entries}\n")


THIRD_PARTY = """
from harvester.formats import Format
from harvester.model import RawValue

def read(root):
    if root.get("bad"):
        raise KeyError(root.get("bad"))
    return [RawValue("lom:title", root.text)]

FORMAT = Format(name="lom", richness=15, readers={"{http://ltsc.ieee.org/xsd/LOM}lom": read})
"""


def test_the_built_in_formats_are_found_by_name() -> None:
    assert {"oai_dc", "base_dc", "fid_portal"} <= set(formats.formats())
    richness = {name: format_.richness for name, format_ in formats.formats().items()}
    assert richness["base_dc"] > richness["oai_dc"] > richness["fid_portal"]


def test_a_third_party_adds_a_format(
    fresh_formats: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "learning", "lom = learning_lom:FORMAT", learning_lom=THIRD_PARTY)
    monkeypatch.syspath_prepend(tmp_path)
    assert isinstance(fresh_formats.formats()["lom"], Format)
    found = read('<lom xmlns="http://ltsc.ieee.org/xsd/LOM">Nederlands leren</lom>')
    assert isinstance(found, RawRecord)
    assert found.format == "lom"
    assert found.values == [RawValue("lom:title", "Nederlands leren")]
    failed = read('<lom xmlns="http://ltsc.ieee.org/xsd/LOM" bad="grade"/>')
    assert isinstance(failed, Unreadable)
    assert failed.reason == "format lom failed on it: KeyError: 'grade'"


@pytest.mark.parametrize(
    ("entries", "module", "complaint"),
    [
        ("lom = missing_module:FORMAT", "", "No module named 'missing_module'"),
        ("lom = broken_lom:FORMAT", "1 / 0", "ZeroDivisionError: division by zero"),
        ("lom = broken_lom:FORMAT", "", "AttributeError"),
        ("lom = broken_lom:FORMAT", "FORMAT = 'lom'", "is a str, not a harvester.formats.Format"),
        ("mol = broken_lom:FORMAT", THIRD_PARTY, "calls itself lom"),
        ("oai_dc = zzz.broken:FORMAT", "", "harvester.formats.oai_dc:FORMAT has that name already"),
    ],
)
def test_a_broken_third_party_is_named(
    fresh_formats: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    entries: str,
    module: str,
    complaint: str,
) -> None:
    monkeypatch.delitem(__import__("sys").modules, "broken_lom", raising=False)
    install(tmp_path, "learning-broken", entries, broken_lom=module)
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(HarvesterError, match="uninstall") as error:
        fresh_formats.formats()
    assert complaint in str(error.value)
    assert "learning-broken" in str(error.value)
    assert "\n" not in str(error.value)


OTHER_DUBLIN_CORE = """
from harvester.formats import Format

FORMAT = Format(
    name="zom",
    richness=1,
    readers={"{http://www.openarchives.org/OAI/2.0/oai_dc/}dc": list},
)
"""


def test_two_formats_of_one_root_are_named(
    fresh_formats: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "other", "zom = zom_dublin_core:FORMAT", zom_dublin_core=OTHER_DUBLIN_CORE)
    monkeypatch.syspath_prepend(tmp_path)
    root = r"\{http://www.openarchives.org/OAI/2.0/oai_dc/\}dc"
    with pytest.raises(HarvesterError, match=f"oai_dc and zom both read {root}: uninstall"):
        fresh_formats.formats()


def test_a_package_that_is_installed_twice_is_no_conflict(
    fresh_formats: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "again", "oai_dc = harvester.formats.oai_dc:FORMAT")
    monkeypatch.syspath_prepend(tmp_path)
    assert fresh_formats.formats()["oai_dc"].name == "oai_dc"


def answer(*records: str) -> oai_page.Page:
    return oai_page.parse(
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
        f"{''.join(records)}</ListRecords></OAI-PMH>".encode()
    )


def header(status: str = "", identifier: str = "oai:orbi.ulg.ac.be:2268/1") -> str:
    return (
        f"<header{status}><identifier>{identifier}</identifier><datestamp>2020-01-02</datestamp>"
        "<setSpec>class_h10</setSpec><setSpec>com_f00</setSpec></header>"
    )


def read(metadata: str) -> RawRecord | Unreadable:
    (found,) = read_page(answer(f"<record>{header()}<metadata>{metadata}</metadata></record>"))
    return found


def test_the_root_of_the_metadata_chooses_the_format() -> None:
    assert read(f"{DC_ROOT}<dc:title>Travail</dc:title></oai_dc:dc>") == RawRecord(
        identifier="oai:orbi.ulg.ac.be:2268/1",
        format="oai_dc",
        datestamp="2020-01-02",
        sets=["class_h10", "com_f00"],
        values=[RawValue("dc:title", "Travail")],
    )
    base = read('<b:dc xmlns:b="http://oai.base-search.net/base_dc/"><b:oa>1</b:oa></b:dc>')
    assert isinstance(base, RawRecord)
    assert base.format == "base_dc"
    assert base.values == [RawValue("base_dc:oa", "1")]


def test_a_deleted_record_has_no_values() -> None:
    deleted = ' status="deleted"'
    with_metadata = f"<metadata>{DC_ROOT}<dc:title>T</dc:title></oai_dc:dc></metadata>"
    for metadata in ("", with_metadata):
        (found,) = read_page(answer(f"<record>{header(deleted)}{metadata}</record>"))
        assert isinstance(found, RawRecord)
        assert found.deleted
        assert found.values == []
        assert (found.identifier, found.datestamp) == ("oai:orbi.ulg.ac.be:2268/1", "2020-01-02")
        assert found.sets == ["class_h10", "com_f00"]


def test_an_unreadable_record_says_why_and_keeps_what_was_received() -> None:
    found = read('<lido xmlns="http://www.lido-schema.org"><note>ü</note></lido>')
    assert isinstance(found, Unreadable)
    assert found.identifier == "oai:orbi.ulg.ac.be:2268/1"
    assert found.reason == "no format reads metadata whose root is {http://www.lido-schema.org}lido"
    assert found.content.startswith(b"<record")
    assert b"class_h10" in found.content
    assert found.content.endswith(b"</record>")


def test_a_live_record_needs_metadata_and_an_identifier() -> None:
    metadata = f"<metadata>{DC_ROOT}<dc:title>T</dc:title></oai_dc:dc></metadata>"
    found = read_page(
        answer(
            f"<record>{header()}</record>",
            f"<record>{header()}<metadata/></record>",
            f"<record>{header(identifier=' ')}{metadata}</record>",
            f"<record>{metadata}</record>",
            f"<record>{header()}{metadata}</record>",
        )
    )
    assert [getattr(record, "reason", None) for record in found] == [
        "the record is not deleted, yet has no metadata",
        "the record is not deleted, yet has no metadata",
        "the record's header has no identifier",
        "the record's header has no identifier",
        None,
    ]
    assert [record.identifier for record in found][2:4] == [None, None]


def test_an_empty_page_has_no_records() -> None:
    assert read_page(answer()) == []


def test_of_a_list_of_headers_only_the_deleted_ones_count() -> None:
    headers = header() + header(' status="deleted"', "oai:x:2") + header("", "oai:x:3")
    text = (
        '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListIdentifiers>'
        f"{headers}</ListIdentifiers></OAI-PMH>"
    )
    (found,) = read_page(oai_page.parse(text.encode()))
    assert isinstance(found, RawRecord)
    assert (found.identifier, found.deleted) == ("oai:x:2", True)


def test_a_repaired_record_says_so_and_a_broken_one_keeps_its_bytes() -> None:
    one, two = (
        f"<record>{header()}<metadata>{DC_ROOT}<dc:title>{title}</dc:title></oai_dc:dc>"
        "</metadata></record>"
        for title in ("A & B", "<b>C")
    )
    good, bad = read_page(answer(one, two))
    assert isinstance(good, RawRecord)
    assert good.values == [RawValue("dc:title", "A & B")]
    assert good.repairs == ["1 bare & taken as text"]
    assert isinstance(bad, Unreadable)
    assert bad.identifier == "oai:orbi.ulg.ac.be:2268/1"
    assert bad.reason.startswith("the record is not well-formed XML: ")
    assert bad.content == two.encode()


def test_prefixes_that_a_server_forgets_to_declare_are_known() -> None:
    assert {NAMESPACES[prefix] for prefix in PREFIXES.values()} <= set(PREFIXES)
    undeclared = DC_ROOT.partition(" ")[0] + ">"
    found = read(
        f'{undeclared}<dc:title xsi:type="a">T</dc:title><ulg:note>N</ulg:note></oai_dc:dc>'
    )
    assert isinstance(found, RawRecord)
    assert found.format == "oai_dc"
    assert found.repairs == ["undeclared prefixes oai_dc, dc, xsi, ulg bound"]
    assert found.values == [
        RawValue("dc:title", "T", None, {"type": "a"}),
        RawValue("ulg:note", "N"),
    ]
    unknown = read("<ulg:record><ulg:note>N</ulg:note></ulg:record>")
    assert isinstance(unknown, Unreadable)
    assert "no format reads metadata whose root is {urn:undeclared:ulg}record" in unknown.reason


def test_servers_name_what_we_read_by_its_namespace() -> None:
    known = formats.namespaces()
    assert {
        "http://www.openarchives.org/OAI/2.0/oai_dc/",
        "http://www.loc.gov/mods/v3",
        "http://www.loc.gov/MARC21/slim",
        "urn:mpeg:mpeg21:2002:02-DIDL-NS",
    } <= known
    assert "" not in known
