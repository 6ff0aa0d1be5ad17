"""Recognise the format of a source by its content.

`FORMATS` lists the names that `--from` takes. Where two formats fit, the first of `_SIGNS` wins.
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
    raise InputError(
        [
            Problem(
                "",
                f"the format is not recognised. It must be one of {', '.join(FORMATS)}; "
                "name it if you know it (--from)",
            )
        ]
    )


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
    """Return the tool calls in a document: MCP's, and OpenAI's `tool_calls`; else None."""
    if isinstance(document, list):
        calls = [mcp_calls(one) for one in document]
        return (
            [call for found in calls for call in found or ()] if document and all(calls) else None
        )
    found = an_object(document)
    if found.get("method") == "tools/call":
        found = an_object(found.get("params"))
    if isinstance(found.get("function"), dict):
        found = found["function"]
    if isinstance(found.get("name"), str) and isinstance(found.get("arguments"), dict | str):
        return [found]
    # Anthropic's tool use
    if found.get("type") == "tool_use" and isinstance(found.get("input"), dict):
        return [{"name": found.get("name"), "arguments": found["input"]}]
    return None


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
