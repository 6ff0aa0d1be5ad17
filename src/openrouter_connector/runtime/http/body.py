"""Encode request bodies: JSON or a form, with files that are read while they are sent.

The length is known before the first byte is read, so a large file costs no memory.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from secrets import token_hex

from pybase64 import b64encode

from ...errors import InputError
from ...values import Embedded, Inserted, Json, JsonObject, LoadedFile

_ENOUGH = 128 * 1024  # bytes; smaller chunks are joined before they are written
_WHOLE = 512 * 1024  # bytes; a smaller body that is in memory is sent as one
# Placeholders that no user text contains: they never leave the process.
_MARK, _INSERTED = token_hex(16), token_hex(16)


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a body in order: bytes, files to send as they are, files to send as base64."""

    parts: tuple[bytes | LoadedFile | Embedded, ...]
    content_type: str = "application/json"

    @property
    def size(self) -> int:
        """The content length in bytes."""
        return sum(map(_size, self.parts))

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Yield the body from its start in chunks of a useful size; it can be read again."""
        waiting: list[bytes] = []
        size = 0
        async for chunk in self._parts():
            waiting.append(chunk)
            size += len(chunk)
            if size >= _ENOUGH:
                yield b"".join(waiting)
                waiting, size = [], 0
        if waiting:
            yield b"".join(waiting)

    async def _parts(self) -> AsyncGenerator[bytes]:
        for part in self.parts:
            if isinstance(part, bytes):
                for start in range(0, len(part), _ENOUGH):
                    yield part[start : start + _ENOUGH]
            elif isinstance(part, LoadedFile):
                async for chunk in part.open():
                    yield chunk
            else:
                yield part.prefix.encode()
                async for chunk in _base64(part.file.open()):
                    yield chunk

    def in_memory(self) -> bytes | Body:
        """Return a small body as bytes if all of it is in memory; any other body unchanged."""
        if self.size > _WHOLE:
            return self
        chunks: list[bytes] = []
        for part in self.parts:
            if isinstance(part, bytes):
                chunks.append(part)
            elif isinstance(part, Embedded) and part.file.content is not None:
                chunks += part.prefix.encode(), b64encode(part.file.content)
            else:
                return self
        return b"".join(chunks)


def encode(body: JsonObject) -> bytes | Body:
    """Return a body as JSON. InputError for what JSON cannot hold, such as NaN."""
    texts, files = _texts(body)
    between = [part for pair in zip(files, texts[1:], strict=True) for part in pair]
    return Body((texts[0], *between)).in_memory()


def encode_without_files(body: JsonObject) -> bytes:
    """Return a body that holds no file as JSON. InputError for what JSON cannot hold."""
    texts, _ = _texts(body)
    return b"".join(texts)


def _texts(body: JsonObject) -> tuple[list[bytes], list[Embedded | LoadedFile]]:
    """Return the JSON before, between and behind the files of a body, and the files."""
    files: list[Embedded | LoadedFile] = []

    def place(value: Json) -> str:
        if isinstance(value, Inserted):
            files.append(value.file)
            return _INSERTED
        if not isinstance(value, Embedded):
            raise TypeError(f"a {type(value).__name__} is not JSON")
        # Escaped, since the prefix holds a MIME type from outside and stands inside a JSON string.
        files.append(Embedded(value.file, json.dumps(value.prefix)[1:-1]))
        return _MARK

    try:
        text = json.dumps(
            body, default=place, allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
        # An inserted file replaces the quotes around its placeholder too.
        return [part.encode() for part in text.replace(f'"{_INSERTED}"', _MARK).split(_MARK)], files
    except UnicodeEncodeError as error:
        raise InputError("a text contains half a character (a lone surrogate)") from error
    except (ValueError, TypeError, RecursionError) as error:
        message = f"the parameters cannot be written as JSON: {error}"
        raise InputError(message) from error


def encode_form(body: JsonObject) -> Body:
    """Return a body as multipart/form-data (RFC 7578); values that are not text become JSON."""
    boundary = token_hex(16)
    parts: list[bytes | LoadedFile | Embedded] = []
    for name, value in body.items():
        if isinstance(value, Embedded):
            entry = value.file.entry
            head = f'; filename="{_quoted(entry.name)}"\r\nContent-Type: {_line(entry.mime_type)}'
            parts += [_head(boundary, name, head), value.file, b"\r\n"]
        else:
            written = value if isinstance(value, str) else json.dumps(value)
            parts += [_head(boundary, name), written.encode(), b"\r\n"]
    parts.append(f"--{boundary}--\r\n".encode())
    return Body(tuple(parts), f"multipart/form-data; boundary={boundary}")


def _head(boundary: str, name: str, more: str = "") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{_quoted(name)}"{more}'
    return f"--{boundary}\r\n{disposition}\r\n\r\n".encode()


def _quoted(text: str) -> str:
    """Escape a name as browsers do, so that it cannot end its quotes or its line."""
    return text.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _line(text: str) -> str:
    return text if text.isprintable() and text.isascii() and text else "application/octet-stream"


def _size(part: bytes | LoadedFile | Embedded) -> int:
    if isinstance(part, bytes):
        return len(part)
    if isinstance(part, LoadedFile):
        return part.size
    return len(part.prefix.encode()) + 4 * -(-part.file.size // 3)


async def _base64(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % 3
        rest = data[whole:]
        yield b64encode(data[:whole])
    if rest:
        yield b64encode(rest)
