"""Build calls of the action `prompt` without sending them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings

from openrouter_connector import FileEntry, InputError
from openrouter_connector.definition.load import load_component
from openrouter_connector.definition.model import Action
from openrouter_connector.runtime.build import build
from openrouter_connector.values import Call, ImageInfo, LoadedFile

Json = Any
ROOT = Path(__file__).parents[2]
PATIENT = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


@cache
def action() -> Action:
    return load_component(ROOT).form("prompt").action


def build_prompt(prompt: str, inputs: Json = None, operations: Json = None, **more: Json) -> Call:
    """Build the call of a prompt."""
    values = {
        "model": "a/b",
        "prompt": prompt,
        "promptParameters": inputs,
        "promptParametersOperations": operations,
        **more,
    }
    return build(action(), {name: value for name, value in values.items() if value is not None})


def content_of(call: Call, role: str = "user") -> Json:
    """Return the content of the only message with a role."""
    assert call.body
    (message,) = [found for found in call.body["messages"] if found["role"] == role]
    return message["content"]


def filled_text(prompt: str, **inputs: Json) -> Json:
    """Return the text of a prompt without images."""
    return content_of(build_prompt(prompt, inputs))


def transformed_text(value: Json, *operations: Json) -> Json:
    """Return the text for a value after operations; a string is one without parameters."""
    pipeline = [{"type": item} if isinstance(item, str) else item for item in operations]
    return content_of(build_prompt("{{ $parameters.x }}", {"x": value}, {"x": pipeline}))


def step(kind: str, **parameters: Json) -> Json:
    return {"type": kind, **parameters}


def problems_of(
    prompt: str, inputs: Json = None, operations: Json = None, **more: Json
) -> dict[str, str]:
    """Return the problems of a prompt by path."""
    try:
        build_prompt(prompt, inputs, operations, **more)
    except InputError as error:
        return {problem.path: problem.message for problem in error.problems}
    return {}


def operation_problems(value: Json, *operations: Json) -> dict[str, str]:
    """Return the problems of operations on a value, by path without the property's name."""
    pipeline = [{"type": item} if isinstance(item, str) else item for item in operations]
    found = problems_of("{{ $parameters.x }}", {"x": value}, {"x": pipeline})
    prefix = "promptParametersOperations."
    return {path.removeprefix(prefix): message for path, message in found.items()}


def image(
    name: str = "photo.png", mime_type: str = "image/png", width: int = 640, height: int = 480
) -> LoadedFile:
    """Return an image whose bytes are not read."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    entry = FileEntry(name.rpartition(".")[2], mime_type, name, f"data:{mime_type},x")
    return LoadedFile(entry, 10, nothing, image=ImageInfo(width, height, (width, height)))
