"""Whatever a record holds comes back from every format, but for the losses listed here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harvester import schemas, sources
from harvester.export import exporters, parts, tex
from harvester.export.datacite import UNKNOWN
from harvester.model import Agent, Record
from harvester.normalise import load, understand
from tests import corpus as recorded
from tests.export.hard import HARD, RECORDS
from tests.export.reading_back import PLAIN, READERS, Seen, expected, line

SCHEMA = json.loads((Path(__file__).parent / "data" / "csl-data.json").read_text())
TYPES = schemas.load("types.yml")["types"]
FEWEST = 2_000

ARTICLES = tuple(uri for uri, facts in TYPES.items() if facts.get("zotero") == "journalArticle")
"""Types whose pages and ISSN every format has a place for."""


REVIEWS = ("c_ba08", "c_efa0")
"""Types that BibTeX has no entry for: a keyword says it."""


def lost(name: str, record: Record, seen: Seen) -> Seen:
    """Take from what is expected what a format cannot hold. Nothing else may differ.

    - BibTeX and BibLaTeX: backslashes, lone braces and invisible characters; commas, semicolons and
      `>` in keywords, at which programs split; years of less or more than four digits. Names that
      are whole lose nothing; a `Jr.` moves between the commas.
    - RIS and ENW: line breaks and control characters; RIS also semicolons in keywords.
    - MODS and DataCite: characters that XML 1.0 does not have.
    - CSL-JSON: commas in keywords.
    - RIS, ENW, CSL-JSON, BibLaTeX: pages and ISSN of what stands in no journal, which these formats
      read as a number of pages or of a report.
    - BibLaTeX: the ISSN of an article that names no journal; the number of an article has a field
      of its own. DataCite: a title, creator or year that it demands is `:unav`, an editor stands in
      for a creator.
    - Addresses: what is no address, and percent-encoding that says the same.
    """
    plain = PLAIN.get(name, str)
    container = record.container
    in_journal = record.type_uri in ARTICLES and container is not None
    if name == "biblatex" and container and not (container.title and container.pages):
        in_journal = False
    if name == "datacite":
        whose = seen.creators or list(map(parts.name, parts.editors(record)))
        seen = seen._replace(
            title=seen.title or UNKNOWN, creators=whose or [UNKNOWN], year=seen.year or UNKNOWN
        )
    keywords = list(filter(None, map(_keyword(name), seen.keywords or [])))
    if name in ("bibtex", "biblatex"):
        marked = ["review"] if (record.type_uri or "").endswith(REVIEWS) else []
        keywords = list(dict.fromkeys([*keywords, *marked]))
    return seen._replace(
        title=plain(seen.title or ""),
        creators=list(filter(None, (plain(one) for one in seen.creators or []))),
        keywords=keywords,
        pages=plain(seen.pages or "") if in_journal else None,
        issn=plain(seen.issn or "") if in_journal else None,
        doi=plain(seen.doi or ""),
        url=seen.url if name == "csl-json" else unquote(line(seen.url or "")),
    )


def _keyword(name: str) -> Callable[[str], str]:
    if name in ("bibtex", "biblatex"):
        return lambda label: tex.plain(re.sub(r"\s*[,;>]\s*", " – ", label)).strip(" –")
    if name == "csl-json":
        return lambda label: label.replace(",", " –")
    if name == "ris":
        return lambda label: line(label.replace(";", ","))
    return PLAIN.get(name, str)


def compare(name: str, records: list[Record]) -> None:
    text = "".join(exporters()[name].write(records))
    found = READERS[name](text)
    assert len(found) == len(records)
    for record, seen in zip(records, found, strict=True):
        wanted = lost(name, record, expected(record))
        if name in ("bibtex", "biblatex"):
            wanted, seen = in_parts(wanted), in_parts(seen)
        for field in Seen._fields:
            want, got = getattr(wanted, field), getattr(seen, field)
            if want is not None and got is not None:
                assert got == want, (name, field, record)


def in_parts(seen: Seen) -> Seen:
    """Write the parts of names in one order, wherever the format puts `Jr.` and `III`."""
    names = [" ".join(sorted(one.replace(",", "").split())) for one in seen.creators or []]
    return seen._replace(creators=names)


def keyed(records: Iterable[Record]) -> list[Record]:
    listed = list(records)
    for number, record in enumerate(listed):
        record.id, record.citekey = f"s-{number}", f"key{number}-abcde"
    return listed


def typed() -> list[Record]:
    """One record of each type that the table knows."""
    return keyed(
        Record(
            source="s",
            title=f"On {facts['en']}",
            type=facts["en"],
            type_uri=uri,
            creators=[Agent("Maes, Jo", "Maes", "Jo"), Agent("Planbureau", corporate=True)],
            year=2019,
            issued="2019-03",
            publishers=["Pers"],
            languages=["nld"],
        )
        for uri, facts in TYPES.items()
    )


@pytest.mark.parametrize("name", sorted(READERS))
def test_every_type_comes_back(name: str) -> None:
    compare(name, typed())


@pytest.mark.parametrize("name", ["csl-json", "jsonld", "mods", "datacite", "enw"])
@settings(max_examples=60, deadline=None)
@given(records=st.lists(RECORDS, max_size=3))
def test_whatever_it_holds_comes_back(name: str, records: list[Record]) -> None:
    for record in records:
        record.issued = None
        record.links = []
        record.creators = [one for one in record.creators if line(one.literal)]
        for one in record.creators:
            one.family = one.given = None
        record.keywords = [one for one in record.keywords if line(one.label)]
        record.container = record.identifiers = None
        record.year = record.year if record.year and 1000 <= record.year <= 9999 else None
    compare(name, keyed(records))


def test_csl_json_is_what_its_schema_says() -> None:
    records = typed() + [Record(source="s", title=hard, type_uri=ARTICLES[0]) for hard in HARD]
    written = json.loads("".join(exporters()["csl-json"].write(keyed(records))))
    jsonschema.validate(written, SCHEMA)
    assert len(written) == len(records)
    assert exporters()["csl-json"].write([]).__next__() == "[]\n"


@pytest.fixture(scope="module")
def real(corpus: Path) -> list[Record]:
    """Every live record of the corpus, as understood."""
    catalogue = sources.from_table(schemas.load("sources.yml"))
    tables = load(catalogue)
    return keyed(
        understand(one.raw, one.source, tables).record
        for one in recorded.every_record(corpus, catalogue)
        if not one.raw.deleted
    )


@pytest.mark.parametrize("name", sorted(READERS))
def test_real_records_come_back(name: str, real: list[Record]) -> None:
    assert len(real) >= FEWEST
    compare(name, real)


def test_real_records_are_csl(real: list[Record]) -> None:
    jsonschema.validate(json.loads("".join(exporters()["csl-json"].write(real))), SCHEMA)


@pytest.fixture(scope="module")
def adversarial() -> list[Record]:
    """Records of every type and with every hard text in every field."""
    hard = [
        Record(
            source="s",
            title=text,
            type=facts["en"],
            type_uri=uri,
            creators=[Agent(text, corporate=True), Agent(f"{text}, Jo", text, "Jo")],
            publishers=[text],
            year=2019,
        )
        for text in HARD
        for uri, facts in list(TYPES.items())[::6]
    ]
    twins = [Record(source="s", title="T", year=2019, creators=[Agent("A, B", "A", "B")])] * 2
    return keyed([*typed(), *hard, *(Record(source="s", title=one.title) for one in twins)])


def program(name: str) -> str:
    """Return where a program of TeX is; skip where it is not installed."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: biber, texlive-binaries, texlive-base)")
    return found


