"""A publication's page lists its copies and says why; `/copies` lists the pairs in doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.catalogue import candidates, store, works
from harvester.catalogue.candidates import Pair, Relation
from harvester.model import Agent, Identifiers, Record
from tests.explorer.conftest import Page
from tests.explorer.reading import css, link, text, texts

NOW = "2026-01-01T00:00:00Z"
AUTHOR = Agent("Van den Broeck, Jan", "Van den Broeck", "Jan")
TITLE = "Vertrouwen in de overheid <na> de storm"
RECORDS = [
    Record(id="a-1", source="a", title=TITLE, creators=[AUTHOR], year=2012,
           type="journal article", identifiers=Identifiers(doi="10.5555/a.1")),
    Record(id="b-1", source="b", title=TITLE, creators=[AUTHOR], year=2012,
           identifiers=Identifiers(doi="10.5555/a.1")),
    Record(id="b-2", source="b", title=TITLE, creators=[AUTHOR], year=2011, type="preprint"),
    Record(id="b-3", source="b", title=f"Boekbespreking: {TITLE}", creators=[Agent("Peeters, An")],
           type="review"),
    Record(id="a-4", source="a", title="Kiezers zonder <script>partij</script>", year=2014),
    Record(id="b-4", source="b", title="Kiezers zonder partij en huis", year=2015),
]  # fmt: skip


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue in which an article has three copies and a review, and a pair is in doubt."""
    made = tmp_path_factory.mktemp("copies")
    database = store.open_catalogue(made)
    store.put(database, [store.Entry(n, one, NOW, NOW) for n, one in enumerate(RECORDS, 1)])
    works.replace(database, [works.Work(1, "work-x", "broeck2012x")], {1: 1, 2: 1, 3: 1}, 1)
    with store.writing(database) as connection:
        candidates.keep(connection, [Pair(5, 6, 0.5), Relation(4, "review", 1)])
        candidates.decide(connection, {(1, 2): True})
    database.close()
    return made


async def test_a_work_lists_all_its_copies(page: Page) -> None:
    work = await page("/record/work-x")
    (section,) = (one for one in css(work, "section") if one.get("aria-labelledby") == "copies")
    assert [one.get("href") for one in section.iter("a")] == [
        "/record/a-1", "/record/b-1", "/record/b-2",
    ]  # fmt: skip
    best, same, early = texts(css(section, "li"))
    assert best.endswith(" a")
    assert same.endswith("Confirmed by a librarian")
    assert "An earlier version, the same title, the same creators" in early


async def test_a_copy_leads_to_the_others_and_to_the_whole(page: Page) -> None:
    copy = await page("/record/b-1?lang=nl")
    assert link(copy, "Alle exemplaren in één overzicht") == "/record/work-x?lang=nl"
    (section,) = (one for one in css(copy, "section") if one.get("aria-labelledby") == "copies")
    assert len(css(section, "li")) == 2
    assert "Bevestigd door de bibliotheek" in text(section)


async def test_what_it_has_to_do_with_is_told_on_both_sides(page: Page) -> None:
    work = await page("/record/b-2")
    (section,) = (one for one in css(work, "section") if one.get("aria-labelledby") == "related")
    assert text(css(section, "li")[0]).startswith("Reviewed in Boekbespreking")
    review = await page("/record/b-3?lang=de")
    (section,) = (one for one in css(review, "section") if one.get("aria-labelledby") == "related")
    assert text(css(section, "li")[0]).startswith("Bespricht")


async def test_pairs_in_doubt_come_with_the_commands_to_decide(page: Page) -> None:
    doubts = await page("/copies")
    (pair,) = css(doubts, ".pairs li")
    assert texts(css(pair, "h2")) == [
        "Kiezers zonder <script>partij</script>", "Kiezers zonder partij en huis",
    ]  # fmt: skip
    assert texts(css(pair, "code")) == [
        "harvester link --confirm a-4 b-4", "harvester link --split a-4 b-4",
    ]  # fmt: skip
    assert "Shown as two publications" in text(pair)
    assert "Against it: one year apart" in text(pair)


async def test_the_page_of_harvests_leads_to_the_pairs(page: Page) -> None:
    status = await page("/status?lang=fr")
    assert link(status, "1 paire de notices est peut-être une seule publication") == (
        "/copies?lang=fr"
    )
