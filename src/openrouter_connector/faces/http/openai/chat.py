"""Chat completions, whole or streamed, and embeddings: their bodies go through as they are."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from ....errors import IncompleteError
from ....runtime.relay import EVENTS, Relayed
from ....values import Json, JsonObject
from ..json_io import encoded, response
from .client_request import object_of, post
from .relay_call import Outlet, Relay, ending, told

DONE = b"\ndata: [DONE]\n\n"
"""Ends a stream. The blank line ends the last event, where that was not ended."""
_NO_VECTOR = (
    "the answer has no embedding. The client asks for base64 by itself, which some models do not "
    'know: give encoding_format="float"'
)


async def completions(request: Request) -> Relay:
    """`POST /chat/completions`."""
    body = await object_of(request)
    _wrap_urls(body.get("messages"))
    answer = _streamed if body.get("stream") is True else _completion
    return Relay(request, "chat.completions", post(request, "/chat/completions", body), answer)


def _wrap_urls(messages: Json) -> None:
    """Put a bare `image_url` text, as fal's examples have it, where the API looks for it."""
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and isinstance(part.get("image_url"), str):
                part["image_url"] = {"url": part["image_url"]}


async def embeddings(request: Request) -> Relay:
    """`POST /embeddings`."""
    body = await object_of(request)
    return Relay(request, "embeddings", post(request, "/embeddings", body), _embeddings)


async def _completion(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    return response(await relayed.json("choices"), headers=told(relayed))


async def _streamed(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    if await relayed.streams():
        await outlet.pass_on(relayed.events(), EVENTS)
    else:
        # A server may answer a wish for a stream with the whole.
        whole = _as_chunk(await relayed.json("choices"))
        await outlet.write(event(whole), EVENTS)
    return ending(DONE)


async def _embeddings(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    whole = await relayed.json()
    if not isinstance(rows := whole.get("data"), list) or not rows:
        raise IncompleteError(_NO_VECTOR, status=200, raw=whole)
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            row.setdefault("index", index)  # the API may leave it out
    return response(whole, headers=told(relayed))


def event(data: JsonObject) -> bytes:
    """Write an event of a stream."""
    return b"data: " + encoded(data) + b"\n\n"


def _as_chunk(completion: JsonObject) -> JsonObject:
    """Say a whole completion as a stream of one chunk."""
    choices = [
        {"delta": choice.pop("message", None), **choice}
        for choice in completion["choices"]
        if isinstance(choice, dict)
    ]
    return {**completion, "object": "chat.completion.chunk", "choices": choices}
