"""Content encodings: one, of those that were asked for, in bounded steps."""

from __future__ import annotations

import asyncio
import gzip
import json
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager

import pytest

from openrouter_connector import ApiError, FileError, IncompleteError, PaymentError
from openrouter_connector.runtime.files.download import download
from openrouter_connector.runtime.http import response as reading
from openrouter_connector.runtime.http.decoding import DecodeError, decoded
from support.scripted_server import Answer, Ask, completion, delta, response, scripted

WHOLE = json.dumps(completion("Hello " * 200)).encode()
HALF = len(WHOLE) // 2
MB = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


GOOD = {
    "gzip": ("gzip", gzip.compress(WHOLE)),
    "gzip in capitals": (" GZIP ", gzip.compress(WHOLE)),
    "x-gzip": ("x-gzip", gzip.compress(WHOLE)),
    "gzip of two members": ("gzip", gzip.compress(WHOLE[:HALF]) + gzip.compress(WHOLE[HALF:])),
    "gzip with padding": ("gzip", gzip.compress(WHOLE) + b"\0" * 512),
    "zlib": ("deflate", zlib.compress(WHOLE)),
    "bare deflate": ("deflate", raw_deflate(WHOLE)),
    "identity": ("identity", WHOLE),
    "identity, gzip": ("identity, gzip", gzip.compress(WHOLE)),
    "empty": ("", WHOLE),
    "a charset": ("utf-8", WHOLE),
    "a framing": ("aws-chunked", WHOLE),
    "a framing, then gzip": ("aws-chunked, gzip", gzip.compress(WHOLE)),
    "a word that is no encoding": ("none", b"\n \n" + WHOLE),
    "gzip without its trailer": ("gzip", gzip.compress(WHOLE)[:-8]),
    "gzip with a wrong checksum": ("gzip", gzip.compress(WHOLE)[:-8] + b"\0" * 8),
    "zlib with a wrong checksum": ("deflate", zlib.compress(WHOLE)[:-4] + b"\0" * 4),
}
TWICE = gzip.compress(gzip.compress(WHOLE))
BAD = {
    "twice": (("gzip, gzip", TWICE), "gzip, gzip.*not asked for.*billed"),
    "two kinds": (("deflate,gzip", TWICE), "not asked for.*billed"),
    "brotli": (("br", b"\x0b\x02\x80hello\x03"), "'br'.*not asked for.*billed"),
    "zstd": (("zstd", b"\x28\xb5\x2f\xfd"), "'zstd'.*not asked for.*billed"),
    "unknown": (("rot13", b"Uryyb"), "'rot13'.*not asked for.*billed"),
    "not gzip": (("gzip", WHOLE), "not encoded as its header says.*billed"),
    "cut gzip": (("gzip", gzip.compress(WHOLE)[:-20]), "broke off.*billed"),
}


def small_window(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=12)  # its header begins with other bytes than usual
    return packer.compress(data) + packer.flush()


