"""No query gives a 500, whatever stands in it: 10,000 made by hypothesis, and some by hand."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from harvester.explorer import serve
from tests.explorer import hostile

EACH = 10
"""Parameters for one address of hypothesis: it makes 1,000, we ask 10,000."""


@contextmanager
def asking(directory: Path) -> Iterator[tuple[asyncio.AbstractEventLoop, Datasette]]:
    """A site, and the loop in which it is asked: hypothesis calls no coroutines."""
    loop = asyncio.new_event_loop()
    instance = serve.instance(directory)
    loop.run_until_complete(instance.invoke_startup())
    try:
        yield loop, instance
    finally:
        loop.close()


def test_ten_thousand_queries_are_answered(directory: Path) -> None:
    asked: dict[int, int] = {}
    with asking(directory) as (loop, instance):

        async def ask(addresses: list[str]) -> list[tuple[str, int]]:
            return [
                (address, (await instance.client.get(address)).status_code) for address in addresses
            ]

        @settings(
            max_examples=1000, deadline=None, database=None, derandomize=True,
            phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        @given(
            hostile.PATHS,
            st.lists(hostile.PARAMETERS, min_size=EACH, max_size=EACH),
            hostile.TAIL,
        )
        def answered(path: str, several: list[list[tuple[str, str]]], tail: str) -> None:
            addresses = [f"{path}?{encoded(pairs)}{tail}" for pairs in several]
            for address, status in loop.run_until_complete(ask(addresses)):
                assert status in (200, 302, 400, 404), (status, address)
                asked[status] = asked.get(status, 0) + 1

        answered()
    assert sum(asked.values()) >= 10_000
    assert asked[200] > 5_000


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Percent-encode parameters; lone surrogates too."""
    return urlencode(pairs, errors="surrogatepass")


@pytest.mark.parametrize("path", ["/search?q={}", "/search.json?keyword={}", "/search.bib?q={}"])
async def test_raw_syntax_of_the_index_is_read_as_words(datasette: Datasette, path: str) -> None:
    for one, other in itertools.product(hostile.FTS, ("", *hostile.FTS[:24])):
        words = quote(f"{one} {other}", errors="surrogatepass")
        assert (await datasette.client.get(path.format(words))).status_code == 200, (one, other)


@pytest.mark.parametrize(
    "path",
    [
        "/search?page=99999999999999999999999",
        "/search?page=-1",
        "/search?page=%D9%A1",
        "/search?years=99999999999-0",
        "/search?from=99999&until=-1",
        "/search?year=99999999999999999999",
        "/search?sort=(select+1)",
        "/search?lang=../../etc/passwd",
        "/search?" + "keyword=a&" * 499,
        "/search?q=" + "a*+" * 400,
        "/search?q=" + "%22" * 1000,
        "/search?q=" + "(" * 1000,
        "/search?q=" + "-a+OR+" * 300,
        "/search?" + "%ff=%fe&" * 100,
        "/search.json?page=99999999",
        "/search.atom?page=99999999999999999999999",
        "/search.atom?q=" + "%00%ff" * 100,
        "/sitemap-999999.xml",
        "/unapi?id=%ff%00&format=ris",
        "/unapi?id=" + "a" * 5000,
        "/search/keyword?page=99999999&containing=%00%ff",
        "/record/" + "%ff" * 100,
        "/record/oai:" + "a" * 5000,
        "/status/" + "a" * 5000,
    ],
)
async def test_made_by_hand(datasette: Datasette, path: str) -> None:
    response = await datasette.client.get(path)
    assert response.status_code in (200, 302, 404), response.text[:300]
    assert "Traceback" not in response.text
