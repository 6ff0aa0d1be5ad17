"""Example parameters of the actions: `demo` runs them, `show` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from ...values import Json, JsonObject

if TYPE_CHECKING:
    from ...definition.form import Form
    from ...definition.model import Property

SPOKEN = "This sentence is spoken by one model and transcribed by another."

SANDBOX: dict[str, JsonObject] = {
    "ask": {"model": "sandbox/echo", "userPrompt": "What can this connector do for me?"},
    "createImage": {
        "model": "sandbox/painter",
        "imageMessages": [{"content": "A lighthouse in the morning fog"}],
        "size": "1K",
        "aspectRatio": "16:9",
    },
    "createSpeech": {
        "model": "sandbox/speaker",
        "input": SPOKEN,
        "voice": "alba",
        "responseFormat": "mp3",
    },
    "createTranscription": {"model": "sandbox/listener", "language": "EN"},
}

LIVE: dict[str, JsonObject] = {
    "ask": {
        "model": "openai/gpt-5-nano",
        "userPrompt": "In two sentences: what is a low-code connector good for?",
        "reasoning": "minimal",
        "maxTokens": 1000,
    },
    "createImage": {
        "model": "bytedance-seed/seedream-4.5",
        "imageMessages": [{"content": "A lighthouse in the morning fog"}],
    },
    "createSpeech": {
        "model": "openai/gpt-4o-mini-tts-2025-12-15",
        "input": SPOKEN,
        "voice": "alloy",
        "responseFormat": "mp3",
    },
    "createTranscription": {"model": "openai/whisper-large-v3", "language": "EN"},
}


def example_parameters(form: Form) -> JsonObject:
    """Return parameters that run in the sandbox; for an unknown action, placeholders."""
    from ...definition.derive.call_example import required_parameters, sample_value

    known = SANDBOX.get(form.action.name, {})
    names = {*known, *required_parameters(form)}
    return {
        prop.name or "": known.get(prop.name or "", sample_value(prop))
        for prop in form.action.properties
        if prop.name in names
    }


def example_command(form: Form) -> str:
    """Return the command line that runs the example."""
    sandbox = " --sandbox" if form.action.name in SANDBOX else ""
    values = example_parameters(form)
    # A shell may expand [0] as a pattern, so a name that contains it is quoted too.
    pairs = (
        f"-p {quote(f'{name}={text}') if '[' in name else f'{name}={quote(text)}'}"
        for prop in form.action.properties
        if prop.name in values
        for name, text in _pairs(prop, values[prop.name or ""])
    )
    return f"openrouter-connector run {form.action.name}{sandbox} {' '.join(pairs)}"


def _pairs(prop: Property, value: Json) -> Iterator[tuple[str, str]]:
    """Return the NAME and VALUE of each `-p` that sets a value."""
    name = prop.name or ""
    if prop.type == "FILE_ENTRY":
        return iter([(name, f"@{value['name']}")])
    if prop.items and prop.items.type == "FILE_ENTRY":
        return iter([(name, f"@{item['name']}") for item in value])
    return _nested_pairs(name, value)


def _nested_pairs(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _nested_pairs(f"{name}.{key}", item)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _nested_pairs(f"{name}[{position}]", item)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value)
