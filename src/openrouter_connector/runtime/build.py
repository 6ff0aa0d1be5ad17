"""Build a call from parameters: pure, so that a call can be compared, shown and checked unsent.

The words of the definition do the mapping; then the hook of the action, if it has one, amends it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple
from urllib.parse import quote

from ..definition.model import QUERIED, Action, FileEncoding, Option, Property, Send, snake
from ..definition.paths import fill_template, placeholders
from ..errors import InputError, Problem
from ..values import Call, Embedded, Json, JsonObject, LoadedFile, ModelInfo
from .api_profile import NEUTRAL, ApiProfile
from .chat_messages import build_messages
from .enforced_limits import within_limits
from .hooks import hook_of
from .http.headers import NO_HEADER, fits_header


def build(
    action: Action,
    values: JsonObject,
    model_info: ModelInfo | None = None,
    *,
    stream: bool = False,
    profile: ApiProfile = NEUTRAL,
) -> Call:
    """Return the call that an action declares, for accepted values with their files loaded.

    `model_info` is the model's row in the catalogue, for an action that looks it up. InputError if
    the hook finds values that the model does not support. To resume a job, the call asks for its
    status.
    """
    # Resumed by its id alone, so no other parameter counts.
    if action.poll and (job := taken_up(action, values)):
        return call_of(action.poll.request, {action.poll.id: job})
    # Before the mapping: an unsupported option must not reach the body.
    values, warnings = within_limits(action, values, model_info)
    call = _addressed(action, values)
    mapped = mapping(action.properties, call.method, values, placeholders(action.request))
    call = replace(
        call,
        query={**call.query, **mapped.query},
        headers=mapped.headers,
        dialect=action.dialect,
        multipart=any(prop.send and prop.send.as_ == "multipart" for prop in action.properties),
        body=None if call.method in QUERIED else _body(action, values, mapped.body),
        warnings=warnings,
    )
    if stream and call.body is not None:
        call = replace(call, body=_streamed(action, call.body, profile))
    if hook := hook_of(action, "build"):
        call = hook(call, values, model_info)
    if call.body and None in call.body.values():  # a null in `extraBody` removes a key
        call = replace(call, body={key: v for key, v in call.body.items() if v is not None})
    return call


def _body(action: Action, values: JsonObject, mapped: JsonObject) -> JsonObject:
    """Return the body: the messages that properties make, and what the properties send."""
    made = {"messages": build_messages(action.messages, values)} if action.messages else {}
    # Mapped last: a user's own `messages` in `extraBody` win.
    return {**made, **mapped}


def _streamed(action: Action, body: JsonObject, profile: ApiProfile) -> JsonObject:
    """Return the body of a streamed call; what the user sets wins over what the API needs."""
    return {**profile.stream_fields.get(action.dialect or "", {}), **body, "stream": True}


def call_of(line: str, values: Json, query: Mapping[str, str] | None = None) -> Call:
    """Return the call of a request line, `GET /videos/{id}?index=0`, with its placeholders filled.

    ValueError when a value is missing, or has a segment of dots that would climb out of the path.
    """
    method, rest = line.split(" ", 1)
    path, _, query_text = rest.partition("?")
    fixed = dict(pair.split("=", 1) for pair in query_text.split("&") if pair)
    filled_in = {key: _filled(value, values, str) for key, value in fixed.items()}
    return Call(
        method,
        _filled(path, values, _segments),
        {**filled_in, **(query or {})},
    )


def taken_up(action: Action, values: JsonObject) -> str | None:
    """Return the id of a job to resume, instead of submitting one."""
    resume = action.poll.resume if action.poll else None
    return values.get(resume) if resume else None


# Constructed, not called: a call would build the validator of pydantic, at every start.
_UNCHANGED = Send.model_construct()


def _addressed(action: Action, values: JsonObject) -> Call:
    try:
        return call_of(action.request, values)
    except ValueError as error:
        raise InputError(str(error)) from error


def mapping(
    properties: Iterable[Property], method: str, values: JsonObject, elsewhere: Container[str] = ()
) -> Mapped:
    """Return each value at the place that its property names.

    Properties named in `elsewhere` are left out: those of the path. InputError for a value that no
    header can hold.
    """
    places: dict[str, list[tuple[Property, Json]]] = {"body": [], "query": [], "header": []}
    problems = list[Problem]()
    for prop in properties:
        value = values.get(prop.name or "")
        if value is None or prop.send is False or prop.mirrors or (prop.name or "") in elsewhere:
            continue
        place = (prop.send or _UNCHANGED).place(method)
        if place == "header" and not fits_header(text(value)):
            problems.append(Problem(prop.name or "", NO_HEADER))
        places[place].append((prop, value))
    if problems:
        raise InputError(problems)
    query, headers = (
        {key: text(value) for key, value in _placed(places[place]).items()}
        for place in ("query", "header")
    )
    return Mapped(query, headers, _placed(places["body"]))


class Mapped(NamedTuple):
    """The values of a form, by the part of the request that they go to."""

    query: dict[str, str]
    headers: dict[str, str]
    body: JsonObject


def _filled(template: str, values: Json, write: Callable[[Json], str]) -> str:
    def value_of(name: str) -> str:
        value = values.get(name) if isinstance(values, Mapping) else None
        if value is None:
            raise ValueError(f"{name} is missing")
        return write(value)

    return fill_template(template, value_of)


def _segments(value: Json) -> str:
    """Percent-encode a value segment by segment: a model slug keeps its slash."""
    parts = str(value).split("/")
    # `..` climbs out of the path; so it does encoded, as some clients decode it again.
    if any(not part.strip(".") for part in parts):
        raise ValueError(f"{value!r} cannot stand in a path")
    return "/".join(quote(part, safe=":@~") for part in parts)


def _placed(values: Iterable[tuple[Property, Json]]) -> JsonObject:
    """Return an object with each value at its place. What is appended and merged comes last."""
    target: JsonObject = {}
    for prop, value in sorted(values, key=lambda one: _turn(one[0])):
        _place(target, prop, value)
    return target


def _turn(prop: Property) -> int:
    """Return when a property is placed: after those whose list or object it adds to."""
    return {"append": 1, "merge": 2}.get(str(prop.send.as_), 0) if prop.send else 0


def _place(target: JsonObject, prop: Property, value: Json) -> None:
    send = prop.send or _UNCHANGED
    if send.as_ == "append" and not value:
        return
    if send.as_ == "merge" and not send.to:
        target |= value
        return
    *parents, last = (send.to or snake(prop.name or "")).split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    if send.as_ == "append":
        target[last] = [*(target.get(last) or ()), *_sent(prop, value)]
    elif send.as_ == "merge":
        target[last] = {**(target.get(last) or {}), **value}
    else:
        target[last] = _sent(prop, value)


def _sent(
    prop: Property,
    value: Json,
    send: Literal[False] | Send | None = None,
    choices: tuple[Option, ...] = (),
) -> Json:
    """Return what is sent for a value. Only names of properties change, never a user's own keys.

    An item without `send` and `options` of its own uses those of its list.
    """
    send, choices = prop.send or send, prop.choices or choices
    if isinstance(value, LoadedFile):
        return _face(send.as_ if send else None, value)
    if isinstance(value, list) and prop.items:
        return [_sent(prop.items, item, send, choices) for item in value]
    if isinstance(value, dict) and prop.properties:
        known = {member.name for member in prop.properties}
        others = {key: part for key, part in value.items() if key not in known}
        members = (
            (member, part)
            for member in prop.properties
            if (part := value.get(member.name)) is not None and member.send is not False
        )
        return {**_placed(members), **(others if prop.additional_properties else {})}
    if send and send.as_ == "text":
        return text(value)
    return next((o.send for o in choices if o.value == value and o.send is not None), value)


def _face(face: str | Mapping[str, FileEncoding] | None, file: LoadedFile) -> Json:
    if isinstance(face, Mapping):
        return {key: _FACES[name](file) for key, name in face.items()}
    return _FACES[face or "data_url"](file)


_FACES: Mapping[str, Callable[[LoadedFile], Json]] = {
    "multipart": Embedded,
    "base64": Embedded,
    "data_url": lambda file: Embedded(file, f"data:{file.entry.mime_type};base64,"),
    "extension": lambda file: file.entry.extension,
    "filename": lambda file: file.entry.name,
    "mime_type": lambda file: file.entry.mime_type,
}


def text(value: Json) -> str:
    """Return a value as the text of a query: a list with commas, true as `true`."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    return value if isinstance(value, str) else json.dumps(value)
