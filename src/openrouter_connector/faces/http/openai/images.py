"""Relay image generation: convert OpenAI's request for OpenRouter, and the response back."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable, Coroutine
from functools import partial

from starlette.requests import Request
from starlette.types import ASGIApp

from ....definition.paths import at
from ....errors import IncompleteError
from ....runtime.relay import EVENTS, Relayed
from ....values import Json, JsonObject
from ..context import context_of
from ..files import mime_type
from ..json_io import json_response
from .chat import DONE, encode_event
from .client_request import json_body, post
from .relay_call import ChunkWriter, Relay, end_body, response_headers

ConvertImage = Callable[[JsonObject], Coroutine[None, None, JsonObject]]
"""Returns an image of the API's response as the client requested it."""

# The API always returns base64, and does not know the others, which only OpenAI's models support.
_NOT_SENT = {"response_format", "style", "moderation", "partial_images"}
# OpenAI's values that have another name at the API, or are its default (None: not sent).
_VALUES: dict[str, dict[str, str | None]] = {
    "size": {"auto": None},
    "quality": {"standard": None, "hd": "high", "xhigh": "high", "max": "high"},
}


async def images(request: Request) -> Relay:
    """`POST /images/generations`. With `response_format: url` the images are stored here."""
    body = await json_body(request)
    convert: ConvertImage = _unchanged
    if body.get("response_format") == "url":
        convert = partial(_store, request)
        await context_of(request).files.ready()  # fail before the images are paid for
    respond = _stream if body.get("stream") is True else partial(_whole, convert)
    call = post(request, "/images", _api_body(body))
    return Relay(request, "images.generations", call, respond)


def _api_body(body: JsonObject) -> JsonObject:
    """Return the request for the API. Unknown parameters are passed on unchanged."""
    sent = {key: value for key, value in body.items() if key not in _NOT_SENT}
    for key, values in _VALUES.items():
        if isinstance(value := sent.get(key), str):
            sent[key] = values.get(value, value)
    return {key: value for key, value in sent.items() if value is not None}


async def _whole(convert: ConvertImage, relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    body = await relayed.json("data")
    images = _images(body)
    added = {"output_format": _format(images[0]), "usage": _usage(body.get("usage"))}
    converted = [await convert(image) for image in images]
    added = {key: value for key, value in added.items() if value}
    return json_response({**body, **added, "data": converted}, headers=response_headers(relayed))


async def _stream(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    if await relayed.streams():
        await writer.write_all(relayed.events(), EVENTS)
        return end_body(DONE)
    # Most models cannot stream an image and send the whole response.
    body = await relayed.json("data")
    shared = {"type": "image_generation.completed", "created_at": body.get("created")}
    for image in _images(body):
        event = {**shared, "usage": _usage(body.get("usage")), **image}
        await writer.write(encode_event({**event, "output_format": _format(image)}), EVENTS)
    return end_body(DONE)


async def _unchanged(image: JsonObject) -> JsonObject:
    return image


async def _store(request: Request, image: JsonObject) -> JsonObject:
    """Store an image, and return its URL at this server."""
    context = context_of(request)
    try:
        content = b64decode(image["b64_json"], validate=True)
    except (KeyError, TypeError, ValueError) as error:
        raise IncompleteError("an image in the response is not base64", status=200) from error
    kind = mime_type(str(image.get("media_type") or ""))
    # `rescued` lets the store write elsewhere when its folder is full: the image is paid for.
    # OpenAI's response has no place for the warning that it returns.
    entry = await context.files.put(content, "image", kind, rescued=[])
    return {"url": context.urls(request).entry(entry)["url"]}


def _images(body: JsonObject) -> list[JsonObject]:
    return [image if isinstance(image, dict) else {} for image in body["data"]]


def _format(image: JsonObject) -> str:
    """Return the format of an image in OpenAI's words: `png`, `svg`."""
    return str(image.get("media_type") or "").rpartition("/")[2].partition("+")[0]


def _usage(usage: Json) -> JsonObject:
    """Return the usage with the keys that OpenAI's image API uses instead of those of chat."""
    known = usage if isinstance(usage, dict) else {}
    input_tokens, output_tokens = _count(known, "prompt_tokens"), _count(known, "completion_tokens")
    image_tokens = _count(known, "prompt_tokens_details.image_tokens")
    details = {"text_tokens": input_tokens - image_tokens, "image_tokens": image_tokens}
    added = {
        "input_tokens": input_tokens,
        "output_tokens": output_tokens,
        "input_tokens_details": details,
    }
    return {**added, **known} if known else {}


def _count(usage: JsonObject, path: str) -> int:
    value = at(usage, path)
    return value if isinstance(value, int) else 0
