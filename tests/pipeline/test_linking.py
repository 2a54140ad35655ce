"""Copies are found whatever order records come in, works keep their ids, librarians are obeyed."""

from __future__ import annotations

import random
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from harvester import pipeline, settings
from harvester.archive import citekey, ledger, open_archive, works
from harvester.catalogue import candidates, open_for_reading, search, store
from harvester.errors import UsageError
from harvester.linking import blocking
from harvester.model import Agent, Identifiers, Record
from harvester.pipeline import deciding, linking
from harvester.pipeline.linking import relink
from harvester.pipeline.writing import writing
from harvester.settings import Settings
from harvester.sources import Source
from harvester.workspace import Workspace

SOURCES = ("a", "b")
NOW = "2026-01-01T00:00:00Z"
TITLES = (
    "Vertrouwen in de overheid",
    "Vertrouwen in de overheid en ongelijkheid",
    "Trust in government",
    "Inleiding",
    "Arbeid en zorg in Vlaanderen",
)
NAMES = ("Jansen, Piet", "Janssen, Piet", "Dupont, Anne")


def record(name: str, **more: Any) -> Record:
    source, _, number = name.partition(":")
    return Record(source=source, oai_identifier=f"oai:{source}:{number}", **more)


def agent(literal: str) -> Agent:
    family, _, given_name = literal.partition(", ")
    return Agent(literal, family, given_name)


RECORDS: st.SearchStrategy[dict[str, dict[str, Any]]] = st.dictionaries(
    st.builds("{}:{}".format, st.sampled_from(SOURCES), st.integers(1, 9)),
    st.builds(
        dict,
        title=st.sampled_from(TITLES),
        creators=st.lists(st.sampled_from(NAMES).map(agent), min_size=1, max_size=2),
        year=st.one_of(st.none(), st.integers(2010, 2012)),
        identifiers=st.one_of(
            st.none(), st.sampled_from(["10.1/x", "10.1/y"]).map(lambda doi: Identifiers(doi=doi))
        ),
    ),
    min_size=1,
    max_size=14,
)


def write(installation: Settings, records: Iterable[Record]) -> None:
    """Bring records the way that a harvest does; whoever is `deleted` becomes a tombstone."""
    with writing(installation, "harvest") as workspace:
        enter(workspace, records)


def enter(workspace: Workspace, records: Iterable[Record]) -> None:
    for name in SOURCES:
        number = workspace.number(Source(name=name, title=name))
        mine = {one.oai_identifier or "": one for one in records if one.source == name}
        readable = {
            identifier: None if one.deleted else citekey.readable_part(one)
            for identifier, one in mine.items()
        }
        with workspace.archive as archive:
            known = ledger.mint(archive, number, name, readable, NOW)
        entries = []
        for identifier, one in mine.items():
            minted = known[identifier]
            one = msgspec.structs.replace(one, id=minted.id, citekey=minted.citekey)
            entries.append(store.Entry(minted.number, one, NOW, NOW))
        store.put(workspace.catalogue, entries)


def found(installation: Settings) -> set[frozenset[str]]:
    """The works of two live records and more, each as the OAI identifiers of these."""
    members = defaultdict(set)
    with closing(open_for_reading(installation.directory)) as catalogue:
        rows = catalogue.execute(
            "select work, oai_identifier from work_records w join records on number = w.record"
        )
        for work, identifier in rows:
            members[work].add(identifier)
    return {frozenset(group) for group in members.values() if len(group) > 1}


def works_of(installation: Settings) -> dict[str, str]:
    """The id of its work for each record that is in one, by OAI identifier."""
    with closing(open_archive(installation.directory, for_reading=True)) as archive:
        rows = archive.execute(
            "select identifier, w.id from work_members m join ledger l on l.number = m.record "
            "join works w on w.number = m.work"
        )
        return dict(rows.fetchall())


@contextmanager
def another_installation() -> Iterator[Settings]:
    with tempfile.TemporaryDirectory() as folder:
        yield settings.load(Path(folder))


