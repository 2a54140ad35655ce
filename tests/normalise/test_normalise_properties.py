"""What holds for any record whatever: nothing raises, the output is valid, values stay put."""

from __future__ import annotations

import time

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.model import DECODER, ENCODER, RawRecord, RawValue, Understood
from harvester.normalise import RULES, Tables, complete, dates, names, text, understand
from harvester.normalise.folding import fold
from harvester.sources import Source

ELEMENTS = [
    "dc:title", "dc:creator", "dc:contributor", "dc:contributor:editor", "dc:type", "dc:date",
    "dc:language", "dc:publisher", "dc:subject", "dc:description", "dc:source",
    "dc:source:volume", "dc:source:page_end", "dc:relation", "dc:identifier",
    "dc:identifier:permalink", "dc:rights", "dc:provenance", "dc:coverage", "ali:free_to_read",
    "ali:license_ref", "base_dc:lang", "base_dc:typenorm", "base_dc:oa", "base_dc:year",
    "base_dc:link", "base_dc:collection", "base_dc:classcode", "portal:Notiz", "other",
]  # fmt: skip
# Pieces that rules look at, so that they meet in ways that nobody has thought of.
FRAGMENTS = [
    " ; ", "; ", ", ", " :: ", " -- ", " / ", "[H10]", "10.1234/x", "10.1000/", "https://",
    "http://[", "https://doi.org/", "/handle/2268/1", "hdl:", "ISSN: ", "0378-5955", "urn:isbn:",
    "&amp;", "&#0;", "&#xd800;", "<p>", "</p", "â€™", "Ã©", "\u202e", "\u00ad", "İ", "van der", "(",
    ")", "[", "]", "Jr.", "et al.", "orcid:0000-0002-1825-0097", "vol. 1", "pp. 1-2", "' , ",
    "(2020)", "2020", "-13-45", "MCMXC", "ca. ", "s.d.", "info:eu-repo/date/embargoEnd/",
    "creativecommons.org/licenses/by/4.0/", "cc by", "psychology", "Social & behavioral sciences",
    "peer reviewed", "ddc:", "FOS ", "@", "\\/", "%", "…", "class_h10",
    "/dk/atira/pure/subjectarea/asjc/3300/3301",
]  # fmt: skip

texts = st.one_of(
    st.text(max_size=40),
    st.lists(st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=6)), max_size=8).map("".join),
)
raw_values = st.builds(
    RawValue,
    st.sampled_from(ELEMENTS),
    texts,
    st.none() | st.sampled_from(["fr", "en", "xx", ""]),
    st.dictionaries(st.sampled_from(["id", "start_date", "label"]), texts, max_size=2),
)
raw_records = st.builds(
    RawRecord,
    identifier=st.sampled_from(["oai:x:1", "ftorbi:oai:orbi.ulg.ac.be:2268/1", "base-1", ""])
    | texts,
    format=st.sampled_from(["oai_dc", "base_dc", "fid_portal"]),
    datestamp=st.sampled_from(["", "2020-01-01", "2020-01-01T00:00:00Z", "nonsense"]),
    sets=st.lists(st.sampled_from(["class_h10", "class_z99", "x"]), max_size=2),
    deleted=st.just(False),
    values=st.lists(raw_values, max_size=12),
)
SOURCES = [
    Source("orbi", "ORBi", platform="orbi"),
    Source("pure", "Pure", platform="pure"),
    Source("base", "BASE", platform="base", aggregator=True),
    Source("fid", "FID", platform="fid-portal", portal=True, aggregator=True),
    Source("own", "Own", platform="eprints"),
    Source("odd", "Odd", platform="not-a-profile"),
]
relaxed = settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@relaxed
@given(raw_records, st.sampled_from(SOURCES))
def test_any_record_is_understood(tables: Tables, raw: RawRecord, source: Source) -> None:
    understood = understand(raw, source, tables)
    assert DECODER.decode(ENCODER.encode(understood.record)) == understood.record
    again = msgspec.json.decode(msgspec.json.encode(understood), type=Understood)
    assert again == understood
    assert {note.rule for note in understood.trace} <= set(RULES)
    for link in understood.record.links:
        assert link.url.lower().startswith(("http://", "https://"))
        assert not any(character.isspace() or character in '<>"' for character in link.url)
    assert sum(link.rel == "landing" for link in understood.record.links) <= 1
    assert complete(understood.record, understood.record) == understood.record


@relaxed
@given(texts)
def test_readable_text_has_no_hidden_characters(value: str) -> None:
    shown, _ = text.readable(value)
    assert "\u202e" not in shown
    assert "\x00" not in shown
    assert shown == shown.strip()
    assert "  " not in shown