def packed(encoding: str, data: bytes, status: int = 200, pieces: int = 7) -> Answer:
    """Answer with an encoded body, in small pieces."""
    (whole,) = response(data, status, headers={"Content-Encoding": encoding}).pieces
    cut = len(whole) - len(data)
    step = max(len(data) // pieces, 1)
    return Answer((whole[:cut], *(whole[at : at + step] for at in range(cut, len(whole), step))))


@contextmanager
def memory_within(most: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < most
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("encoding", "data"), GOOD.values(), ids=GOOD)
def test_one_encoding_is_undone(ask: Ask, encoding: str, data: bytes) -> None:
    with scripted(packed(encoding, data)) as server:
        assert ask(server.base_url).output == "Hello " * 200
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("pack", [zlib.compress, small_window, raw_deflate])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_deflate_is_distinguished_from_zlib_however_small_the_first_chunk(
    pack: Callable[[bytes], bytes], first: int
) -> None:
    data = pack(b"Hello")

    async def pieces() -> AsyncIterator[bytes]:
        for piece in (data[:first], data[first:]):
            yield piece

    async def unpacked() -> bytes:
        return b"".join([chunk async for chunk in decoded(pieces(), "deflate")])

    assert asyncio.run(unpacked()) == b"Hello"


@pytest.mark.parametrize(("answer", "told"), BAD.values(), ids=BAD)
def test_any_other_is_reported_and_not_requested_again(
    ask: Ask, answer: tuple[str, bytes], told: str
) -> None:
    with scripted(packed(*answer)) as server, pytest.raises(IncompleteError, match=told):
        ask(server.base_url)
    assert len(server.requests) == 1


@pytest.mark.parametrize(("answer", "told"), BAD.values(), ids=BAD)
def test_a_refusal_is_one_whatever_its_encoding(
    ask: Ask, answer: tuple[str, bytes], told: str
) -> None:
    with scripted(packed(*answer, 402)) as server, pytest.raises(PaymentError):
        ask(server.base_url)


def test_what_a_refusal_says_is_unpacked(ask: Ask) -> None:
    said = gzip.compress(b'{"error": {"message": "too bad"}}')
    with scripted(packed("gzip", said, 400)) as server, pytest.raises(ApiError, match="too bad"):
        ask(server.base_url)


def test_events_are_unpacked_as_they_come(ask: Ask) -> None:
    packer = zlib.compressobj(wbits=31)
    frames = [
        packer.compress(f"data: {json.dumps(chunk)}\n\n".encode()) + packer.flush(zlib.Z_SYNC_FLUSH)
        for chunk in (delta("Hel"), delta("lo", "stop"))
    ]
    data = b"".join([*frames, packer.flush()])
    with scripted(packed("gzip", data, pieces=50)) as server:
        assert ask(server.base_url).output == "Hello"


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize("wbits", [31, 15, -15], ids=["gzip", "zlib", "deflate"])
def test_a_bomb_is_not_unpacked_beyond_the_limit(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, wbits: int, status: int
) -> None:
    monkeypatch.setattr(reading, "LARGEST_RESPONSE", 4 * MB)
    packer, zeros = zlib.compressobj(9, wbits=wbits), b"\0" * MB
    bomb = b"".join([*(packer.compress(zeros) for _ in range(64)), packer.flush()])
    with (
        scripted(packed("gzip" if wbits == 31 else "deflate", bomb, status, 1)) as server,
        memory_within(32 * MB),
        pytest.raises(ApiError) as caught,
    ):
        ask(server.base_url)
    assert "larger than 4 MB" in caught.value.message or status == 400


def test_a_download_is_unpacked_and_bounded_in_the_same_way() -> None:
    bomb = gzip.compress(b"\0" * 64 * MB)
    assert fetched(packed("gzip", gzip.compress(b"Hello"))) == b"Hello"
    with memory_within(16 * MB), pytest.raises(FileError, match="larger than 1048576 bytes"):
        fetched(packed("gzip", bomb))
    for answer in (packed("gzip, gzip", gzip.compress(bomb)), packed("br", b"\x0b\x02\x80hello")):
        with pytest.raises(FileError, match="not asked for"):
            fetched(answer)
    with pytest.raises(FileError, match="broke off"):
        fetched(packed("gzip", gzip.compress(b"Hello")[:-9]))


def fetched(answer: Answer) -> bytes:
    async def read(url: str) -> bytes:
        async with download(url, largest=MB, allow_private=True) as found:
            return b"".join([chunk async for chunk in found.chunks])

    with scripted(answer) as server:
        return asyncio.run(read(f"http://127.0.0.1:{server.port}/x"))


def test_what_came_before_a_fault_is_given_whole_and_once() -> None:
    text = bytes(range(256)) * 8192
    packed = bytearray(gzip.compress(text, mtime=0))
    packed[-8:] = bytes(8)

    async def chunks() -> AsyncIterator[bytes]:
        yield bytes(packed)

    async def read() -> bytes:
        came = b""
        with pytest.raises(DecodeError):
            async for step in decoded(chunks(), "gzip"):
                came += step
        return came

    assert asyncio.run(read()) == text
