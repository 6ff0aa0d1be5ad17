"""Images: OpenAI's request as OpenRouter's `POST /images` takes it, and its answer as OpenAI's."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Coroutine
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp

from ....definition.paths import at
from ....errors import IncompleteError
from ....runtime.relay import EVENTS, Relayed
from ....values import Json, JsonObject
from ..context import Context
from ..json_io import response
from .chat import DONE, event
from .client_request import object_of, post
from .relay_call import Outlet, Relay, ending, told

Show = Callable[[JsonObject], Coroutine[None, None, JsonObject]]
"""Gives an item of the API's answer as the client wants it."""

# What the API has no word for: it always gives the bytes, and OpenAI's own models alone know these.
_LEFT_OUT = {"response_format", "style", "moderation", "partial_images"}
# OpenAI's words for what the API calls otherwise, or does when it is not told.
_WORDS: dict[str, dict[str, str | None]] = {
    "size": {"auto": None},
    "quality": {"standard": None, "hd": "high", "xhigh": "high", "max": "high"},
}


async def images(request: Request) -> Relay:
    """`POST /images/generations`; with `response_format: url` the pictures are stored here."""
    body = await object_of(request)
    show = _inline
    if body.get("response_format") == "url":
        show = partial(_stored, request)
        await _here(request).files.ready()
    answer = _streamed if body.get("stream") is True else partial(_whole, show)
    return Relay(request, "images.generations", post(request, "/images", _asked(body)), answer)


def _asked(body: JsonObject) -> JsonObject:
    """Give a request in the words of the API; what that does not know of goes on as it is."""
    asked = {key: value for key, value in body.items() if key not in _LEFT_OUT}
    for key, words in _WORDS.items():
        if isinstance(said := asked.get(key), str):
            asked[key] = words.get(said, said)
    return {key: value for key, value in asked.items() if value is not None}


async def _whole(show: Show, relayed: Relayed, outlet: Outlet) -> ASGIApp:
    answer = await relayed.json("data")
    items = _items(answer)
    known = {"output_format": _format(items[0]), "usage": _usage(answer.get("usage"))}
    shown = [await show(item) for item in items]
    said = {key: value for key, value in known.items() if value}
    return response({**answer, **said, "data": shown}, headers=told(relayed))


async def _streamed(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    if await relayed.streams():
        await outlet.pass_on(relayed.events(), EVENTS)
        return ending(DONE)
    # Few models draw before one's eyes; the others answer with the whole.
    answer = await relayed.json("data")
    shared = {"type": "image_generation.completed", "created_at": answer.get("created")}
    for item in _items(answer):
        done = {**shared, "usage": _usage(answer.get("usage")), **(await _inline(item))}
        await outlet.write(event({**done, "output_format": _format(item)}), EVENTS)
    return ending(DONE)


async def _inline(item: JsonObject) -> JsonObject:
    return item


async def _stored(request: Request, item: JsonObject) -> JsonObject:
    """Store a picture, and give the URL by which this server answers."""
    here = _here(request)
    try:
        content = b64decode(item["b64_json"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise IncompleteError("a picture in the answer is broken", status=200) from error
    kind = str(item.get("media_type") or "")
    known = kind if re.fullmatch(r"[\w.+-]+/[\w.+-]+", kind, re.ASCII) else None
    # What was paid for is kept somewhere; OpenAI's answer has no place for a warning about it.
    entry = await here.files.put(content, "image", known, rescued=[])
    return {"url": here.urls(request).entry(entry)["url"]}


def _items(answer: JsonObject) -> list[JsonObject]:
    return [item if isinstance(item, dict) else {} for item in answer["data"]]


def _format(item: JsonObject) -> str:
    """Name the format as OpenAI does: `png`, `svg`."""
    return str(item.get("media_type") or "").rpartition("/")[2].partition("+")[0]


def _usage(usage: Json) -> JsonObject:
    """Say the usage of the API in OpenAI's words too; for images they are others than for texts."""
    known = usage if isinstance(usage, dict) else {}
    read, written = _count(known, "prompt_tokens"), _count(known, "completion_tokens")
    seen = _count(known, "prompt_tokens_details.image_tokens")
    details = {"text_tokens": read - seen, "image_tokens": seen}
    said = {"input_tokens": read, "output_tokens": written, "input_tokens_details": details}
    return {**said, **known} if known else {}


def _count(usage: JsonObject, path: str) -> int:
    value = at(usage, path)
    return value if isinstance(value, int) else 0


def _here(request: Request) -> Context:
    context: Context = request.app.state.context
    return context
