"""`prompt`: inputs go into the text where they are named, and the pictures among them beside it.

promptParameters ──operations──▶ inputs ──placeholders──▶ text
                                   └───────────────────▶ pictures
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...errors import IncompleteError, InputError, Problem
from ...suggest import did_you_mean, join_names
from ...values import Call, Json, JsonObject, ModelInfo
from .inputs import images_in, mixes_images, to_text
from .operations import OPERATIONS, UNSUPPORTED, Operation
from .pipeline import run_pipelines
from .placeholders import TOO_LONG, fill, is_too_long, placeholder_names

__all__ = ["OPERATIONS", "UNSUPPORTED", "Operation", "build"]

_TEXTS = {"system": "systemPrompt", "user": "prompt"}


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Put the inputs into the messages. InputError lists all that is wrong with them.

    Messages in `extraBody` are the user's own, and go as they are.
    """
    given: JsonObject = values.get("promptParameters") or {}
    operations: JsonObject = values.get("promptParametersOperations") or {}
    texts = {name: values[name] for name in _TEXTS.values() if values.get(name)}
    inputs, problems = run_pipelines(given, operations)
    problems += [*_unnamed(texts, given), *_blended(inputs)]
    if problems:
        raise InputError(problems)
    body = dict(call.body or {})
    if "messages" not in (values.get("extraBody") or {}):
        body["messages"] = _messages(body["messages"], inputs)
    told = (*call.warnings, *_warnings(texts, given, inputs))
    return replace(call, body=body, warnings=told)


def _unnamed(texts: JsonObject, inputs: JsonObject) -> Iterator[Problem]:
    """Find placeholders that name nothing."""
    for path, text in texts.items():
        for name in placeholder_names(text):
            if name not in inputs:
                there = f"there are {join_names(inputs)}" if inputs else "promptParameters is empty"
                told = f"{{{{ $parameters.{name[:60]} }}}} names no input; {there}"
                yield Problem(path, told + did_you_mean(name, inputs))


def _blended(inputs: JsonObject) -> Iterator[Problem]:
    for name, value in inputs.items():
        if mixes_images(value):
            told = "holds pictures among other values; give the pictures a name of their own"
            yield Problem(f"promptParameters.{name}", told)


def output(output: JsonObject, values: JsonObject) -> JsonObject:
    """Return the answer; IncompleteError for blanks. An empty text has something beside it."""
    text = output["output"] or ""
    if text and not text.strip():
        raise IncompleteError("the answer is empty", status=200)
    return output


def _messages(messages: list[JsonObject], inputs: JsonObject) -> list[JsonObject]:
    """Fill the texts, and keep the pictures that the operations have left."""
    said = {name: "" if images_in(value) else to_text(value) for name, value in inputs.items()}
    left = {id(file) for value in inputs.values() for file in images_in(value)}
    made = [_message(message, said, left) for message in messages]
    kept = [message for message in made if message["content"]]
    if not any(message["role"] == "user" for message in kept):
        told = "says nothing once its placeholders are filled, and no picture goes along"
        raise InputError([Problem("prompt", told)])
    return kept


def _message(message: JsonObject, said: dict[str, str], left: set[int]) -> JsonObject:
    """Give a message with its text filled; its content is empty when nothing of it remains."""
    content, path = message["content"], _TEXTS[message["role"]]
    only_text: list[JsonObject] = [{"type": "text", "text": content}]
    parts: list[JsonObject] = only_text if isinstance(content, str) else content
    text = "".join(_filled(part["text"], said, path) for part in parts if part["type"] == "text")
    images = [
        part
        for part in parts
        if part["type"] == "image_url" and id(part["image_url"]["url"].file) in left
    ]
    words = [{"type": "text", "text": text}] if text.strip() else []
    whole: Json = [*words, *images] if images else text.strip() and text
    return {**message, "content": whole}


def _filled(text: str, said: dict[str, str], path: str) -> str:
    if is_too_long(text, said):
        raise InputError([Problem(path, TOO_LONG)])
    return fill(text, said)


def _warnings(texts: JsonObject, given: JsonObject, inputs: JsonObject) -> Iterator[str]:
    used = {name for text in texts.values() for name in placeholder_names(text)}
    for name, value in inputs.items():
        path = f"promptParameters.{name}"
        if images_in(given[name]) and not images_in(value):
            yield (
                f"{path} is no picture any more after its operations, and no picture of it was "
                "sent; give it a second name to send it as well"
            )
        if name not in used and not images_in(value):
            yield f"{path} was not named in the prompt, and not sent"
