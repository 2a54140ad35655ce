"""A harvest that is killed at any moment, or runs into a full disk, costs nothing.

The next run gives the same catalogue as a harvest that nobody disturbed: killed at random moments,
in the middle of commits, during the first harvest, a later one with changes and deletions, several
sources at once, and a rebuild.
"""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import msgspec
import pytest

from harvester.archive import open_archive, pages
from harvester.catalogue import open_for_reading, search
from harvester.catalogue.query import Query
from harvester.model import ENCODER
from tests.crash.victim import Death, Order
from tests.servers.provider import Provider, Stored, running

BATCHES = 10
KILLS = 20  # a batch
RECORDS = 60
DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"'
    ' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{}</dc:title>'
    "<dc:creator>de Vries, {}</dc:creator><dc:date>2019</dc:date><dc:subject>werk</dc:subject>"
    "<dc:type>article</dc:type><dc:language>nl</dc:language></oai_dc:dc>"
)
CHECKS = (
    "pragma integrity_check",
    "insert into records_fts (records_fts, rank) values ('integrity-check', 1)",
    """
    select 'joins' from record_creators where record not in (select number from records)
    union all select 'orphans' from creators
    where number not in (select creator from record_creators)""",
)


def stored(source: str, number: int, title: str, day: int) -> Stored:
    date = f"2026-01-{day:02}T{number % 24:02}:{number % 60:02}:00Z"
    return Stored(f"oai:{source}:{number}", DC.format(f"{title} {number}", f"J{number}"), date)


