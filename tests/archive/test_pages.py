"""Pages come back byte for byte, or not at all."""

from __future__ import annotations

import hashlib

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harvester.archive import pages
from harvester.errors import HarvesterError
from harvester.oai.received import Received
from tests.archive.conftest import Opened


@given(st.binary())
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None
)
def test_a_page_comes_back_as_it_came(archive: Opened, answer: Received, body: bytes) -> None:
    sent = msgspec.structs.replace(answer, body=body)
    number = pages.keep(archive.connection, archive.run, archive.source, None, sent)
    kept = pages.read(archive.connection, number)
    assert kept.received == sent
    assert kept.source == archive.source


def test_pages_are_numbered_in_the_order_they_came(archive: Opened, answer: Received) -> None:
    numbers = [
        pages.keep(archive.connection, archive.run, archive.source, None, answer) for _ in range(3)
    ]
    assert numbers == sorted(set(numbers))
    assert [page.id for page in pages.after(archive.connection, numbers[0])] == numbers[1:]
    assert pages.last(archive.connection) == numbers[-1]


def test_a_page_that_rotted_on_the_disk_is_named(archive: Opened, answer: Received) -> None:
    number = pages.keep(archive.connection, archive.run, archive.source, None, answer)
    archive.connection.execute("update pages set body = ? where id = ?", (b"rot", number))
    with pytest.raises(HarvesterError, match=rf"page {number} .*damaged.*restore a backup"):
        pages.read(archive.connection, number)


def test_a_full_disk_is_told_in_one_line(archive: Opened, answer: Received) -> None:
    size = archive.connection.execute("pragma page_count").fetchone()[0]
    archive.connection.execute(f"pragma max_page_count = {size}")
    body = b"".join(hashlib.sha256(bytes([n % 256, n // 256])).digest() for n in range(4000))
    with pytest.raises(HarvesterError, match="make room on the disk"):
        pages.keep(
            archive.connection,
            archive.run,
            archive.source,
            None,
            msgspec.structs.replace(answer, body=body),
        )
