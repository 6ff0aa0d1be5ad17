"""Relay chat completions, streamed or whole, and embeddings. Their bodies are passed on as sent."""

from __future__ import annotations

from starlette.requests import Request
from starlette.types import ASGIApp

from ....errors import IncompleteError
from ....runtime.relay import EVENTS, Relayed
from ....values import Json, JsonObject
from ..json_io import encode_json, json_response
from .client_request import json_body, post
from .relay_call import ChunkWriter, Relay, end_body, response_headers

DONE = b"\ndata: [DONE]\n\n"
"""The end of a stream. The blank line ends the last event, if the API did not."""
_NO_EMBEDDING = (
    "the response has no embedding. The OpenAI client requests base64 by default, which some "
    'models do not support: set encoding_format="float"'
)


async def completions(request: Request) -> Relay:
    """`POST /chat/completions`."""
    body = await json_body(request)
    _wrap_image_urls(body.get("messages"))
    respond = _stream if body.get("stream") is True else _completion
    return Relay(request, "chat.completions", post(request, "/chat/completions", body), respond)


def _wrap_image_urls(messages: Json) -> None:
    """Replace `image_url: "…"`, which fal's examples send, by the object that the API expects."""
    for message in messages if isinstance(messages, list) else ():
        content = message.get("content") if isinstance(message, dict) else None
        for part in content if isinstance(content, list) else ():
            if isinstance(part, dict) and isinstance(part.get("image_url"), str):
                part["image_url"] = {"url": part["image_url"]}


async def embeddings(request: Request) -> Relay:
    """`POST /embeddings`."""
    body = await json_body(request)
    return Relay(request, "embeddings", post(request, "/embeddings", body), _embeddings)


async def _completion(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    return json_response(await relayed.json("choices"), headers=response_headers(relayed))


async def _stream(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    if await relayed.streams():
        await writer.write_all(relayed.events(), EVENTS)
    else:  # some servers ignore `stream` and send a whole response
        chunk = _as_chunk(await relayed.json("choices"))
        await writer.write(encode_event(chunk), EVENTS)
    return end_body(DONE)


async def _embeddings(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    body = await relayed.json()
    if not isinstance(rows := body.get("data"), list) or not rows:
        raise IncompleteError(_NO_EMBEDDING, status=200, raw=body)
    for index, row in enumerate(rows):
        if isinstance(row, dict):
            row.setdefault("index", index)  # the client requires it, and the API may omit it
    return json_response(body, headers=response_headers(relayed))


def encode_event(data: JsonObject) -> bytes:
    """Return a server-sent event."""
    return b"data: " + encode_json(data) + b"\n\n"


def _as_chunk(completion: JsonObject) -> JsonObject:
    """Return a whole completion as the one chunk of a stream."""
    choices = [
        {"delta": choice.pop("message", None), **choice}
        for choice in completion["choices"]
        if isinstance(choice, dict)
    ]
    return {**completion, "object": "chat.completion.chunk", "choices": choices}
