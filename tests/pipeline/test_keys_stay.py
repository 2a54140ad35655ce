"""A citation key stands in other people's manuscripts: whatever a repository does, it stays."""

from __future__ import annotations

import random

import pytest

from harvester import pipeline
from harvester.archive import ledger
from harvester.settings import Settings
from tests.pipeline.asking import harvest, records, stored
from tests.servers.provider import Provider, Stored

NIGHTS = 6


def night(provider: Provider, chance: random.Random, gone: list[Stored], number: int) -> int:
    """What happens to a repository between two harvests; returns the next free number."""
    for one in chance.sample(provider.records, 3):  # other title, other author, other year
        words = chance.choice(("Nieuw", "Ander", "Over"))
        one.metadata = (
            stored(number, words)
            .metadata.replace("de Vries, Jan", chance.choice(("Jansen, Piet", "de Vries, Jan")))
            .replace("2019", str(chance.randint(1990, 2020)))
        )
    for one in chance.sample(provider.records, 2):  # a tombstone, and what comes back from it
        one.deleted = not one.deleted
    gone.append(provider.records.pop(chance.randrange(len(provider.records))))
    if len(gone) > 1:
        provider.records.append(gone.pop(0))
    # Newcomers of one author, year and first word of the title.
    provider.records += [stored(newcomer) for newcomer in range(number, number + 4)]
    chance.shuffle(provider.records)
    return number + 4


@pytest.mark.parametrize("seed", range(4))
def test_every_old_key_stays_through_changes_deletions_returns_and_newcomers(
    installation: Settings, provider: Provider, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    # With one digit of the hash, keys collide all the time.
    monkeypatch.setattr(ledger, "CITEKEY_HASH_LENGTH", 1)
    monkeypatch.setattr(ledger, "ID_HASH_LENGTH", 1)
    chance, number = random.Random(seed), 100
    gone: list[Stored] = []
    keys: dict[str, tuple[str, str]] = {}
    for _ in range(NIGHTS):
        assert harvest(installation, provider, full=True).state == "complete"
        found = records(installation, deleted=True)
        for identifier, record in found.items():
            if identifier in keys:
                assert (record.id, record.citekey) == keys[identifier]
            elif record.citekey:
                keys[identifier] = (record.id, record.citekey)
        number = night(provider, chance, gone, number)
    assert any(len(key.rpartition("-")[2]) > 1 for _, key in keys.values())
    assert len({key.lower() for _, key in keys.values()}) == len(keys) > NIGHTS * 4
    for file in installation.directory.glob("catalogue.db*"):
        file.unlink()
    pipeline.rebuild(installation)
    rebuilt = records(installation, deleted=True)
    assert {name: (one.id, one.citekey) for name, one in rebuilt.items() if one.citekey} == keys
