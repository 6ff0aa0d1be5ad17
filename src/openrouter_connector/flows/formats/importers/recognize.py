"""Recognise the format of a source by its content.

`FORMATS` lists their names. Where two formats fit, the first of `_SIGNS` wins.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ....errors import InputError, Problem
from ....values import Json, JsonObject, an_object

FORMATS = ("bytechef", "n8n", "roboflow", "fal", "mcp_call", "curl", "openai_body")
"""The formats that can be imported."""
_CURL = re.compile(r"\s*(?:#[^\n]*\n\s*|(?:export|set)\s[^\n]*\n\s*|\$\s+)*curl(?:\.exe)?\s")


def is_curl(text: str) -> bool:
    """Return whether a text is a curl command, behind comments and a prompt of the shell."""
    return _CURL.match(text) is not None


def recognize(document: Json) -> str:
    """Return the format of a parsed document. InputError for an unknown format."""
    for name, fits in _SIGNS.items():
        if fits(document):
            return name
    message = (
        "the format is not recognised. Import a whole workflow of ByteChef, n8n, Roboflow or fal, "
        "an MCP tool call, a curl command, or the body of a request to a model; or choose the "
        "format of the text yourself"
    )
    raise InputError([Problem("", message)])


def _is_bytechef(document: Json) -> bool:
    kind = an_object(document).get("type")
    is_action = isinstance(kind, str) and re.fullmatch(r"\w[\w-]*/v\d+(/[\w-]+)?", kind) is not None
    return is_action or isinstance(an_object(document).get("tasks"), list)


def n8n_workflow(document: Json) -> JsonObject | None:
    """Return the workflow in a document of n8n, also of its templates and exports; else None."""
    if isinstance(document, list) and len(document) == 1:
        document = document[0]
    for _ in range(3):
        found = an_object(document)
        if isinstance(found.get("nodes"), list) and "connections" in found:
            return found
        document = found.get("workflow", found.get("data"))
    return None


def roboflow_workflow(document: Json) -> JsonObject | None:
    """Return the specification in a document of Roboflow, or of one step; else None."""
    found = an_object(document)
    found = an_object(found.get("specification")) or found
    steps = found.get("steps")
    if isinstance(steps, list) and any("@v" in str(an_object(one).get("type")) for one in steps):
        return found
    kind = found.get("type")
    if isinstance(kind, str) and re.fullmatch(r"[\w-]+/[\w-]+@v\d+", kind):
        return {"steps": [found]}
    return None


def fal_arguments(document: Json) -> JsonObject | None:
    """Return the arguments in a call of fal's router; else None."""
    found = an_object(document)
    endpoint = next(
        (found[key] for key in ("endpoint", "endpoint_id", "application") if key in found), ""
    )
    inner = next(
        (found[key] for key in ("arguments", "input") if isinstance(found.get(key), dict)), None
    )
    if isinstance(endpoint, str) and "openrouter" in endpoint and inner is not None:
        return an_object(inner)
    arguments = an_object(inner) or found
    has_media = any(key in arguments for key in ("image_urls", "audio_url", "video_urls"))
    only_fal = "system_prompt" in arguments or isinstance(arguments.get("reasoning"), bool)
    if isinstance(arguments.get("prompt"), str) and (has_media or only_fal):
        return arguments
    return None


def mcp_calls(document: Json) -> list[JsonObject] | None:
    """Return the tool calls in a document: MCP's, OpenAI's and Anthropic's; else None.

    Of a response, or a message, they are those among its parts.
    """
    if isinstance(document, list):
        found = [mcp_calls(one) for one in document]
        return [call for calls in found for call in calls or ()] if found and all(found) else None
    one = an_object(document)
    if one.get("method") == "tools/call":
        one = an_object(one.get("params"))
    if isinstance(one.get("function"), dict):
        one = one["function"]
    if isinstance(one.get("name"), str) and isinstance(one.get("arguments"), dict | str):
        return [one]
    if one.get("type") == "tool_use" and isinstance(one.get("input"), dict):
        return [{"name": str(one.get("name")), "arguments": one["input"]}]
    parts = [one[key] for key in MESSAGE_PARTS if isinstance(one.get(key), list | dict)]
    inner = [part for value in parts for part in (value if isinstance(value, list) else [value])]
    return [call for part in inner for call in mcp_calls(part) or ()] or None


MESSAGE_PARTS = ("choices", "message", "tool_calls", "content")
"""The keys of a response, or of its message, that may hold tool calls."""


def _is_openai_body(document: Json) -> bool:
    found = an_object(document)
    return (
        "model" in found
        and bool({"messages", "prompt", "input", "input_audio", "query"} & set(found))
    ) or (isinstance(found.get("messages"), list))


_SIGNS: dict[str, Callable[[Json], bool]] = {
    "n8n": lambda document: n8n_workflow(document) is not None,
    "roboflow": lambda document: roboflow_workflow(document) is not None,
    "bytechef": _is_bytechef,
    "mcp_call": lambda document: mcp_calls(document) is not None,
    "fal": lambda document: fal_arguments(document) is not None,
    "openai_body": _is_openai_body,
}
