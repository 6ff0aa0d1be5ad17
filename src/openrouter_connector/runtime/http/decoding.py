"""Undo the content encoding of a body, in bounded steps: a few bytes may stand for gigabytes.

One encoding at most, of those that we ask for; names of no compression are passed over. Whoever
reads counts what comes out, and stops.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterator

from .sse import BOM, begins_events

ACCEPTED = "gzip, deflate"
"""What we ask servers for."""
_HEAD = 2  # bytes of a header of zlib
_STEP = 256 * 1024  # bytes that are unpacked at a time
_GZIP, _ZLIB, _RAW = 31, 15, -15  # the `wbits` of zlib
_WAYS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}
_UNKNOWN = {"br", "zstd", "compress", "x-compress", "dcb", "dcz", "exi", "lzma", "xz", "bzip2"}


class DecodeError(Exception):
    """A body is not encoded as its header says, or in a way that we did not ask for."""


def decoded(chunks: AsyncIterator[bytes], encoding: str) -> AsyncIterator[bytes]:
    """Return the chunks of a body without its `Content-Encoding`; DecodeError as they are read."""
    named = [name for one in encoding.split(",") if (name := one.strip().lower())]
    named = [name for name in named if name != "identity"]
    if not named:
        return chunks
    why = f"is encoded as {encoding[:40]!r}, which was not asked for"
    packed = [name for name in named if name in _WAYS or name in _UNKNOWN]
    if not packed:
        return _unpacked(chunks, why)
    if len(packed) > 1 or packed[0] not in _WAYS:
        return _refused(why)
    return _inflated(chunks, _WAYS[packed[0]])


async def _refused(why: str) -> AsyncIterator[bytes]:
    raise DecodeError(why)
    yield b""


async def _unpacked(chunks: AsyncIterator[bytes], why: str) -> AsyncIterator[bytes]:
    """Pass JSON and events on as they are: `utf-8` and `aws-chunked` name no compression."""
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
                inflate = zlib.decompressobj(_RAW)  # what many servers call deflate
            began = True
            while data:
                if inflate.eof:
                    if wbits != _GZIP or data[0] != 0x1F:
                        break  # padding; another member of a gzip file would begin so
                    inflate = zlib.decompressobj(wbits)
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
    """Yield what bytes stand for up to the fault in them, which zlib keeps to itself."""
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
