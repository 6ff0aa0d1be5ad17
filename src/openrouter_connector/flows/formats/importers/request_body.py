"""Read the body of a request back into the parameters of an action: `runtime/build.py` reversed.

    {"max_tokens": 5, "reasoning": {"effort": "low"}}   ─▶   {maxTokens: 5, reasoning: low}

The definition says where each property is sent, so a new action needs nothing here. A key that no
property sends goes into `extraBody`, if the action has it.
"""

from __future__ import annotations

import mimetypes
from copy import deepcopy

from ....definition.model import Action, Property, Send, snake
from ....values import Json, JsonObject, is_url
from ..file_entries import file_entry
from .parameters import Parameters

_MISSING = object()
_TYPES: dict[str, tuple[type, ...]] = {
    "STRING": (str,),
    "NUMBER": (int, float, str),  # a text may be an expression
    "INTEGER": (int, str),
    "BOOLEAN": (bool, str),
    "ARRAY": (list, str),
    "OBJECT": (dict, str),
    "FILE_ENTRY": (dict, str),
    "ANY": (object,),
}


def read_body(action: Action, body: JsonObject, parameters: Parameters) -> None:
    """Add the parameters that send this body, whose texts are those of a flow.

    Parameters that are there already are not touched.
    """
    left = deepcopy(body)
    for prop in action.properties:
        name = prop.name or ""
        if name in parameters.values or prop.send is False or prop.mirrors:
            continue
        if prop.send and (prop.send.as_ in ("merge", "multipart") or prop.send.in_):
            continue
        path = ((prop.send.to if prop.send else None) or snake(name)).split(".")
        value = _received(prop, _taken(left, path))
        if value is not _MISSING:
            parameters.values[name] = value
            _remove(left, path)
            if path != [name]:
                parameters.fixes.renamed(
                    f"{parameters.source}.{'.'.join(path)}".removeprefix("."),
                    parameters.at(name),
                    f"{'.'.join(path)} is {name}",
                )
    _place_rest(action, left, parameters)


def drop_one(body: JsonObject, what: str, parameters: Parameters) -> None:
    """Remove an `n` of 1, which needs no property."""
    if body.get("n") == 1 and not isinstance(body["n"], bool):
        del body["n"]
        parameters.note_converted("n", f"1 is the only number of {what}; it needs no property")


def _taken(body: JsonObject, path: list[str]) -> Json:
    value: Json = body
    for key in path:
        if not isinstance(value, dict) or value.get(key) is None:
            return _MISSING
        value = value[key]
    return value


def _remove(body: JsonObject, path: list[str]) -> None:
    """Remove the value at a path, and the objects around it that are empty then."""
    *parents, last = path
    holders = [body]
    for key in parents:
        holders.append(holders[-1][key])
    del holders[-1][last]
    for holder, key in zip(reversed(holders[:-1]), reversed(parents), strict=True):
        if not holder[key]:
            del holder[key]


def _received(prop: Property, value: Json) -> Json:
    """Return the value of a property that was sent like this; _MISSING if none was."""
    if value is _MISSING or not isinstance(value, _TYPES[prop.type]):
        return _MISSING
    if isinstance(value, bool) and prop.type in ("NUMBER", "INTEGER"):
        return _MISSING
    if prop.type == "FILE_ENTRY":
        return _received_file(prop.send, value)
    if isinstance(value, list) and prop.items:
        items = [_received(prop.items, item) for item in value]
        return _MISSING if any(item is _MISSING for item in items) else items
    if isinstance(value, dict) and prop.properties:
        return _received_members(prop, value)
    for option in prop.choices:
        if option.send is not None and option.send == value:
            return option.value
    return value


def _received_members(prop: Property, value: JsonObject) -> Json:
    found: JsonObject = {}
    taken = set()
    for member in prop.properties:
        send = member.send if isinstance(member.send, Send) else None
        key = (send.to if send else None) or snake(member.name or "")
        inner = _received(member, value.get(key, _MISSING))
        if inner is not _MISSING and key not in taken:
            found[member.name or ""] = inner
            taken.add(key)
    others = {key: inner for key, inner in value.items() if key not in taken}
    return {**found, **others} if prop.additional_properties or not others else _MISSING


def _received_file(send: Json, value: Json) -> Json:
    """Return the FILE_ENTRY of a URL, or of base64 with its format."""
    if isinstance(value, str) and is_url(value):
        return file_entry(value)
    faces = getattr(send, "as_", None)
    if isinstance(value, dict) and isinstance(faces, dict):
        content = {face: value.get(key) for key, face in faces.items()}
        data, extension = content.get("base64"), content.get("extension")
        if isinstance(data, str) and isinstance(extension, str):
            kind = mimetypes.guess_type(f"x.{extension}")[0] or f"audio/{extension}"
            return file_entry(f"data:{kind};base64,{data}", kind, f"file.{extension}")
    return _MISSING


def _place_rest(action: Action, left: JsonObject, parameters: Parameters) -> None:
    """Put what no property sends into `extraBody`."""
    if left.pop("stream", None) is not None:
        parameters.note_converted("stream", "streaming is chosen when the step runs")
    left = {key: value for key, value in left.items() if value is not None}
    has_extra = any(
        prop.send and prop.send.as_ == "merge" and not prop.send.to for prop in action.properties
    )
    for key in left:
        if has_extra:
            message = f"{key} has no property of its own; it is sent through extraBody"
            parameters.converted(f"extraBody.{key}", message, key)
        else:
            parameters.dropped(key, f"{action.name} has no such property")
    if left and has_extra:
        parameters.values["extraBody"] = left
