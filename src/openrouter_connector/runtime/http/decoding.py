"""Decompress a body in bounded steps, since a few bytes may expand to gigabytes.

At most one encoding, and only one we asked for; names that mean no compression are skipped. The
reader counts the bytes that come out, and stops at its limit.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

from .sse import BOM, begins_events

ACCEPTED = "gzip, deflate"
"""The encodings we ask servers for."""
_HEAD = 2  # bytes of a header of zlib
_STEP = 256 * 1024  # bytes decompressed at a time
_GZIP, _ZLIB, _RAW = 31, 15, -15  # the `wbits` of zlib
_WAYS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_UNKNOWN = {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "lzma", "xz", "bzip2"}


class DecodeError(Exception):
    """A body is not encoded as its header says, or in an encoding we did not ask for."""


def decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Return the decompressed chunks of a body; reading them may raise DecodeError."""
    named = [name for part in encoding.split(",") if (name := part.strip().lower())]
    named = [name for name in named if name != "identity"]
    if not named:
        return chunks
    why = f"is encoded as {encoding[:40]!r}, which was not asked for"
    packed = [name for name in named if name in _WAYS or name in _UNKNOWN]
    if not packed:
        return _unpacked(chunks, why)
    # Several encodings in a row multiply: 10 kB may become gigabytes.
    if len(packed) > 1 or packed[0] not in _WAYS:
        return _refused(why)
    return _inflated(chunks, _WAYS[packed[0]])


async def _refused(why: str) -> AsyncIterator[bytes]:
    raise DecodeError(why)
    yield b""


async def _unpacked(chunks: AsyncIterator[bytes], why: str) -> AsyncIterator[bytes]:
    """Yield JSON and events unchanged: `utf-8` and `aws-chunked` are no compression."""
    head, found = b"", None
    async for chunk in chunks:
        if found:
            yield chunk
            continue
        head = (head + chunk).removeprefix(BOM).lstrip()
        found = head.startswith((b"{", b"[")) or begins_events(head)
        if found:
            yield head
        elif found is False:
            raise DecodeError(why)
    if head and not found:
        raise DecodeError(why)


async def _inflated(chunks: AsyncIterator[bytes], wbits: int) -> AsyncIterator[bytes]:
    inflate, began = zlib.decompressobj(wbits), False
    before, bad = inflate.copy(), b""
    try:
        async for chunk in _with_head(chunks):
            data: bytes | None = chunk
            if not began and wbits == _ZLIB and not _is_zlib(chunk):
                inflate = zlib.decompressobj(
                    _RAW
                )  # raw deflate, which many servers send as `deflate`
            began = True
            while data:
                if inflate.eof:
                    if wbits != _GZIP or data[0] != 0x1F:
                        break  # padding, since another gzip member would begin with 0x1F
                    inflate = zlib.decompressobj(wbits)
                # A copy costs little, and gives back what was readable before a fault in this step.
                before, bad = inflate.copy(), data
                step, bad = inflate.decompress(data, _STEP), b""
                data = inflate.unused_data if inflate.eof else inflate.unconsumed_tail
                while step:
                    yield step
                    more = len(step) == _STEP and not data and not inflate.eof
                    step = inflate.decompress(b"", _STEP) if more else b""
    except zlib.error as error:
        for step in _until_fault(before, bad):
            yield step
        raise DecodeError(f"is not encoded as its header says ({error})") from error
    if began and not inflate.eof:
        raise DecodeError("broke off")


def _until_fault(inflate: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """Yield the data before a fault, byte by byte: zlib drops it when it raises."""
    try:
        for byte in data:
            if step := inflate.decompress(bytes((byte,)), _STEP):
                yield step
    except zlib.error:
        return


async def _with_head(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Join the first chunks until they hold the two bytes that tell zlib from raw deflate."""
    head = b""
    async for chunk in chunks:
        if len(head) >= _HEAD:
            yield chunk
        elif len(head := head + chunk) >= _HEAD:
            yield head
    if 0 < len(head) < _HEAD:
        yield head


def _is_zlib(start: bytes) -> bool:
    """Return whether bytes begin with a header of zlib (RFC 1950)."""
    return start[0] & 0x0F == 8 and int.from_bytes(start[:_HEAD]) % 31 == 0