class Stage(msgspec.Struct):
    """What happens to a data directory: harvests, between them what the providers change."""

    providers: dict[str, Provider]
    urls: dict[str, str]
    jobs: int

    def first(self) -> None:
        """Let the providers hold what they held first."""
        for name, provider in self.providers.items():
            count = RECORDS // len(self.providers)
            provider.response_date = "2026-01-22T00:00:00Z"
            provider.records = [
                stored(name, n, "Over werk", 1 + 20 * n // count) for n in range(count)
            ]

    def later(self) -> None:
        """Change, delete and add records."""
        for name, provider in self.providers.items():
            provider.response_date = "2026-01-28T00:00:00Z"
            held = provider.records
            for place in range(3, len(held), 7):
                changed = stored(name, place, "Over ander werk", 25)
                changed.deleted = place % 2 == 0
                held[place] = changed
            held += [stored(name, 100 + n, "Over nieuw werk", 27) for n in range(9)]


Act = Callable[[Order], Death]


@pytest.fixture(scope="module")
def act() -> Iterator[Act]:
    """Carries out orders in a process that may die."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.crash.victim"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[2],
        text=True,
    ) as victim:
        assert victim.stdin is not None
        assert victim.stdout is not None
        given, told = victim.stdin, victim.stdout

        def carry_out(order: Order) -> Death:
            print(msgspec.json.encode(order).decode(), file=given, flush=True)
            return msgspec.json.decode(told.readline(), type=Death)

        yield carry_out
        given.close()


@pytest.fixture(scope="module", params=[1, 3], ids=["one source", "three sources at once"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    names = [f"source-{letter}" for letter in "abc"[: request.param]]
    with ExitStack() as stack:
        providers = {name: Provider(page_size=7) for name in names}
        urls = {name: stack.enter_context(running(one)) for name, one in providers.items()}
        yield Stage(providers, urls, jobs=request.param)


def dump(directory: Path) -> bytes:
    """Return all that a catalogue says, after looking for damage in both databases."""
    with closing(sqlite3.connect(directory / "catalogue.db")) as catalogue:
        for check in CHECKS:
            assert catalogue.execute(check).fetchall() in ([("ok",)], []), check
    with closing(open_archive(directory, for_reading=True)) as archive:
        assert sum(1 for _ in pages.after(archive, 0)) > 0
    with closing(open_for_reading(directory)) as catalogue:
        found = search.stream(catalogue, Query(deleted=True))
        return b"\n".join(sorted(map(ENCODER.encode, found)))


class Undisturbed(msgspec.Struct):
    """A harvest that nobody disturbed: what came of it, and how many seconds it took."""

    first: bytes
    later: bytes
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(stage: Stage, act: Act, tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    directory = tmp_path_factory.mktemp("undisturbed")
    stage.first()
    started = time.monotonic()
    assert act(Order(str(directory), stage.urls, stage.jobs)).code == 0
    seconds = time.monotonic() - started
    first = dump(directory)
    stage.later()
    assert act(Order(str(directory), stage.urls, stage.jobs)).code == 0
    later = dump(directory)
    assert first.count(b"\n") + 1 == RECORDS
    assert b'"deleted":true' in later
    return Undisturbed(first, later, seconds)


def moments(seed: int, undisturbed: Undisturbed, most: float) -> Iterator[dict[str, object]]:
    """Yield when to die: a third of them in the middle of a commit.

    The others are anywhere in this part, at most, of the time that a harvest takes as is known now.
    """
    chance = random.Random(seed)
    for place in range(KILLS):
        if place % 3 == 0:
            yield {"dies_at_commit": (chance.randint(1, 40), chance.uniform(0, 0.002))}
        else:
            yield {"dies_after": chance.uniform(0, most * undisturbed.seconds)}


@pytest.mark.parametrize("batch", range(BATCHES // 2))
def test_a_harvest_that_was_killed_is_made_good_by_the_next(
    batch: int, stage: Stage, undisturbed: Undisturbed, act: Act, tmp_path: Path
) -> None:
    died = 0
    for place, moment in enumerate(moments(batch, undisturbed, 1.1)):
        directory = tmp_path / str(place)
        order = Order(str(directory), stage.urls, stage.jobs)
        stage.first()
        if place % 2:
            assert act(order).code == 0
            stage.later()
        started = time.monotonic()
        death = act(msgspec.structs.replace(order, **moment))
        assert death.signal == signal.SIGALRM or death.code == 0, death.words
        died += death.signal == signal.SIGALRM
        if death.code == 0 and not place % 2:  # the machine may have become quicker
            undisturbed.seconds = min(undisturbed.seconds, time.monotonic() - started)
        again = act(order)
        assert again.code == 0, again.words
        assert dump(directory) == (undisturbed.later if place % 2 else undisturbed.first), moment
        shutil.rmtree(directory)
    assert died > KILLS // 3


def test_a_rebuild_that_was_killed_is_made_good_by_the_next(
    stage: Stage, undisturbed: Undisturbed, act: Act, tmp_path: Path
) -> None:
    stage.first()
    assert act(Order(str(tmp_path), stage.urls, stage.jobs)).code == 0
    stage.later()
    assert act(Order(str(tmp_path), stage.urls, stage.jobs)).code == 0
    for moment in moments(99, undisturbed, 0.5):
        for left in tmp_path.glob("catalogue.db*"):
            left.unlink()
        act(msgspec.structs.replace(Order(str(tmp_path)), **moment))
        assert act(Order(str(tmp_path))).code == 0
        assert dump(tmp_path) == undisturbed.later, moment


@pytest.mark.parametrize("limit", ["file_limit", "page_limit"])
def test_a_full_disk_is_told_and_costs_nothing(
    limit: str, stage: Stage, undisturbed: Undisturbed, act: Act, tmp_path: Path
) -> None:
    chance = random.Random(limit)
    told = 0
    for place in range(KILLS):
        directory = tmp_path / str(place)
        order = Order(str(directory), stage.urls, stage.jobs)
        stage.first()
        if place % 2:
            assert act(order).code == 0
            stage.later()
        size = chance.randint(20, 160)
        full = {limit: size * 4096 if limit == "file_limit" else size}
        death = act(msgspec.structs.replace(order, **full))
        assert death.code in (0, 1), death.words
        assert death.words.count("\n") < len(stage.urls)
        told += death.code == 1
        assert act(order).code == 0
        assert dump(directory) == (undisturbed.later if place % 2 else undisturbed.first), full
        shutil.rmtree(directory)
    assert told > KILLS // 5
