"""The content of the sample repositories: enough, varied, well written, the same every day."""

from __future__ import annotations

import hashlib
import itertools
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from harvester import sample
from harvester.sample import content, draw
from harvester.sample.content import LANGUAGES
from harvester.sample.holdings import BASE, ORBI, PURE, Held, holdings
from harvester.sample.persons import Person
from harvester.sample.repository import repositories
from harvester.sample.work import whole_title

WORKS = sample.works()
# Words that occur in one of the four languages only.
TELLING = {
    "fr": "le les des du une et dans sur qui que est sans pour par aux leurs ses avec plus au ou",
    "en": "the of and with who how by for from their what is are does its without this that to",
    "nl": "het een van en zijn voor met wie hoe niet naar bij zonder wat hun dit deze aan op",
    "de": "der die das und ein eine mit von zu im wer wie nicht ohne sich den dem wird für auf",
}


def live() -> Iterator[Held]:
    for records in holdings().values():
        yield from (record for record in records if not record.deleted)


def values(record: Held, element: str) -> list[str]:
    return [value.value for value in record.values if value.element == element]


def spoken(text: str) -> Counter[str]:
    words = re.findall(r"\w+", text.lower())
    return Counter(
        {
            language: sum(word in telling.split() for word in words)
            for language, telling in TELLING.items()
        }
    )


class TestWorks:
    def test_there_are_enough(self) -> None:
        assert len(WORKS) >= 560

    def test_no_two_have_one_title(self) -> None:
        titles = Counter(whole_title(work).casefold() for work in WORKS.values())
        assert [title for title, count in titles.items() if count > 1] == []

    def test_they_grow_over_the_years(self) -> None:
        years = Counter(work.year for work in WORKS.values())
        assert set(years) == set(range(1998, 2026))
        early = sum(count for year, count in years.items() if year < 2008)
        late = sum(count for year, count in years.items() if year >= 2016)
        assert early < late / 2

    def test_every_type_occurs_and_articles_lead(self) -> None:
        types = Counter(work.type for work in WORKS.values())
        assert types["article"] > len(WORKS) * 0.4
        assert types["chapter"] > len(WORKS) * 0.1
        assert set(types) == {
            "article", "chapter", "book", "doctoral", "master", "report", "working-paper",
            "conference", "review", "dataset",
        }  # fmt: skip

    def test_every_topic_occurs_in_every_language(self) -> None:
        topics = content.load().topics
        assert len(topics) >= 24
        assert {(work.topic, work.language) for work in WORKS.values()} == set(
            itertools.product(topics, LANGUAGES)
        )

    def test_theses_have_one_author_and_a_supervisor(self) -> None:
        for work in WORKS.values():
            if work.type in ("doctoral", "master"):
                assert len(work.creators) == 1, work.key
                assert len(work.contributors) == 1, work.key

    def test_nobody_is_named_twice(self) -> None:
        for work in WORKS.values():
            names = [person.inverted for person in (*work.creators, *work.contributors)]
            assert len(names) == len(set(names)), work.key
            assert names, work.key

    def test_names_have_what_makes_names_hard(self) -> None:
        names = {person.inverted for work in WORKS.values() for person in work.creators}
        assert len(names) > 150
        for wanted in ("de Vries, ", "van 't Hoff, ", "Van den Bossche, ", "D'Hondt, ", "Öztürk, "):
            assert any(name.startswith(wanted) for name in names), wanted
        bodies = [person for work in WORKS.values() for person in work.creators if not person.given]
        assert bodies
        assert any("," in person.family for person in bodies)


