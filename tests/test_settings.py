"""The data folder: `config.yml`, and the tables that a librarian lays over the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester import schemas, settings
from harvester.errors import HarvesterError, UsageError
from harvester.export import citations


def write(directory: Path, name: str, text: str) -> Path:
    path = directory / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return directory


def test_everything_is_optional(tmp_path: Path) -> None:
    found = settings.load(tmp_path / "new" / "db")
    assert (tmp_path / "new" / "db").is_dir()
    assert found.config.contact is None
    assert "orbi" in found.sources


def test_own_sources_and_changed_facts(tmp_path: Path) -> None:
    write(
        tmp_path,
        "config.yml",
        """
        contact: library@example.org
        sources:
          ours: {title: Our archive, urls: [https://archive.example.org/oai]}
          orbi: {title: ORBi of Liège}
        """,
    )
    found = settings.load(tmp_path)
    assert found.sources["ours"].prefixes == ["oai_dc"]
    assert found.sources["orbi"].title == "ORBi of Liège"
    assert found.sources["orbi"].handle_prefixes == ["2268"]


def test_a_secret_comes_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "config.yml", "credentials: {orbi: {user: me, password: {$env: ORBI_WORD}}}")
    with pytest.raises(UsageError, match="ORBI_WORD"):
        settings.load(tmp_path)
    monkeypatch.setenv("ORBI_WORD", "open sesame")
    assert settings.load(tmp_path).credentials("orbi") == ("me", "open sesame")
    assert settings.load(tmp_path).credentials("lirias") is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("contact: [", "config.yml"),
        ("- a list", "must hold a mapping"),
        ("contcat: me", "contcat"),
        ("politeness: {delay: -1}", "delay"),
        ("politeness: {delay: .inf}", "delay"),
        ("politeness: {read_timeout: 1.0e+300}", "read_timeout"),
        ("contact: me\nsources: &all\n  ours: *all", "line 2 is not valid YAML: an alias"),
        ("sources:\n  ours: &ours\n    urls: [*ours]", "line 2 is not valid YAML: an alias"),
        ("sources: {ours: {platform: nonsense}}", "no platform 'nonsense'"),
        ("sources: {Ours: {}}", "Ours"),
        ("sources: {ours: {urls: [https://a.example/oai], prefixes: []}}", "prefixes"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UsageError, match=says) as raised:
        settings.load(write(tmp_path, "config.yml", text))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("config.yml", "contact: me@x.example\nsources:\n  Ours: {}", "config.yml, line 3: source"),
        ("schemas/sources.yml", "\nours: {urls: [ftp://x]}", "sources.yml, line 2: source ours"),
        ("schemas/sources.yml", "ours: {url: x}", "sources.yml, line 1: ours → url: there is no"),
    ],
)
def test_a_mistake_in_a_source_is_told_with_its_line(
    tmp_path: Path, file: str, text: str, says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        settings.load(write(tmp_path, file, text))


def test_rows_are_laid_over_the_shipped_tables(tmp_path: Path) -> None:
    write(tmp_path, "schemas/sources.yml", "orbi: {sets: {class_x01: Something new}}")
    found = settings.load(tmp_path).sources["orbi"]
    assert found.sets["class_x01"] == "Something new"
    assert len(found.sets) > 1
    assert found.urls


def test_lists_are_joined_with_the_librarians_first(tmp_path: Path) -> None:
    write(tmp_path, "schemas/sources.yml", "orbi: {hosts: [new.example.org, orbi.uliege.be]}")
    hosts = schemas.load("sources.yml", tmp_path / "schemas")["orbi"]["hosts"]
    assert hosts[:2] == ["new.example.org", "orbi.uliege.be"]
    assert len(hosts) == len(set(hosts))


def test_a_citation_style_is_laid_over_none(tmp_path: Path) -> None:
    style = schemas.shipped("schemas/styles/apa.csl").read_text("utf-8")
    found = settings.load(write(tmp_path, "schemas/styles/house.csl", style))
    assert "house" in citations.styles(found.overlay)
    with pytest.raises(UsageError, match="laid over no table"):
        settings.load(write(tmp_path, "schemas/styles/house.yml", "{}"))


@pytest.mark.parametrize("name", ["schemas/type.yml", "schemas/types.yaml", "schemas/x/types.yml"])
def test_a_table_that_is_laid_over_none_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="laid over no table"):
        settings.load(write(tmp_path, name, "{}"))


@pytest.mark.parametrize("name", [".types.yml.swp", "types.yml~", ".DS_Store", ".git/config.yml"])
def test_what_an_editor_leaves_beside_a_table_is_passed_over(tmp_path: Path, name: str) -> None:
    settings.load(write(tmp_path, f"schemas/{name}", "\0"))


def test_an_alias_may_stand_twice(tmp_path: Path) -> None:
    text = "sources: {ours: {urls: &urls [https://a.example/oai]}, others: {urls: *urls}}"
    found = settings.load(write(tmp_path, "config.yml", text)).sources
    assert found["ours"].urls == found["others"].urls


def test_a_citation_style_is_laid_over_no_table(tmp_path: Path) -> None:
    settings.load(write(tmp_path, "schemas/styles/house.csl", "<style/>"))
    with pytest.raises(UsageError, match="laid over no table"):
        settings.load(write(tmp_path, "schemas/styles/house.xml", "<style/>"))


def test_an_own_profile_makes_a_platform(tmp_path: Path) -> None:
    write(tmp_path, "schemas/profiles/ours.yml", "{}")
    write(tmp_path, "config.yml", "sources: {ours: {platform: ours}}")
    assert settings.load(tmp_path).sources["ours"].platform == "ours"


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("here", "utf-8")
    with pytest.raises(HarvesterError, match="cannot be used for the data"):
        settings.load(tmp_path / "file" / "db")
