"""Parameters of an action as hypothesis makes them up, from the definition alone."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from openrouter_connector.definition.model import Action, Property

Made = st.SearchStrategy[Any]

MODELS = {
    "ask": ["sandbox/echo", "sandbox/no-schema", "sandbox/bare", "unknown/model"],
    "createImage": ["sandbox/painter", "sandbox/painter-one", "sandbox/illustrator", "un/known"],
    "createSpeech": ["sandbox/speaker", "un/known"],
    "createTranscription": ["sandbox/listener", "un/known"],
}
# Where requests go, and what OpenRouter's SDK calls the body there.
PATHS = {
    "/chat/completions": "ChatRequest",
    "/images": "ImageGenerationRequest",
    "/audio/speech": "SpeechRequest",
    "/audio/transcriptions": "STTRequest",
}
SCHEMAS = [
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "title": "Ä b"},
    '{"type": "array", "items": {"type": "number"}}',
]
FILES = [
    ("note.txt", "text/plain", "Hello"),
    ("dot.png", "image/png", "Hello"),
    ("page.pdf", "application/pdf", "Hello"),
    ("hum.mp3", "audio/mpeg", "Hello"),
    ("hum.wav", "audio/wav", "Hello"),
    ("film.mp4", "video/mp4", "Hello"),
]
# What a definition says nothing about, because any JSON will do.
FREE: dict[str, list[Any]] = {
    "plugins": [[], [{"id": "web", "max_results": 3}], [{"id": "file-parser"}]],
    "extraBody": [{}, {"session_id": "s"}, {"repetition_penalty": 1.1}],
    "responseSchema": SCHEMAS,
    "maxTokens": [1, 16, 4096],
    "maxCompletionTokens": [1, 16, 4096],
    "topK": [0, 1, 40],
    "topP": [0.1, 1],
    "speed": [0.5, 1, 2],
}
TEXT = st.text(max_size=20)


every = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def parameters_of(action: Action) -> Made:
    """Make parameters: what is required always, what is not sometimes."""
    return _object(action.properties, {"model": st.sampled_from(MODELS[action.name])})


def _object(properties: tuple[Property, ...], known: dict[str, Made]) -> Made:
    made = {prop.name or "": _value(prop) for prop in properties} | known
    needed = {prop.name for prop in properties if prop.required and not prop.filter}
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in needed},
        optional={name: value for name, value in made.items() if name not in needed},
    )


def _value(prop: Property) -> Made:
    if prop.name in FREE:
        return st.sampled_from(FREE[prop.name])
    if prop.choices:
        chosen = st.sampled_from([option.value for option in prop.choices])
        return st.lists(chosen, max_size=3) if prop.type == "ARRAY" else chosen
    return _KINDS[prop.type](prop)


def _number(prop: Property) -> Made:
    return st.floats(prop.min_value or 0, prop.max_value or 9, width=16)


def _integer(prop: Property) -> Made:
    return st.integers(int(prop.min_value or 0), int(prop.max_value or 99))


def _array(prop: Property) -> Made:
    assert prop.items
    items = _object(prop.items.properties, {}) if prop.items.properties else _value(prop.items)
    return st.lists(items, min_size=int(prop.required), max_size=min(prop.max_items or 3, 3))


def _mapping(prop: Property) -> Made:
    if prop.properties:
        return _object(prop.properties, {})
    return st.dictionaries(TEXT, st.integers(-100, 100), max_size=2)


def _file(prop: Property) -> Made:
    from openrouter_connector.runtime.media import accepted, normal

    entries = [
        {
            "extension": name.rpartition(".")[2],
            "mimeType": kind,
            "name": name,
            "url": f"data:{kind},{content}",
        }
        for name, kind, content in FILES
    ]
    return st.sampled_from([one for one in entries if accepted(normal(one), prop.accept)])


_KINDS = {
    "STRING": lambda prop: st.text(min_size=int(prop.required), max_size=20),
    "NUMBER": _number,
    "INTEGER": _integer,
    "BOOLEAN": lambda prop: st.booleans(),
    "ARRAY": _array,
    "OBJECT": _mapping,
    "FILE_ENTRY": _file,
}
