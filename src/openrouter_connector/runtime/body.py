"""A JSON body with files in it, as bytes of known length that are read while they are sent."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, replace
from secrets import token_hex

from ..errors import InputError
from ..values import Embedded, Json, JsonObject


@dataclass(frozen=True, slots=True)
class Body:
    """The parts of a body in order: JSON text, and files whose base64 goes between."""

    parts: tuple[bytes | Embedded, ...]

    @property
    def size(self) -> int:
        """The number of bytes that will be sent."""
        return sum(len(part) if isinstance(part, bytes) else _size(part) for part in self.parts)

    async def chunks(self) -> AsyncGenerator[bytes]:
        """Read the body from its beginning; it can be read again."""
        for part in self.parts:
            if isinstance(part, bytes):
                yield part
                continue
            yield part.prefix.encode()
            async for chunk in _base64(part.file.open()):
                yield chunk


def encode(body: JsonObject) -> bytes | Body:
    """Write a body as JSON; a `Body` when files are embedded. InputError for NaN and the like."""
    files: list[Embedded] = []
    mark = token_hex(16)  # no text of the user's can hold it

    def place(value: Json) -> str:
        if not isinstance(value, Embedded):
            raise TypeError(f"a {type(value).__name__} is no JSON")
        # The prefix holds a MIME type that came from outside, and goes between the quotes.
        files.append(replace(value, prefix=json.dumps(value.prefix)[1:-1]))
        return mark

    try:
        text = json.dumps(
            body, default=place, allow_nan=False, ensure_ascii=False, separators=(",", ":")
        )
        texts = [part.encode() for part in text.split(mark)]
    except UnicodeEncodeError as error:
        raise InputError("a text holds half a character (a lone surrogate)") from error
    except (ValueError, TypeError, RecursionError) as error:
        told = f"the parameters cannot be written as JSON: {error}"
        raise InputError(told) from error
    if not files:
        return texts[0]
    between = [piece for pair in zip(files, texts[1:], strict=True) for piece in pair]
    return Body((texts[0], *between))


def _size(part: Embedded) -> int:
    return len(part.prefix.encode()) + 4 * -(-part.file.size // 3)


async def _base64(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for chunk in chunks:
        data = rest + chunk
        whole = len(data) - len(data) % 3
        rest = data[whole:]
        yield b64encode(data[:whole])
    yield b64encode(rest)
