"""Which repository describes which work, under which identifier, and which records are copies.

BASE has everything of two repositories that nobody else harvests here, a part of what the other
two providers hold, and some articles a second time from Crossref.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

import msgspec

from harvester.model import RawValue
from harvester.sample import draw, variants
from harvester.sample.content import load
from harvester.sample.dialects import Deposit, base, crossref, dspace, orbi, pure, ugent
from harvester.sample.persons import Person
from harvester.sample.publishing import Venue
from harvester.sample.work import Work, works

ORBI, BASE, PURE = "sample-orbi", "sample-base", "sample-pure"
ORBI_PREFIX = "20.500.99999"
ORBI_IDENTIFIER = f"oai:{orbi.HOST}:{{handle}}"
ORBI_CODE, PURE_CODE = "ftsampleorbi", "ftsamplepure"
REFERENCE = "reference"

# How many works have a second record, and where.
ORBI_TO_BASE, PURE_TO_BASE, TO_CROSSREF = 60, 50, 20
ORBI_TO_PURE, PURE_TO_ORBI = 6, 7
TWICE_IN_ORBI, TWICE_IN_PURE = 5, 3
GONE = {ORBI: 9, BASE: 8, PURE: 6}

COLLECTIONS = {
    "orbi": base.Collection(ORBI_CODE, "ORBi (sample)", "be", "ceu"),
    "pure": base.Collection(PURE_CODE, "University of the Low Countries (sample)", "nl", "ceu"),
    "scheldt": base.Collection(
        "ftsamplescheldt",
        "Universiteit Scheldestad: Academische Bibliografie (sample)",
        "be",
        "ceu",
    ),
    "grenzland": base.Collection(
        "ftsamplegrenz", "Grenzland-Kolleg Eupen: Publikationsserver (sample)", "be", "ceu"
    ),
    "press": base.Collection(
        "crsamplepress", "Scheldt Academic (via Crossref) (sample)", "org", "cww"
    ),
    "ftorbi": base.Collection("ftorbi", "University of Liège: ORBi", "be", "ceu"),
}
FACULTIES = {"E": ("f02", "law"), "A": ("f01", "arts")}
SOCIAL = ("f08", "social")
NEWEST = datetime(2025, 12, 18, tzinfo=UTC)
ORBI_OPENED = datetime(2012, 3, 5, tzinfo=UTC)


class Held(msgspec.Struct, frozen=True):
    """One record of a provider.

    Attributes:
        source: the provider.
        identifier: OAI identifier.
        datestamp: `YYYY-MM-DDThh:mm:ssZ`.
        sets: setSpecs.
        work: key of the work; None if the record is deleted.
        values: the record in the provider's own dialect; none if it is deleted.
    """

    source: str
    identifier: str
    datestamp: str
    sets: tuple[str, ...]
    work: str | None
    values: tuple[RawValue, ...] = ()

    @property
    def deleted(self) -> bool:
        """Whether only a tombstone is left."""
        return self.work is None


@cache
def holdings() -> dict[str, tuple[Held, ...]]:
    """Return the records of each provider, oldest datestamp first."""
    made = works()
    homes = {home: [work for work in made.values() if work.home == home] for home in COLLECTIONS}
    own_orbi = _numbered(homes["orbi"])
    own_pure = [(work, _uuid(work.key)) for work in homes["pure"]]
    held: dict[str, list[Held]] = {ORBI: [], BASE: [], PURE: []}

    for work, handle in own_orbi:
        held[ORBI].append(_orbi(work, handle))
    for work, number in own_pure:
        held[PURE].append(_pure(work, number))
    _second_records(held, homes, len(own_orbi))

    picked = set(_some((work.key for work, _ in own_orbi), "orbi at BASE", ORBI_TO_BASE))
    held[BASE] += [_base(_orbi_deposit(*own), "orbi") for own in own_orbi if own[0].key in picked]
    picked = set(_some((work.key for work, _ in own_pure), "pure at BASE", PURE_TO_BASE))
    held[BASE] += [_base(_pure_deposit(*own), "pure") for own in own_pure if own[0].key in picked]
    for place, work in enumerate(_by_date(homes["scheldt"])):
        number = str(4_100_000 + 1717 * place)
        held[BASE].append(_base(Deposit(work, number, _stamp(work, number)), "scheldt"))
    for place, work in enumerate(_by_date(homes["grenzland"]), start=1):
        handle = f"{dspace.HANDLE_PREFIX}/{100 + 3 * place}"
        held[BASE].append(_base(Deposit(work, handle, _stamp(work, handle)), "grenzland"))
    known = [work.key for work in made.values() if work.type == "article" and work.venue.doi]
    fed = {*_some((key for key in known if made[key].home != "press"), "Crossref", TO_CROSSREF)}
    for work in made.values():
        if work.key in fed or (work.home == "press" and work.venue.doi):
            held[BASE].append(_base(Deposit(work, "", _stamp(work, "Crossref")), "press"))
    held[ORBI].append(_reference())
    held[BASE].append(_reference_at_base())
    for source, count in GONE.items():
        held[source] += [_gone(source, place) for place in range(count)]
    return {
        source: tuple(sorted(records, key=lambda one: (one.datestamp, one.identifier)))
        for source, records in held.items()
    }


def truth() -> dict[str, list[tuple[str, str]]]:
    """Return what no provider says: which records describe one work.

    Returns:
        By key of the work the records, each as (source, OAI identifier). Most works have one.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for records in holdings().values():
        for record in records:
            if record.work is not None:
                found.setdefault(record.work, []).append((record.source, record.identifier))
    return found