@hypothesis_settings(deadline=None, max_examples=25)
@given(RECORDS, RECORDS, st.sets(st.integers(0, 13)), st.randoms(use_true_random=False))
def test_the_order_of_arrival_makes_no_difference(
    first: dict[str, dict[str, Any]],
    then: dict[str, dict[str, Any]],
    gone: set[int],
    chance: random.Random,
) -> None:
    """In any batches, with records that change and go: as if the last state had come at once."""
    last = [record(name, **said) for name, said in (first | then).items()]
    last = [msgspec.structs.replace(one, deleted=place in gone) for place, one in enumerate(last)]
    with mock.patch.multiple(blocking, MOST=3, MOST_TITLES=2):
        with another_installation() as installation:
            with writing(installation, "link") as workspace:
                enter(workspace, last)
                relink(workspace)
            at_once = found(installation)
        with another_installation() as installation:
            with writing(installation, "link") as workspace:
                enter(workspace, [record(name, **said) for name, said in first.items()])
                relink(workspace)
                chance.shuffle(last)
                while last:
                    enter(workspace, [last.pop() for _ in range(min(len(last), 4))])
                    relink(workspace)
            assert found(installation) == at_once
            pipeline.link(installation, every=True)
            assert found(installation) == at_once


ARTICLE = {
    "title": "Vertrouwen in de overheid en ongelijkheid",
    "creators": [agent("Jansen, Piet")],
    "year": 2011,
}
OTHER = {**ARTICLE, "title": "Arbeid en zorg in Vlaanderen", "creators": [agent("Dupont, Anne")]}


@pytest.fixture
def linked(installation: Settings) -> Settings:
    write(installation, [record("a:1", **ARTICLE), record("b:1", **ARTICLE)])
    write(installation, [record("a:2", **OTHER)])
    pipeline.link(installation)
    return installation


def test_a_work_keeps_its_id_while_copies_come_and_go(linked: Settings) -> None:
    work = works_of(linked)["oai:a:1"]
    assert found(linked) == {frozenset(["oai:a:1", "oai:b:1"])}
    write(linked, [record("b:2", **ARTICLE)])
    write(linked, [record("a:1", **ARTICLE, deleted=True)])
    assert found(linked) == {frozenset(["oai:b:1", "oai:b:2"])}
    write(linked, [record("b:1", **ARTICLE, deleted=True)])
    assert set(works_of(linked).values()) == {work}
    write(linked, [record("a:1", **ARTICLE), record("b:1", **ARTICLE)])
    assert works_of(linked) == dict.fromkeys(["oai:a:1", "oai:b:1", "oai:b:2"], work)


def test_a_work_that_became_part_of_another_leads_there(linked: Settings) -> None:
    """Also when the record that founded it is hidden."""
    write(linked, [record("b:2", **OTHER)])
    works_before = works_of(linked)
    pipeline.decide(linked, "oai:a:1", "oai:a:2", same=True)
    pipeline.suppress(linked, "oai:a:2", "asked for", erase=False)
    with closing(open_for_reading(linked.directory)) as catalogue:
        work = search.get(catalogue, works_before["oai:a:2"])
    assert work is not None
    assert work.id == works_before["oai:a:1"]


def test_a_work_stays_with_its_founder(linked: Settings) -> None:
    work = works_of(linked)["oai:a:1"]
    write(linked, [record("b:2", **ARTICLE)])
    write(linked, [record("a:1", **OTHER)])
    after = works_of(linked)
    assert after["oai:a:1"] == after["oai:a:2"] == work
    assert after["oai:b:1"] == after["oai:b:2"] != work


def test_a_rebuilt_catalogue_has_the_same_works(linked: Settings) -> None:
    before = works_of(linked)
    with closing(open_for_reading(linked.directory)) as catalogue:
        kept = catalogue.execute("select * from work_records order by record").fetchall()
    write(linked, [record("b:1", **OTHER), record("a:2", **ARTICLE)])
    write(linked, [record("b:1", **ARTICLE), record("a:2", **OTHER)])
    assert works_of(linked) == before
    with closing(open_for_reading(linked.directory)) as catalogue:
        assert catalogue.execute("select * from work_records order by record").fetchall() == kept
    for file in linked.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(linked)
    with closing(open_for_reading(linked.directory)) as catalogue:
        rows = catalogue.execute("select record, work from work_records order by record")
        assert rows.fetchall() == [row[:2] for row in kept]