class TestLanguage:
    def test_abstracts_are_in_the_language_they_claim(self) -> None:
        for work in WORKS.values():
            if work.abstract and work.type != "dataset":
                assert spoken(work.abstract).most_common(1)[0][0] == work.language, work.key

    def test_titles_are_in_the_language_they_claim(self) -> None:
        for work in WORKS.values():
            scores = spoken(whole_title(work))
            assert scores[work.language] >= max(scores.values()) - 1, work.key
            if len(work.title.split()) > 7:
                assert scores[work.language] == max(scores.values()), work.key

    def test_texts_are_typeset(self) -> None:
        for work in WORKS.values():
            for text in (work.title, work.subtitle, work.abstract, work.abstract_en):
                assert not re.search(r"\$|'|  |\.\.|\s[.,]|^\s|\s$|None", text or ""), work.key
            if work.abstract:
                assert work.abstract.endswith("."), work.key
                assert work.abstract[0].isupper(), work.key

    def test_studies_are_made_before_they_are_published(self) -> None:
        for work in WORKS.values():
            for year in re.findall(r"\b(?:19|20)\d\d\b", work.abstract or ""):
                assert int(year) <= work.year, work.key

    def test_shares_of_the_languages(self) -> None:
        codes = {"fre": "fr", "fra": "fr", "eng": "en", "dut": "nl", "nld": "nl", "deu": "de",
                 "ger": "de", "de_de": "de"}  # fmt: skip
        found = Counter(
            codes.get(said.lower(), said)
            for record in live()
            for said in values(record, "dc:language")
        )
        total = sum(found.values())
        shares = {language: count / total for language, count in found.items()}
        assert set(shares) == set(LANGUAGES)
        assert shares["fr"] > 0.25
        assert shares["en"] > 0.25
        assert shares["nl"] > 0.15
        assert shares["de"] > 0.1

    def test_every_label_exists_in_every_language(self) -> None:
        for name, labels in content.load().keywords.items():
            assert set(labels) == set(LANGUAGES), name
            assert all(label == label.strip() for label in labels.values())

    def test_parallel_titles_are_english(self) -> None:
        parallel = [work for work in WORKS.values() if work.parallel]
        assert len(parallel) > 25
        assert {work.language for work in parallel} == {"fr", "nl", "de"}


class TestFacets:
    def test_keywords_are_shared(self) -> None:
        held = [set(values(record, "dc:subject")) for record in live()]
        counts = Counter(label for labels in held for label in labels)
        known = {label for labels in content.load().keywords.values() for label in labels.values()}
        popular = [label for label in known if counts[label] >= 15]
        assert len(popular) >= 30
        pairs = Counter(
            pair for labels in held for pair in itertools.combinations(sorted(labels & known), 2)
        )
        assert sum(count >= 4 for count in pairs.values()) > 150

    def test_persons_publish_more_than_once(self) -> None:
        counts = Counter(person.inverted for work in WORKS.values() for person in work.creators)
        assert sum(count >= 5 for count in counts.values()) > 60


class TestNothingIsReal:
    def test_identifiers_belong_to_nobody(self) -> None:
        for record in live():
            if record.work == "reference":
                continue
            text = "\n".join(value.value for value in record.values)
            for host in re.findall(r"https?://([^/\s]+)", text):
                assert host.endswith(".example") or host in (
                    "doi.org", "dx.doi.org", "hdl.handle.net", "purl.org", "creativecommons.org",
                ), host  # fmt: skip
            for prefix in re.findall(r"\b(10\.\d{4,9})/", text):
                assert prefix == "10.5555"
            for prefix in re.findall(r"\b(20\.\d+\.\d+)/", text):
                assert prefix in ("20.500.99999", "20.500.99998", "20.500.99997")

    def test_orcids_are_well_formed_and_of_a_block_not_in_use(self) -> None:
        found = {
            person.orcid for work in WORKS.values() for person in work.creators if person.orcid
        }
        assert len(found) > 40
        for orcid in found:
            assert re.fullmatch(r"0009-99\d\d-\d{4}-\d{3}[\dX]", orcid)
            digits = orcid.replace("-", "")
            total = 0
            for digit in digits[:-1]:
                total = (total + int(digit)) * 2
            assert digits[-1] == "0123456789X"[(12 - total % 11) % 11]

    def test_isbns_are_well_formed_and_of_a_group_not_in_use(self) -> None:
        found = [work.venue.isbn for work in WORKS.values() if work.venue.isbn]
        assert found
        for isbn in found:
            assert re.fullmatch(r"9797\d{9}", isbn)
            assert sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(isbn)) % 10 == 0

    def test_a_doi_is_given_once(self) -> None:
        dois = [work.venue.doi.lower() for work in WORKS.values() if work.venue.doi]
        assert len(dois) == len(set(dois))


