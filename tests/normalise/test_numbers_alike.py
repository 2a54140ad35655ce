"""What is remembered of a journal's citations is what each of them says by itself."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from harvester.normalise import dialects, numbering, same_journal

PIECES = (
    "Journal", "of", "art", "Revue", "in", "Vol", "vol.", "no.", "n°", "p.", "pp.", "t. xii", "Nr",
    "(2019)", "2019", "2-2020", "12", "150", "(3)", "12(3)", "12-34", "1999-2002", "May", "mars",
    "May 5", "Suppl", "article", "ISSN", "doi", "http://a.be/1", "1234-567X", "--0263-9904", "e12",
    "10.1000/x", "&", "/", "//", ";", ":", ",", ".", "-", "“", "”", '"', "(", ")", "In:", "page",
    "Issue:", "pp.12", "⟨", "Fairfax:", "2007,", " , ", "' ,", ". in", "Vol 3", "Iss 2", "Pp 1",
    "(ISSN 1234-5678)", "Smith (2018)", "s. 3", "A", "volume 5", "issue", "available", "é", "第",
    "١٢",
)  # fmt: skip
NAMES = st.lists(
    st.tuples(st.sampled_from(PIECES), st.sampled_from(("", " ", ", ", ". ", "; "))), max_size=7
).map(lambda pieces: "".join(map("".join, pieces)).strip(" ;"))
NUMBER = st.integers(1, 999)
YEAR = st.one_of(st.just(""), st.integers(1500, 2099).map(" ({})".format))


@given(NAMES, NUMBER, NUMBER, NUMBER, NUMBER, YEAR)
@settings(max_examples=500, deadline=None)
@example("Journal of Extension, vol. 21, no. 1", 55, 11, 80, 103, " (2002)")
@example("Revue 34 (2021)", 4, 1, 80, 9, "")
@example("Revue 34 (2021)", 400, 1, 80, 9, "")
def test_a_citation_reads_as_it_would_alone(
    name: str, volume: int, issue: int, first: int, last: int, year: str
) -> None:
    text = f"{name}, {volume}({issue}), {first}-{last}{year}"
    assert same_journal.parse(text) == dialects.parse(text)


@given(NAMES, NUMBER, NUMBER, NUMBER, NUMBER, YEAR, st.sampled_from(("({}), ", " ({}), ", "({}):")))
@settings(max_examples=500, deadline=None)
def test_the_usual_numbers_are_what_their_parts_are_one_by_one(
    name: str, volume: int, issue: int, first: int, last: int, year: str, bracket: str
) -> None:
    usual = f"{name} {volume}{bracket.format(issue)}{first}-{last}{year}"
    # A second full stop changes no part, and is not what is usual.
    assert numbering.read(usual) == numbering.read(f"{usual} .")