def test_what_a_librarian_confirms_is_one_work(linked: Settings) -> None:
    pipeline.decide(linked, "oai:a:1", "oai:a:2", same=True)
    assert found(linked) == {frozenset(["oai:a:1", "oai:a:2", "oai:b:1"])}
    assert pipeline.explain_pair(linked, "oai:a:2", "oai:a:1").decided is True
    pipeline.link(linked, every=True)
    assert works_of(linked)["oai:a:1"] == works_of(linked)["oai:a:2"]
    pipeline.decide(linked, "oai:a:2", "oai:a:1", same=None)
    assert found(linked) == {frozenset(["oai:a:1", "oai:b:1"])}


def test_confirming_one_copy_keeps_the_copies_of_both(linked: Settings) -> None:
    """Also of copies that come later; one that is split off is split off from all."""
    write(linked, [record("b:2", **OTHER)])
    pipeline.decide(linked, "oai:a:1", "oai:a:2", same=True)
    assert found(linked) == {frozenset(["oai:a:1", "oai:b:1", "oai:a:2", "oai:b:2"])}
    write(linked, [record("a:3", **ARTICLE)])
    pipeline.decide(linked, "oai:a:3", "oai:b:1", same=False)
    pipeline.decide(linked, "oai:a:1", "oai:b:1", same=True)
    one = frozenset(["oai:a:1", "oai:b:1", "oai:a:2", "oai:b:2"])
    assert found(linked) == {one}
    write(linked, [record("b:3", **OTHER)])
    assert found(linked) == {one | {"oai:b:3"}}
    # What was said of a record holds for the others, even when it is gone.
    write(linked, [record("b:1", **ARTICLE, deleted=True), record("a:1", **OTHER, deleted=True)])
    assert found(linked) == {frozenset(["oai:a:2", "oai:b:2", "oai:b:3"])}
    write(linked, [record("a:2", **ARTICLE)])
    assert found(linked) == {frozenset(["oai:b:2", "oai:b:3"])}


def test_decisions_do_not_contradict_each_other(linked: Settings) -> None:
    write(linked, [record("b:2", title="Een derde")])
    pipeline.decide(linked, "oai:a:1", "oai:a:2", same=True)
    pipeline.decide(linked, "oai:a:1", "oai:b:2", same=False)
    before = found(linked)
    assert before == {frozenset(["oai:a:1", "oai:a:2", "oai:b:1"])}
    with pytest.raises(UsageError, match="said to be two publications"):
        pipeline.decide(linked, "oai:a:2", "oai:b:2", same=True)
    assert found(linked) == before
    pipeline.decide(linked, "oai:a:1", "oai:b:2", same=True)
    pipeline.decide(linked, "oai:a:2", "oai:b:1", same=True)
    with pytest.raises(UsageError, match="said to be two publications"):
        pipeline.decide(linked, "oai:b:1", "oai:b:2", same=False)
    pipeline.decide(linked, "oai:a:1", "oai:b:2", same=None)
    pipeline.decide(linked, "oai:b:1", "oai:b:2", same=False)
    assert found(linked) == before


def test_a_decision_that_was_killed_is_obeyed_by_the_next_run(linked: Settings) -> None:
    with (
        mock.patch.object(deciding, "relink", side_effect=KilledError),
        pytest.raises(KilledError),
    ):
        pipeline.decide(linked, "oai:a:1", "oai:b:1", same=False)
    with (
        mock.patch.object(works, "decide", side_effect=KilledError),
        pytest.raises(KilledError),
    ):
        pipeline.decide(linked, "oai:a:2", "oai:b:1", same=True)
    with (
        mock.patch.object(candidates, "again", side_effect=KilledError),
        pytest.raises(KilledError),
    ):
        pipeline.decide(linked, "oai:a:2", "oai:a:1", same=True)
    write(linked, [])
    assert found(linked) == set()
    assert pipeline.explain_pair(linked, "oai:a:1", "oai:a:2").decided is None


