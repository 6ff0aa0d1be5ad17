"""Parameters to a call: pure, so that a call can be compared, shown and checked unsent."""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple
from urllib.parse import quote

from ..definition.model import QUERIED, Action, Face, Option, Property, Send, snake
from ..definition.paths import filled, placeholders
from ..errors import InputError, Problem
from ..values import Call, Embedded, Json, JsonObject, LoadedFile, ModelInfo
from .chat_messages import build_messages
from .hooks import hook_of
from .http.headers import NO_HEADER, fits_header


def build(
    action: Action, values: JsonObject, model_info: ModelInfo | None = None, *, stream: bool = False
) -> Call:
    """Map accepted values, their files loaded, to the call that the action declares.

    `model_info` is what the catalogue lists about the model, if the action looks it up. InputError
    if the model does not support the values. For a job that is resumed the call asks its status.
    """
    if action.poll and (job := taken_up(action, values)):
        return call_of(action.poll.request, {action.poll.id: job})
    call = _addressed(action, values)
    mapped = mapping(action.properties, call.method, values, placeholders(action.request))
    call = replace(
        call,
        query={**call.query, **mapped.query},
        headers=mapped.headers,
        dialect=action.dialect,
        multipart=any(prop.send and prop.send.as_ == "multipart" for prop in action.properties),
        body=None if call.method in QUERIED else _body(action, values, mapped.body, stream),
    )
    if hook := hook_of(action, "build"):
        call = hook(call, values, model_info)
    if call.body and None in call.body.values():  # what the user spreads over it takes out as well
        call = replace(call, body={key: v for key, v in call.body.items() if v is not None})
    return call


def _body(action: Action, values: JsonObject, mapped: JsonObject, stream: bool) -> JsonObject:
    """Give the body: what the properties say, and before it what they need not name."""
    said = {"messages": build_messages(action.messages, values)} if action.messages else {}
    if not stream:
        return {**said, **mapped}
    # Without it servers other than OpenRouter do not tell the usage of a stream.
    told = {"stream_options": {"include_usage": True}} if action.dialect == "chat" else {}
    return {**told, **said, **mapped, "stream": True}


def call_of(line: str, values: Json, query: Mapping[str, str] | None = None) -> Call:
    """Give the call of a request line, `GET /videos/{id}?index=0`, with its placeholders filled.

    ValueError when a value is missing, or has a segment of dots that would climb out of the path.
    """
    method, rest = line.split(" ", 1)
    path, _, asked = rest.partition("?")
    fixed = dict(pair.split("=", 1) for pair in asked.split("&") if pair)
    given = {key: _filled(value, values, str) for key, value in fixed.items()}
    return Call(
        method,
        _filled(path, values, _segments),
        {**given, **(query or {})},
        idempotent=method == "GET",
    )


def taken_up(action: Action, values: JsonObject) -> str | None:
    """Give the name of a job that is to be taken up again, instead of submitting one."""
    resume = action.poll.resume if action.poll else None
    return values.get(resume) if resume else None


_AS_IT_IS = Send()


def _addressed(action: Action, values: JsonObject) -> Call:
    try:
        call = call_of(action.request, values)
    except ValueError as error:
        raise InputError(str(error)) from error
    return replace(call, idempotent=True) if action.idempotent else call


def mapping(
    properties: Iterable[Property], method: str, values: JsonObject, elsewhere: Container[str] = ()
) -> Mapped:
    """Put each value where its property says; in the body, what is spread wins.

    Properties named in `elsewhere` are left out, as those that stand in the path. InputError for
    what no header can hold.
    """
    places: dict[str, JsonObject] = {"body": {}, "query": {}, "header": {}}
    spread, problems = JsonObject(), list[Problem]()
    for prop in properties:
        value = values.get(prop.name or "")
        if value is None or prop.send is False or prop.filter or (prop.name or "") in elsewhere:
            continue
        send = prop.send or _AS_IT_IS
        if send.as_ == "spread":
            spread |= value
        elif send.place(method) == "header" and not fits_header(text(value)):
            problems.append(Problem(prop.name or "", NO_HEADER))
        else:
            _place(places[send.place(method)], prop, value)
    if problems:
        raise InputError(problems)
    query, headers = (
        {key: text(value) for key, value in places[place].items()} for place in ("query", "header")
    )
    return Mapped(query, headers, places["body"] | spread)


class Mapped(NamedTuple):
    """Where the values of a form go."""

    query: dict[str, str]
    headers: dict[str, str]
    body: JsonObject


def _filled(template: str, values: Json, write: Callable[[Json], str]) -> str:
    def value_of(name: str) -> str:
        value = values.get(name) if isinstance(values, Mapping) else None
        if value is None:
            raise ValueError(f"{name} is missing")
        return write(value)

    return filled(template, value_of)


def _segments(value: Json) -> str:
    """Percent-encode a value segment by segment: a model slug keeps its slash."""
    parts = str(value).split("/")
    # `..` climbs out of the path; so it does encoded, as some clients decode it again.
    if any(not part.strip(".") for part in parts):
        raise ValueError(f"{value!r} cannot stand in a path")
    return "/".join(quote(part, safe=":@~") for part in parts)


def _place(target: JsonObject, prop: Property, value: Json) -> None:
    send = prop.send or _AS_IT_IS
    *parents, last = (send.to or snake(prop.name or "")).split(".")
    for parent in parents:
        target = target.setdefault(parent, {})
    target[last] = _wire(prop, value)


def _wire(
    prop: Property,
    value: Json,
    send: Literal[False] | Send | None = None,
    choices: tuple[Option, ...] = (),
) -> Json:
    """Give what is sent for a value. Only names of properties change, never a user's own keys.

    An item that does not say itself how it is sent has it from its list: `send` and `choices`.
    """
    send, choices = prop.send or send, prop.choices or choices
    if isinstance(value, LoadedFile):
        return _face(send.as_ if send else None, value)
    if isinstance(value, list) and prop.items:
        return [_wire(prop.items, item, send, choices) for item in value]
    if isinstance(value, dict) and prop.properties:
        inner: JsonObject = {}
        for member in prop.properties:
            if (part := value.get(member.name)) is not None and member.send is not False:
                _place(inner, member, part)
        return inner
    if send and send.as_ == "text":
        return text(value)
    return next((o.send for o in choices if o.value == value and o.send is not None), value)


def _face(wanted: str | Mapping[str, Face] | None, file: LoadedFile) -> Json:
    if isinstance(wanted, Mapping):
        return {key: _FACES[face](file) for key, face in wanted.items()}
    return _FACES[wanted or "data_url"](file)


_FACES: Mapping[str, Callable[[LoadedFile], Json]] = {
    "multipart": Embedded,
    "base64": Embedded,
    "data_url": lambda file: Embedded(file, f"data:{file.entry.mime_type};base64,"),
    "extension": lambda file: file.entry.extension,
    "filename": lambda file: file.entry.name,
    "mime_type": lambda file: file.entry.mime_type,
}


def text(value: Json) -> str:
    """Write a value as a query does: a list with commas, true as `true`."""
    if isinstance(value, list):
        return ",".join(map(text, value))
    return value if isinstance(value, str) else json.dumps(value)
