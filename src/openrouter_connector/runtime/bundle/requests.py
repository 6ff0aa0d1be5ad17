"""Read the requests of a bundle one by one, from a list or from the lines of a JSONL file."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from ...definition.model import Bundle
from ...errors import InputError, Problem
from ...values import Json, JsonObject, LoadedFile
from ..files.store import FileStore

_IDS = ("customId", "custom_id")
_MOST_BYTES = 64 * 1024 * 1024  # of one line


@dataclass(frozen=True, slots=True)
class BundledRequest:
    """One request of a bundle."""

    index: int
    id: str
    """Its own id, or one made of its position."""
    place: str
    """Where it stands, for people: `requests[3]`, `requestsFile: line 4`."""
    parameters: JsonObject
    """Those of the action, the common ones included."""
    body: JsonObject | None = None
    """The body, if it came in the format of the API."""
    url: Json = None
    """The endpoint that such a request names itself."""
    fault: str = ""
    """Why it is none."""


async def requests_of(
    word: Bundle, values: JsonObject, files: FileStore
) -> AsyncGenerator[BundledRequest]:
    """Yield the requests in their order; FileError for the file.

    InputError without any, or if both the list and the file are set.
    """
    if values.get(word.requests) and values.get(word.file) is not None:
        message = f"cannot be combined with {word.requests}; set one of them"
        raise InputError([Problem(word.file, message)])
    common, index = values.get(word.common) or {}, -1
    async with aclosing(_items(word, values, files)) as items:
        async for place, item, fault in items:
            index += 1
            yield _request(index, place, item, common, fault)
    if index < 0:
        message = f"is empty; add requests, or set {word.file}"
        raise InputError([Problem(word.requests, message)])


def has_requests(word: Bundle, values: JsonObject) -> bool:
    """Return whether the values hold requests, or a file with them."""
    return bool(values.get(word.requests) or values.get(word.file))


def made_id(index: int) -> str:
    """Return the id of a request without one; such ids sort in the order of the requests."""
    return f"request-{index:06d}"


async def _items(
    word: Bundle, values: JsonObject, files: FileStore
) -> AsyncGenerator[tuple[str, Json, str]]:
    if values.get(word.file) is None:
        for index, item in enumerate(values.get(word.requests) or ()):
            yield f"{word.requests}[{index}]", item, ""
        return
    file = await files.load(values[word.file], word.file, ())
    number = 0
    async with aclosing(_lines(file, word.file)) as lines:
        async for line in lines:
            number += 1
            if not line.strip():
                continue
            place = f"{word.file}: line {number}"
            try:
                yield place, json.loads(line), ""
            except (ValueError, RecursionError) as error:
                yield place, None, f"is not JSON: {error}"


async def _lines(file: LoadedFile, name: str) -> AsyncGenerator[bytes]:
    rest = b""
    chunks: AsyncIterator[bytes] = file.open()
    async for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            yield line
        if len(rest) > _MOST_BYTES:
            message = f"has a line of more than {_MOST_BYTES // 1024**2} MB; one request per line"
            raise InputError([Problem(name, message)])
    yield rest


def _request(index: int, place: str, item: Json, common: JsonObject, fault: str) -> BundledRequest:
    if not isinstance(item, dict):
        fault = fault or "must be an object with the parameters of a request"
        return BundledRequest(index, made_id(index), place, {}, fault=fault)
    named = [item[key] for key in _IDS if item.get(key) is not None]
    own = named[0] if named else made_id(index)
    if not isinstance(own, str) or not own:
        fault, own = "customId must be a text", made_id(index)
    body = item.get("body")
    if isinstance(body, dict):
        return BundledRequest(index, own, place, {}, body, item.get("url"), fault)
    parameters = {key: value for key, value in item.items() if key not in _IDS}
    return BundledRequest(index, own, place, {**common, **parameters}, fault=fault)