def _second_records(held: dict[str, list[Held]], homes: dict[str, list[Work]], count: int) -> None:
    """Add works that both universities describe, and works that one describes twice."""
    next_handle = count
    shared = ("article", "chapter", "book")
    for work in _picked(homes["pure"], shared, "also in ORBi", PURE_TO_ORBI):
        next_handle += 1
        held[ORBI].append(_orbi(variants.elsewhere(work), _handle(next_handle)))
    for work in _picked(homes["orbi"], shared, "twice in ORBi", TWICE_IN_ORBI):
        next_handle += 1
        held[ORBI].append(_orbi(variants.again(work), _handle(next_handle)))
    english = [work for work in homes["orbi"] if work.language in ("en", "nl")]
    for work in _picked(english, shared, "also in Pure", ORBI_TO_PURE):
        held[PURE].append(_pure(variants.elsewhere(work), _uuid(f"{work.key} elsewhere")))
    for work in _picked(homes["pure"], shared, "twice in Pure", TWICE_IN_PURE):
        held[PURE].append(_pure(variants.again(work), _uuid(f"{work.key} again")))


def _picked(among: Iterable[Work], types: tuple[str, ...], purpose: str, count: int) -> list[Work]:
    table = {work.key: work for work in among if work.type in types}
    return [table[key] for key in _some(table, purpose, count)]


def _some(keys: Iterable[str], purpose: str, count: int) -> list[str]:
    return draw.shuffled(keys, purpose)[:count]


def _by_date(among: Iterable[Work]) -> list[Work]:
    return sorted(among, key=lambda work: (work.date, work.key))


def _numbered(among: Iterable[Work]) -> list[tuple[Work, str]]:
    return [(work, _handle(place)) for place, work in enumerate(_by_date(among), start=1)]


def _handle(place: int) -> str:
    return f"{ORBI_PREFIX}/{1000 + 37 * place}"


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://{pure.HOST}/{name}"))


def _stamp(work: Work, purpose: str) -> str:
    """Draw when a description last changed: some time after publication and after ORBi's start."""
    published = datetime.fromisoformat(work.date).replace(tzinfo=UTC)
    late = timedelta(days=10 + draw.number(work.key, f"days until {purpose}", 600))
    seconds = timedelta(seconds=draw.number(work.key, f"second of {purpose}", 86_400))
    start = ORBI_OPENED + timedelta(days=draw.number(work.key, f"start of {purpose}", 900))
    moment = max(published + late, start) + seconds
    if moment > NEWEST:
        moment = NEWEST - timedelta(seconds=draw.number(work.key, f"late {purpose}", 6_000_000))
    return _text(moment)


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _orbi_deposit(work: Work, handle: str) -> Deposit:
    return Deposit(work, handle, _stamp(work, handle))


def _pure_deposit(work: Work, number: str) -> Deposit:
    return Deposit(work, number, _stamp(work, number))


def _orbi(work: Work, handle: str) -> Held:
    deposit = _orbi_deposit(work, handle)
    identifier = ORBI_IDENTIFIER.format(handle=handle)
    return Held(
        ORBI,
        identifier,
        deposit.datestamp,
        _orbi_sets(work),
        work.key,
        tuple(orbi.describe(deposit)),
    )