class TestCopies:
    def test_the_truth_names_every_record_once(self) -> None:
        named = [record for records in sample.truth().values() for record in records]
        assert sorted(named) == sorted((record.source, record.identifier) for record in live())
        assert set(sample.truth()) == {*WORKS, "reference"}

    def test_there_are_copies_across_and_within(self) -> None:
        groups = [records for records in sample.truth().values() if len(records) > 1]
        assert 130 <= sum(len(records) - 1 for records in groups) <= 160
        kinds = Counter(tuple(sorted({source for source, _ in records})) for records in groups)
        assert kinds[(BASE, ORBI)] > 50
        assert kinds[(BASE, PURE)] > 40
        assert kinds[(ORBI, PURE)] >= 5
        assert kinds[(ORBI,)] >= 2
        assert kinds[(PURE,)] >= 2
        assert any(len(records) > 2 for records in groups)

    def test_copies_differ(self) -> None:
        by_work: dict[str, list[Held]] = {}
        for record in live():
            by_work.setdefault(str(record.work), []).append(record)
        for records in by_work.values():
            for one, other in itertools.combinations(records, 2):
                assert one.values != other.values
                assert one.identifier != other.identifier

    def test_reviews_and_data_are_no_copies(self) -> None:
        for key in WORKS:
            if key.endswith(("-review", "-data")):
                original = key.rpartition("-")[0]
                assert not set(sample.truth()[key]) & set(sample.truth()[original])
                assert WORKS[original].title in WORKS[key].title

    def test_identifiers_are_unique(self) -> None:
        for source, records in holdings().items():
            found = [record.identifier for record in records]
            assert len(found) == len(set(found)), source


def fingerprint() -> str:
    digest = hashlib.sha256()
    for name, repository in sorted(repositories().items()):
        for item in repository.items:
            digest.update(f"{name}{item.identifier}{item.datestamp}{item.sets}".encode())
            digest.update("".join(item.metadata.values()).encode())
        digest.update(repr(repository.sets).encode())
    return digest.hexdigest()


class TestTheSameEveryDay:
    @pytest.mark.parametrize("seed", ["0", "4711"])
    def test_another_process_makes_the_same(self, seed: str) -> None:
        code = "from test_sample_content import fingerprint; print(fingerprint())"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo",
                 "PYTHONPATH": os.pathsep.join([os.path.dirname(__file__), *sys.path])},
            capture_output=True, text=True, check=True, timeout=60,
        )  # fmt: skip
        assert done.stdout.strip() == fingerprint()

    def test_draws_are_spread(self) -> None:
        drawn = Counter(draw.number(str(key), "test", 10) for key in range(5000))
        assert set(drawn) == set(range(10))
        assert max(drawn.values()) < 2 * min(drawn.values())
        heavy = Counter(draw.weighted(str(key), "test", {"a": 90, "b": 10}) for key in range(2000))
        assert 1700 < heavy["a"] < 1900


@pytest.mark.parametrize(
    ("family", "given", "initials", "particle"),
    [
        ("van der Meulen", "Sanne", "S.", "van der"),
        ("Collignon", "Anne-Sophie", "A.-S.", ""),
        ("Bakker", "H.J.", "H.J.", ""),
        ("van 't Hoff", "Jeroen", "J.", "van 't"),
        ("'t Serstevens", "Veerle", "V.", "'t"),
        ("Da Silva Ferreira", "Paulo", "P.", ""),
        ("Low Countries Policy Lab", "", "", ""),
    ],
)
def test_names_are_taken_apart(family: str, given: str, initials: str, particle: str) -> None:
    person = Person(family, given)
    assert person.initials == initials
    assert person.particle == particle
