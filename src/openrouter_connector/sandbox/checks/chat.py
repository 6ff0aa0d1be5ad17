"""The rules for the body of a chat request; `/messages` and `/responses` share most of them."""

from __future__ import annotations

from collections.abc import Mapping

from openrouter_connector.values import Json, JsonObject

from ..content.poster import TIERS
from ..content.schema_instance import is_schema
from ..errors import RefusedRequest, invalid
from .fields import (
    BOOLEAN,
    OBJECT,
    RATIOS,
    STRING,
    TEXT_256,
    Check,
    check_fields,
    integer,
    is_base64,
    is_integer,
    is_number,
    is_one_of,
    is_string,
    is_url,
    number,
    one_of,
)

CONDITIONS = {
    *("max_cost", "max_tokens_used", "step_count_is", "has_tool_call", "finish_reason_is"),
}
EFFORTS = ["max", "xhigh", "high", "medium", "low", "minimal", "none"]
FORMATS = ["text", "json_object", "json_schema", "grammar", "python"]
MAX_MODELS = 3
ROLES = {"system", "developer", "user", "assistant", "tool"}
ROUTING_KEYS = {
    *("order", "only", "ignore", "allow_fallbacks", "require_parameters", "data_collection"),
    *("zdr", "enforce_distillable_text", "quantizations", "sort", "preferred_min_throughput"),
    *("preferred_max_latency", "max_price"),
}

CHAT: dict[str, Check] = {
    "model": STRING,
    "models": ("array of strings", lambda v: isinstance(v, list) and all(map(is_string, v))),
    "stream": BOOLEAN,
    "max_tokens": integer(1),
    "max_completion_tokens": integer(1),
    "temperature": number(0, 2),
    "top_p": ("number above 0 and at most 1", lambda v: is_number(v) and 0 < v <= 1),
    "top_k": integer(0),
    "min_p": number(0, 1),
    "top_a": number(0, 1),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "repetition_penalty": number(0, 2),
    "seed": ("integer", is_integer),
    "logprobs": BOOLEAN,
    "top_logprobs": integer(0, 20),
    "stop": (
        "string or up to 4 strings",
        lambda v: is_string(v) or (isinstance(v, list) and len(v) <= 4 and all(map(is_string, v))),
    ),
    "logit_bias": OBJECT,
    "tools": (
        "array of tools, functions with a name",
        lambda v: isinstance(v, list) and all(map(is_tool, v)),
    ),
    # Real models without support ignore it silently, unless `require_parameters` is set.
    "response_format": OBJECT,
    # An object: clients often send the effort here as a string, which the real API refuses too.
    "reasoning": OBJECT,
    "reasoning_effort": one_of(EFFORTS),
    "modalities": (
        'array of "text", "image", "audio"',
        lambda v: isinstance(v, list) and all(is_one_of(m, ("text", "image", "audio")) for m in v),
    ),
    "image_config": (
        "object with a known aspect_ratio and image_size",
        lambda v: (
            isinstance(v, dict)
            and is_one_of(v.get("aspect_ratio", "1:1"), RATIOS)
            and is_one_of(v.get("image_size", "1K"), TIERS)
        ),
    ),
    "provider": OBJECT,
    "plugins": (
        "array of objects with an id",
        lambda v: (
            isinstance(v, list) and all(isinstance(p, dict) and is_string(p.get("id")) for p in v)
        ),
    ),
    "user": TEXT_256,
    "session_id": TEXT_256,
    "trace": OBJECT,
    "deferred_tools": OBJECT,
    "prompt_cache_options": OBJECT,
    "stop_server_tools_when": (
        "array of conditions with a type",
        lambda v: (
            isinstance(v, list)
            and len(v) > 0
            and all(isinstance(one, dict) and is_one_of(one.get("type"), CONDITIONS) for one in v)
        ),
    ),
    # The API allows 16 pairs.
    "metadata": ("object of at most 16", lambda v: isinstance(v, dict) and len(v) <= 16),
}

SLUGS: Check = ("array of provider slugs", lambda v: isinstance(v, list) and all(map(is_string, v)))
PREFERENCES: dict[str, Check] = {
    "order": SLUGS,
    "only": SLUGS,
    "ignore": SLUGS,
    "require_parameters": BOOLEAN,
    "data_collection": one_of(["allow", "deny"]),
    "max_price": (
        "object of prices",
        lambda v: isinstance(v, dict) and all(is_price(price) for price in v.values()),
    ),
}

