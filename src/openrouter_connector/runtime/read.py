"""Replies to results: pure, but for the files, which the store has written by then."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from re import fullmatch

from ..definition.model import Action, FileOutput, Output
from ..definition.paths import at
from ..errors import IncompleteError
from ..money import amount
from ..values import Json, JsonObject
from .dialects.error_bodies import missing
from .hooks import hook_of


@dataclass(frozen=True, slots=True)
class InlineFile:
    """A file that came inside a JSON reply: its bytes and type."""

    content: bytes
    mime_type: str | None


def read(action: Action, response: Json, values: JsonObject) -> Json:
    """Return the output that a JSON reply holds; a list of `InlineFile` for files.

    The reply is flat where the output has paths. IncompleteError when it holds no output, or, by
    the hook, when it is not what was asked for.
    """
    if isinstance(response, list) and action.output.type != "ARRAY":
        raise IncompleteError("the answer is not a JSON object", status=200, raw=response)
    if hook := hook_of(action, "reply"):
        response = hook(response, values)
    if action.output.file:
        return _files(action.output.file, response)
    output = _found(action.output, response)
    nothing = output == [] and action.request.startswith("POST")  # a list may well be empty
    if action.output.required and (nothing or not _is(action.output.type, output)):
        raise missing(f"the reply has no {action.output.path}", response)
    if hook := hook_of(action, "output"):
        output = hook(output, values)
    return output


def metadata_of(response: Json, paths: Mapping[str, str]) -> JsonObject:
    """Return fields of the metadata, found by their paths in a response, and its `cost`.

    Names are texts, and the usage is an object; a value of another type is left out.
    """
    known: JsonObject = {}
    for name, path in paths.items():
        if (value := at(response, path)) is None or value == []:
            continue
        if (typed := _typed(name, value)) is not None:
            known[name] = typed
    known["cost"] = cost_of(known.get("usage"))
    return known


def _typed(name: str, value: Json) -> Json:
    if name == "usage":
        return value if isinstance(value, dict) else None
    if name not in _TEXTS or isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


_TEXTS = {"generation_id", "model", "provider", "finish_reason", "native_finish_reason"}


def cost_of(usage: Json) -> float | None:
    """Give the cost in USD. With a key of your own the provider bills you, and not OpenRouter."""
    cost = amount(at(usage, "cost"))
    if cost is None:
        return None
    upstream = at(usage, "cost_details.upstream_inference_cost")
    if at(usage, "is_byok") is not True or upstream is None:
        return float(cost)
    own = amount(upstream)
    return None if own is None else float(cost) + float(own)


def has_paths(output: Output) -> bool:
    """Return whether an output is only a part of the reply."""
    return output.path is not None or any(part.path for part in output.properties)


def _found(output: Output, response: Json) -> Json:
    """Find the output in a reply, or put it together from its parts."""
    if isinstance(response, list):  # some servers list their models so, without an object around it
        return response
    if any(part.path for part in output.properties):
        return {
            part.name: at(response, part.path) if part.path else None for part in output.properties
        }
    return at(response, output.path) if output.path else response


def _is(kind: str, value: Json) -> bool:
    return value is not None and (kind != "STRING" or isinstance(value, str))


def _files(file: FileOutput, response: Json) -> list[InlineFile]:
    items = at(response, file.items) if file.items else None
    if not isinstance(items, list) or not items:
        raise IncompleteError("the reply holds no file", status=200, raw=response)
    try:
        files = [
            InlineFile(b64decode(item[file.base64], validate=True), _mime_type(file, item))
            for item in items
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise IncompleteError("a file in the reply is broken", status=200) from error
    if not all(one.content for one in files):
        raise IncompleteError("a file in the reply is empty", status=200)
    return files


def _mime_type(file: FileOutput, item: JsonObject) -> str | None:
    kind = item.get(file.mime_type) if file.mime_type else None
    return kind if isinstance(kind, str) and fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else None
