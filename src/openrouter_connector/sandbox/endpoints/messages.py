"""`POST /messages`: Anthropic's Messages API.

The request is translated to a chat request, and its completion to a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..checks.chat import CHAT, check_chat_fields, check_part, check_routing, is_tool
from ..checks.fields import OBJECT, STRING, Check, is_integer, is_one_of, is_string, require_fields
from ..completion import create_completion
from ..content.schema_instance import is_schema
from ..dialects.message import stream_message, to_message
from ..errors import RefusedRequest, invalid
from ..inference import Inference, json_response

MIN_BUDGET = 1024
EFFORTS = {"low", "medium", "high", "xhigh", "max"}
THINKING = {"enabled", "disabled", "adaptive"}
TOOL_CHOICES = {"auto": "auto", "any": "required", "none": "none", "tool": "tool"}
SHARED = (
    *("model", "models", "max_tokens", "temperature", "top_p", "top_k", "stream", "provider"),
    *("plugins", "session_id", "user"),
    *("trace", "deferred_tools", "stop_server_tools_when"),
)
CHECKS: dict[str, Check] = {name: CHAT[name] for name in SHARED} | {
    "stop_sequences": (
        "array of strings",
        lambda v: isinstance(v, list) and all(map(is_string, v)),
    ),
    "tools": (
        "array of tools, each with a type, or a name and an input_schema",
        lambda v: isinstance(v, list) and all(map(_is_tool, v)),
    ),
    "tool_choice": (
        "object of the type auto, any, none, or tool with a name",
        lambda v: (
            isinstance(v, dict)
            and is_one_of(v.get("type"), TOOL_CHOICES)
            and (v["type"] != "tool" or is_string(v.get("name")))
        ),
    ),
    "thinking": (
        "object of the type enabled, disabled or adaptive",
        lambda v: isinstance(v, dict) and is_one_of(v.get("type"), THINKING),
    ),
    "output_config": OBJECT,
    "metadata": OBJECT,
    "service_tier": STRING,
    "fallbacks": (
        "array of up to 3 objects with a model",
        lambda v: isinstance(v, list) and len(v) <= 3 and all(map(_is_fallback, v)),
    ),
}


def check(body: JsonObject) -> None:
    """Check the body of a messages request, except for the messages; raise RefusedRequest 400."""
    require_fields(body, "model", "messages")
    check_chat_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    if body.get("models") and body.get("fallbacks"):
        raise RefusedRequest(400, 'Only one of "models" and "fallbacks" may be provided')
    _check_budget(body.get("thinking") or {}, body.get("max_tokens"))
    _check_output(body.get("output_config") or {})


def to_chat(body: JsonObject) -> JsonObject:
    """Return the chat request for a messages request; raise RefusedRequest 400."""
    messages = body["messages"]
    if not isinstance(messages, list) or not messages:
        raise invalid("messages", "array of at least one message")
    # The API has the system prompt outside of the messages; chat has it as the first of them.
    system = _system(body.get("system"))
    translated = [
        chat_message
        for index, message in enumerate(messages)
        for chat_message in _messages(message, f"messages[{index}]")
    ]
    shared = {name: body[name] for name in SHARED if body.get(name) is not None}
    options = {name: value for name, value in _options(body) if value}
    return shared | options | {"messages": [*system, *translated]}


async def answer(inference: Inference) -> Response:
    """Return a message as JSON or as events."""
    completion = create_completion(inference)
    if inference.stream:
        return stream_message(inference, completion)
    return json_response(to_message(inference, completion))


def _check_budget(thinking: JsonObject, max_tokens: int | None) -> None:
    if thinking.get("type") != "enabled":
        return
    budget: Json = thinking.get("budget_tokens")
    if not is_integer(budget) or budget < MIN_BUDGET:
        raise invalid("thinking.budget_tokens", f"integer of at least {MIN_BUDGET}")
    # The budget is part of `max_tokens`, so nothing would be left for the answer.
    if max_tokens is not None and budget >= max_tokens:
        raise RefusedRequest(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_output(config: JsonObject) -> None:
    if (effort := config.get("effort")) is not None and not is_one_of(effort, EFFORTS):
        raise invalid("output_config.effort", "one of " + "|".join(sorted(EFFORTS)))
    output_format = config.get("format")
    if output_format is None:
        return
    if not isinstance(output_format, dict) or output_format.get("type") != "json_schema":
        raise invalid("output_config.format.type", '"json_schema"')
    if not is_schema(output_format.get("schema")):
        raise invalid("output_config.format.schema", "JSON Schema")


def _options(body: JsonObject) -> Iterator[tuple[str, Json]]:
    """Yield the options that have another name in chat."""
    choice = body.get("tool_choice")
    output_format = (body.get("output_config") or {}).get("format")
    yield "stop", body.get("stop_sequences")
    fallbacks = [model["model"] for model in body.get("fallbacks") or ()]
    yield "models", fallbacks or body.get("models") or []
    yield "tools", [_tool(tool) for tool in body.get("tools") or ()]
    yield "tool_choice", _choice(choice) if choice else None
    yield "reasoning", _reasoning(body.get("thinking"), body.get("output_config"))
    if output_format:
        described = {"name": "output", "strict": True, "schema": output_format["schema"]}
        yield "response_format", {"type": "json_schema", "json_schema": described}


def _choice(choice: JsonObject) -> Json:
    if choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return TOOL_CHOICES[choice["type"]]


def _reasoning(thinking: JsonObject | None, config: JsonObject | None) -> JsonObject:
    if thinking is not None and thinking["type"] != "adaptive":
        budget = thinking.get("budget_tokens")
        return {"max_tokens": budget} if thinking["type"] == "enabled" else {"enabled": False}
    effort = (config or {}).get("effort")
    return ({"enabled": True} if thinking else {}) | ({"effort": effort} if effort else {})


def _tool(tool: JsonObject) -> JsonObject:
    """Return a tool as chat has it: a function, or a server tool under its name in chat."""
    if "input_schema" not in tool:
        search = str(tool["type"]).startswith("web_search")
        return {"type": "openrouter:web_search" if search else tool["type"]}
    function = {"name": tool.get("name"), "description": tool.get("description") or ""}
    parameters = tool["input_schema"] or {}
    return {"type": "function", "function": function | {"parameters": parameters}}


def _is_tool(value: Json) -> bool:
    if not isinstance(value, dict) or not ("type" in value or "input_schema" in value):
        return False
    return is_tool(_tool(value))


def _is_fallback(value: Json) -> bool:
    return isinstance(value, dict) and is_string(value.get("model"))


# Messages and their blocks -----------------------------------------------------------------------


def _system(prompt: Json) -> list[JsonObject]:
    if not prompt:
        return []
    text = prompt if is_string(prompt) else _join_texts(prompt)
    if text is None:
        raise invalid("system", "string or array of text blocks")
    return [{"role": "system", "content": text}]


def _messages(message: Json, path: str) -> Iterator[JsonObject]:
    """Yield the chat messages for one message: each tool result becomes a message of its own."""
    if not isinstance(message, dict) or not is_one_of(message.get("role"), ROLES):
        raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
    content = message.get("content")
    blocks = [{"type": "text", "text": content}] if is_string(content) else content
    if not isinstance(blocks, list):
        raise invalid(f"{path}.content", "string or array of blocks")
    parts: list[JsonObject] = []
    calls: list[JsonObject] = []
    for index, block in enumerate(blocks):
        block_path = f"{path}.content[{index}]"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_result":
            yield _tool_result(block, block_path)
        elif kind == "tool_use":
            calls.append(_tool_call(block, block_path))
        # Blocks of earlier turns that chat has no equivalent for are accepted and dropped.
        elif not is_one_of(kind, IGNORED_BLOCKS):
            parts.append(_part(block, kind, block_path))
    if parts or calls:
        tool_calls = {"tool_calls": calls} if calls else {}
        yield {"role": message["role"], "content": parts or None} | tool_calls


ROLES = {"user", "assistant", "system"}
IGNORED_BLOCKS = {
    *("thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result", "compaction"),
    *("web_fetch_tool_result", "code_execution_tool_result", "container_upload"),
}


def _tool_result(block: JsonObject, path: str) -> JsonObject:
    content = block.get("content") or ""
    text = content if is_string(content) else _join_texts(content)
    if not is_string(block.get("tool_use_id")):
        raise invalid(f"{path}.tool_use_id", "string")
    if text is None:
        raise invalid(f"{path}.content", "string or array of blocks")
    return {"role": "tool", "tool_call_id": block["tool_use_id"], "content": text}


def _tool_call(block: JsonObject, path: str) -> JsonObject:
    for name in ("id", "name"):
        if not is_string(block.get(name)):
            raise invalid(f"{path}.{name}", "string")
    # The arguments do not matter here: nothing in the sandbox reads the calls of earlier turns.
    function = {"name": block["name"], "arguments": ""}
    return {"id": block["id"], "type": "function", "function": function}


def _part(block: JsonObject, kind: Json, path: str) -> JsonObject:
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join((*PARTS, "tool_use", "tool_result")))
    value_path, translate = PARTS[kind]
    part = translate(block)
    check_part(part, path, value_path)
    return part


def _image(block: JsonObject) -> JsonObject:
    return {"type": "image_url", "image_url": {"url": _source_url(block.get("source"))}}


def _document(block: JsonObject) -> JsonObject:
    value = block.get("source")
    source: JsonObject = value if isinstance(value, dict) else {}
    kind = source.get("type")
    if kind == "text":
        return {"type": "text", "text": source.get("data")}
    if kind == "content":
        content = source.get("content")
        return {"type": "text", "text": content if is_string(content) else _join_texts(content)}
    if kind == "file":
        return {"type": "file", "file": {"file_id": source.get("file_id")}}
    name = str(block.get("title") or "document.pdf")
    return {"type": "file", "file": {"filename": name, "file_data": _source_url(source)}}


def _source_url(source: Json) -> Json:
    if not isinstance(source, dict):
        return None
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return source.get("url")


def _join_texts(blocks: Json) -> str | None:
    """Join the texts of the blocks; return None if it is not a list of blocks."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return None
    return "\n".join(block["text"] for block in blocks if is_string(block.get("text")))


PARTS: dict[str, tuple[str, Callable[[JsonObject], JsonObject]]] = {
    "text": ("text", lambda block: {"type": "text", "text": block.get("text")}),
    "image": ("source", _image),
    "document": ("source", _document),
    "search_result": ("content", lambda b: {"type": "text", "text": _join_texts(b.get("content"))}),
}
