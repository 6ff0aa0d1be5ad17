"""Stream a finished chat completion as server-sent events.

The other dialects of chat make their own frames, and stream them with `event_stream` too.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator

from starlette.responses import StreamingResponse

from openrouter_connector.values import Json, JsonObject

from ..inference import Inference
from .completion_parts import is_nested, routing_metadata

COMMENT = ": OPENROUTER PROCESSING\n\n"
DONE = "data: [DONE]\n\n"
# The choices of the last chunk, which has the usage: all three shapes occur in recorded streams, by
# provider and by year. So a client must keep the last finish reason that is not null.
USAGE_CHOICES: dict[str, Callable[[JsonObject], list[JsonObject]]] = {
    "no_choices": lambda choice: [],
    "finish_null": lambda choice: [choice | {"finish_reason": None, "native_finish_reason": None}],
    "finish_again": lambda choice: [choice],
}


def stream_completion(inference: Inference, completion: JsonObject) -> StreamingResponse:
    """Return the event stream of a chat: its chunks, then `[DONE]`."""
    return event_stream(inference, [*map(frame, _chunks(inference, completion)), DONE])


def event_stream(
    inference: Inference, frames: Iterable[str], *, pause: float = 0.02
) -> StreamingResponse:
    """Return an event stream: two comments, then the frames with further comments between them.

    `pause` is the part of the latency that passes after each frame.
    """

    async def paced() -> AsyncIterator[str]:
        # The real API sends comments while it waits; a client must skip lines that start with `:`.
        yield COMMENT
        yield COMMENT
        for number, text in enumerate(frames):
            if number % 8 == 3:
                yield COMMENT
            yield text
            await inference.pause(pause)

    return StreamingResponse(
        paced(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
    )


def frame(event: JsonObject) -> str:
    """Return one event as a frame with data only."""
    return f"data: {json.dumps(event, ensure_ascii=False, separators=(',', ':'))}\n\n"


def _chunks(inference: Inference, completion: JsonObject) -> Iterator[JsonObject]:
    base: JsonObject = {
        "id": inference.generation,
        "provider": "Sandbox",
        "model": inference.model.slug,
        "object": "chat.completion.chunk",
        "created": inference.created,
    }
    if is_nested(completion):
        completion = completion["provider"]
    # Some streams have an empty list of choices beside the error, others null: test for `error`
    # first.
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
    shape = inference.model.entry.get("usage_chunk", "no_choices")
    tier = {"service_tier": None} if shape == "finish_again" else {}
    choices = USAGE_CHOICES[shape](last)
    yield base | {"choices": choices, "usage": usage, **tier, **routing_metadata(completion)}


def _choice(delta: JsonObject) -> JsonObject:
    return {
        "index": 0,
        "delta": {"role": "assistant"} | delta,  # in each chunk, not only in the first
        "finish_reason": None,
        "native_finish_reason": None,
        "logprobs": None,
    }


def _deltas(message: JsonObject) -> Iterator[JsonObject]:
    for words in split_words(message.get("reasoning")):
        detail = {"type": "reasoning.text", "text": words, "format": "unknown", "index": 0}
        yield {"content": "", "reasoning": words, "reasoning_details": [detail]}
    for words in split_words(message["content"]):
        yield {"content": words}
    # The whole call in one chunk; real providers may also send its arguments in parts.
    for call in message.get("tool_calls", ()):
        yield {"content": "", "tool_calls": [call]}
    for key in ("images", "annotations"):
        if key in message:
            yield {"content": "", key: message[key]}


def split_words(text: Json) -> list[str]:
    """Split a text into words, each with the space before it; joined, they are the same text."""
    return re.findall(r"\s*\S+|\s+$", text) if text else []
