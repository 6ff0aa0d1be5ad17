"""A completion as a response of the Responses API: in one piece, or as events without names."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from starlette.responses import StreamingResponse

from openrouter_connector.values import Json, JsonObject

from ..inference import Exchange
from .chat_events import DONE, frame, pieces, served
from .completion_parts import choice_of, error_of, is_nested

CODES = {400: "invalid_prompt", 429: "rate_limit_exceeded"}
ECHOED: JsonObject = {
    "instructions": None,
    "metadata": {},
    "tool_choice": "auto",
    "parallel_tool_calls": True,
    "max_output_tokens": None,
    "max_tool_calls": None,
    "temperature": 1,
    "top_p": 1,
    "presence_penalty": 0,
    "frequency_penalty": 0,
    "service_tier": "default",
    "truncation": "disabled",
    "text": {"format": {"type": "text"}},
    "user": None,
}
"""What a response says back of its request, and what it says when nothing was said."""


def response(exchange: Exchange, completion: JsonObject) -> JsonObject:
    """Give the response; one that failed says so itself, with status 200."""
    if is_nested(completion):
        return {"provider": response(exchange, completion["provider"])}
    output = _output(exchange, completion)
    status = _status(completion)
    ended = {
        "status": status,
        "output": output,
        "completed_at": exchange.created if status == "completed" else None,
        "incomplete_details": ({"reason": "max_output_tokens"} if status == "incomplete" else None),
        "usage": _usage(completion["usage"]) if "usage" in completion else None,
    }
    return _begun(exchange) | ended | _failure(completion)


def events(exchange: Exchange, completion: JsonObject) -> StreamingResponse:
    """Tell the response as numbered events, then `[DONE]`."""
    whole = completion["provider"] if is_nested(completion) else completion
    told = enumerate(_events(exchange, whole))
    return served(exchange, [*(frame(one | {"sequence_number": at}) for at, one in told), DONE])


def _begun(exchange: Exchange) -> JsonObject:
    """Give a response as it begins: with what was asked, and nothing said."""
    asked = exchange.asked
    said = {name: asked[name] for name in ECHOED if asked.get(name) is not None}
    reasoning = asked.get("reasoning") or {}
    return {
        "id": exchange.generation,
        "object": "response",
        "created_at": exchange.created,
        "completed_at": None,
        "model": exchange.model.slug,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "output": [],
        **(ECHOED | said),
        "tools": [
            {"parameters": {}} | tool
            for tool in asked.get("tools") or ()
            if tool.get("type") == "function"
        ],
        "reasoning": {name: reasoning.get(name) for name in ("effort", "summary")},
        "store": False,
        "background": False,
        "previous_response_id": None,
        "usage": None,
    }


def _status(completion: JsonObject) -> str:
    if error_of(completion) is not None:
        return "failed"
    finish = (choice_of(completion) or {}).get("finish_reason")
    return "incomplete" if finish == "length" else "completed"


def _failure(completion: JsonObject) -> JsonObject:
    """Give the error in the words of this skin: its code is a text."""
    if (failed := error_of(completion)) is None:
        return {}
    code = CODES.get(failed["code"], "server_error")
    kind = (failed.get("metadata") or {}).get("error_type", "server")
    return {"error": {"code": code, "message": failed["message"]}, "error_type": kind}


def _output(exchange: Exchange, completion: JsonObject) -> list[JsonObject] | None:
    """Give the items: what was thought, what is said, drawn, and to be called."""
    if (choice := choice_of(completion)) is None:
        return None if error_of(completion) is None else []
    told = choice["message"]
    status = "incomplete" if choice["finish_reason"] in ("length", "error") else "completed"
    items: list[JsonObject] = []
    if thought := told.get("reasoning"):
        items.append(_thought(thought, exchange.asked.get("include") or ()))
    if told["content"]:
        items.append(_said(told, status))
    items += [_called(call) for call in told.get("tool_calls", ())]
    items += [_drawn(picture) for picture in told.get("images", ())]
    mark = exchange.generation[-12:].lower()
    return [
        {"id": f"{PREFIXES[item['type']]}_tmp_{mark}{at}"} | item for at, item in enumerate(items)
    ]


PREFIXES = {
    "reasoning": "rs",
    "message": "msg",
    "function_call": "fc",
    "image_generation_call": "ig",
}


def _thought(thought: str, include: Json) -> JsonObject:
    sealed = base64.b64encode(thought.encode()).decode()
    return {
        "type": "reasoning",
        "status": "completed",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": thought}],
        "encrypted_content": sealed if "reasoning.encrypted_content" in include else None,
        "format": "unknown",
    }


def _said(told: JsonObject, status: str) -> JsonObject:
    notes = [note for note in told.get("annotations", ()) if note["type"] == "url_citation"]
    cited = [
        {"type": "url_citation"}
        | {key: note["url_citation"][key] for key in ("url", "title", "start_index", "end_index")}
        for note in notes
    ]
    text = {"type": "output_text", "text": told["content"], "annotations": cited, "logprobs": []}
    return {"type": "message", "role": "assistant", "status": status, "content": [text]}


def _called(call: JsonObject) -> JsonObject:
    function = call["function"]
    return {
        "type": "function_call",
        "status": "completed",
        "call_id": call["id"],
        "name": function["name"],
        "arguments": function["arguments"],
    }


def _drawn(picture: JsonObject) -> JsonObject:
    data = picture["image_url"]["url"].partition(",")[2]
    return {"type": "image_generation_call", "status": "completed", "result": data}


def _usage(usage: JsonObject) -> JsonObject:
    """Give the usage of a chat in the words of this skin."""
    costs = usage["cost_details"]
    searched = {key: usage[key] for key in ("server_tool_use_details",) if key in usage}
    return {
        "input_tokens": usage["prompt_tokens"],
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": usage["completion_tokens"],
        "output_tokens_details": {
            "reasoning_tokens": usage["completion_tokens_details"]["reasoning_tokens"]
        },
        "total_tokens": usage["total_tokens"],
        "cost": usage["cost"],
        "is_byok": usage["is_byok"],
        "cost_details": {
            "upstream_inference_cost": costs["upstream_inference_cost"],
            "upstream_inference_input_cost": costs["upstream_inference_prompt_cost"],
            "upstream_inference_output_cost": costs["upstream_inference_completions_cost"],
        },
        **searched,
    }


# Events ------------------------------------------------------------------------------------------


def _events(exchange: Exchange, completion: JsonObject) -> Iterator[JsonObject]:
    """Give the events in their order; one that fails ends with its failure."""
    failed, begun = _failure(completion), _begun(exchange)
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    if failed and choice_of(completion) is None:
        yield {
            "type": "error",
            "param": None,
            **failed["error"],
            "error_type": failed["error_type"],
        }
        return
    whole = response(exchange, completion)
    for at, item in enumerate(whole["output"] or ()):
        place = {"output_index": at}
        yield {"type": "response.output_item.added", "item": _empty(item), **place}
        for one in _of_item(item):
            yield one | place | {"item_id": item["id"]}
        yield {"type": "response.output_item.done", "item": item, **place}
    yield {"type": f"response.{whole['status']}", "response": whole}


def _empty(item: JsonObject) -> JsonObject:
    """Give an item as it is announced."""
    filled: JsonObject = {"content": [], "arguments": "", "result": None}
    emptied = {key: value for key, value in filled.items() if key in item}
    return item | emptied | {"status": "in_progress"}


def _of_item(item: JsonObject) -> Iterator[JsonObject]:
    if item["type"] == "message":
        yield from _of_text(item["content"][0])
    elif item["type"] == "reasoning":
        text = item["content"][0]["text"]
        for words in pieces(text):
            yield {"type": "response.reasoning_text.delta", "content_index": 0, "delta": words}
        yield {"type": "response.reasoning_text.done", "content_index": 0, "text": text}
    elif item["type"] == "function_call":
        call = {key: item[key] for key in ("name", "arguments")}
        for words in pieces(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", "delta": words}
        yield {"type": "response.function_call_arguments.done", **call}


def _of_text(part: JsonObject) -> Iterator[JsonObject]:
    place = {"content_index": 0}
    empty = part | {"text": "", "annotations": []}
    yield {"type": "response.content_part.added", "part": empty, **place}
    for words in pieces(part["text"]):
        yield {"type": "response.output_text.delta", "delta": words, "logprobs": [], **place}
    for at, note in enumerate(part["annotations"]):
        added = {"annotation_index": at, "annotation": note}
        yield {"type": "response.output_text.annotation.added", **added, **place}
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": [], **place}
    yield {"type": "response.content_part.done", "part": part, **place}
