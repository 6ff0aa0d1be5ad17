"""Calls of the action `prompt` that are made, and not sent."""

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


def called(prompt: str, inputs: Json = None, operations: Json = None, **more: Json) -> Call:
    """Make the call of a prompt."""
    values = {
        "model": "a/b",
        "prompt": prompt,
        "promptParameters": inputs,
        "promptParametersOperations": operations,
        **more,
    }
    return build(action(), {name: value for name, value in values.items() if value is not None})


def content(call: Call, role: str = "user") -> Json:
    """Give the content of the one message of a role."""
    assert call.body
    (found,) = [one["content"] for one in call.body["messages"] if one["role"] == role]
    return found


def said(prompt: str, **inputs: Json) -> Json:
    """Give what a prompt without pictures says."""
    return content(called(prompt, inputs))


def after(value: Json, *operations: Json) -> Json:
    """Give what stands in a prompt for a value after operations; a name is one without more."""
    chain = [{"type": one} if isinstance(one, str) else one for one in operations]
    return content(called("{{ $parameters.x }}", {"x": value}, {"x": chain}))


def step(kind: str, **told: Json) -> Json:
    return {"type": kind, **told}


def wrong(
    prompt: str, inputs: Json = None, operations: Json = None, **more: Json
) -> dict[str, str]:
    """Give what is wrong, by path."""
    try:
        called(prompt, inputs, operations, **more)
    except InputError as error:
        return {problem.path: problem.message for problem in error.problems}
    return {}


def unfit(value: Json, *operations: Json) -> dict[str, str]:
    """Give what is wrong with operations on a value, by path without the name of the property."""
    chain = [{"type": one} if isinstance(one, str) else one for one in operations]
    found = wrong("{{ $parameters.x }}", {"x": value}, {"x": chain})
    return {path.removeprefix("promptParametersOperations."): told for path, told in found.items()}


def image(
    name: str = "photo.png", mime_type: str = "image/png", width: int = 640, height: int = 480
) -> LoadedFile:
    """Give a picture whose bytes nobody reads."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    entry = FileEntry(name.rpartition(".")[2], mime_type, name, f"data:{mime_type},x")
    return LoadedFile(entry, 10, nothing, image=ImageInfo(width, height, (width, height)))
