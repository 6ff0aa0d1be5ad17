"""`POST /responses`: OpenAI's Responses API, stateless as at OpenRouter.

The request is translated to a chat request, and its completion to a response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..checks.chat import (
    CHAT,
    check_chat_fields,
    check_part,
    check_reasoning,
    check_routing,
    is_tool,
)
from ..checks.fields import BOOLEAN, OBJECT, STRING, Check, integer, is_one_of, is_string, number
from ..completion import create_completion
from ..content.schema_instance import is_schema
from ..dialects.response import stream_response, to_response
from ..errors import invalid
from ..inference import Inference, json_response

FORMATS = {"text", "json_object", "json_schema"}
TOOL_CHOICES = {"auto", "none", "required"}
SHARED = (
    *("model", "models", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"),
    *("stream", "provider", "plugins", "user", "session_id", "modalities", "image_config"),
    *("reasoning", "metadata", "stop", "prompt_cache_options"),
    *("trace", "deferred_tools", "stop_server_tools_when"),
)
CHECKS: dict[str, Check] = {name: CHAT[name] for name in SHARED} | {
    "instructions": STRING,
    "max_output_tokens": integer(1),
    "max_tool_calls": number(1, 30),
    "top_logprobs": integer(0, 20),
    "text": OBJECT,
    "tools": (
        "array of tools, functions with a name",
        lambda v: isinstance(v, list) and all(isinstance(t, dict) and _is_tool(t) for t in v),
    ),
    "tool_choice": (
        "one of auto|none|required, or an object with a type",
        lambda v: is_one_of(v, TOOL_CHOICES) or (isinstance(v, dict) and _is_tool_choice(v)),
    ),
    "parallel_tool_calls": BOOLEAN,
    "include": ("array of strings", lambda v: isinstance(v, list) and all(map(is_string, v))),
    # As in the real API, a client must send the whole history with each request.
    "store": ("false; responses are not kept", lambda v: v is False),
    "previous_response_id": ("null; send the whole conversation in `input`", lambda v: v is None),
    "background": BOOLEAN,
    "truncation": STRING,
    "service_tier": STRING,
}


def check(body: JsonObject) -> None:
    """Check the body of a responses request, except for the input; raise RefusedRequest 400."""
    if not body.get("input"):
        raise invalid("input", "string or array of at least one item")
    check_chat_fields(body, CHECKS)
    check_reasoning(body)
    check_routing(body.get("provider") or {})
    _check_text_format((body.get("text") or {}).get("format"))


def to_chat(body: JsonObject) -> JsonObject:
    """Return the chat request for a responses request; raise RefusedRequest 400."""
    value = body["input"]
    items = [{"role": "user", "content": value}] if is_string(value) else value
    if not isinstance(items, list):
        raise invalid("input", "string or array of items")
    system = body.get("instructions")
    first = [{"role": "system", "content": system}] if system else []
    messages = [
        message
        for index, item in enumerate(items)
        for message in _messages(item, f"input[{index}]")
    ]
    shared = {name: body[name] for name in SHARED if body.get(name) is not None}
    options = {name: value for name, value in _options(body) if value}
    return shared | options | {"messages": [*first, *messages]}


async def answer(inference: Inference) -> Response:
    """Return a response as JSON or as events."""
    completion = create_completion(inference)
    if inference.stream:
        return stream_response(inference, completion)
    return json_response(to_response(inference, completion))


def _check_text_format(text_format: Json) -> None:
    if text_format is None:
        return
    if not isinstance(text_format, dict) or not is_one_of(text_format.get("type"), FORMATS):
        raise invalid("text.format.type", "one of " + "|".join(sorted(FORMATS)))
    if text_format["type"] == "json_schema":
        if not is_string(text_format.get("name")):
            raise invalid("text.format.name", "string")
        if (schema := text_format.get("schema")) and not is_schema(schema):
            raise invalid("text.format.schema", "JSON Schema")


def _options(body: JsonObject) -> Iterator[tuple[str, Json]]:
    """Yield the options that have another name or another nesting in chat."""
    yield "max_tokens", body.get("max_output_tokens")
    yield "tools", [_tool(tool) for tool in body.get("tools") or ()]
    choice = body.get("tool_choice")
    yield "tool_choice", _choice(choice) if isinstance(choice, dict) else choice
    text_format = (body.get("text") or {}).get("format")
    if text_format and text_format["type"] == "json_schema":
        described = {key: value for key, value in text_format.items() if key != "type"}
        yield "response_format", {"type": "json_schema", "json_schema": described}
    else:
        yield "response_format", text_format


def _choice(choice: JsonObject) -> Json:
    if choice["type"] == "function":
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice.get("mode") or "auto"


def _is_tool_choice(choice: JsonObject) -> bool:
    has_name = choice.get("type") != "function" or is_string(choice.get("name"))
    return (
        is_string(choice.get("type"))
        and has_name
        and is_one_of(choice.get("mode", "auto"), TOOL_CHOICES)
    )


def _tool(tool: JsonObject) -> JsonObject:
    """Return a tool as chat has it: functions are nested there, and searches have another name."""
    if tool.get("type") == "function":
        # Tools are flat here and nested in chat, which clients often confuse.
        function = {key: value for key, value in tool.items() if key != "type"}
        return {
            "type": "function",
            "function": function | {"parameters": tool.get("parameters") or {}},
        }
    search = str(tool.get("type")).startswith("web_search")
    return {"type": "openrouter:web_search" if search else tool.get("type")}


def _is_tool(tool: JsonObject) -> bool:
    return is_tool(_tool(tool))


# Items and their parts ---------------------------------------------------------------------------


def _messages(item: Json, path: str) -> Iterator[JsonObject]:
    """Yield the chat message for an input item; none for items that chat does not know."""
    if not isinstance(item, dict):
        raise invalid(path, "object")
    kind = item.get("type") or "message"
    if kind == "message":
        yield _message(item, path)
    elif kind == "function_call":
        yield _tool_call(item, path)
    elif kind == "function_call_output":
        yield _tool_result(item, path)
    # Items of unknown types, such as reasoning of earlier turns, are accepted and dropped.
    elif not is_string(kind):
        raise invalid(f"{path}.type", "string")


def _message(item: JsonObject, path: str) -> JsonObject:
    if not is_one_of(item.get("role"), ROLES):
        raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
    content = item.get("content") or ""
    if isinstance(content, list):
        content = [_part(part, f"{path}.content[{index}]") for index, part in enumerate(content)]
    elif not is_string(content):
        raise invalid(f"{path}.content", "string or array of parts")
    return {"role": item["role"], "content": content}


ROLES = {"user", "assistant", "system", "developer"}


def _tool_call(item: JsonObject, path: str) -> JsonObject:
    for name in ("call_id", "name", "arguments"):
        if not is_string(item.get(name)):
            raise invalid(f"{path}.{name}", "string")
    function = {"name": item["name"], "arguments": item["arguments"]}
    call = {"id": item["call_id"], "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _tool_result(item: JsonObject, path: str) -> JsonObject:
    if not is_string(item.get("call_id")):
        raise invalid(f"{path}.call_id", "string")
    output = item.get("output")
    if isinstance(output, list):
        output = [_part(part, f"{path}.output[{index}]") for index, part in enumerate(output)]
    elif not is_string(output):
        raise invalid(f"{path}.output", "string or array of parts")
    return {"role": "tool", "tool_call_id": item["call_id"], "content": output}


def _part(value: Json, path: str) -> JsonObject:
    kind = value.get("type") if isinstance(value, dict) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join(PARTS))
    value_path, translate = PARTS[kind]
    part = translate(value)
    check_part(part, path, value_path)
    return part


def _text(part: JsonObject) -> JsonObject:
    return {"type": "text", "text": part.get("text", part.get("refusal"))}


def _image(part: JsonObject) -> JsonObject:
    if part.get("file_id"):
        return {"type": "file", "file": {"file_id": part["file_id"]}}
    return {"type": "image_url", "image_url": {"url": part.get("image_url")}}


def _file(part: JsonObject) -> JsonObject:
    if part.get("file_id"):
        return {"type": "file", "file": {"file_id": part["file_id"]}}
    data = part.get("file_data") or part.get("file_url")
    return {"type": "file", "file": {"filename": part.get("filename") or "", "file_data": data}}


PARTS: dict[str, tuple[str, Callable[[JsonObject], JsonObject]]] = {
    "input_text": ("text", _text),
    "output_text": ("text", _text),
    "refusal": ("refusal", _text),
    "input_image": ("image_url", _image),
    "input_file": ("file_data", _file),
    "input_audio": (
        "input_audio.data",
        lambda part: {"type": "input_audio", "input_audio": part.get("input_audio")},
    ),
    "input_video": (
        "video_url",
        lambda part: {"type": "video_url", "video_url": {"url": part.get("video_url")}},
    ),
}
