"""Read a chat completions body: into `ask` if it is a prompt or a conversation with files.

Bodies with tools, tool messages or audio output need the whole response, and become
`sendChatCompletion`, which takes them as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from ....definition.load import Definition
from ....values import Json, JsonObject, an_object
from ..file_entries import file_entry
from .parameters import Parameters
from .request_body import drop_one, read_body
from .texts import json_text

_NEEDS_WHOLE_RESPONSE = ("tools", "functions", "tool_choice", "modalities", "audio", "prediction")
_ROLES = {"system": "SYSTEM", "developer": "SYSTEM", "user": "USER", "assistant": "ASSISTANT"}


class Said(NamedTuple):
    """A message that `ask` can send."""

    role: str
    text: str
    files: list[JsonObject]
    notes: tuple[str, ...]


def read_chat(definition: Definition, body: JsonObject, parameters: Parameters) -> str:
    """Add the parameters of a chat completions body, and return the action that takes them."""
    rest = {key: value for key, value in body.items() if key != "messages"}
    messages = _said(body.get("messages"))
    response = _response(rest)
    whole = messages is None or response is None or any(rest.get(k) for k in _NEEDS_WHOLE_RESPONSE)
    if whole or rest.get("n") not in (None, 1):
        read_body(definition.form("sendChatCompletion").action, body, parameters)
        return "sendChatCompletion"
    assert messages is not None and response is not None  # noqa: S101 - for the type checker
    drop_one(rest, "answers", parameters)
    asked = an_object(an_object(rest.pop("response_format", None)).get("json_schema"))
    for key in asked.keys() - {"schema"}:
        message = "name and strictness of a schema are those of the action"
        parameters.note_converted(f"response_format.json_schema.{key}", message)
    _place_messages(messages, parameters)
    if response != {"responseFormat": "TEXT"}:
        parameters.converted("response", "response_format is response", "response_format")
    parameters.values["response"] = response
    read_body(definition.form("ask").action, rest, parameters)
    return "ask"


def _place_messages(messages: list[Said], parameters: Parameters) -> None:
    """Add one prompt with its system prompt, or all messages."""
    roles = [message.role for message in messages]
    if roles in (["USER"], ["SYSTEM", "USER"]):
        user = messages[-1]
        simple = {"format": "SIMPLE", "userPrompt": user.text}
        if len(messages) > 1:
            simple["systemPrompt"] = messages[0].text
        parameters.values |= simple
        if user.files:
            parameters.values["attachments"] = user.files
        parameters.converted("userPrompt", "the messages are a prompt", "messages")
    else:
        parameters.values |= {"format": "ADVANCED", "messages": list(map(_message, messages))}
        parameters.converted("messages", "the messages are those of a conversation")
    for index, message in enumerate(messages):
        for note in message.notes:
            parameters.note_converted(f"messages[{index}].content", note)


def _message(said: Said) -> JsonObject:
    files = {"attachments": said.files} if said.files else {}
    return {"role": said.role, "content": said.text, **files}


def _said(messages: Json) -> list[Said] | None:
    """Return the messages that `ask` can send; None if one of them is more than that."""
    if not isinstance(messages, list) or not messages:
        return None
    found = [_one(message) for message in messages]
    said = [one for one in found if one is not None]
    # A conversation that ends with the assistant is a prefill, which is the user's business.
    return said if len(said) == len(found) else None


def _one(message: Json) -> Said | None:
    if not isinstance(message, dict) or set(message) - {"role", "content"}:
        return None
    role = _ROLES.get(str(message.get("role")).lower())
    content = message.get("content")
    if role is None or not isinstance(content, str | list):
        return None
    if isinstance(content, str):
        return Said(role, content, [], ())
    texts: list[str] = []
    files: list[JsonObject] = []
    notes: list[str] = []
    for part in content:
        if not isinstance(part, dict) or set(part) - {"type", _key(part)}:
            return None
        if part.get("type") in ("text", "input_text") and isinstance(part.get("text"), str):
            if files and not texts:
                notes.append("the text now comes before the files")
            texts.append(part["text"])
        elif role == "USER" and (file := _file(part)):
            files.append(file)
        else:
            return None
    if len(texts) > 1:
        notes.append(f"{len(texts)} texts are joined by blank lines")
    return Said(role, "\n\n".join(texts), files, tuple(notes))


def _key(part: JsonObject) -> str:
    """Return the key that holds the content of a part."""
    kind = part.get("type")
    return "text" if kind in ("text", "input_text") else str(kind)


def _file(part: JsonObject) -> JsonObject | None:
    """Return the FILE_ENTRY of a part; None if it is none that `ask` would send again."""
    kind = part.get("type")
    inner = part.get(str(kind))
    url = inner if isinstance(inner, str) else an_object(inner).get("url")
    if kind in ("image_url", "video_url") and isinstance(url, str):
        # ask sends no other detail than the default.
        if an_object(inner).get("detail") not in (None, "auto"):
            return None
        if set(an_object(inner)) - {"url", "detail"}:
            return None
        return file_entry(url)
    if kind == "input_audio" and isinstance(inner, dict):
        data, form = inner.get("data"), inner.get("format")
        if set(inner) == {"data", "format"} and isinstance(data, str) and isinstance(form, str):
            return file_entry(f"data:audio/{form};base64,{data}", f"audio/{form}", f"audio.{form}")
    if kind == "file" and isinstance(inner, dict):
        data, name = inner.get("file_data"), inner.get("filename") or "file"
        is_whole = not set(inner) - {"file_data", "filename"}
        if is_whole and isinstance(data, str) and isinstance(name, str):
            return file_entry(data, name=name)
    return None


def _response(body: JsonObject) -> JsonObject | None:
    """Return the `response` of `ask` for a `response_format`; None if it has none."""
    asked = body.get("response_format")
    kind = an_object(asked).get("type")
    if asked is None or kind == "text":
        return {"responseFormat": "TEXT"}
    schema: Json = {"type": "object"} if kind == "json_object" else None
    if kind == "json_schema":
        schema = an_object(an_object(asked).get("json_schema")).get("schema")
    if not isinstance(schema, dict):
        return None
    return {"responseFormat": "JSON", "responseSchema": json_text(schema)}