def _orbi_sets(work: Work) -> tuple[str, ...]:
    codes = orbi.classes(work)
    faculty = FACULTIES.get(codes[0][0], SOCIAL)[0]
    return (f"com_{faculty}", f"col_{faculty}", *(f"class_{code.lower()}" for code in codes))


def _pure(work: Work, number: str) -> Held:
    deposit = _pure_deposit(work, number)
    sets = ["publications:all", f"publications:year{work.year}"]
    if work.access in ("open", "embargoed"):
        sets.append("publications:withFiles")
    return Held(
        PURE, _pure_identifier(number), deposit.datestamp, tuple(sets), work.key,
        tuple(pure.describe(deposit)),
    )  # fmt: skip


def _pure_identifier(number: str) -> str:
    return f"oai:pure.atira.dk:publications/{number}"


DESCRIBE: dict[str, tuple[Callable[[Deposit], list[RawValue]], Callable[[Deposit], str]]] = {
    "orbi": (orbi.describe, lambda deposit: ORBI_IDENTIFIER.format(handle=deposit.number)),
    "pure": (pure.describe, lambda deposit: _pure_identifier(deposit.number)),
    "scheldt": (ugent.describe, lambda deposit: f"oai:{ugent.HOST}:{deposit.number}"),
    "grenzland": (dspace.describe, lambda deposit: f"oai:{dspace.HOST}:{deposit.number}"),
    "press": (crossref.describe, lambda deposit: str(deposit.work.venue.doi).lower()),
}


def _base(deposit: Deposit, home: str) -> Held:
    collection = COLLECTIONS[home]
    describe, identify = DESCRIBE[home]
    work = deposit.work
    # BASE comes by a few weeks after a record was last changed.
    later = timedelta(days=2 + draw.number(work.key, f"visit of {home}", 45))
    moment = min(datetime.fromisoformat(deposit.datestamp) + later, NEWEST)
    return Held(
        source=BASE,
        identifier=f"{collection.code}:{identify(deposit)}",
        datestamp=_text(moment),
        sets=_base_sets(collection),
        work=work.key,
        values=tuple(base.describe(describe(deposit), work, collection)),
    )


def _base_sets(collection: base.Collection) -> tuple[str, ...]:
    return (f"collection:{collection.code}", f"country:{collection.country}")


def _reference_deposit() -> Deposit:
    facts = load().reference
    work = Work(
        key=REFERENCE,
        home="orbi",
        topic="",
        language="fr",
        type="article",
        title=facts.title,
        creators=(Person(facts.family, facts.given),),
        date=f"{facts.year}-01-01",
        keywords={"fr": tuple(facts.keywords)},
        venue=Venue(publisher=facts.publisher),
        access="unknown",
        abstract=facts.abstract,
        review_status="peer reviewed",
        project=facts.funding,
    )
    return Deposit(work, facts.handle, facts.datestamp, facts.host)


def _reference() -> Held:
    deposit = _reference_deposit()
    identifier, values = load().reference.identifier, tuple(orbi.describe(deposit))
    return Held(ORBI, identifier, deposit.datestamp, _orbi_sets(deposit.work), REFERENCE, values)


def _reference_at_base() -> Held:
    deposit, collection = _reference_deposit(), COLLECTIONS["ftorbi"]
    identifier = load().reference.base_identifier
    values = tuple(base.describe(orbi.describe(deposit), deposit.work, collection))
    return Held(BASE, identifier, deposit.datestamp, _base_sets(collection), REFERENCE, values)


def _gone(source: str, place: int) -> Held:
    """Make the tombstone of a record: nothing but its header is left."""
    name = f"{source} gone {place}"
    handle = f"{ORBI_PREFIX}/{1009 + 370 * place}"
    days = timedelta(
        days=draw.number(name, "day", 3000), seconds=draw.number(name, "second", 86_400)
    )
    identifier, sets = {
        ORBI: (ORBI_IDENTIFIER.format(handle=handle), ("com_f08", "col_f08", "class_h10")),
        PURE: (_pure_identifier(_uuid(name)), ("publications:all",)),
        BASE: (
            f"{ORBI_CODE}:{ORBI_IDENTIFIER.format(handle=handle)}",
            _base_sets(COLLECTIONS["orbi"]),
        ),
    }[source]
    return Held(source, identifier, _text(NEWEST - days), sets, None)