def test_what_a_librarian_splits_stays_two(linked: Settings) -> None:
    pipeline.decide(linked, "oai:b:1", "oai:a:1", same=False)
    assert found(linked) == set()
    pipeline.link(linked, every=True)
    write(linked, [record("b:1", **ARTICLE, type="journal article")])
    assert found(linked) == set()
    compared = pipeline.explain_pair(linked, "oai:a:1", "oai:b:1")
    assert compared.evidence.score > 0
    assert (compared.decided, compared.together) == (False, False)


def test_a_decision_names_two_records(linked: Settings) -> None:
    with pytest.raises(UsageError, match="one record"):
        pipeline.decide(linked, "oai:a:1", "oai:a:1", same=True)
    with pytest.raises(UsageError, match="no record has"):
        pipeline.decide(linked, "oai:a:1", "oai:c:1", same=True)
    with pytest.raises(UsageError, match="nothing was decided"):
        pipeline.decide(linked, "oai:a:1", "oai:b:1", same=None)
    write(linked, [record("b:1", **ARTICLE, deleted=True)])
    with pytest.raises(UsageError, match="deleted or hidden"):
        pipeline.explain_pair(linked, "oai:a:1", "oai:b:1")


def test_the_catalogue_of_a_run_that_was_killed_gets_the_works_of_the_ledger(
    linked: Settings,
) -> None:
    with closing(open_archive(linked.directory)) as archive, archive:
        works.move(archive, dict.fromkeys(dict(works.members(archive))))
    with writing(linked, "harvest"):
        pass
    assert found(linked) == set()


def test_nothing_is_left_of_a_work_whose_records_are_all_suppressed(linked: Settings) -> None:
    def bytes_() -> bytes:
        return b"".join(one.read_bytes() for one in linked.directory.glob("catalogue.db*"))

    (work,) = set(works_of(linked).values())
    with closing(open_for_reading(linked.directory)) as catalogue:
        view = search.get(catalogue, work)
    assert view is not None
    assert view.citekey is not None
    assert view.citekey.encode() in bytes_()
    for name in ("oai:a:1", "oai:b:1"):
        pipeline.suppress(linked, name, "court order", erase=True)
    assert view.citekey.encode() not in bytes_()
    for file in linked.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(linked)
    assert view.citekey.encode() not in bytes_()
    pipeline.show_again(linked, "oai:b:1")
    write(linked, [record("b:1", **ARTICLE)])
    with closing(open_for_reading(linked.directory)) as catalogue:
        again = search.get(catalogue, work)
    assert again is not None
    assert (again.id, again.citekey) == (work, view.citekey)


def test_other_rules_have_all_compared_again(linked: Settings) -> None:
    rules = linked.overlay / "linking.yml"
    rules.parent.mkdir(exist_ok=True)
    rules.write_text("bias: -99.0\n", "utf-8")
    write(linked, [])
    assert found(linked) == set()


@pytest.mark.parametrize(
    ("stage", "every"),
    [
        ("candidates.enter", False),
        ("candidates.enter_all", True),
        ("candidates.keep", False),
        ("minted.mint", False),
        ("minted.move", False),
        ("shown.move", False),
        ("candidates.done", False),
    ],
)
def test_a_run_that_is_killed_is_taken_up_again(
    linked: Settings, stage: str, *, every: bool
) -> None:
    """Whatever it was about to write: the next run ends as if it had been the first."""
    others = [record(f"a:{number}", title=f"Vijf jaar beleid {number}") for number in range(10, 20)]
    write(linked, others)
    new = [record("b:2", **OTHER), record("b:1", **OTHER), record("b:3", **ARTICLE)]
    module, _, name = stage.rpartition(".")

    def run() -> None:
        write(linked, new)
        pipeline.link(linked, every=every)

    with (
        mock.patch.object(getattr(linking, module), name, side_effect=KilledError),
        pytest.raises(KilledError),
    ):
        run()
    write(linked, [])
    assert found(linked) == {
        frozenset(["oai:a:1", "oai:b:3"]),
        frozenset(["oai:a:2", "oai:b:2", "oai:b:1"]),
    }


class KilledError(BaseException):
    """Nothing catches it."""
