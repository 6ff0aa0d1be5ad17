"""Parameters to a call: pure, so that a call can be compared, shown and checked unsent."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from re import sub
from urllib.parse import quote

from ..definition.model import Action, Face, Property, Send, snake
from ..values import Call, Embedded, Facts, Json, JsonObject, LoadedFile
from .hooks import hook_of


def build(
    action: Action, values: JsonObject, facts: Facts | None = None, *, stream: bool = False
) -> Call:
    """Map accepted values, their files loaded, to the call that the action declares.

    `facts` is what the catalogue says of the model, for actions that ask for it. InputError when
    the hook finds values that the model does not take.
    """
    method, path = action.request.split(" ", 1)
    call = Call(method, fill(path, values), idempotent=action.idempotent or method == "GET")
    in_path = {prop.name for prop in action.properties if f"{{{prop.name}}}" in path}
    body: JsonObject = {}
    query: JsonObject = {}
    for prop in action.properties:
        value = values.get(prop.name or "")
        if value is None or prop.send is False or prop.filter or prop.name in in_path:
            continue
        to_query = (prop.send and prop.send.in_ == "query") or (
            method in ("GET", "DELETE") and not (prop.send and prop.send.in_ == "body")
        )
        _place(query if to_query else body, prop, value)
    call = replace(call, query={key: _text(value) for key, value in query.items()})
    if method not in ("GET", "DELETE"):
        call = replace(call, body=body)
    if hook := hook_of(action, "build"):
        call = hook(call, values, facts)
    if stream and call.body is not None:
        call = replace(call, body=call.body | {"stream": True})
    return call


def fill(template: str, values: Mapping[str, Json]) -> str:
    """Fill `{name}` in a path, percent-encoded segment by segment: a model slug keeps its slash."""

    def segments(name: str) -> str:
        parts = str(values.get(name, "")).split("/")
        # A segment of dots alone would climb out of the path, encoded or not.
        return "/".join(
            quote(part, safe=":@~") if part.strip(".") else "%2E" * len(part) for part in parts
        )

    return sub(r"\{(\w+)\}", lambda match: segments(match[1]), template)


def _place(target: JsonObject, prop: Property, value: Json) -> None:
    send = prop.send or Send()
    wire = _wire(prop, value)
    if send.as_ == "spread":
        target.update(wire)
        return
    *parents, last = (send.to or snake(prop.name or "")).split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = wire


def _wire(prop: Property, value: Json) -> Json:
    """Give what is sent for a value. Only names of properties change, never a user's own keys."""
    if isinstance(value, LoadedFile):
        return _face(prop.send.as_ if prop.send else None, value)
    if isinstance(value, list) and prop.items:
        items = prop.items.model_copy(update={"send": prop.send}) if prop.send else prop.items
        return [_wire(items, item) for item in value]
    if isinstance(value, dict) and prop.properties:
        inner: JsonObject = {}
        for member in prop.properties:
            if (part := value.get(member.name)) is not None and member.send is not False:
                _place(inner, member, part)
        return inner
    if prop.send and prop.send.as_ == "text":
        return _text(value)
    return next((o.send for o in prop.choices if o.value == value and o.send is not None), value)


def _face(wanted: str | Mapping[str, Face] | None, file: LoadedFile) -> Json:
    if isinstance(wanted, Mapping):
        return {key: _FACES[face](file) for key, face in wanted.items()}
    return _FACES[wanted or "data_url"](file)


_FACES: Mapping[str, Callable[[LoadedFile], Json]] = {
    "base64": Embedded,
    "data_url": lambda file: Embedded(file, f"data:{file.entry.mime_type};base64,"),
    "extension": lambda file: file.entry.extension,
    "filename": lambda file: file.entry.name,
    "mime_type": lambda file: file.entry.mime_type,
}


def _text(value: Json) -> str:
    """Write a value as a query does: a list with commas, true as `true`."""
    if isinstance(value, list):
        return ",".join(map(_text, value))
    return value if isinstance(value, str) else json.dumps(value)
