"""`POST /messages`: a chat in the words of Anthropic's API.

The request is translated into that of a chat, and the completion of it back into a message.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..checks.fields import (
    CHAT,
    OBJECT,
    TEXT,
    Check,
    check_fields,
    check_part,
    check_routing,
    is_among,
    is_text,
    is_tool,
    is_whole,
    required,
)
from ..content.schema_instance import is_schema
from ..dialects.message import events, message
from ..errors import Refusal, invalid
from ..inference import Exchange, json_reply
from . import chat

LEAST_BUDGET = 1024
EFFORTS = {"low", "medium", "high", "xhigh", "max"}
THINKING = {"enabled", "disabled", "adaptive"}
CHOICES = {"auto": "auto", "any": "required", "none": "none", "tool": "tool"}
SAME = (
    *("model", "models", "max_tokens", "temperature", "top_p", "top_k", "stream", "provider"),
    *("plugins", "session_id", "user"),
)
CHECKS: dict[str, Check] = {name: CHAT[name] for name in SAME} | {
    "stop_sequences": ("array of strings", lambda v: isinstance(v, list) and all(map(is_text, v))),
    "tools": (
        "array of tools, each with a type, or a name and an input_schema",
        lambda v: isinstance(v, list) and all(map(_is_tool, v)),
    ),
    "tool_choice": (
        "object of the type auto, any, none, or tool with a name",
        lambda v: (
            isinstance(v, dict)
            and is_among(v.get("type"), CHOICES)
            and (v["type"] != "tool" or is_text(v.get("name")))
        ),
    ),
    "thinking": (
        "object of the type enabled, disabled or adaptive",
        lambda v: isinstance(v, dict) and is_among(v.get("type"), THINKING),
    ),
    "output_config": OBJECT,
    "metadata": OBJECT,
    "service_tier": TEXT,
    "fallbacks": (
        "array of up to 3 objects with a model",
        lambda v: isinstance(v, list) and len(v) <= 3 and all(map(_is_fallback, v)),
    ),
}


def check(body: JsonObject) -> None:
    """Check the body of a messages request, all but the messages; raises Refusal 400."""
    required(body, "model", "messages")
    check_fields(body, CHECKS)
    check_routing(body.get("provider") or {})
    if body.get("models") and body.get("fallbacks"):
        raise Refusal(400, 'Only one of "models" and "fallbacks" may be provided')
    _check_budget(body.get("thinking") or {}, body.get("max_tokens"))
    _check_output(body.get("output_config") or {})


def as_chat(body: JsonObject) -> JsonObject:
    """Translate a messages request into a chat; raises Refusal 400 for a wrong message."""
    given = body["messages"]
    if not isinstance(given, list) or not given:
        raise invalid("messages", "array of at least one message")
    system = _system(body.get("system"))
    turns = [turn for place, one in enumerate(given) for turn in _turns(one, f"messages[{place}]")]
    same = {name: body[name] for name in SAME if body.get(name) is not None}
    options = {name: value for name, value in _options(body) if value}
    return same | options | {"messages": [*system, *turns]}


async def answer(exchange: Exchange) -> Response:
    """Answer as a message, in one piece or as events."""
    completion = chat.completed(exchange)
    if exchange.stream:
        return events(exchange, completion)
    return json_reply(message(exchange, completion))


def _check_budget(thinking: JsonObject, most: int | None) -> None:
    if thinking.get("type") != "enabled":
        return
    budget: Json = thinking.get("budget_tokens")
    if not is_whole(budget) or budget < LEAST_BUDGET:
        raise invalid("thinking.budget_tokens", f"integer of at least {LEAST_BUDGET}")
    if most is not None and budget >= most:
        raise Refusal(400, "`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_output(config: JsonObject) -> None:
    if (effort := config.get("effort")) is not None and not is_among(effort, EFFORTS):
        raise invalid("output_config.effort", "one of " + "|".join(sorted(EFFORTS)))
    form = config.get("format")
    if form is None:
        return
    if not isinstance(form, dict) or form.get("type") != "json_schema":
        raise invalid("output_config.format.type", '"json_schema"')
    if not is_schema(form.get("schema")):
        raise invalid("output_config.format.schema", "JSON Schema")


def _options(body: JsonObject) -> Iterator[tuple[str, Json]]:
    """Give the options that chat knows by another name."""
    choice, form = body.get("tool_choice"), (body.get("output_config") or {}).get("format")
    yield "stop", body.get("stop_sequences")
    others = [model["model"] for model in body.get("fallbacks") or ()]
    yield "models", others or body.get("models") or []
    yield "tools", [_tool(tool) for tool in body.get("tools") or ()]
    yield "tool_choice", _choice(choice) if choice else None
    yield "reasoning", _reasoning(body.get("thinking"), body.get("output_config"))
    if form:
        described = {"name": "output", "strict": True, "schema": form["schema"]}
        yield "response_format", {"type": "json_schema", "json_schema": described}


def _choice(choice: JsonObject) -> Json:
    if choice["type"] == "tool":
        return {"type": "function", "function": {"name": choice["name"]}}
    return CHOICES[choice["type"]]


def _reasoning(thinking: JsonObject | None, config: JsonObject | None) -> JsonObject:
    if thinking is not None and thinking["type"] != "adaptive":
        budget = thinking.get("budget_tokens")
        return {"max_tokens": budget} if thinking["type"] == "enabled" else {"enabled": False}
    effort = (config or {}).get("effort")
    return ({"enabled": True} if thinking else {}) | ({"effort": effort} if effort else {})


def _tool(tool: JsonObject) -> JsonObject:
    """Give a tool of one's own as a function, and one of the server by the name chat has for it."""
    if "input_schema" not in tool:
        search = str(tool["type"]).startswith("web_search")
        return {"type": "openrouter:web_search" if search else tool["type"]}
    about = {"name": tool.get("name"), "description": tool.get("description") or ""}
    return {"type": "function", "function": about | {"parameters": tool["input_schema"] or {}}}


