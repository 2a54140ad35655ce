"""Every row of the table of misbehaviours: a harvest is complete, or says that it is not."""

from __future__ import annotations

import pytest

from tests.oai.conftest import Harvest, stored
from tests.servers.misbehaviours import ALL_PAGES, PAGE_SIZE, RECORDS, ROWS, Row
from tests.servers.provider import Provider, running


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_harvest_never_lies(row: Row, harvest: Harvest) -> None:
    provider = Provider(stored(RECORDS), page_size=PAGE_SIZE, misbehaviours=[row.misbehaviour()])
    with running(provider) as url:
        got = harvest(url)
    assert (got.outcome.state, len(got.identifiers)) == (row.state, row.records), got.outcome
    reason = got.outcome.reason
    if row.state == "complete":
        assert reason is None
        assert len(got.pages) == ALL_PAGES or "after-the-end" in row.name
    else:
        assert reason is not None
        assert row.says in reason
        assert "\n" not in reason
        assert "127.0.0.1" in reason
        assert not any(word in reason for word in ("urllib3", "HTTPConnection", "object at 0x"))
    if row.waits is not None:
        assert got.waits == pytest.approx(row.waits, abs=1.1)
    assert sum(got.waits) <= 900


def test_the_table_names_each_row_once() -> None:
    assert len({row.name for row in ROWS}) == len(ROWS)
