"""Every row of the table of misbehaviours through the whole pipeline: no record is ever lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harvester.errors import COMPLETE, INCOMPLETE, TRY_LATER
from harvester.oai import transport
from harvester.results import Ask, Result
from tests.servers.installation import Installation, Template, template
from tests.servers.misbehaviours import ROWS
from tests.servers.provider import Provider, running
from tests.servers.row import DAMAGED, WATERMARK, Row, identifier, title

WAITS: list[float] = []
"""The seconds that were waited for, in no time."""


@pytest.fixture(scope="module")
def installations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    with template(tmp_path_factory.mktemp("template") / "db", WAITS) as made:
        yield made


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_no_record_is_ever_lost(
    row: Row, installations: Template, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PAGE_SECONDS", row.patience + 0.1)
    with installations.copied(patience=row.patience, quirks=row.knows) as installation:
        provider = row.provider()
        check_first(installation, provider, row)
        provider.misbehaviours.clear()
        installation.let_a_day_pass()
        check_next(installation, provider, row)


def check_first(installation: Installation, provider: Provider, row: Row) -> None:
    """A harvest of the misbehaving server is complete, or says that it is not."""
    if row.later:
        harvest_before(installation, provider, row)
    WAITS.clear()
    with running(provider, tls=row.tls) as url:
        result, code = installation.harvest(url + row.base, ask_of(row))
    state = row.reconciles or row.state
    check_end(row, state, result, code)
    if state == "complete":
        wanted = row.records if row.asked else len(row.order)
        assert installation.accounted_for() == wanted
        assert result.tally.quarantined == row.quarantined
        assert result.tally.deleted == row.deleted
    check_titles(row, installation.titles())
    if row.waits is not None:
        assert pytest.approx(row.waits, abs=1.1) == WAITS


def check_next(installation: Installation, provider: Provider, row: Row) -> None:
    """The next harvest of a server that behaves is complete, and nothing was lost."""
    with running(provider) as url:
        result, code = installation.harvest(url + row.base)
    assert (result.state, result.reason, code) == ("complete", None, COMPLETE)
    assert installation.accounted_for() == len(row.order)
    assert installation.status().missing == 0


def harvest_before(installation: Installation, provider: Provider, row: Row) -> None:
    """Harvest what there was before the server began to misbehave."""
    records, wrong = provider.records, provider.misbehaviours
    provider.records, provider.misbehaviours = row.before(), []
    provider.response_date = WATERMARK
    with running(provider) as url:
        result, _ = installation.harvest(url)
    assert result.state == "complete"
    provider.records, provider.misbehaviours = records, wrong
    provider.response_date = None


def ask_of(row: Row) -> Ask:
    from_, until = row.asked or (None, None)
    return Ask(from_=from_, until=until, reconcile=row.reconciles is not None)


def check_end(row: Row, state: str, result: Result, code: int) -> None:
    """A harvest that is not complete never ends with 0, and says why in one line."""
    assert result.state == state, result.reason
    assert code == {"complete": COMPLETE, "throttled": TRY_LATER}.get(state, INCOMPLETE)
    line = result.line()
    assert line.startswith(f"x: {state}")
    assert "\n" not in line
    for piece in row.says:
        assert piece in line


def check_titles(row: Row, titles: dict[str, str]) -> None:
    damaged = row.catalogued or row.title or title(DAMAGED)
    for number in row.order:
        found = titles.get(identifier(number))
        wanted = damaged if number == DAMAGED else title(number)
        assert found in (None, wanted)