@relaxed
@given(texts)
def test_text_without_markup_is_readable_already(value: str) -> None:
    shown, _ = text.readable(value.replace("&", "").replace("<", ""))
    if "Ã" not in shown and "â" not in shown and "Â" not in shown:
        assert text.readable(shown) == (shown, "")


@relaxed
@given(texts)
def test_a_name_that_was_read_reads_the_same(tables: Tables, value: str) -> None:
    shown, _ = text.readable(value)
    agent, _, _ = names.parse(shown, tables.names) if shown else (None, "", 0)
    if agent and agent.family and agent.given and agent.family.isalpha() and agent.given.isalpha():
        again, _, _ = names.parse(agent.literal, tables.names)
        assert again is not None
        assert again.literal.casefold() == agent.literal.casefold()


@relaxed
@given(texts)
def test_a_date_that_was_read_reads_the_same(tables: Tables, value: str) -> None:
    dated = dates.parse(value, tables.dates)
    if dated.edtf and dated.role == "issued":
        assert dates.parse(dated.edtf, tables.dates).year == dated.year


@relaxed
@given(st.text(max_size=20), st.text(max_size=20))
def test_folding_the_pieces_folds_the_whole(first: str, second: str) -> None:
    assert fold(first) + fold(second) == fold(f"{first}, {second}")


def understand_soon(values: list[RawValue], source: Source, tables: Tables) -> None:
    """Understand a record in less than ten seconds of the processor."""
    begun = time.process_time()
    understand(RawRecord("oai:x:1", "oai_dc", values=values), source, tables)
    assert time.process_time() - begun < 10


@pytest.mark.parametrize("filler", ["a ", ", ", "1", "(", " -"])
@pytest.mark.parametrize(
    "element", ["dc:title", "dc:creator", "dc:source", "dc:rights", "dc:subject", "dc:date"]
)
def test_an_overlong_value_takes_no_long_time(tables: Tables, element: str, filler: str) -> None:
    values = [RawValue(element, filler * (1_000_000 // len(filler)))]
    understand_soon(values, SOURCES[2], tables)


@pytest.mark.parametrize(
    ("element", "value"),
    [
        ("dc:title", "<" + " " * 500_000),
        ("dc:title", "<!--" * 500_000),
        ("dc:title", "<!--" * 500_000 + "-->"),
        ("dc:creator", "(2020) " * 20_000),
    ],
    ids=["bracket and blanks", "open comments", "nested comments", "brackets behind a name"],
)
def test_a_hostile_value_takes_no_long_time(tables: Tables, element: str, value: str) -> None:
    understand_soon([RawValue(element, value)], SOURCES[2], tables)


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("dc:description", "We ask what the reader number {} makes of the books of the library."),
        ("dc:relation", "report {}"),
        ("dc:identifier", "record {}"),
    ],
)
def test_very_many_values_take_no_long_time(tables: Tables, element: str, text: str) -> None:
    values = [RawValue(element, text.format(number)) for number in range(20_000)]
    understand_soon(values, SOURCES[0], tables)


@pytest.mark.parametrize(("count", "names"), [(100_000, 1), (3000, 3000)])
def test_very_many_orcid_ids_take_no_long_time(tables: Tables, count: int, names: int) -> None:
    creators = [f"Smit{chr(0x4E00 + number)}, Jan" for number in range(names)]
    cited = " and ".join(f"{name} orcid.org/0000-0002-1825-0097" for name in creators)
    values = [RawValue("dc:title", "Nights"), *(RawValue("dc:creator", one) for one in creators)]
    values.append(RawValue("dc:relation", f"Nights {cited} " * (count // names)))
    understand_soon(values, SOURCES[2], tables)


@pytest.mark.parametrize("format_", ["oai_dc", "datacite"])
@pytest.mark.parametrize("value", ["<p></p>", "\u202e", "\x00", "&nbsp;", "<p>...</p>"])
def test_a_value_without_text_is_accounted_for(tables: Tables, format_: str, value: str) -> None:
    elements = ("dc:description", "dc:subject", "datacite:date")
    values = [RawValue(element, value) for element in elements]
    found = understand(RawRecord("oai:x:1", format_, values=values), SOURCES[0], tables)
    told = {(note.element, note.original) for note in found.trace}
    assert {(element, value) for element in elements} <= told


def test_an_embargo_that_is_not_understood_is_told(tables: Tables) -> None:
    for end in ("soon", "2020-13-45T"):
        dated = dates.parse(f"info:eu-repo/date/embargoEnd/{end}", tables.dates)
        assert bool(dated.edtf) != RULES[dated.rule].fallback
