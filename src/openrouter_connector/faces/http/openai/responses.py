"""Relay OpenAI's responses, streamed or whole. Their bodies are passed on as sent."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.types import ASGIApp

from ....runtime.relay import EVENTS, Relayed
from ....values import JsonObject
from ..json_io import json_response
from .chat import DONE, encode_event
from .client_request import json_body, post
from .relay_call import ChunkWriter, Relay, end_body, response_headers


async def responses(request: Request) -> Relay:
    """`POST /responses`."""
    body = await json_body(request)
    respond = _stream if body.get("stream") is True else _whole
    call = post(request, "/responses", body, dialect="responses")
    return Relay(request, "responses", call, respond)


async def _whole(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    return json_response(await relayed.json("output"), headers=response_headers(relayed))


async def _stream(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    if await relayed.streams():
        await writer.write_all(relayed.events(), EVENTS)
    else:  # some servers ignore `stream` and send a whole response
        for number, event in enumerate(_as_events(await relayed.json("output"))):
            await writer.write(encode_event({**event, "sequence_number": number}), EVENTS)
    return end_body(DONE)


def _as_events(response: JsonObject) -> Iterator[JsonObject]:
    """Yield a whole response as the events that a client reads: its texts, and its end."""
    running = {**response, "status": "in_progress", "output": []}
    yield {"type": "response.created", "response": running}
    for index, item in enumerate(response["output"]):
        place = {"output_index": index, "item": item}
        bare = {**item, "content": []} if item.get("type") == "message" else item
        yield {"type": "response.output_item.added", **place, "item": bare}
        for number, part in enumerate(item.get("content") or ()):
            if part.get("type") == "output_text":
                yield from _text_events(index, number, item, part)
        yield {"type": "response.output_item.done", **place}
    yield {"type": f"response.{response.get('status') or 'completed'}", "response": response}


def _text_events(
    index: int, number: int, item: JsonObject, part: JsonObject
) -> Iterator[JsonObject]:
    place = {"output_index": index, "content_index": number, "item_id": item.get("id") or ""}
    text = part.get("text") or ""
    yield {"type": "response.content_part.added", **place, "part": {**part, "text": ""}}
    yield {"type": "response.output_text.delta", **place, "delta": text, "logprobs": []}
    yield {"type": "response.output_text.done", **place, "text": text, "logprobs": []}
    yield {"type": "response.content_part.done", **place, "part": part}
