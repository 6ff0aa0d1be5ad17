"""Parameters to begin with: `demo` performs them in the sandbox, `show` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from ...values import Json, JsonObject

if TYPE_CHECKING:
    from ...definition.form import Form
    from ...definition.model import Property

SPOKEN = "What the speaker says in this demo, the listener writes down again."

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


def example(form: Form) -> JsonObject:
    """Give parameters that the sandbox takes, or for an unknown action a sketch of them."""
    known = SANDBOX.get(form.action.name, {})
    wanted = {*known, *needed(form)}
    return {
        prop.name or "": known.get(prop.name or "", _sketch(prop))
        for prop in form.action.properties
        if prop.name in wanted
    }


def command(form: Form) -> str:
    """Give the command line that runs the example."""
    sandbox = " --sandbox" if form.action.name in SANDBOX else ""
    given = example(form)
    # A shell may take [0] for a pattern, so such a name goes into the quotes.
    pairs = (
        f"-p {quote(f'{name}={text}') if '[' in name else f'{name}={quote(text)}'}"
        for prop in form.action.properties
        if prop.name in given
        for name, text in _texts(prop, given[prop.name or ""])
    )
    return f"openrouter-connector run {form.action.name}{sandbox} {' '.join(pairs)}"


def needed(form: Form) -> list[str]:
    """Name what must be given: required, shown in an empty form, and without a default."""
    shown = form.visible({})
    return [
        prop.name
        for prop in form.action.properties
        if prop.name in shown and prop.required and not prop.mirrors and not _has_default(prop)
    ]


def _has_default(prop: Property) -> bool:
    if prop.default_value is not None:
        return True
    return bool(prop.properties) and not any(
        inner.required and not inner.display_condition and not _has_default(inner)
        for inner in prop.properties
    )


def _sketch(prop: Property) -> Json:
    """Give a value of the right type, as far as the definition can tell one."""
    if prop.default_value is not None:
        return prop.default_value
    if prop.choices:
        return prop.choices[0].value
    suggested = prop.placeholder or ""
    if suggested.startswith(("[", "{")):
        return json.loads(suggested)
    if suggested and prop.type in ("STRING", "ANY"):
        return suggested
    if prop.any_of:
        return _sketch(prop.any_of[0])
    if prop.type == "FILE_ENTRY":
        extension = next((kind.rpartition("/")[2] for kind in prop.accept if "*" not in kind), "")
        name = f"file.{extension}" if extension else "file"
        return {"extension": extension, "mimeType": "", "name": name, "url": "https://…"}
    if prop.type == "ARRAY":
        return [_sketch(prop.items)] if prop.items else []
    if prop.type == "OBJECT":
        return {inner.name: _sketch(inner) for inner in prop.properties if inner.required}
    return {"STRING": "…", "NUMBER": 1.0, "INTEGER": 1, "BOOLEAN": True, "ANY": {}}[prop.type]


def _texts(prop: Property, value: Json) -> Iterator[tuple[str, str]]:
    """Write a value as `-p` takes it: a file by its path, what is inside by the way to it."""
    name = prop.name or ""
    if prop.type == "FILE_ENTRY":
        return iter([(name, f"@{value['name']}")])
    if prop.items and prop.items.type == "FILE_ENTRY":
        return iter([(name, f"@{item['name']}") for item in value])
    return _flat(name, value)


def _flat(name: str, value: Json) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{name}.{key}", item)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _flat(f"{name}[{position}]", item)
    else:
        yield name, value if isinstance(value, str) else json.dumps(value)
