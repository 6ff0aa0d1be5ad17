"""A completion as a message of Anthropic's API: in one piece, as events, or as its error."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator

from starlette.responses import JSONResponse, Response, StreamingResponse

from openrouter_connector.values import JsonObject

from ..endpoints.chat import stopped_by
from ..errors import Refusal
from ..inference import Exchange
from .chat_events import frame, pieces, served
from .completion_parts import choice_of, error_of, is_nested

STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use", "error": None}
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
"""What a status is called, by Anthropic and by OpenRouter; any other as 400 or 500."""


def message(exchange: Exchange, completion: JsonObject) -> JsonObject:
    """Give the message, or the envelope of an error that came too late for a status."""
    if is_nested(completion):
        return {"provider": message(exchange, completion["provider"])}
    if (failed := error_of(completion)) is not None:
        return _envelope(failed, exchange.generation)
    blocks = _blocks(choice_of(completion))
    return (
        _opened(exchange)
        | _ending(exchange, completion)
        | {
            "content": blocks,
            "provider": "Sandbox",
            "usage": _usage(completion["usage"]),
        }
    )


def events(exchange: Exchange, completion: JsonObject) -> StreamingResponse:
    """Tell the message as events, each with its name on a line before its data."""
    whole = completion["provider"] if is_nested(completion) else completion
    told = _events(exchange, whole)
    return served(exchange, [f"event: {event['type']}\n{frame(event)}" for event in told])


def refused(refusal: Refusal) -> Response:
    """Give a refusal in the envelope of this skin."""
    body = _envelope(refusal.error, None)
    return JSONResponse(body, refusal.status, headers=refusal.headers)


def _envelope(error: JsonObject, generation: str | None) -> JsonObject:
    named, known = ERRORS.get(error["code"], ERRORS[500 if error["code"] >= 500 else 400])
    metadata = error.get("metadata")
    told = {
        "type": named,
        "message": error["message"],
        "error_type": (metadata or {}).get("error_type") or known,
    }
    extra = {"metadata": metadata} if metadata else {}
    return {"type": "error", "error": told, "request_id": generation, **extra}


def _opened(exchange: Exchange) -> JsonObject:
    """Give a message as it begins: nothing said, nothing counted but the beginning."""
    return {
        "id": exchange.generation,
        "type": "message",
        "role": "assistant",
        "model": exchange.model.slug,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "stop_details": None,
        "container": None,
    }


def _ending(exchange: Exchange, completion: JsonObject) -> JsonObject:
    """Tell why the message ends."""
    finish = (choice_of(completion) or {"finish_reason": "error"})["finish_reason"]
    word = stopped_by(exchange) if finish == "stop" else None
    reason = "stop_sequence" if word is not None else STOPS[finish]
    return {
        "stop_reason": reason,
        "stop_sequence": word,
        "stop_details": None,
        "container": None,
    }


def _blocks(choice: JsonObject | None) -> list[JsonObject] | None:
    """Give the blocks: what was thought, what is said, what is to be called."""
    if choice is None:
        return None
    found: list[JsonObject] = []
    told = choice["message"]
    if thought := told.get("reasoning"):
        signature = base64.b64encode(hashlib.sha256(thought.encode()).digest()).decode()
        found.append({"type": "thinking", "thinking": thought, "signature": signature})
    if told["content"]:
        cited = [_citation(note["url_citation"]) for note in _links(told)]
        found.append({"type": "text", "text": told["content"], "citations": cited})
    for call in told.get("tool_calls", ()):
        function = call["function"]
        found.append(
            {
                "type": "tool_use",
                "id": call["id"],
                "name": function["name"],
                "input": json.loads(function["arguments"]),
                "caller": {"type": "direct"},
            }
        )
    return found


def _links(told: JsonObject) -> list[JsonObject]:
    return [note for note in told.get("annotations", ()) if note["type"] == "url_citation"]


def _citation(page: JsonObject) -> JsonObject:
    return {
        "type": "web_search_result_location",
        "cited_text": page["content"],
        "encrypted_index": "",
        "title": page["title"],
        "url": page["url"],
    }


def _usage(usage: JsonObject) -> JsonObject:
    """Give the usage of a chat in the words of this skin."""
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


def _events(exchange: Exchange, completion: JsonObject) -> Iterator[JsonObject]:
    """Give the events in their order; one that fails is broken off with an error."""
    failed, choice = error_of(completion), choice_of(completion)
    if failed is not None and choice is None:
        yield _failure(failed)
        return
    usage = _usage(completion["usage"])
    begun = {key: value for key, value in usage.items() if key not in COSTS} | NOTHING
    yield {"type": "message_start", "message": _opened(exchange) | {"usage": begun}}
    yield {"type": "ping"}
    blocks = _blocks(choice) or []
    for index, block in enumerate(blocks):
        yield {
            "type": "content_block_start",
            "index": index,
            "content_block": block | EMPTY[block["type"]],
        }
        for delta in _deltas(block):
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        if failed is None or index + 1 < len(blocks):
            yield {"type": "content_block_stop", "index": index}
    if failed is not None:
        yield _failure(failed)
        return
    yield {"type": "message_delta", "delta": _ending(exchange, completion), "usage": usage}
    yield {"type": "message_stop"}


COSTS = {"cost", "is_byok", "cost_details"}
NOTHING = {"output_tokens": 0, "output_tokens_details": None, "server_tool_use": None}
EMPTY: dict[str, JsonObject] = {
    "thinking": {"thinking": "", "signature": ""},
    "text": {"text": "", "citations": []},
    "tool_use": {"input": {}},
}


def _failure(failed: JsonObject) -> JsonObject:
    return {"type": "error", "error": _envelope(failed, None)["error"]}


def _deltas(block: JsonObject) -> Iterator[JsonObject]:
    if block["type"] == "thinking":
        for words in pieces(block["thinking"]):
            yield {"type": "thinking_delta", "thinking": words}
        yield {"type": "signature_delta", "signature": block["signature"]}
    elif block["type"] == "text":
        for words in pieces(block["text"]):
            yield {"type": "text_delta", "text": words}
        for citation in block["citations"]:
            yield {"type": "citations_delta", "citation": citation}
    else:
        for words in pieces(json.dumps(block["input"])):
            yield {"type": "input_json_delta", "partial_json": words}
