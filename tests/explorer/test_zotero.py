"""What Zotero makes of our pages: every type, every creator, one and many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette

from harvester import kinds, schemas
from harvester.catalogue.store import Entry, open_catalogue, put
from harvester.explorer import coins, serve, unapi
from harvester.kinds import Kind
from harvester.model import Agent, Container, Identifiers, Record
from tests.explorer import shelf, zotero
from tests.explorer.conftest import Get, Page
from tests.explorer.reading import parsed
from tests.explorer.zotero import Name

TYPES: dict[str, Any] = schemas.load("types.yml")["types"]
PERSON = Agent("van den Bulck, Jan Piet", "van den Bulck", "Jan Piet")
BODY = Agent("Centraal Bureau voor de Statistiek", corporate=True)


def of_type(uri: str, creator: Agent, id_: str) -> Record:
    return Record(
        id=id_,
        source="x",
        title="Een titel",
        creators=[creator],
        type=TYPES[uri]["en"],
        type_uri=uri,
        year=2020,
        publishers=["Pers"],
        container=Container("Verzameld", "1", isbn=["978-90-5356-000-1"]),
        identifiers=Identifiers(doi=f"10.5555/{id_}"),
    )


RECORDS = {
    (uri, creator.corporate): of_type(uri, creator, f"x-{number}-{int(creator.corporate)}")
    for number, uri in enumerate(TYPES)
    for creator in (PERSON, BODY)
}


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with two records of every type: of a person and of a body."""
    directory = tmp_path_factory.mktemp("types")
    db = open_catalogue(directory)
    now = "2026-01-01T00:00:00Z"
    put(db, [Entry(number, one, now, now) for number, one in enumerate(RECORDS.values(), start=1)])
    db.close()
    return directory


@pytest.fixture
async def types(every_type: Path) -> Datasette:
    instance = serve.instance(every_type)
    await instance.invoke_startup()
    return instance


def meant(uri: str) -> Kind:
    return kinds.kinds(None)[uri]


@pytest.mark.parametrize("uri", TYPES, ids=lambda uri: TYPES[uri]["en"])
async def test_a_person_s_work_of_every_type(types: Datasette, uri: str) -> None:
    record = RECORDS[uri, False]
    page = await types.client.get(f"/record/{record.id}")
    how, items = await zotero.read(parsed(page.text), types.client.get)
    (item,) = items
    assert how == "Embedded Metadata"
    assert item.type == meant(uri).zotero
    assert item.creators == [Name("van den Bulck", "Jan Piet")]
    assert (item.title, item.doi) == ("Een titel", f"10.5555/{record.id}")


@pytest.mark.parametrize("uri", TYPES, ids=lambda uri: TYPES[uri]["en"])
async def test_a_body_s_work_of_every_type(types: Datasette, uri: str) -> None:
    page = await types.client.get(f"/record/{RECORDS[uri, True].id}")
    how, (item,) = await zotero.read(parsed(page.text), types.client.get)
    # The type comes first: what RIS cannot say is left to the tags, which cut the body's name.
    assert item.type == meant(uri).zotero
    survives = kinds.survives_ris(meant(uri))
    assert how == ("unAPI" if survives else "Embedded Metadata")
    if survives:
        assert item.creators == [Name("Centraal Bureau voor de Statistiek")]


async def test_most_bodies_keep_their_names() -> None:
    """Types that RIS cannot say are the rare ones."""
    lost = {TYPES[uri]["en"] for uri in TYPES if not kinds.survives_ris(meant(uri))}
    assert lost == {
        "journal", "periodical", "magazine", "newspaper", "preprint", "interactive resource",
        "learning object", "interview", "musical notation", "workflow", "text", "other",
    }  # fmt: skip


async def test_a_list_gives_every_hit_whole_through_unapi(types: Datasette) -> None:
    page = parsed((await types.client.get("/search?sort=title")).text)
    how, items = await zotero.read(page, types.client.get)
    assert how == "unAPI"
    assert len(items) == 20
    assert {name for item in items for name in item.creators} <= {
        Name("van den Bulck", "Jan Piet"),
        Name("Centraal Bureau voor de Statistiek"),
    }


