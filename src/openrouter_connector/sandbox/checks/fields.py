"""What the API checks of a body before it does anything, as tables."""

from __future__ import annotations

import string
from collections.abc import Callable, Container, Mapping

from openrouter_connector.values import Json, JsonObject

from ..content.schema_instance import is_schema
from ..errors import Refusal, invalid

Check = tuple[str, Callable[[Json], bool]]

EFFORTS = ["max", "xhigh", "high", "medium", "low", "minimal", "none"]
FORMATS = ["text", "json_object", "json_schema", "grammar", "python"]
RATIOS = [
    *("1:1", "1:2", "1:4", "1:8", "2:1", "2:3", "3:2", "3:4", "4:1", "4:3", "4:5", "5:4", "8:1"),
    *("9:16", "16:9", "9:19.5", "19.5:9", "9:20", "20:9", "9:21", "21:9", "auto"),
]
MOST_MODELS = 3
TIERS = {"512": 512, "0.5K": 512, "1K": 1024, "2K": 2048, "4K": 4096}
ROLES = {"system", "developer", "user", "assistant", "tool"}
ROUTING = {
    *("order", "only", "ignore", "allow_fallbacks", "require_parameters", "data_collection"),
    *("zdr", "enforce_distillable_text", "quantizations", "sort", "preferred_min_throughput"),
    *("preferred_max_latency", "max_price"),
}


def is_text(value: Json) -> bool:
    """Whether it is a string."""
    return isinstance(value, str)


def is_whole(value: Json) -> bool:
    """Whether it is an integer, and not a boolean."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: Json) -> bool:
    """Whether it is a number, and not a boolean."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_among(value: Json, words: Container[str]) -> bool:
    """Whether it is one of some words; a list or an object is none."""
    return isinstance(value, str) and value in words


def number(low: float, high: float) -> Check:
    """Accept a number between two bounds, both included."""
    return f"number between {low:g} and {high:g}", lambda v: is_number(v) and low <= v <= high


def whole(low: int, high: float = float("inf")) -> Check:
    """Accept an integer between two bounds, both included."""
    bound = f"between {low} and {high:g}" if high < float("inf") else f"of at least {low}"
    return f"integer {bound}", lambda v: is_whole(v) and low <= v <= high


def one_of(values: list[str]) -> Check:
    """Accept one of some words."""
    return "one of " + "|".join(f'"{value}"' for value in values), lambda v: v in values


def a(kind: type, name: str) -> Check:
    """Accept a value of a Python type."""
    return name, lambda v: isinstance(v, kind)


TEXT: Check = ("string", is_text)
FLAG = a(bool, "boolean")
OBJECT = a(dict, "object")

CHAT: dict[str, Check] = {
    "model": TEXT,
    "models": ("array of strings", lambda v: isinstance(v, list) and all(map(is_text, v))),
    "stream": FLAG,
    "max_tokens": whole(1),
    "max_completion_tokens": whole(1),
    "temperature": number(0, 2),
    "top_p": ("number above 0 and at most 1", lambda v: is_number(v) and 0 < v <= 1),
    "top_k": whole(0),
    "min_p": number(0, 1),
    "top_a": number(0, 1),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "repetition_penalty": number(0, 2),
    "seed": ("integer", is_whole),
    "logprobs": FLAG,
    "top_logprobs": whole(0, 20),
    "stop": (
        "string or up to 4 strings",
        lambda v: is_text(v) or (isinstance(v, list) and len(v) <= 4 and all(map(is_text, v))),
    ),
    "logit_bias": OBJECT,
    "tools": (
        "array of tools, functions with a name",
        lambda v: isinstance(v, list) and all(map(is_tool, v)),
    ),
    "response_format": OBJECT,
    "reasoning": OBJECT,
    "reasoning_effort": one_of(EFFORTS),
    "modalities": (
        'array of "text", "image", "audio"',
        lambda v: isinstance(v, list) and all(is_among(m, ("text", "image", "audio")) for m in v),
    ),
    "image_config": (
        "object with a known aspect_ratio and image_size",
        lambda v: (
            isinstance(v, dict)
            and is_among(v.get("aspect_ratio", "1:1"), RATIOS)
            and is_among(v.get("image_size", "1K"), TIERS)
        ),
    ),
    "provider": OBJECT,
    "plugins": (
        "array of objects with an id",
        lambda v: (
            isinstance(v, list) and all(isinstance(p, dict) and is_text(p.get("id")) for p in v)
        ),
    ),
    "user": ("string of at most 256", lambda v: is_text(v) and len(v) <= 256),
    "session_id": ("string of at most 256", lambda v: is_text(v) and len(v) <= 256),
    "metadata": ("object of at most 16", lambda v: isinstance(v, dict) and len(v) <= 16),
}

NAMES: Check = ("array of provider slugs", lambda v: isinstance(v, list) and all(map(is_text, v)))
PREFERENCES: dict[str, Check] = {
    "order": NAMES,
    "only": NAMES,
    "ignore": NAMES,
    "require_parameters": FLAG,
    "data_collection": one_of(["allow", "deny"]),
    "max_price": (
        "object of prices",
        lambda v: isinstance(v, dict) and all(is_price(price) for price in v.values()),
    ),
}

PARTS: dict[str, tuple[str, Check]] = {
    "text": ("text", TEXT),
    "image_url": ("image_url.url", ("URL or data URL", lambda v: is_link(v))),
    "file": ("file", ("file_data or file_id", lambda v: is_file(v))),
    "input_audio": (
        "input_audio.data",
        ("raw base64, not a data URI", lambda v: is_base64(v)),
    ),
    "video_url": ("video_url.url", ("URL or data URL", lambda v: is_link(v))),
    "input_video": ("video_url.url", ("URL or data URL", lambda v: is_link(v))),
}