def biber_takes(path: Path, records: list[Record], name: str) -> None:
    file = path / "all.bib"
    file.write_text("".join(exporters()[name].write(records)), encoding="utf-8")
    done = subprocess.run(
        [program("biber"), "--tool", "--validate-datamodel", "all.bib"],
        cwd=path, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert "ERROR" not in done.stdout
    again = (path / "all_bibertool.bib").read_text(encoding="utf-8")
    assert len(re.findall(r"^@", again, re.MULTILINE)) == len(records)


def bibtex_takes(path: Path, records: list[Record]) -> None:
    text = "".join(exporters()["bibtex"].write(records))
    (path / "all.bib").write_text(text, encoding="utf-8")
    (path / "all.aux").write_text(
        "\\relax\n\\citation{*}\n\\bibstyle{plain}\n\\bibdata{all}\n", encoding="ascii"
    )
    done = subprocess.run(
        [program("bibtex"), "all"], cwd=path, capture_output=True, text=True, check=False,
        timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    written = (path / "all.bbl").read_text(encoding="utf-8", errors="replace")
    assert written.count("\\bibitem") == len(records)


@pytest.mark.parametrize("name", ["bibtex", "biblatex"])
def test_biber_takes_adversarial_records(
    name: str, adversarial: list[Record], tmp_path: Path
) -> None:
    biber_takes(tmp_path, adversarial, name)


@pytest.mark.parametrize("name", ["bibtex", "biblatex"])
def test_biber_takes_real_records(name: str, real: list[Record], tmp_path: Path) -> None:
    biber_takes(tmp_path, real, name)


def test_bibtex_takes_adversarial_records(adversarial: list[Record], tmp_path: Path) -> None:
    bibtex_takes(tmp_path, adversarial)


def test_bibtex_takes_real_records(real: list[Record], tmp_path: Path) -> None:
    bibtex_takes(tmp_path, real)