@pytest.mark.parametrize("uri", TYPES, ids=lambda uri: TYPES[uri]["en"])
async def test_coins_have_every_type_where_unapi_is_not_asked(types: Datasette, uri: str) -> None:
    page = parsed((await types.client.get(f"/search?type={TYPES[uri]['en']}")).text)
    for server in page.xpath("//link[@rel='unapi-server']"):
        server.getparent().remove(server)
    how, items = await zotero.read(page, types.client.get)
    assert how == "COinS"
    assert [item.type for item in items] == [meant(uri).zotero] * 2
    assert {item.title for item in items} == {"Een titel"}
    assert {item.doi for item in items} == {
        RECORDS[uri, corporate].identifiers.doi  # type: ignore[union-attr]
        for corporate in (True, False)
    }
    names = {name for item in items for name in item.creators}
    assert Name("van den Bulck", "Jan Piet") in names


async def test_the_language_of_the_page_never_becomes_the_publication_s(
    page: Page, get: Get
) -> None:
    # Nothing is known of the language of this one.
    _, (item,) = await zotero.read(await page("/record/biblio-0027"), get)
    assert item.language == "und"
    _, (item,) = await zotero.read(await page(f"/record/{shelf.SEED.id}"), get)
    assert item.language == "fr"


async def test_hostile_values_stay_values(page: Page, get: Get) -> None:
    found = await page("/search?q=%22bold%22")
    _, items = await zotero.read(found, get)
    (item,) = [item for item in items if "alert" in item.title]
    assert item.title.startswith('<script>alert("title")</script> & ')
    (span,) = [one for one in zotero.coins(found) if "alert" in one.title]
    assert span.creators == [Name('<img src=x onerror="alert(2)">', "Eve")]


@pytest.mark.parametrize(
    ("issued", "date"),
    [("2008-05-03", "2008-05-03"), ("2008-05", "2008-05"), ("2008-21", "2008"), ("2008~", "2008")],
)
def test_coins_have_no_season_for_a_month(issued: str, date: str) -> None:
    record = Record(source="x", title="T", issued=issued, year=2008)
    assert coins.context_object(record).endswith(f"&rft.date={date}")


@pytest.mark.parametrize("kind", ["book part", "dataset"])
def test_coins_call_an_editor_an_author_only_where_there_is_no_other(kind: str) -> None:
    editor = Agent("Maes, Jo", "Maes", "Jo", role="editor")
    both = Record(source="x", title="T", type=kind, creators=[editor, PERSON])
    assert "Maes" not in coins.context_object(both)
    assert "Bulck" in coins.context_object(both)
    alone = Record(source="x", title="T", type=kind, creators=[editor])
    assert "Maes" in coins.context_object(alone)


@pytest.mark.parametrize(
    ("asked", "status", "said"),
    [
        ("", 200, '<format name="ris"'),
        (f"?id={shelf.SEED.id}", 300, f'<formats id="{shelf.SEED.id}">'),
        (f"?id={shelf.SEED.id}&format=ris", 200, "TY  - JOUR"),
        (f"?id={shelf.SEED.id}&format=mods", 406, "the one format is ris"),
        ("?id=nope&format=ris", 404, "no record"),
        ("?id=%3Cscript%3E", 404, "no record"),
        (f"?id={shelf.WITHDRAWN.id}&format=ris", 410, "withdrawn"),
        ("?format=ris", 400, "needs an id"),
    ],
)
async def test_the_unapi_server(get: Get, asked: str, status: int, said: str) -> None:
    response = await get(f"{unapi.PATH}{asked}")
    assert response.status_code == status
    assert said in response.text
    if status in (200, 300) and "format=" not in asked:
        assert response.headers["content-type"].startswith("application/xml")
