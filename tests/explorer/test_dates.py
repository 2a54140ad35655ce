"""Dates of publication are written as the reader writes dates."""

from __future__ import annotations

from pathlib import Path

import pytest

from harvester.explorer.dates import issued
from harvester.model import Record
from tests.explorer.reading import css, parsed, text
from tests.explorer.test_record_page import served


@pytest.mark.parametrize(
    ("date", "words"),
    [
        ("2019", "2019"),
        ("2019-03", "March 2019"),
        ("2019-03-05", "5 March 2019"),
        ("2018/2019", "2018–2019"),
        ("2018/2018", "2018"),
        ("2018/..", "from 2018"),
        ("../2019", "until 2019"),
        ("2018-10/2019-03", "October 2018 – March 2019"),
        ("2015-21", "spring 2015"),
        ("2015-24", "winter 2015"),
        ("2015-25", "2015-25"),
        ("19XX", "1900–1999"),
        ("198X", "1980–1989"),
        ("198X~", "about 1980–1989"),
        ("1650~", "about 1650"),
        ("2019?", "2019?"),
        ("2008~/2009", "about 2008 – 2009"),
        ("2018-10/..", "from October 2018"),
        ("../..", "../.."),
        ("/", "/"),
        ("~", "~"),
        ("2008/2009/2010", "2008/2009/2010"),
        ("s.d.", "s.d."),
        ("", ""),
    ],
)
def test_a_date_in_words(date: str, words: str) -> None:
    assert issued(date) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "spring 2015"),
        ("de", "Frühjahr 2015"),
        ("fr", "printemps 2015"),
        ("nl", "voorjaar 2015"),
    ],
)
async def test_a_season_on_its_record(tmp_path: Path, language: str, words: str) -> None:
    get = await served(tmp_path, [Record(id="a-1", source="a", title="T", issued="2015-21")])
    page = parsed((await get(f"/record/a-1?lang={language}")).text)
    assert [text(one) for one in css(page, ".fields dd")] == [words]


async def test_a_range_without_an_end_before_a_vowel(tmp_path: Path) -> None:
    get = await served(tmp_path, [Record(id="a-1", source="a", title="T", issued="2018-10/..")])
    page = parsed((await get("/record/a-1?lang=fr")).text)
    assert [text(one) for one in css(page, ".fields dd")] == ["depuis octobre 2018"]