def chat(body: JsonObject) -> None:
    """Check the body of a chat completion; raises Refusal 400 for the first thing wrong."""
    check_messages(body.get("messages"))
    check_fields(body, CHAT)
    if body.get("top_logprobs") is not None and not body.get("logprobs"):
        raise invalid("top_logprobs", "logprobs to be true")
    check_format(body.get("response_format"))
    check_reasoning(body)
    check_routing(body.get("provider") or {})


def check_routing(routing: JsonObject) -> None:
    """Check the provider preferences; an unknown one is refused."""
    for key in routing:
        if key not in ROUTING:
            raise Refusal(400, f'provider: Unrecognized key: "{key}"')
    check_fields(routing, PREFERENCES)


def check_fields(body: JsonObject, checks: dict[str, Check]) -> None:
    """Check each field that is there; null stands for absent."""
    models = body.get("models")
    if "models" in checks and isinstance(models, list) and len(models) > MOST_MODELS:
        # In the API's own words: coder/xum#2963.
        raise Refusal(400, f"'models' array must have {MOST_MODELS} items or fewer.")
    for name, (expected, holds) in checks.items():
        if (value := body.get(name)) is not None and not holds(value):
            raise invalid(name, expected)


def counted(query: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    """Read a whole number out of a query; raises Refusal 400."""
    text = query.get(name) or str(default)
    if not text.isdecimal() or not low <= int(text) <= high:
        raise invalid(name, f"integer between {low} and {high}")
    return int(text)


def required(body: JsonObject, *names: str) -> None:
    """Demand fields; raises Refusal 400."""
    for name in names:
        if body.get(name) in (None, ""):
            raise invalid(name, "a value, received nothing")


def check_messages(messages: Json) -> None:
    """Check roles, contents and parts."""
    if not isinstance(messages, list) or not messages:
        raise invalid("messages", "array of at least one message")
    for number_, message in enumerate(messages):
        path = f"messages[{number_}]"
        if not isinstance(message, dict) or not is_among(message.get("role"), ROLES):
            raise invalid(f"{path}.role", "one of " + "|".join(sorted(ROLES)))
        content = message.get("content")
        if isinstance(content, list):
            for place, part in enumerate(content):
                check_part(part, f"{path}.content[{place}]")
        elif not (is_text(content) or (content is None and message["role"] == "assistant")):
            raise invalid(f"{path}.content", "string or array of parts")


def check_part(part: Json, path: str, at: str | None = None) -> None:
    """Check one content part; `at` is where another skin of the API holds its value."""
    kind = part.get("type") if isinstance(part, dict) else None
    if not isinstance(kind, str) or kind not in PARTS:
        raise invalid(f"{path}.type", "one of " + "|".join(PARTS))
    where, (expected, holds) = PARTS[kind]
    value = part
    for step in where.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    if not holds(value):
        raise invalid(f"{path}.{at or where}", expected)


def check_format(response_format: Json) -> None:
    """Check `response_format`: a known type, and a name and a schema for json_schema."""
    if response_format is None:
        return
    expected, holds = one_of(FORMATS)
    if not holds(response_format.get("type")):
        raise invalid("response_format.type", expected)
    if response_format["type"] == "json_schema":
        described = response_format.get("json_schema")
        if not isinstance(described, dict) or not is_text(described.get("name")):
            raise invalid("response_format.json_schema.name", "string")
        if (schema := described.get("schema")) and not is_schema(schema):
            raise invalid("response_format.json_schema.schema", "JSON Schema")


def check_reasoning(body: JsonObject) -> None:
    """Check `reasoning`, and that it agrees with `reasoning_effort`."""
    reasoning = body.get("reasoning") or {}
    effort, alias = reasoning.get("effort"), body.get("reasoning_effort")
    expected, holds = one_of(EFFORTS)
    if effort is not None and not holds(effort):
        raise Refusal(400, f"reasoning.effort: Invalid option: expected {expected}")
    if effort is not None and reasoning.get("max_tokens") is not None:
        raise Refusal(400, 'Only one of "reasoning.effort" and "reasoning.max_tokens" can be given')
    if effort is not None and alias is not None and effort != alias:
        raise Refusal(400, 'Only one of "reasoning" and "reasoning_effort" may be provided')


def is_price(value: Json) -> bool:
    """Whether it is a number, or a text that says one."""
    return is_number(value) or (is_text(value) and value.replace(".", "", 1).isdecimal())


def is_tool(value: Json) -> bool:
    """Whether it is a tool of the server, or a function with a name."""
    if not isinstance(value, dict) or not is_text(value.get("type")):
        return False
    function = value.get("function")
    if value["type"] != "function":
        return True
    if not isinstance(function, dict) or not is_text(function.get("name")):
        return False
    return not function.get("parameters") or is_schema(function["parameters"])


def is_link(value: Json) -> bool:
    """Whether it is a web address or a base64 data URL."""
    if not is_text(value):
        return False
    if value.startswith("data:"):
        head, comma, data = value.partition(",")
        return bool(comma) and head.endswith(";base64") and is_base64(data)
    return bool(value.startswith(("http://", "https://")))


def is_file(value: Json) -> bool:
    """Whether it is a file part: by id, or with its data."""
    if not isinstance(value, dict):
        return False
    return is_text(value.get("file_id")) or is_link(value.get("file_data"))


def is_base64(value: Json) -> bool:
    """Whether it is base64 without anything around it; nothing is decoded, which takes longer."""
    if not is_text(value) or not value or len(value) % 4 or not value.isascii():
        return False
    rest = value.encode().translate(None, BASE64)
    return rest in (b"", b"=", b"==") and value.endswith(rest.decode())


BASE64 = (string.ascii_letters + string.digits + "+/").encode()
