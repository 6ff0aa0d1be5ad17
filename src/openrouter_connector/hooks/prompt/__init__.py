"""`prompt`: fill inputs into the placeholders of a prompt, and send images along with it.

promptParameters ──operations──▶ inputs ──placeholders──▶ text
                                   └───────────────────▶ images
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
    """Fill the inputs into the messages; raise InputError with all problems.

    Messages in `extraBody` are the user's own and are sent unchanged.
    """
    parameters: JsonObject = values.get("promptParameters") or {}
    operations: JsonObject = values.get("promptParametersOperations") or {}
    texts = {name: values[name] for name in _TEXTS.values() if values.get(name)}
    inputs, problems = run_pipelines(parameters, operations)
    problems += [*_unknown_names(texts, parameters), *_mixed(inputs)]
    if problems:
        raise InputError(problems)
    body = dict(call.body or {})
    if "messages" not in (values.get("extraBody") or {}):
        body["messages"] = _messages(body["messages"], inputs)
    warnings = (*call.warnings, *_warnings(texts, parameters, inputs))
    return replace(call, body=body, warnings=warnings)


def _unknown_names(texts: JsonObject, inputs: JsonObject) -> Iterator[Problem]:
    """Yield a problem for each placeholder without an input."""
    for path, text in texts.items():
        for name in placeholder_names(text):
            if name not in inputs:
                there = f"there are {join_names(inputs)}" if inputs else "promptParameters is empty"
                message = f"{{{{ $parameters.{name[:60]} }}}} names no input; {there}"
                yield Problem(path, message + did_you_mean(name, inputs))


def _mixed(inputs: JsonObject) -> Iterator[Problem]:
    for name, value in inputs.items():
        if mixes_images(value):
            message = "mixes images with other values; put the images into an input of their own"
            yield Problem(f"promptParameters.{name}", message)


def output(output: JsonObject, values: JsonObject) -> JsonObject:
    """Return the answer; raise IncompleteError if it is blank.

    An empty text is fine: then the answer is in other fields of the output.
    """
    text = output["output"] or ""
    if text and not text.strip():
        raise IncompleteError("the answer is empty; try again, or choose another model", status=200)
    return output


def _messages(messages: list[JsonObject], inputs: JsonObject) -> list[JsonObject]:
    """Fill the texts, and keep the images that remain after the operations."""
    values = {name: "" if images_in(value) else to_text(value) for name, value in inputs.items()}
    # By identity: two inputs may hold equal images, and operations may keep only one.
    remaining = {id(file) for value in inputs.values() for file in images_in(value)}
    filled = [_message(message, values, remaining) for message in messages]
    with_content = [message for message in filled if message["content"]]
    if not any(message["role"] == "user" for message in with_content):
        message = "is empty after its placeholders are filled, and there is no image; add either"
        raise InputError([Problem("prompt", message)])
    return with_content


def _message(message: JsonObject, values: dict[str, str], remaining: set[int]) -> JsonObject:
    """Return a message with its text filled; its content is empty if nothing remains."""
    content, path = message["content"], _TEXTS[message["role"]]
    only_text: list[JsonObject] = [{"type": "text", "text": content}]
    parts: list[JsonObject] = only_text if isinstance(content, str) else content
    text = "".join(_filled(part["text"], values, path) for part in parts if part["type"] == "text")
    images = [
        part
        for part in parts
        if part["type"] == "image_url" and id(part["image_url"]["url"].file) in remaining
    ]
    text_parts = [{"type": "text", "text": text}] if text.strip() else []
    filled: Json = [*text_parts, *images] if images else text.strip() and text
    return {**message, "content": filled}


def _filled(text: str, values: dict[str, str], path: str) -> str:
    if is_too_long(text, values):
        raise InputError([Problem(path, TOO_LONG)])
    return fill(text, values)


def _warnings(texts: JsonObject, parameters: JsonObject, inputs: JsonObject) -> Iterator[str]:
    used = {name for text in texts.values() for name in placeholder_names(text)}
    for name, value in inputs.items():
        path = f"promptParameters.{name}"
        if images_in(parameters[name]) and not images_in(value):
            yield (
                f"{path} is not an image after its operations, so no image was sent for it; to "
                "send it too, add it under a second name"
            )
        if name not in used and not images_in(value):
            yield f"{path} is not used in the prompt and was not sent"
