"""Parameters of an action as hypothesis makes them up, from the definition alone."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from re import findall
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from PIL import Image

from openrouter_connector.definition.model import Action, Property
from support.images import written

Made = st.SearchStrategy[Any]

MODELS = {
    "analyzeImages": ["sandbox/echo", "sandbox/no-schema", "un/known"],
    "vision": ["sandbox/echo", "un/known"],
    "prompt": ["sandbox/echo", "un/known"],
    "ask": ["sandbox/echo", "sandbox/no-schema", "sandbox/bare", "unknown/model"],
    "createImage": ["sandbox/painter", "sandbox/painter-one", "sandbox/illustrator", "un/known"],
    "createSpeech": ["sandbox/speaker", "un/known"],
    "createTranscription": ["sandbox/listener", "un/known"],
    "sendChatCompletion": ["sandbox/echo", "un/known"],
    "createMessage": ["sandbox/echo", "un/known"],
    "createResponse": ["sandbox/echo", "un/known"],
    "createEmbeddings": ["sandbox/indexer", "un/known"],
    "createRerank": ["sandbox/ranker", "un/known"],
    "createVideo": ["sandbox/filmer", "un/known"],
}
# What the API has gained since its OpenAPI document: held to its SDK alone.
NEWER = {
    *("createBatch", "runBatch", "getBatch", "listBatches", "deleteBatch"),
    *("listTools", "getTool"),
    *("listContainerFiles", "getContainerFile", "promoteContainerFile"),
}
NEWER_PROPERTIES = {
    "createImage": {"provider"},
    "createSpeech": {"turns", "inputReferences"},
    "createTranscription": {"sourceUrl"},
    "listUserModels": {"outputModalities", "sort"},
    "listKeys": {"includeExpired"},
}
NEWER_OPTIONS = {"ultrafast", "360p"}
# Where requests go, and what OpenRouter's SDK calls the body there.
PATHS = {
    "/chat/completions": "ChatRequest",
    "/images": "ImageGenerationRequest",
    "/audio/speech": "SpeechRequest",
    "/audio/transcriptions": "STTRequest",
    "/messages": "MessagesRequest",
    "/responses": "ResponsesRequest",
    "/embeddings": "CreateEmbeddingsRequestBody",
    "/rerank": "CreateRerankRequestBody",
    "/videos": "VideoGenerationRequest",
}
SCHEMAS = [
    {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "title": "Ä b"},
    '{"type": "array", "items": {"type": "number"}}',
]
DOT = written(Image.new("RGB", (8, 8), "red"), "PNG")
FILES = [
    ("note.txt", "text/plain", b"Hello"),
    ("dot.png", "image/png", DOT),
    ("page.pdf", "application/pdf", b"Hello"),
    ("hum.mp3", "audio/mpeg", b"Hello"),
    ("hum.wav", "audio/wav", b"Hello"),
    ("film.mp4", "video/mp4", b"Hello"),
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
    "imageConfig": [{}, {"aspect_ratio": "16:9", "strength": 0.5}],
    "options": [{}, {"openai": {"instructions": "Whisper."}}],
    "serverTools": [
        [],
        [
            {"type": "openrouter:web_search", "webSearch": {"engine": "exa", "maxResults": 3}},
            {"type": "openrouter:web_fetch", "webFetch": {"maxUses": 2}},
            {"type": "openrouter:datetime", "datetime": {"timezone": "Europe/Berlin"}},
            {"type": "openrouter:image_generation"},
            {"type": "openrouter:bash", "bash": {"engine": "openrouter"}},
            {"type": "openrouter:advisor", "advisor": {"reasoning": {"effort": "low"}}},
            {"type": "openrouter:fusion", "fusion": {"analysisModels": ["a/b"], "maxToolCalls": 4}},
            {"type": "openrouter:experimental__search_models", "searchModels": {"maxResults": 5}},
        ],
        [{"type": "openrouter:files", "parameters": {}}],
    ],
    # A pattern of a day allows February 30.
    "timeRange": [{"start": "2026-11-01T00:00:00Z", "end": "2026-11-26T23:59:59.5Z"}],
    "expiresAt": ["2027-01-01T00:00:00Z"],
    "variables": [{}, {"name": "Ann"}],
    "previousResponseId": [None],  # no server of OpenRouter's takes it
    "verbosity": ["low", "medium", "high"],  # of the others OpenRouter's document says two things
    "upscaleFactor": [1.5, 2],
}
TEXT = st.text(max_size=20)


every = settings(
    max_examples=100,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
few = settings(every, max_examples=20)


def parameters_of(action: Action) -> Made:
    """Make parameters: what is required always, what is not sometimes."""
    named = MODELS.get(action.name)
    known: dict[str, Made] = {"model": st.sampled_from(named)} if named else {}
    # A job that is taken up is not submitted, and a model that is given is not made of others.
    elsewhere = {(action.poll and action.poll.resume) or ""}
    for prop in action.properties:
        elsewhere |= set(findall(r"\{(\w+)\}", prop.composed_of or ""))
    return _object([prop for prop in action.properties if prop.name not in elsewhere], known)


def documented(action: Action) -> Action:
    """Leave out of an action what is newer than the OpenAPI document."""
    newer = NEWER_PROPERTIES.get(action.name, set())
    return action.model_copy(
        update={
            "properties": tuple(_documented(p) for p in action.properties if p.name not in newer)
        }
    )


def _documented(prop: Property) -> Property:
    if not NEWER_OPTIONS & {option.value for option in prop.choices}:
        return prop
    options = tuple(option for option in prop.choices if option.value not in NEWER_OPTIONS)
    # A copy has what was cached of its original.
    return prop.model_copy(update={"options": options, "choices": options})


def _object(properties: Sequence[Property], known: dict[str, Made]) -> Made:
    made = {prop.name or "": _value(prop) for prop in properties} | known
    needed = {prop.name for prop in properties if prop.required and not prop.mirrors}
    return st.fixed_dictionaries(
        {name: value for name, value in made.items() if name in needed},
        optional={name: value for name, value in made.items() if name not in needed},
    )


def _value(prop: Property) -> Made:
    if prop.name in FREE:
        return st.sampled_from(FREE[prop.name])
    if (prop.placeholder or "").startswith(("{", "[")):  # what a form suggests is right as well
        return st.just(json.loads(prop.placeholder or ""))
    if prop.choices:
        chosen = st.sampled_from([option.value for option in prop.choices])
        return st.lists(chosen, max_size=3) if prop.type == "ARRAY" else chosen
    return _KINDS[prop.type](prop)


def _any(prop: Property) -> Made:
    kinds = [_value(one) for one in prop.any_of if not _open(one)]
    return st.one_of(*kinds) if kinds else TEXT


def _open(prop: Property) -> bool:
    """Tell whether the definition does not say what an object is like."""
    return prop.type == "OBJECT" and not prop.properties and not prop.placeholder


def _string(prop: Property) -> Made:
    if prop.pattern:
        return st.from_regex(prop.pattern, fullmatch=True).filter(str.isprintable)
    return st.text(min_size=prop.min_length or int(prop.required), max_size=20)


def _number(prop: Property) -> Made:
    return st.floats(prop.min_value or 0, prop.max_value or 9, width=16)


def _integer(prop: Property) -> Made:
    least = int(prop.min_value or 0)
    return st.integers(least, int(prop.max_value or least + 99))


def _array(prop: Property) -> Made:
    assert prop.items
    items = _object(prop.items.properties, {}) if prop.items.properties else _value(prop.items)
    least = prop.min_items or int(prop.required)
    return st.lists(items, min_size=least, max_size=min(prop.max_items or 3, 3))


def _mapping(prop: Property) -> Made:
    if prop.properties:
        return _object(prop.properties, {})
    value = _value(prop.additional_properties) if prop.additional_properties else st.integers(0, 9)
    return st.dictionaries(TEXT, value, max_size=2)


def _file(prop: Property) -> Made:
    from openrouter_connector.runtime.files.media_types import complete_entry, is_accepted

    entries = [
        {
            "extension": name.rpartition(".")[2],
            "mimeType": kind,
            "name": name,
            "url": f"data:{kind};base64,{b64encode(content).decode()}",
        }
        for name, kind, content in FILES
    ]
    fitting = [
        entry
        for entry in entries
        if not prop.accept or is_accepted(complete_entry(entry), prop.accept)
    ]
    return st.sampled_from(fitting)


_KINDS = {
    "STRING": _string,
    "ANY": _any,
    "NUMBER": _number,
    "INTEGER": _integer,
    "BOOLEAN": lambda prop: st.booleans(),
    "ARRAY": _array,
    "OBJECT": _mapping,
    "FILE_ENTRY": _file,
}
