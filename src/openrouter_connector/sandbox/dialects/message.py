"""Return a completion as a message of Anthropic's API: whole, as events, or as an error."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator

from starlette.responses import JSONResponse, Response, StreamingResponse

from openrouter_connector.values import JsonObject

from ..completion import stop_word
from ..errors import RefusedRequest
from ..inference import Inference
from .chat_events import event_stream, frame, split_words
from .completion_parts import find_error, first_choice, is_nested, routing_metadata

STOP_REASONS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "error": None}
ERRORS = {
    400: ("invalid_request_error", "invalid_request"),
    401: ("authentication_error", "authentication"),
    402: ("billing_error", "payment_required"),
    403: ("permission_error", "permission_denied"),
    404: ("not_found_error", "not_found"),
    408: ("timeout_error", "timeout"),
    413: ("invalid_request_error", "payload_too_large"),
    422: ("invalid_request_error", "unprocessable"),
    429: ("rate_limit_error", "rate_limit_exceeded"),
    500: ("api_error", "server"),
    502: ("api_error", "provider_unavailable"),
    503: ("overloaded_error", "provider_overloaded"),
    524: ("timeout_error", "timeout"),
    529: ("overloaded_error", "provider_overloaded"),
}
"""The `type` and the `error_type` of each status; others are named as 400 or 500."""


def to_message(inference: Inference, completion: JsonObject) -> JsonObject:
    """Return the message, or the envelope of an error that came too late to change the status."""
    if is_nested(completion):
        return {"provider": to_message(inference, completion["provider"])}
    if (error := find_error(completion)) is not None:
        return _envelope(error, inference.generation)
    blocks = _blocks(first_choice(completion))
    return (
        _empty_message(inference)
        | _stop_reason(inference, completion)
        | {
            "content": blocks,
            "provider": "Sandbox",
            "usage": _usage(completion["usage"]),
        }
        | routing_metadata(completion)
    )


def stream_message(inference: Inference, completion: JsonObject) -> StreamingResponse:
    """Stream the message as events, each with its name on the line before its data."""
    if is_nested(completion):
        completion = completion["provider"]
    events = _events(inference, completion)
    return event_stream(inference, [f"event: {event['type']}\n{frame(event)}" for event in events])


def error_response(refusal: RefusedRequest) -> Response:
    """Return an error in Anthropic's envelope, which differs from OpenRouter's own."""
    body = _envelope(refusal.error, None)
    return JSONResponse(body, refusal.status, headers=refusal.headers)


def _envelope(error: JsonObject, generation: str | None) -> JsonObject:
    fallback = ERRORS[500 if error["code"] >= 500 else 400]
    anthropic_type, error_type = ERRORS.get(error["code"], fallback)
    metadata = error.get("metadata")
    body = {
        "type": anthropic_type,
        "message": error["message"],
        "error_type": (metadata or {}).get("error_type") or error_type,
    }
    extra = {"metadata": metadata} if metadata else {}
    return {"type": "error", "error": body, "request_id": generation, **extra}


def _empty_message(inference: Inference) -> JsonObject:
    """Return the message without content, as its first event announces it."""
    return {
        "id": inference.generation,
        "type": "message",
        "role": "assistant",
        "model": inference.model.slug,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
    }


def _stop_reason(inference: Inference, completion: JsonObject) -> JsonObject:
    """Return why the message ends."""
    finish = (first_choice(completion) or {"finish_reason": "error"})["finish_reason"]
    word = stop_word(inference) if finish == "stop" else None
    reason = "stop_sequence" if word is not None else STOP_REASONS[finish]
    return {
        "stop_reason": reason,
        "stop_sequence": word,
        "stop_details": None,
        "container": None,
    }


def _blocks(choice: JsonObject | None) -> list[JsonObject] | None:
    """Return the content blocks: reasoning, text, tool calls."""
    if choice is None:
        return None
    blocks: list[JsonObject] = []
    message = choice["message"]
    if reasoning := message.get("reasoning"):
        # Clients must send it back unchanged with the block, or the real provider refuses the next
        # turn.
        signature = base64.b64encode(hashlib.sha256(reasoning.encode()).digest()).decode()
        blocks.append({"type": "thinking", "thinking": reasoning, "signature": signature})
    if message["content"]:
        citations = [_citation(note["url_citation"]) for note in _url_citations(message)]
        blocks.append({"type": "text", "text": message["content"], "citations": citations})
    for call in message.get("tool_calls", ()):
        function = call["function"]
        blocks.append(
            {
                "type": "tool_use",
                "id": call["id"],
                "name": function["name"],
                "input": json.loads(function["arguments"]),
                "caller": {"type": "direct"},
            }
        )
    return blocks


def _url_citations(message: JsonObject) -> list[JsonObject]:
    return [note for note in message.get("annotations", ()) if note["type"] == "url_citation"]


def _citation(page: JsonObject) -> JsonObject:
    return {
        "type": "web_search_result_location",
        "cited_text": page["content"],
        "encrypted_index": "",
        "title": page["title"],
        "url": page["url"],
    }


def _usage(usage: JsonObject) -> JsonObject:
    """Return the usage of a chat under the names of this dialect."""
    thinking = usage["completion_tokens_details"]["reasoning_tokens"]
    searches = usage.get("server_tool_use_details", {}).get("web_search_requests")
    tools = {"web_search_requests": searches, "web_fetch_requests": 0} if searches else None
    return {
        "input_tokens": usage["prompt_tokens"],
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {"thinking_tokens": thinking} if thinking else None,
        "cache_creation_input_tokens": None,
        "cache_read_input_tokens": None,
        "cache_creation": None,
        "inference_geo": None,
        "server_tool_use": tools,
        "service_tier": "standard",
        "cost": usage["cost"],
        "is_byok": usage["is_byok"],
        "cost_details": usage["cost_details"],
    }


# Events ------------------------------------------------------------------------------------------


def _events(inference: Inference, completion: JsonObject) -> Iterator[JsonObject]:
    """Yield the events in their order; a failed message ends with an error."""
    error, choice = find_error(completion), first_choice(completion)
    if error is not None and choice is None:
        yield _error_event(error)
        return
    usage = _usage(completion["usage"])
    first_usage = {key: value for key, value in usage.items() if key not in COSTS} | NO_OUTPUT
    yield {"type": "message_start", "message": _empty_message(inference) | {"usage": first_usage}}
    yield {"type": "ping"}
    blocks = _blocks(choice) or []
    for index, block in enumerate(blocks):
        yield {
            "type": "content_block_start",
            "index": index,
            "content_block": block | EMPTY_BLOCKS[block["type"]],
        }
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        # An error breaks off the last block, which is never closed then.
        if error is None or index + 1 < len(blocks):
            yield {"type": "content_block_stop", "index": index}
    if error is not None:
        yield _error_event(error)
        return
    yield {
        "type": "message_delta",
        "delta": _stop_reason(inference, completion),
        "usage": usage,
        **routing_metadata(completion),
    }
    yield {"type": "message_stop"}


COSTS = {"cost", "is_byok", "cost_details"}
NO_OUTPUT = {"output_tokens": 0, "output_tokens_details": None, "server_tool_use": None}
EMPTY_BLOCKS: dict[str, JsonObject] = {
    "thinking": {"thinking": "", "signature": ""},
    "text": {"text": "", "citations": []},
    "tool_use": {"input": {}},
}


def _error_event(error: JsonObject) -> JsonObject:
    return {"type": "error", "error": _envelope(error, None)["error"]}


def _deltas(block: JsonObject) -> Iterator[JsonObject]:
    if block["type"] == "thinking":
        for words in split_words(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": words}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "text":
        for words in split_words(block["text"]):
            yield {"type": "text_delta", "text": words}
        for citation in block["citations"]:
            yield {"type": "citations_delta", "citation": citation}
    else:
        for words in split_words(json.dumps(block["input"])):
            yield {"type": "input_json_delta", "partial_json": words}