def _is_tool(value: Json) -> bool:
    if not isinstance(value, dict) or not ("type" in value or "input_schema" in value):
        return False
    return is_tool(_tool(value))


def _is_fallback(value: Json) -> bool:
    return isinstance(value, dict) and is_text(value.get("model"))


# Messages and their blocks -----------------------------------------------------------------------


def _system(given: Json) -> list[JsonObject]:
    if not given:
        return []
    if not is_text(given) and _joined(given) is None:
        raise invalid("system", "string or array of text blocks")
    return [{"role": "system", "content": given if is_text(given) else _joined(given)}]


def _turns(given: Json, path: str) -> Iterator[JsonObject]:
    """Give the messages of a chat that one message becomes: each tool result is one of its own."""
    if not isinstance(given, dict) or not is_among(given.get("role"), ROLES):
        raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
    content = given.get("content")
    blocks = [{"type": "text", "text": content}] if is_text(content) else content
    if not isinstance(blocks, list):
        raise invalid(f"{path}.content", "string or array of blocks")
    parts: list[JsonObject] = []
    calls: list[JsonObject] = []
    for place, block in enumerate(blocks):
        at = f"{path}.content[{place}]"
        kind = block.get("type") if isinstance(block, dict) else None
        if kind == "tool_result":
            yield _result(block, at)
        elif kind == "tool_use":
            calls.append(_call(block, at))
        elif not is_among(kind, PASSED_OVER):
            parts.append(_part(block, kind, at))
    if parts or calls:
        called = {"tool_calls": calls} if calls else {}
        yield {"role": given["role"], "content": parts or None} | called


ROLES = {"user", "assistant", "system"}
PASSED_OVER = {
    *("thinking", "redacted_thinking", "server_tool_use", "web_search_tool_result", "compaction"),
    *("web_fetch_tool_result", "code_execution_tool_result", "container_upload"),
}


def _result(block: JsonObject, path: str) -> JsonObject:
    content = block.get("content") or ""
    text = content if is_text(content) else _joined(content)
    if not is_text(block.get("tool_use_id")):
        raise invalid(f"{path}.tool_use_id", "string")
    if text is None:
        raise invalid(f"{path}.content", "string or array of blocks")
    return {"role": "tool", "tool_call_id": block["tool_use_id"], "content": text}


def _call(block: JsonObject, path: str) -> JsonObject:
    for name in ("id", "name"):
        if not is_text(block.get(name)):
            raise invalid(f"{path}.{name}", "string")
    function = {"name": block["name"], "arguments": ""}
    return {"id": block["id"], "type": "function", "function": function}


def _part(block: JsonObject, kind: Json, path: str) -> JsonObject:
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join((*PARTS, "tool_use", "tool_result")))
    at, make = PARTS[kind]
    part = make(block)
    check_part(part, path, at)
    return part


def _image(block: JsonObject) -> JsonObject:
    return {"type": "image_url", "image_url": {"url": _address(block.get("source"))}}


def _document(block: JsonObject) -> JsonObject:
    given = block.get("source")
    source: JsonObject = given if isinstance(given, dict) else {}
    kind = source.get("type")
    if kind == "text":
        return {"type": "text", "text": source.get("data")}
    if kind == "content":
        content = source.get("content")
        return {"type": "text", "text": content if is_text(content) else _joined(content)}
    if kind == "file":
        return {"type": "file", "file": {"file_id": source.get("file_id")}}
    name = str(block.get("title") or "document.pdf")
    return {"type": "file", "file": {"filename": name, "file_data": _address(source)}}


def _address(source: Json) -> Json:
    if not isinstance(source, dict):
        return None
    if source.get("type") == "base64":
        return f"data:{source.get('media_type')};base64,{source.get('data')}"
    return source.get("url")


def _joined(blocks: Json) -> str | None:
    """Join the texts of some blocks; None for what is no list of blocks."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return None
    return "\n".join(block["text"] for block in blocks if is_text(block.get("text")))


PARTS: dict[str, tuple[str, Callable[[JsonObject], JsonObject]]] = {
    "text": ("text", lambda block: {"type": "text", "text": block.get("text")}),
    "image": ("source", _image),
    "document": ("source", _document),
    "search_result": ("content", lambda b: {"type": "text", "text": _joined(b.get("content"))}),
}
