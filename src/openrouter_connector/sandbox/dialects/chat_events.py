"""A finished completion, told as server-sent events in the way of the real API.

Other skins of the API bring frames of their own to `served`.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from starlette.responses import StreamingResponse

from openrouter_connector.values import Json, JsonObject

from ..inference import Exchange
from .completion_parts import is_nested

COMMENT = ": OPENROUTER PROCESSING\n\n"
DONE = "data: [DONE]\n\n"
# What the choices of the chunk with the usage look like; providers differ, and over the years.
SHAPES: dict[str, Callable[[JsonObject], list[JsonObject]]] = {
    "no_choices": lambda choice: [],
    "finish_null": lambda choice: [choice | {"finish_reason": None, "native_finish_reason": None}],
    "finish_again": lambda choice: [choice],
}


def events(exchange: Exchange, completion: JsonObject) -> StreamingResponse:
    """Give the event stream of a chat: its chunks, then `[DONE]`."""
    return served(exchange, [*map(frame, _chunks(exchange, completion)), DONE])


def served(exchange: Exchange, frames: Iterable[str]) -> StreamingResponse:
    """Give an event stream: two comments, then the frames with comments between."""

    async def paced() -> AsyncIterator[str]:
        yield COMMENT
        yield COMMENT
        for number, text in enumerate(frames):
            if number % 8 == 3:
                yield COMMENT
            yield text
            await exchange.pause(0.02)

    return StreamingResponse(
        paced(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )


def frame(event: JsonObject) -> str:
    """Write one event as a frame that holds data alone."""
    return f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _chunks(exchange: Exchange, completion: JsonObject) -> Iterator[JsonObject]:
    base: JsonObject = {
        "id": exchange.generation,
        "provider": "Sandbox",
        "model": exchange.model.slug,
        "object": "chat.completion.chunk",
        "created": exchange.created,
    }
    if is_nested(completion):
        completion = completion["provider"]
    if not completion["choices"]:
        error = {key: completion[key] for key in ("error",) if key in completion}
        yield base | {"choices": completion["choices"], **error}
        return
    choice, usage = completion["choices"][0], completion["usage"]
    for delta in _deltas(choice["message"]):
        yield base | {"choices": [_choice(delta)]}
    last = _choice({"content": ""}) | {
        "finish_reason": choice["finish_reason"],
        "native_finish_reason": choice["native_finish_reason"],
        "logprobs": choice["logprobs"],
    }
    if "error" in choice:
        yield base | {"error": choice["error"], "choices": [last], "usage": usage}
        return
    yield base | {"choices": [last]}
    shape = exchange.model.facts.get("usage_chunk", "no_choices")
    tier = {"service_tier": None} if shape == "finish_again" else {}
    yield base | {"choices": SHAPES[shape](last), "usage": usage, **tier}


def _choice(delta: JsonObject) -> JsonObject:
    return {
        "index": 0,
        "delta": {"role": "assistant"} | delta,
        "finish_reason": None,
        "native_finish_reason": None,
        "logprobs": None,
    }


def _deltas(message: JsonObject) -> Iterator[JsonObject]:
    for words in pieces(message.get("reasoning")):
        detail = {"type": "reasoning.text", "text": words, "format": "unknown", "index": 0}
        yield {"content": "", "reasoning": words, "reasoning_details": [detail]}
    for words in pieces(message["content"]):
        yield {"content": words}
    for call in message.get("tool_calls", ()):
        yield {"content": "", "tool_calls": [call]}
    for key in ("images", "annotations"):
        if key in message:
            yield {"content": "", key: message[key]}


def pieces(text: Json) -> list[str]:
    """Cut a text into words with the space before them; joined again, it is the same text."""
    return re.findall(r"\s*\S+|\s+$", text) if text else []
