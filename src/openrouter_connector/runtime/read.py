"""Read the output and the metadata from a JSON response.

Pure: files inside a response are returned as bytes, and stored by `save.py`.
"""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from re import fullmatch

from ..definition.model import Action, FileOutput, Output
from ..definition.paths import at
from ..errors import IncompleteError
from ..values import Json, JsonObject
from .api_profile import ApiProfile
from .dialects.error_bodies import missing
from .hooks import hook_of


@dataclass(frozen=True, slots=True)
class InlineFile:
    """A file inside a JSON response: its bytes and type."""

    content: bytes
    mime_type: str | None


def read(action: Action, response: Json, values: JsonObject, profile: ApiProfile) -> Json:
    """Return the output of a JSON response; a list of `InlineFile` for files.

    The response is flat where the output has paths. IncompleteError when it holds no output, or
    when the hook finds that it is not what was requested.
    """
    if isinstance(response, list) and action.output.type != "ARRAY":
        raise IncompleteError("the response is not a JSON object", status=200, raw=response)
    if hook := hook_of(action, "response"):
        response = hook(response, values)
    if action.output.file:
        return _files(action.output.file, response)
    output = _found(action.output, response)
    nothing = output == [] and action.request.startswith("POST")  # a list may well be empty
    if action.output.required and (nothing or not _is(action.output.type, output)):
        raise missing(f"the response has no {action.output.path}", response, profile)
    if hook := hook_of(action, "output"):
        output = hook(output, values)
    return output


def metadata_of(response: Json, paths: Mapping[str, str]) -> JsonObject:
    """Return fields of the metadata, found by their paths in a response.

    Names are texts, and the usage is an object; a value of another type is left out.
    """
    known: JsonObject = {}
    for name, path in paths.items():
        if (value := at(response, path)) is None or value == []:
            continue
        if (typed := _typed(name, value)) is not None:
            known[name] = typed
    return known


def _typed(name: str, value: Json) -> Json:
    if name == "usage":
        return value if isinstance(value, dict) else None
    if name not in _TEXTS or isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


_TEXTS = {"generation_id", "model", "provider", "finish_reason", "native_finish_reason"}


def has_paths(output: Output) -> bool:
    """Return whether an output is only a part of the response."""
    return output.path is not None or any(part.path for part in output.properties)


def _found(output: Output, response: Json) -> Json:
    """Return the output of a response, or compose it of its parts."""
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
        raise IncompleteError("the response holds no file", status=200, raw=response)
    try:
        files = [
            InlineFile(b64decode(item[file.base64], validate=True), _mime_type(file, item))
            for item in items
        ]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise IncompleteError("a file in the response is broken", status=200) from error
    # Zero bytes are valid base64 and no image.
    if not all(inline.content for inline in files):
        raise IncompleteError("a file in the response is empty", status=200)
    return files


def _mime_type(file: FileOutput, item: JsonObject) -> str | None:
    kind = item.get(file.mime_type) if file.mime_type else None
    # The type goes into a header and a file name later, so it must be a plain one.
    return kind if isinstance(kind, str) and fullmatch(r"[\w.+-]+/[\w.+-]+", kind) else None
