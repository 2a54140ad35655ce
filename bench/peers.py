"""What other harvesters make of every row of the table of misbehaviours.

    python bench/peers.py [--python PATH …] [--only NAME]

Sickle and oaipmh-scythe are iterated to the end of the list by each Python given that has them
(`pip install oaipmh-scythe` into a virtual environment of its own), with their retries turned on.
What they did is written into `tests/servers/peers.yml`, from which `make docs` makes the table in
docs/misbehaviours.md. A peer is cut off after some hundred requests: then it would never end.
"""

from __future__ import annotations

import argparse
import json
import select
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml
from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from harvester.oai.harvest import next_from  # noqa: E402
from tests.servers import changes  # noqa: E402
from tests.servers.misbehaviours import ROWS  # noqa: E402
from tests.servers.provider import Provider, running  # noqa: E402
from tests.servers.row import DAMAGED, WATERMARK, Row, everywhere, identifier, title  # noqa: E402

RECORDED = ROOT / "tests" / "servers" / "peers.yml"
HEAD = "# Written by bench/peers.py: do not edit.\n"
MOST_REQUESTS = 300
"""After so many requests for 35 records a peer is cut off."""
PATIENCE = 20.0
"""Seconds after which a peer is cut off that only waits: five times peer.TIMEOUT and more."""
DRIP = 0.05
"""Seconds between the bytes of a page that drips, so that it lasts longer than PATIENCE."""


class Peer:
    """A Python that has a peer, and runs it."""

    def __init__(self, python: str) -> None:
        self._python = python
        self._start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.wait()

    def run(self, peer: str, url: str, dates: dict[str, str]) -> dict[str, Any] | None:
        """Return what a peer did; None where it only waited."""
        assert self._process.stdin is not None
        question = {"peer": peer, "url": url, "dates": dates}
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._line(PATIENCE)
        if answer is None:
            self._process.kill()
            self._process.wait()
            self._start()
        return answer

    def _start(self) -> None:
        self._process = subprocess.Popen(
            [self._python, str(Path(__file__).with_name("peer.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.versions: dict[str, str] = self._line(PATIENCE) or {}

    def _line(self, seconds: float) -> dict[str, Any] | None:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            return None
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def main() -> None:
    """Run every peer that is found against every row, and record what it did."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", default=[sys.executable])
    parser.add_argument("--only", help="only the rows whose names hold this")
    options = parser.parse_args()
    changes.STALL = 2 * PATIENCE
    changes.DRIP = DRIP
    recorded = yaml.safe_load(RECORDED.read_text("utf-8")) if RECORDED.is_file() else {}
    rows = [row for row in ROWS if (options.only or "") in row.name and not row.reconciles]
    for python in options.python:
        with Peer(python) as peer:
            for name, version in peer.versions.items():
                old = recorded.get(name, {})
                known = old.get("rows", {}) if old.get("version") == version else {}
                known.update({row.name: measure(peer, name, row) for row in rows})
                ours = {row.name: known[row.name] for row in ROWS if row.name in known}
                recorded[name] = {"version": version, "rows": ours}
                show(name, version, {row.name: known[row.name] for row in rows})
    text = yaml.safe_dump(recorded, sort_keys=False, default_flow_style=None, width=200)
    RECORDED.write_text(HEAD + text, "utf-8")


def measure(peer: Peer, name: str, row: Row) -> dict[str, Any]:
    """Let a peer iterate one row to the end.

    Returns:
        `of`: how many records there are; `came`: how many different ones the peer received;
        `harmed`: how many of their titles are not what the server means; `ends`: `normally`,
        the name of an exception, `never` (it asks for ever) or `waits` (for as long as the server
        is silent); `waited`: the seconds that it waited for because the server asked.
    """
    provider = row.provider()
    provider.misbehaviours += everywhere(changes.hanging_up, since=MOST_REQUESTS)
    dates = dates_of(row, provider.granularity)
    there = wanted(provider, row, dates)
    with running(provider, tls=row.tls) as url:
        got = peer.run(name, url + row.base, dates)
    if got is None:
        return {"of": len(there), "came": 0, "ends": "waits"}
    came = {known: " ".join((said or "").split()) for known, said in got["came"] if known in there}
    quarantined = identifier(DAMAGED) if row.quarantined or row.deleted else ""
    harmed = [
        known
        for known, said in came.items()
        if said != there[known] and known != quarantined and not row.deleted > 1
    ]
    ends = "never" if len(provider.questions) >= MOST_REQUESTS else got["ends"]
    result = {"of": len(there), "came": len(came), "ends": ends}
    more = {"harmed": len(harmed), "waited": 0 if ends == "never" else round(got["waited"])}
    return result | {key: value for key, value in more.items() if value}


def dates_of(row: Row, granularity: str) -> dict[str, str]:
    """Return the dates that are asked for."""
    if row.asked:
        return dict(zip(("from", "until"), row.asked, strict=True))
    from_ = next_from(WATERMARK, granularity) if row.later else None
    return {"from": from_} if from_ else {}


def wanted(provider: Provider, row: Row, dates: dict[str, str]) -> dict[str, str]:
    """Return the records that an honest server would list, with the titles that it means."""
    found = {}
    low, high = dates.get("from", ""), dates.get("until", "9999")
    for record in provider.records:
        if low <= record.datestamp and record.datestamp[: len(high)] <= high:
            number = int(record.identifier.rpartition(":")[2])
            meant = row.title if number == DAMAGED and row.title else title(number)
            found[record.identifier] = meant
    return found


def show(name: str, version: str, results: dict[str, dict[str, Any]]) -> None:
    """Print what a peer did."""
    table = Table("server", "came", "harmed", "ends", "waited", title=f"{name} {version}")
    for row, result in results.items():
        table.add_row(
            row,
            f"{result['came']} of {result['of']}",
            str(result.get("harmed", "")),
            result["ends"],
            str(result.get("waited", "")),
        )
    Console().print(table)


if __name__ == "__main__":
    main()
