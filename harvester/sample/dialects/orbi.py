"""ORBi's Dublin Core: today's form, and the one it had until about 2020.

Seen in ORBilu 10993/66145 (today) and 10993/8362 (older), and in the record that the FID Benelux
portal shows of ORBi 2268/231953. The journal of an article is in neither form.
"""

from __future__ import annotations

from harvester.model import RawValue
from harvester.sample import draw
from harvester.sample.content import load
from harvester.sample.dialects import Deposit
from harvester.sample.persons import Person
from harvester.sample.work import Work, whole_title, with_subtitle

HOST = "orbi.sample.example"
# type: label, COAR resource type, info:eu-repo. ORBi still says c_18cp, which COAR has deprecated.
TYPES = {
    "article": ("journal article", "c_6501", "article"),
    "chapter": ("book part", "c_3248", "bookPart"),
    "book": ("book", "c_2f33", "book"),
    "doctoral": ("doctoral thesis", "c_db06", "doctoralThesis"),
    "master": ("master thesis", "c_bdcc", "masterThesis"),
    "report": ("report", "c_93fc", "report"),
    "working-paper": ("working paper", "c_8042", "workingPaper"),
    "conference": ("conference paper not in proceedings", "c_18cp", "conferencePaper"),
    "review": ("book review", "c_ba08", "review"),
    "dataset": ("dataset", "c_ddb1", "other"),
}
RIGHTS = {
    "open": ("open access", "c_abf2", "openAccess"),
    "embargoed": ("embargoed access", "c_f1cf", "embargoedAccess"),
    "restricted": ("restricted access", "c_16ec", "restrictedAccess"),
    "metadata": ("metadata only access", "c_14cb", "closedAccess"),
}
COAR = "http://purl.org/coar/{}/{}"
EU_REPO = "info:eu-repo/semantics/{}"
LICENCE_PAGE = f"https://{HOST}/page/user-license"
OLD_UNTIL = 2012


def describe(deposit: Deposit) -> list[RawValue]:
    """Return the record of a deposit, in the form that ORBi gives it."""
    return _old(deposit) if is_old(deposit.work) else _present(deposit)


def is_old(work: Work) -> bool:
    """Say whether a work's record still has the older form."""
    return work.year <= OLD_UNTIL and draw.often(work.key, "older form", 45)


def classes(work: Work) -> list[str]:
    """Return the codes of a work's ORBi disciplines."""
    return load().topics[work.topic].disciplines if work.topic else load().reference.disciplines


def _present(deposit: Deposit) -> list[RawValue]:
    work = deposit.work
    label, coar, semantic = TYPES[work.type]
    values = [
        RawValue("dc:type", label, "en"),
        RawValue("dc:type", COAR.format("resource_type", coar)),
        RawValue("dc:type", EU_REPO.format(semantic)),
        *_rights(deposit),
        RawValue("dc:title", whole_title(work), work.language),
    ]
    if work.parallel:
        values.append(RawValue("dc:title", with_subtitle(*work.parallel, "en"), "en"))
    values += [_creator(work, person) for person in work.creators]
    values += [RawValue("dc:contributor", person.inverted) for person in work.contributors]
    values.append(RawValue("dc:date", _date(work)))
    host = deposit.host or HOST
    values.append(RawValue("dc:identifier", f"https://{host}/handle/{deposit.number}"))
    values.append(RawValue("dc:identifier", f"info:hdl:{deposit.number}"))
    if work.venue.doi:
        values.append(RawValue("dc:identifier", f"https://doi.org/{work.venue.doi}"))
    values += _bitstream(deposit, f"https://{HOST}")
    values.append(RawValue("dc:language", work.language))
    for language in _keyword_languages(work):
        values += [RawValue("dc:subject", label, language) for label in work.keywords[language]]
    for language in ("en", "fr"):
        values += [RawValue("dc:subject", label, language) for label in _path(work, language)]
    values += _publisher(work)
    if work.review_status:
        values.append(RawValue("dc:description", work.review_status))
    if work.abstract:
        values.append(RawValue("dc:description", work.abstract, work.language))
    if work.abstract_en:
        values.append(RawValue("dc:description", work.abstract_en, "en"))
    if work.project:
        values.append(RawValue("dc:description", work.project))
    return values


