"""`ask`: prompts and files to messages, a schema to a response format, and the answer checked."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from re import DOTALL, search, sub

from ..errors import IncompleteError
from ..values import Call, Embedded, Facts, Json, JsonObject, LoadedFile


def build(call: Call, values: JsonObject, facts: Facts | None) -> Call:
    """Add the messages, and the response format when data is asked for.

    Data comes whole: what does not fit is asked for again, and pieces cannot be taken back.
    """
    body, messages = dict(call.body or {}), _messages(values)
    wanted: JsonObject = {}
    if schema := _schema(values):
        body.pop("stream", None)
        listed = facts.row.get("supported_parameters") if facts else None
        supported = listed if isinstance(listed, list) else None
        if supported and "structured_outputs" in supported:
            wanted = {"response_format": {"type": "json_schema", "json_schema": _strict(schema)}}
        else:
            messages = [*messages, {"role": "system", "content": _request(schema)}]
            if supported is None or "response_format" in supported:
                wanted = {"response_format": {"type": "json_object"}}
    return replace(call, body={"messages": messages, **wanted, **body})


def output(output: Json, values: JsonObject) -> Json:
    """Give the text, or the object that fits the schema; IncompleteError keeps the raw text."""
    schema = _schema(values)
    if schema is None:
        return output or ""
    text = output or ""
    try:
        answer = _parsed(text)
    except ValueError:
        raise IncompleteError("the answer is not JSON", status=200, partial=text) from None
    if problems := _misfits(schema, answer):
        raise IncompleteError(
            f"the answer does not fit the schema: {problems}", status=200, partial=text
        )
    return answer


def repair(call: Call, error: IncompleteError) -> Call:
    """Show the model its answer and what is wrong with it."""
    body = dict(call.body or {})
    body["messages"] = [
        *body["messages"],
        {"role": "assistant", "content": error.partial or ""},
        {
            "role": "user",
            "content": f"That was not right: {error.message}. Answer again, with the corrected "
            "JSON and nothing else.",
        },
    ]
    return replace(call, body=body)


def _messages(values: JsonObject) -> list[JsonObject]:
    if values.get("format") == "ADVANCED":
        return [
            {
                "role": message["role"].lower(),
                "content": _content(message["content"], message.get("attachments")),
            }
            for message in values["messages"]
        ]
    system = values.get("systemPrompt")
    user = {"role": "user", "content": _content(values["userPrompt"], values.get("attachments"))}
    return [{"role": "system", "content": system}, user] if system else [user]


def _content(text: str, files: list[LoadedFile] | None) -> Json:
    """Give a plain text, or with files the text first and then a part for each."""
    if not files:
        return text
    return [{"type": "text", "text": text}, *map(_part, files)]


def _part(file: LoadedFile) -> JsonObject:
    entry = file.entry
    if file.text is not None:
        return {"type": "text", "text": f"{entry.name}:\n\n{file.text}"}
    url = Embedded(file, f"data:{entry.mime_type};base64,")
    match entry.mime_type.split("/")[0]:
        case "image":
            return {"type": "image_url", "image_url": {"url": url}}
        case "audio":
            sound = {"data": Embedded(file), "format": entry.extension}
            return {"type": "input_audio", "input_audio": sound}
        case "video":
            return {"type": "video_url", "video_url": {"url": url}}
        case _:
            return {"type": "file", "file": {"filename": entry.name, "file_data": url}}


def _schema(values: JsonObject) -> JsonObject | None:
    response = values.get("response") or {}
    return response.get("responseSchema") if response.get("responseFormat") == "JSON" else None


def _strict(schema: JsonObject) -> JsonObject:
    """Name a schema as the API wants it: strict, if strict mode can say the same."""
    title = sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64]
    closed = _closed(schema)
    return {"name": title, "strict": closed is not None, "schema": closed or schema}


def _closed(schema: Json) -> Json:
    """Say what strict mode wants to hear: all properties required, and no others.

    None for a schema that leaves a choice of properties, or combines others. What fits the
    closed schema fits the one it came from.
    """
    if not isinstance(schema, dict) or schema.keys() & _OPEN or schema.get("additionalProperties"):
        return None
    inner = {word: _each(schema[word]) for word in _INNER & schema.keys()}
    if "items" in schema:
        inner["items"] = _closed(schema["items"])
    if "object" in schema.get("type", "") or "properties" in schema:
        names = list(schema.get("properties", {}))
        if not names or set(schema.get("required") or names) != set(names):
            return None
        inner |= {"required": names, "additionalProperties": False}
    return None if None in inner.values() else {**schema, **inner}


def _each(schemas: Json) -> Json:
    """Close the schemas of an object or a list; None if one of them cannot be."""
    if isinstance(schemas, list):
        closed = [_closed(schema) for schema in schemas]
        return None if None in closed else closed
    named = {name: _closed(schema) for name, schema in schemas.items()}
    return None if None in named.values() else named


# Words that hold schemas, and words that combine them or allow what is not listed.
_INNER = {"properties", "$defs", "definitions", "anyOf"}
_OPEN = {"allOf", "oneOf", "not", "if", "patternProperties", "dependentSchemas", "prefixItems"}


def _request(schema: JsonObject) -> str:
    return (
        "Answer with one JSON value and nothing else: no prose, no code fence. It must fit this "
        f"JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


def _misfits(schema: JsonObject, answer: Json) -> str:
    """Say what of the answer does not fit, nothing if all of it does."""
    from jsonschema import Draft202012Validator  # heavy, and only needed for data
    from referencing.exceptions import Unresolvable

    try:
        errors = sorted(Draft202012Validator(schema).iter_errors(answer), key=lambda e: e.json_path)
    except RecursionError:
        return "the schema goes round in circles"
    except Unresolvable:
        return "the schema refers to what is not in it"
    except ArithmeticError as error:  # a number too large to be compared
        return str(error)
    return "; ".join(f"{error.json_path}: {error.message}" for error in errors[:5])


def _parsed(text: str) -> Json:
    """Parse JSON: bare, in a code fence, or with words around it; ValueError if there is none."""
    fenced = search(r"```(?:json)?\s*\n(.*?)```", text, DOTALL)
    parts = [text, fenced[1] if fenced else "", *(_between(text, *pair) for pair in ("{}", "[]"))]
    for part in parts:
        with suppress(ValueError, RecursionError):
            return json.loads(part, parse_constant=_refused)
    raise ValueError(text)


def _between(text: str, first: str, last: str) -> str:
    return text[text.find(first) : text.rfind(last) + 1] if first in text else ""


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")
