"""Return a completion as a response of the Responses API: whole, or as events without names."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from starlette.responses import StreamingResponse

from openrouter_connector.values import Json, JsonObject

from ..inference import Inference
from .chat_events import DONE, event_stream, frame, split_words
from .completion_parts import find_error, first_choice, is_nested, routing_metadata

ERROR_CODES = {400: "invalid_prompt", 429: "rate_limit_exceeded"}
ECHOED_DEFAULTS: JsonObject = {
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
"""The parameters that a response repeats from its request, with their values if not set."""


def to_response(inference: Inference, completion: JsonObject) -> JsonObject:
    """Return the response; a failed one has HTTP status 200 and `status: failed`."""
    if is_nested(completion):
        return {"provider": to_response(inference, completion["provider"])}
    output = _output(inference, completion)
    status = _status(completion)
    ended = {
        "status": status,
        "output": output,
        "completed_at": inference.created if status == "completed" else None,
        "incomplete_details": ({"reason": "max_output_tokens"} if status == "incomplete" else None),
        "usage": _usage(completion["usage"]) if "usage" in completion else None,
    }
    return _new_response(inference) | ended | _failure(completion) | routing_metadata(completion)


def stream_response(inference: Inference, completion: JsonObject) -> StreamingResponse:
    """Stream the response as numbered events, then `[DONE]`."""
    if is_nested(completion):
        completion = completion["provider"]
    events = enumerate(_events(inference, completion))
    # Unlike OpenAI's own, these events have no `event:` line: their names are only in the data.
    numbered = (frame(event | {"sequence_number": number}) for number, event in events)
    return event_stream(inference, [*numbered, DONE])


def _new_response(inference: Inference) -> JsonObject:
    """Return the response without output: the parameters of its request, and no results."""
    request = inference.original_body
    echoed = {name: request[name] for name in ECHOED_DEFAULTS if request.get(name) is not None}
    reasoning = request.get("reasoning") or {}
    return {
        "id": inference.generation,  # `gen-…`, while OpenAI has `resp_…`
        "object": "response",
        "created_at": inference.created,
        "completed_at": None,
        "model": inference.model.slug,
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "output": [],
        **(ECHOED_DEFAULTS | echoed),
        "tools": [
            {"parameters": {}} | tool
            for tool in request.get("tools") or ()
            if tool.get("type") == "function"
        ],
        "reasoning": {name: reasoning.get(name) for name in ("effort", "summary")},
        # Nothing is stored: clients send the whole history each time.
        "store": False,
        "background": False,
        "previous_response_id": None,
        "usage": None,
    }


def _status(completion: JsonObject) -> str:
    if find_error(completion) is not None:
        return "failed"
    finish = (first_choice(completion) or {}).get("finish_reason")
    return "incomplete" if finish == "length" else "completed"


def _failure(completion: JsonObject) -> JsonObject:
    """Return the error as this dialect has it: its code is a text."""
    if (error := find_error(completion)) is None:
        return {}
    code = ERROR_CODES.get(error["code"], "server_error")
    error_type = (error.get("metadata") or {}).get("error_type", "server")
    return {"error": {"code": code, "message": error["message"]}, "error_type": error_type}


def _output(inference: Inference, completion: JsonObject) -> list[JsonObject] | None:
    """Return the output items: reasoning, text, tool calls, images."""
    if (choice := first_choice(completion)) is None:
        return None if find_error(completion) is None else []
    message = choice["message"]
    status = "incomplete" if choice["finish_reason"] in ("length", "error") else "completed"
    items: list[JsonObject] = []
    if reasoning := message.get("reasoning"):
        items.append(_reasoning_item(reasoning, inference.original_body.get("include") or ()))
    if message["content"]:
        items.append(_message_item(message, status))
    items += [_function_call_item(call) for call in message.get("tool_calls", ())]
    items += [_image_item(image) for image in message.get("images", ())]
    suffix = inference.generation[-12:].lower()
    return [
        {"id": f"{ID_PREFIXES[item['type']]}_tmp_{suffix}{index}"} | item
        for index, item in enumerate(items)
    ]


ID_PREFIXES = {
    "reasoning": "rs",
    "message": "msg",
    "function_call": "fc",
    "image_generation_call": "ig",
}


def _reasoning_item(reasoning: str, include: Json) -> JsonObject:
    encrypted = base64.b64encode(reasoning.encode()).decode()
    return {
        "type": "reasoning",
        "status": "completed",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": reasoning}],
        # Only on request: `include` must name it.
        "encrypted_content": encrypted if "reasoning.encrypted_content" in include else None,
        "format": "unknown",
    }


def _message_item(message: JsonObject, status: str) -> JsonObject:
    notes = [note for note in message.get("annotations", ()) if note["type"] == "url_citation"]
    citations = [
        {"type": "url_citation"}
        | {key: note["url_citation"][key] for key in ("url", "title", "start_index", "end_index")}
        for note in notes
    ]
    text = {"type": "output_text", "text": message["content"]}
    text |= {"annotations": citations, "logprobs": []}
    return {"type": "message", "role": "assistant", "status": status, "content": [text]}


def _function_call_item(call: JsonObject) -> JsonObject:
    function = call["function"]
    return {
        "type": "function_call",
        "status": "completed",
        "call_id": call["id"],
        "name": function["name"],
        "arguments": function["arguments"],
    }


def _image_item(image: JsonObject) -> JsonObject:
    data = image["image_url"]["url"].partition(",")[2]
    return {"type": "image_generation_call", "status": "completed", "result": data}


def _usage(usage: JsonObject) -> JsonObject:
    """Return the usage of a chat under the names of this dialect."""
    # The cost details have other names here than in chat: input and output, not prompt and
    # completions.
    costs = usage["cost_details"]
    searches = {key: usage[key] for key in ("server_tool_use_details",) if key in usage}
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
        **searches,
    }


# Events ------------------------------------------------------------------------------------------


def _events(inference: Inference, completion: JsonObject) -> Iterator[JsonObject]:
    """Yield the events in their order; a failed response ends with its error."""
    failure, new = _failure(completion), _new_response(inference)
    yield {"type": "response.created", "response": new}
    yield {"type": "response.in_progress", "response": new}
    if failure and first_choice(completion) is None:
        yield {
            "type": "error",
            "param": None,
            **failure["error"],
            "error_type": failure["error_type"],
        }
        return
    response = to_response(inference, completion)
    for index, item in enumerate(response["output"] or ()):
        place = {"output_index": index}
        yield {"type": "response.output_item.added", "item": _empty_item(item), **place}
        for event in _item_events(item):
            yield event | place | {"item_id": item["id"]}
        yield {"type": "response.output_item.done", "item": item, **place}
    yield {"type": f"response.{response['status']}", "response": response}


def _empty_item(item: JsonObject) -> JsonObject:
    """Return an item without content, as its first event announces it."""
    empty: JsonObject = {"content": [], "arguments": "", "result": None}
    present = {key: value for key, value in empty.items() if key in item}
    return item | present | {"status": "in_progress"}


def _item_events(item: JsonObject) -> Iterator[JsonObject]:
    if item["type"] == "message":
        yield from _text_events(item["content"][0])
    elif item["type"] == "reasoning":
        text = item["content"][0]["text"]
        for words in split_words(text):
            yield {"type": "response.reasoning_text.delta", "content_index": 0, "delta": words}
        yield {"type": "response.reasoning_text.done", "content_index": 0, "text": text}
    elif item["type"] == "function_call":
        call = {key: item[key] for key in ("name", "arguments")}
        for words in split_words(item["arguments"]):
            yield {"type": "response.function_call_arguments.delta", "delta": words}
        yield {"type": "response.function_call_arguments.done", **call}


def _text_events(part: JsonObject) -> Iterator[JsonObject]:
    place = {"content_index": 0}
    empty = part | {"text": "", "annotations": []}
    yield {"type": "response.content_part.added", "part": empty, **place}
    for words in split_words(part["text"]):
        yield {"type": "response.output_text.delta", "delta": words, "logprobs": [], **place}
    for index, note in enumerate(part["annotations"]):
        added = {"annotation_index": index, "annotation": note}
        yield {"type": "response.output_text.annotation.added", **added, **place}
    yield {"type": "response.output_text.done", "text": part["text"], "logprobs": [], **place}
    yield {"type": "response.content_part.done", "part": part, **place}