def _old(deposit: Deposit) -> list[RawValue]:
    work = deposit.work
    values = [RawValue("dc:title", whole_title(work))]
    values += [_creator(work, person) for person in work.creators]
    values += [RawValue("dc:contributor", person.inverted) for person in work.contributors]
    for language in _keyword_languages(work):
        values += [RawValue("dc:subject", label) for label in work.keywords[language]]
    for language in ("en", "fr"):
        values += [RawValue("dc:subject", label) for label in _old_path(work, language)]
    if work.review_status:
        values.append(RawValue("dc:description", "peer reviewed"))
    if work.abstract:
        values.append(RawValue("dc:description", work.abstract))
    if work.project:
        values.append(RawValue("dc:description", work.project))
    values += _publisher(work)
    label, _, semantic = TYPES[work.type]
    values += [
        RawValue("dc:date", _date(work)),
        RawValue("dc:type", label),
        RawValue("dc:type", EU_REPO.format(semantic)),
        RawValue("dc:identifier", f"http://{HOST}/handle/{deposit.number}"),
        RawValue("dc:identifier", f"info:hdl:{deposit.number}"),
    ]
    if work.venue.doi:
        values.append(RawValue("dc:identifier", f"info:doi:{work.venue.doi}"))
    values += _bitstream(deposit, f"http://{HOST}")
    values.append(RawValue("dc:language", work.language))
    values.append(RawValue("dc:rights", EU_REPO.format(RIGHTS[work.access][2])))
    return values


def _rights(deposit: Deposit) -> list[RawValue]:
    work = deposit.work
    if work.access not in RIGHTS:
        return []
    label, coar, semantic = RIGHTS[work.access]
    values = [
        RawValue("dc:rights", label, "en"),
        RawValue("dc:rights", COAR.format("access_right", coar)),
        RawValue("dc:rights", EU_REPO.format(semantic)),
    ]
    if work.access in ("open", "embargoed"):
        start = deposit.datestamp[:10] if work.access == "open" else embargo_end(work)
        values.append(RawValue("ali:free_to_read", "", None, {"start_date": start}))
        values.append(RawValue("ali:license_ref", LICENCE_PAGE))
    return values


def embargo_end(work: Work) -> str:
    """Return the day on which a work under embargo becomes free: a few years after it appeared."""
    return f"{work.year + 3 + draw.number(work.key, 'embargo', 4)}{work.date[4:]}"


def _creator(work: Work, person: Person) -> RawValue:
    name = person.inverted
    # Some depositors type family names in capitals.
    if person.given and draw.often(f"{work.key} {name}", "family name in capitals", 9):
        name = f"{person.family.upper()}, {person.given}"
    attributes = {"id": f"https://orcid.org/{person.orcid}"} if person.orcid else {}
    return RawValue("dc:creator", name, None, {} if is_old(work) else attributes)


def _date(work: Work) -> str:
    if work.access not in RIGHTS:
        return work.date[:4]
    return work.date[: draw.weighted(work.key, "precision of the date", {4: 45, 7: 20, 10: 35})]


def _bitstream(deposit: Deposit, address: str) -> list[RawValue]:
    work = deposit.work
    if work.access not in ("open", "embargoed"):
        return []
    name = work.creators[0].family.split()[-1].replace("'", "")
    url = f"{address}/bitstream/{deposit.number}/1/{name}_{work.year}.pdf"
    return [RawValue("dc:identifier", url)]


def _keyword_languages(work: Work) -> list[str]:
    """Depositors give keywords in the language of the text, and often in English too."""
    both = work.language != "en" and "en" in work.keywords
    also_english = both and draw.often(work.key, "keywords in English too", 40)
    return [work.language, "en"] if also_english else [work.language]


def _path(work: Work, language: str) -> list[str]:
    table = load().classes.orbi
    codes = [code for whole in classes(work) for code in (whole[0], whole)]
    return list(dict.fromkeys(table[code][language] for code in codes))


def _old_path(work: Work, language: str) -> list[str]:
    table = load().classes.orbi
    return [
        f"{table[code[0]][language]} :: {table[code][language]} [{code}]" for code in classes(work)
    ]


def _publisher(work: Work) -> list[RawValue]:
    return [RawValue("dc:publisher", work.venue.publisher)] if work.venue.publisher else []
