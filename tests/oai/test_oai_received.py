"""Compression comes off by what the bytes are, within limits."""

from __future__ import annotations

import contextlib
import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harvester.oai import received
from harvester.oai.received import NotOaiError, Received, content

XML = b"<?xml version='1.0'?><OAI-PMH>" + b"<record/>" * 500 + b"</OAI-PMH>"


def answer(body: bytes, **headers: str) -> Received:
    return Received(
        url="https://example.org/oai",
        params={},
        status=200,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        received_at="2026-11-23T01:00:00Z",
        elapsed=0.1,
    )


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("body", "announced"),
    [
        (XML, ""),
        (XML, "gzip"),
        (XML, "deflate"),
        (gzip.compress(XML, mtime=0), "gzip"),
        (gzip.compress(XML, mtime=0), ""),
        (gzip.compress(gzip.compress(XML, mtime=0), mtime=0), "gzip"),
        (gzip.compress(XML[:700], mtime=0) + gzip.compress(XML[700:], mtime=0), "gzip"),
        (gzip.compress(XML, mtime=0) + b"\0" * 512, "gzip"),
        (zlib.compress(XML), "deflate"),
        (zlib.compress(XML), ""),
        (raw_deflate(XML), "deflate"),
        (raw_deflate(XML), " Deflate "),
    ],
    ids=["plain", "plain as gzip", "plain as deflate", "gzip", "gzip unannounced", "gzip twice",
         "gzip in two members", "gzip and padding", "zlib", "zlib unannounced", "raw deflate",
         "raw deflate, odd name"],
)  # fmt: skip
def test_what_was_sent_is_what_is_read(body: bytes, announced: str) -> None:
    assert content(answer(body, content_encoding=announced)) == XML


@given(st.binary(max_size=300_000))
def test_a_large_incompressible_body_survives(data: bytes) -> None:
    assert content(answer(gzip.compress(b"<" + data))) == b"<" + data


@pytest.mark.parametrize("length", [2, 10, 40, -9, -8, -1])
def test_a_compressed_body_that_is_cut_is_never_taken_for_whole(length: int) -> None:
    with pytest.raises(NotOaiError) as caught:
        content(answer(gzip.compress(XML, mtime=0)[:length]))
    assert caught.value.cut_off


def test_a_damaged_body_is_refused() -> None:
    body = bytearray(gzip.compress(XML, mtime=0))
    body[20] ^= 0xFF
    with pytest.raises(NotOaiError, match=r"damaged|cut off"):
        content(answer(bytes(body)))


def test_a_bomb_is_defused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NotOaiError, match="unpacks to more than"):
        content(answer(gzip.compress(b" " * 30_000_000)))
    monkeypatch.setattr(received, "MAX_BODY", 1000)
    with pytest.raises(NotOaiError, match="1,000 bytes"):
        content(answer(gzip.compress(XML, mtime=0)))


def test_a_body_of_countless_pieces_is_refused() -> None:
    with pytest.raises(NotOaiError, match="too many pieces"):
        content(answer(gzip.compress(b"") * 1001))
    assert content(answer(gzip.compress(b"<") + gzip.compress(b"") * 900)) == b"<"


@given(st.binary(max_size=100))
def test_any_bytes_give_bytes_or_its_own_error(body: bytes) -> None:
    for magic in (b"", b"\x1f\x8b", b"\x1f\x8b\x08\x00", b"\x78\x9c"):
        for announced in ("", "gzip", "deflate"):
            with contextlib.suppress(NotOaiError):
                assert isinstance(content(answer(magic + body, content_encoding=announced)), bytes)