PARTS: dict[str, tuple[str, Check]] = {
    "text": ("text", STRING),
    "image_url": ("image_url.url", ("URL or data URL", is_url)),
    "file": ("file", ("file_data or file_id", lambda v: is_file(v))),
    # Audio is the one medium that the API accepts as raw base64 only.
    "input_audio": ("input_audio.data", ("raw base64, not a data URI", is_base64)),
    "video_url": ("video_url.url", ("URL or data URL", is_url)),
    "input_video": ("video_url.url", ("URL or data URL", is_url)),
}
"""By the type of a content part: the path of its value, and the check of that value."""


def check_chat(body: JsonObject) -> None:
    """Check the body of a chat request; raise RefusedRequest 400 for the first problem."""
    check_messages(body.get("messages"))
    check_chat_fields(body, CHAT)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise invalid("top_logprobs", "logprobs to be true")
    check_response_format(body.get("response_format"))
    check_reasoning(body)
    check_routing(body.get("provider") or {})


def check_chat_fields(body: JsonObject, checks: Mapping[str, Check]) -> None:
    """Check each field, and the number of fallback models; raise RefusedRequest 400."""
    models = body.get("models")
    if isinstance(models, list) and len(models) > MAX_MODELS:
        # The API's own message: coder/xum#2963.
        raise RefusedRequest(400, f"'models' array must have {MAX_MODELS} items or fewer.")
    check_fields(body, checks)


def check_routing(routing: JsonObject) -> None:
    """Check the provider preferences; an unknown key is refused, as the API's object is closed."""
    for key in routing:
        if key not in ROUTING_KEYS:
            raise RefusedRequest(400, f'provider: Unrecognized key: "{key}"')
    check_fields(routing, PREFERENCES)


def check_messages(messages: Json) -> None:
    """Check the roles, the contents and the parts of the messages."""
    if not isinstance(messages, list) or not messages:
        raise invalid("messages", "array of at least one message")
    for index, message in enumerate(messages):
        path = f"messages[{index}]"
        if not isinstance(message, dict) or not is_one_of(message.get("role"), ROLES):
            raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
        content = message.get("content")
        if isinstance(content, list):
            for place, part in enumerate(content):
                check_part(part, f"{path}.content[{place}]")
        # Only an assistant message may have null content, when it consists of tool calls.
        elif not (is_string(content) or (content is None and message["role"] == "assistant")):
            raise invalid(f"{path}.content", "string or array of parts")


def check_part(part: Json, path: str, value_path: str | None = None) -> None:
    """Check one content part; errors name `value_path`, where another dialect has the value."""
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join(PARTS))
    chat_path, (expected, is_valid) = PARTS[kind]
    value = part
    for key in chat_path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    if not is_valid(value):
        raise invalid(f"{path}.{value_path or chat_path}", expected)


def check_response_format(response_format: Json) -> None:
    """Check `response_format`: a known type; with json_schema, a name and a schema."""
    if response_format is None:
        return
    expected, is_valid = one_of(FORMATS)
    if not is_valid(response_format.get("type")):
        raise invalid("response_format.type", expected)
    if response_format["type"] == "json_schema":
        described = response_format.get("json_schema")
        if not isinstance(described, dict) or not is_string(described.get("name")):
            raise invalid("response_format.json_schema.name", "string")
        if (schema := described.get("schema")) and not is_schema(schema):
            raise invalid("response_format.json_schema.schema", "JSON Schema")


def check_reasoning(body: JsonObject) -> None:
    """Check `reasoning`, and that it agrees with `reasoning_effort`."""
    reasoning = body.get("reasoning") or {}
    effort, alias = reasoning.get("effort"), body.get("reasoning_effort")
    expected, is_valid = one_of(EFFORTS)
    if effort is not None and not is_valid(effort):
        raise RefusedRequest(400, f"reasoning.effort: Invalid option: expected {expected}")
    # Sending both is a frequent mistake of clients (LibreChat#6076).
    if effort is not None and reasoning.get("max_tokens") is not None:
        raise RefusedRequest(
            400, 'Only one of "reasoning.effort" and "reasoning.max_tokens" can be given'
        )
    if effort is not None and alias is not None and effort != alias:
        raise RefusedRequest(400, 'Only one of "reasoning" and "reasoning_effort" may be provided')


def is_price(value: Json) -> bool:
    """Whether it is a number, or a number as text."""
    return is_number(value) or (is_string(value) and value.replace(".", "", 1).isdecimal())


def is_tool(value: Json) -> bool:
    """Whether it is a server tool, or a function with a name."""
    if not isinstance(value, dict) or not is_string(value.get("type")):
        return False
    function = value.get("function")
    if value["type"] != "function":
        return True
    if not isinstance(function, dict) or not is_string(function.get("name")):
        return False
    return not function.get("parameters") or is_schema(function["parameters"])


def is_file(value: Json) -> bool:
    """Whether it is a file part: by id, or with its data."""
    if not isinstance(value, dict):
        return False
    return is_string(value.get("file_id")) or is_url(value.get("file_data"))
