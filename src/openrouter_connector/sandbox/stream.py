"""A finished completion, told as server-sent events in the way of the real API."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator

from starlette.responses import StreamingResponse

from openrouter_connector.values import Json, JsonObject

from .inference import Exchange

COMMENT = ": OPENROUTER PROCESSING\n\n"
DONE = "data: [DONE]\n\n"
SHAPES = {
    "no_choices": lambda choice: [],
    "finish_null": lambda choice: [choice | {"finish_reason": None, "native_finish_reason": None}],
    "finish_again": lambda choice: [choice],
}


def events(exchange: Exchange, completion: JsonObject) -> StreamingResponse:
    """Give the event stream: two comments, the chunks with comments between, `[DONE]`."""

    async def frames() -> AsyncIterator[str]:
        yield COMMENT
        yield COMMENT
        for number, chunk in enumerate(_chunks(exchange, completion)):
            if number % 8 == 3:
                yield COMMENT
            yield f"data: {json.dumps(chunk, ensure_ascii=False, separators=(',', ':'))}\n\n"
            await exchange.pause(0.02)
        yield DONE

    return StreamingResponse(
        frames(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )


def _chunks(exchange: Exchange, completion: JsonObject) -> Iterator[JsonObject]:
    base: JsonObject = {
        "id": exchange.generation,
        "provider": "Sandbox",
        "model": exchange.model.slug,
        "object": "chat.completion.chunk",
        "created": exchange.created,
    }
    if "provider" in completion and isinstance(completion["provider"], dict):
        completion = completion["provider"]
    if not completion.get("choices"):
        yield base | {"choices": completion["choices"], **_error(completion)}
        return
    choice = completion["choices"][0]
    for delta in _deltas(choice["message"]):
        yield base | {"choices": [_choice(delta, choice)]}
    last = _choice({"content": ""}, choice) | {
        "finish_reason": choice["finish_reason"],
        "native_finish_reason": choice["native_finish_reason"],
    }
    if "error" in choice:
        yield base | {"error": choice["error"], "choices": [last], "usage": completion["usage"]}
        return
    yield base | {"choices": [last]}
    shape = SHAPES[exchange.model.facts.get("usage_chunk", "no_choices")]
    tier = {"service_tier": None} if shape is SHAPES["finish_again"] else {}
    yield base | {"choices": shape(last), "usage": completion["usage"], **tier}


def _error(completion: JsonObject) -> JsonObject:
    return {"error": completion["error"]} if "error" in completion else {}


def _choice(delta: JsonObject, choice: JsonObject) -> JsonObject:
    return {
        "index": 0,
        "delta": {"role": "assistant"} | delta,
        "finish_reason": None,
        "native_finish_reason": None,
        "logprobs": None,
    }


def _deltas(message: JsonObject) -> Iterator[JsonObject]:
    for words in _pieces(message.get("reasoning")):
        detail = {"type": "reasoning.text", "text": words, "format": "unknown", "index": 0}
        yield {"content": "", "reasoning": words, "reasoning_details": [detail]}
    for words in _pieces(message["content"]):
        yield {"content": words}
    for call in message.get("tool_calls", ()):
        yield {"content": "", "tool_calls": [call]}
    for key in ("images", "annotations"):
        if key in message:
            yield {"content": "", key: message[key]}


def _pieces(text: Json) -> list[str]:
    """Cut a text into words with the space before them; joined again, it is the same text."""
    return re.findall(r"\s*\S+|\s+$", text) if text else []
