"""Example parameters of the actions: `demo` runs them, `show` prints them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from ...values import FILE_KEYS, Json, JsonObject

if TYPE_CHECKING:
    from ...definition.form import Form
    from .action_command import ActionCommand

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

SANDBOX_MODELS = {
    "analyzeImages": "sandbox/vision",
    "vision": "sandbox/vision",
    "sendChatCompletion": "sandbox/echo",
    "createMessage": "sandbox/echo",
    "createResponse": "sandbox/echo",
    "createVideo": "sandbox/filmer",
    "createEmbeddings": "sandbox/indexer",
    "createRerank": "sandbox/ranker",
    "createBatch": "sandbox/echo",
    "runBatch": "sandbox/echo",
}
"""The models of the sandbox for actions that `SANDBOX` has no example of."""

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


def sandbox_defaults(action: str) -> JsonObject:
    """Return the model and the voice that the sandbox has for an action; empty for one without."""
    example = SANDBOX.get(action, {})
    known = {name: value for name, value in example.items() if name in ("model", "voice")}
    return known or ({"model": SANDBOX_MODELS[action]} if action in SANDBOX_MODELS else {})


def example_parameters(form: Form) -> JsonObject:
    """Return parameters that run in the sandbox; for an unknown action, placeholders."""
    from ...definition.derive.call_example import required_parameters, sample_value

    known = SANDBOX.get(form.action.name, {})
    names = {*known, *required_parameters(form)}
    return {
        prop.name or "": known.get(prop.name or "", sample_value(prop, form.action.main))
        for prop in form.action.properties
        if prop.name in names
    }


def example_command(form: Form, command: ActionCommand) -> str:
    """Return the command line that runs the example: `openrouter-connector ask --sandbox 'Hi'`."""
    values = example_parameters(form)
    main = command.main.path if command.main else ""
    flags = {flag.path: flag for flag in command.flags}
    words = [word for word in _words(values.pop(main), "") if word] if main in values else []
    if form.action.name in SANDBOX:
        words.append("--sandbox")
    for name, value in values.items():
        words += _words(value, flags[name].option if name in flags else f"-p {name}=")
    return " ".join(["openrouter-connector", command.name, *words])


def _words(value: Json, option: str) -> Iterator[str]:
    """Yield the words that give a value: with its flag, with `-p NAME=`, or as the argument."""
    if isinstance(value, bool) and option.startswith("--"):
        yield option if value else f"--no-{option[2:]}"
    elif isinstance(value, list) and value and all(map(_is_plain, value)) and "=" not in option:
        for item in value:
            yield from _words(item, option)
    elif option.endswith("="):
        yield f"{option}{quote(_text(value, sign='@'))}"
    else:
        yield option
        yield quote(_text(value))


def _is_plain(value: Json) -> bool:
    """Return whether one word can give an item of a list: a text, a file, or its only text."""
    return isinstance(value, str) or _is_file(value) or _only_text(value) is not None


def _is_file(value: Json) -> bool:
    return isinstance(value, dict) and tuple(value) == FILE_KEYS


def _only_text(value: Json) -> str | None:
    texts = list(value.values()) if isinstance(value, dict) else []
    return texts[0] if len(texts) == 1 and isinstance(texts[0], str) else None


def _text(value: Json, sign: str = "") -> str:
    if isinstance(value, str):
        return value
    if _is_file(value):
        return f"{sign}{value['name']}"
    return _only_text(value) or json.dumps(value, ensure_ascii=False)
