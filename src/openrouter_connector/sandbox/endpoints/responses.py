"""`POST /responses`: a chat in the words of OpenAI's Responses API, which keeps no state here.

The request is translated into that of a chat, and the completion of it back into a response.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..checks.fields import (
    CHAT,
    FLAG,
    OBJECT,
    TEXT,
    Check,
    check_fields,
    check_part,
    check_reasoning,
    check_routing,
    is_among,
    is_text,
    is_tool,
    number,
    whole,
)
from ..content.schema_instance import is_schema
from ..dialects.response import events, response
from ..errors import invalid
from ..inference import Exchange, json_reply
from . import chat

FORMATS = {"text", "json_object", "json_schema"}
CHOICES = {"auto", "none", "required"}
SAME = (
    *("model", "models", "temperature", "top_p", "top_k", "frequency_penalty", "presence_penalty"),
    *("stream", "provider", "plugins", "user", "session_id", "modalities", "image_config"),
    *("reasoning", "metadata"),
)
CHECKS: dict[str, Check] = {name: CHAT[name] for name in SAME} | {
    "instructions": TEXT,
    "max_output_tokens": whole(1),
    "max_tool_calls": number(1, 30),
    "top_logprobs": whole(0, 20),
    "text": OBJECT,
    "tools": (
        "array of tools, functions with a name",
        lambda v: isinstance(v, list) and all(isinstance(t, dict) and _is_tool(t) for t in v),
    ),
    "tool_choice": (
        "one of auto|none|required, or an object with a type",
        lambda v: is_among(v, CHOICES) or (isinstance(v, dict) and _is_choice(v)),
    ),
    "parallel_tool_calls": FLAG,
    "include": ("array of strings", lambda v: isinstance(v, list) and all(map(is_text, v))),
    "store": ("false; responses are not kept", lambda v: v is False),
    "previous_response_id": ("null; send the whole conversation in `input`", lambda v: v is None),
    "background": FLAG,
    "truncation": TEXT,
    "service_tier": TEXT,
}


def check(body: JsonObject) -> None:
    """Check the body of a responses request, all but the input; raises Refusal 400."""
    if not body.get("input"):
        raise invalid("input", "string or array of at least one item")
    check_fields(body, CHECKS)
    check_reasoning(body)
    check_routing(body.get("provider") or {})
    form = (body.get("text") or {}).get("format")
    if form is None:
        return
    if not isinstance(form, dict) or not is_among(form.get("type"), FORMATS):
        raise invalid("text.format.type", "one of " + "|".join(sorted(FORMATS)))
    if form["type"] == "json_schema":
        if not is_text(form.get("name")):
            raise invalid("text.format.name", "string")
        if (schema := form.get("schema")) and not is_schema(schema):
            raise invalid("text.format.schema", "JSON Schema")


def as_chat(body: JsonObject) -> JsonObject:
    """Translate a responses request into a chat; raises Refusal 400 for a wrong item."""
    given = body["input"]
    items = [{"role": "user", "content": given}] if is_text(given) else given
    if not isinstance(items, list):
        raise invalid("input", "string or array of items")
    system = body.get("instructions")
    first = [{"role": "system", "content": system}] if system else []
    turns = [turn for place, item in enumerate(items) for turn in _turns(item, f"input[{place}]")]
    same = {name: body[name] for name in SAME if body.get(name) is not None}
    options = {name: value for name, value in _options(body) if value}
    return same | options | {"messages": [*first, *turns]}


async def answer(exchange: Exchange) -> Response:
    """Answer as a response, in one piece or as events."""
    completion = chat.completed(exchange)
    if exchange.stream:
        return events(exchange, completion)
    return json_reply(response(exchange, completion))


def _options(body: JsonObject) -> Iterator[tuple[str, Json]]:
    """Give the options that chat knows by another name or nests otherwise."""
    yield "max_tokens", body.get("max_output_tokens")
    yield "tools", [_tool(tool) for tool in body.get("tools") or ()]
    choice = body.get("tool_choice")
    yield "tool_choice", _choice(choice) if isinstance(choice, dict) else choice
    form = (body.get("text") or {}).get("format")
    if form and form["type"] == "json_schema":
        described = {key: value for key, value in form.items() if key != "type"}
        yield "response_format", {"type": "json_schema", "json_schema": described}
    else:
        yield "response_format", form


def _choice(choice: JsonObject) -> Json:
    if choice["type"] == "function":
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice.get("mode") or "auto"


def _is_choice(choice: JsonObject) -> bool:
    named = choice.get("type") != "function" or is_text(choice.get("name"))
    return is_text(choice.get("type")) and named and is_among(choice.get("mode", "auto"), CHOICES)


def _tool(tool: JsonObject) -> JsonObject:
    """Nest a function, which is flat here, and call the search of the web as chat does."""
    if tool.get("type") == "function":
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


def _turns(item: Json, path: str) -> Iterator[JsonObject]:
    """Give the message of a chat that an item becomes, or none for what chat does not know."""
    if not isinstance(item, dict):
        raise invalid(path, "object")
    kind = item.get("type") or "message"
    if kind == "message":
        yield _message(item, path)
    elif kind == "function_call":
        yield _called(item, path)
    elif kind == "function_call_output":
        yield _output(item, path)
    elif not is_text(kind):
        raise invalid(f"{path}.type", "string")


def _message(item: JsonObject, path: str) -> JsonObject:
    if not is_among(item.get("role"), ROLES):
        raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
    content = item.get("content") or ""
    if isinstance(content, list):
        content = [_part(part, f"{path}.content[{at}]") for at, part in enumerate(content)]
    elif not is_text(content):
        raise invalid(f"{path}.content", "string or array of parts")
    return {"role": item["role"], "content": content}


ROLES = {"user", "assistant", "system", "developer"}


def _called(item: JsonObject, path: str) -> JsonObject:
    for name in ("call_id", "name", "arguments"):
        if not is_text(item.get(name)):
            raise invalid(f"{path}.{name}", "string")
    function = {"name": item["name"], "arguments": item["arguments"]}
    call = {"id": item["call_id"], "type": "function", "function": function}
    return {"role": "assistant", "content": None, "tool_calls": [call]}


def _output(item: JsonObject, path: str) -> JsonObject:
    if not is_text(item.get("call_id")):
        raise invalid(f"{path}.call_id", "string")
    output = item.get("output")
    if isinstance(output, list):
        output = [_part(part, f"{path}.output[{at}]") for at, part in enumerate(output)]
    elif not is_text(output):
        raise invalid(f"{path}.output", "string or array of parts")
    return {"role": "tool", "tool_call_id": item["call_id"], "content": output}


def _part(given: Json, path: str) -> JsonObject:
    kind = given.get("type") if isinstance(given, dict) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join(PARTS))
    at, make = PARTS[kind]
    part = make(given)
    check_part(part, path, at)
    return part


def _text(given: JsonObject) -> JsonObject:
    return {"type": "text", "text": given.get("text", given.get("refusal"))}


def _image(given: JsonObject) -> JsonObject:
    if given.get("file_id"):
        return {"type": "file", "file": {"file_id": given["file_id"]}}
    return {"type": "image_url", "image_url": {"url": given.get("image_url")}}


def _file(given: JsonObject) -> JsonObject:
    if given.get("file_id"):
        return {"type": "file", "file": {"file_id": given["file_id"]}}
    data = given.get("file_data") or given.get("file_url")
    return {"type": "file", "file": {"filename": given.get("filename") or "", "file_data": data}}


PARTS: dict[str, tuple[str, Callable[[JsonObject], JsonObject]]] = {
    "input_text": ("text", _text),
    "output_text": ("text", _text),
    "refusal": ("refusal", _text),
    "input_image": ("image_url", _image),
    "input_file": ("file_data", _file),
    "input_audio": (
        "input_audio.data",
        lambda given: {"type": "input_audio", "input_audio": given.get("input_audio")},
    ),
    "input_video": (
        "video_url",
        lambda given: {"type": "video_url", "video_url": {"url": given.get("video_url")}},
    ),
}
