"""`ask`: prompts and files to messages, a schema to a response format, and the answer checked."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from re import DOTALL, search, sub

from ..errors import IncompleteError
from ..values import Call, Embedded, Facts, Json, JsonObject, LoadedFile


def build(call: Call, values: JsonObject, facts: Facts | None) -> Call:
    """Add the messages, and the response format when data is asked for."""
    messages = _messages(values)
    wanted: JsonObject = {}
    if schema := _schema(values):
        supported = facts.row.get("supported_parameters") if facts else None
        if supported and "structured_outputs" in supported:
            wanted = {"response_format": {"type": "json_schema", "json_schema": _strict(schema)}}
        else:
            messages = [*messages, {"role": "system", "content": _request(schema)}]
            if supported is None or "response_format" in supported:
                wanted = {"response_format": {"type": "json_object"}}
    return replace(call, body={"messages": messages, **wanted, **(call.body or {})})


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
    from jsonschema import Draft202012Validator  # heavy, and only needed for data

    problems = sorted(Draft202012Validator(schema).iter_errors(answer), key=lambda e: e.json_path)
    if problems:
        told = "; ".join(f"{error.json_path}: {error.message}" for error in problems[:5])
        raise IncompleteError(
            f"the answer does not fit the schema: {told}", status=200, partial=text
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
    """Name a schema as the API wants it: strict, unless it leaves some properties to choice."""
    title = sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64]
    strict = not _leaves_choice(schema)
    return {"name": title, "strict": strict, "schema": _closed(schema) if strict else schema}


def _leaves_choice(schema: Json) -> bool:
    """Tell whether an object says that a property may be absent, or that others may be there."""
    if isinstance(schema, list):
        return any(map(_leaves_choice, schema))
    if not isinstance(schema, dict):
        return False
    properties, required = schema.get("properties"), schema.get("required")
    optional = isinstance(properties, dict) and required and set(properties) - set(required)
    return bool(optional or schema.get("additionalProperties")) or any(
        map(_leaves_choice, schema.values())
    )


def _closed(schema: Json) -> Json:
    """Say what strict mode wants to hear: all properties required, and no others.

    What fits the closed schema fits the one it came from.
    """
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if schema.get("type") == "object" and isinstance(schema.get("properties"), dict):
        closed |= {"required": list(schema["properties"]), "additionalProperties": False}
    return closed


def _request(schema: JsonObject) -> str:
    return (
        "Answer with one JSON value and nothing else: no prose, no code fence. It must fit this "
        f"JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


def _parsed(text: str) -> Json:
    """Parse JSON: bare, in a code fence, or with words around it; ValueError if there is none."""
    fenced = search(r"```(?:json)?\s*\n(.*?)```", text, DOTALL)
    within = search(r"(\{.*\}|\[.*\])", text, DOTALL)
    for found in (text, *(match[1] for match in (fenced, within) if match)):
        with suppress(ValueError, RecursionError):
            return json.loads(found)
    raise ValueError(text)
