"""Whatever a server answers, an action ends in a result or in one of our errors."""

from __future__ import annotations

import asyncio
import copy
import io
import json
from base64 import b64encode
from collections.abc import Iterator
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import Connector, ConnectorError, FileStore, Result
from support import cut_streams
from support.audio import encoded, word
from support.images import noise, written
from support.scripted_server import completion

Json = Any
CONNECTOR = Connector.load(cache=False)
PICTURE = f"data:image/png;base64,{b64encode(written(noise(9, 9), 'PNG')).decode()}"
FILE = {"extension": "", "mimeType": "", "name": "", "url": PICTURE}
WAV = b64encode(encoded(word(0.1), "wav")).decode()
SOUND = FILE | {"extension": "wav", "url": f"data:audio/wav;base64,{WAV}"}
SAY = [{"role": "user", "content": "Hello"}]
SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}
DATA = {"responseFormat": "JSON", "responseSchema": SCHEMA}
MODEL = {"model": "a/b"}
LOOK = MODEL | {"images": [FILE, FILE], "taskType": "caption"}

GIVEN: dict[str, Json] = {
    "ask": MODEL | {"userPrompt": "Hello"},
    "ask for data": MODEL | {"userPrompt": "Hello", "response": DATA},
    "prompt": MODEL | {"prompt": "Hello"},
    "vision": MODEL | {"prompt": "Hello", "imageUrls": [FILE]},
    "analyzeImages": LOOK,
    "analyzeImages for boxes": LOOK | {"taskType": "object-detection", "classes": ["cat"]},
    "createImage": MODEL | {"imageMessages": [{"content": "fox"}]},
    "createSpeech": MODEL | {"input": "Hello", "voice": "a"},
    "createTranscription": MODEL | {"file": SOUND},
    "createEmbeddings": MODEL | {"input": "Hello"},
    "createRerank": MODEL | {"query": "a", "documents": ["a", "b"]},
    "sendChatCompletion": MODEL | {"messages": SAY},
    "createMessage": MODEL | {"messages": SAY, "maxTokens": 9},
    "createResponse": MODEL | {"input": "Hello"},
    "listModels": {},
    "listEndpoints": MODEL,
    "countModels": {},
    "getModel": MODEL,
    "getKey": {},
    "getCredits": {},
    "getGeneration": {"id": "gen-1"},
    "getVideo": {"jobId": "j"},
    "listFiles": {},
    "uploadFile": {"file": SOUND},
}
STREAMS = {
    "ask": (cut_streams.completion, cut_streams.completion_chunks),
    "sendChatCompletion": (cut_streams.completion, cut_streams.completion_chunks),
    "createMessage": (cut_streams.message, cut_streams.message_events),
    "createResponse": (cut_streams.response, cut_streams.response_events),
}
ROW = {
    "id": "a/b", "name": "A", "context_length": 9, "expiration_date": "2030-01-01",
    "pricing": {"prompt": "0.1", "completion": "0.1"}, "supported_parameters": ["seed"],
    "architecture": {"input_modalities": ["text"], "output_modalities": ["image", "text"]},
    "top_provider": {"max_completion_tokens": 9, "context_length": 9}, "reasoning": {},
}  # fmt: skip
VECTOR = {"index": 0, "embedding": [0.5], "relevance_score": 0.5, "b64_json": "aGk="}
GOOD: list[Json] = [
    completion("Hello"),
    completion('{"a": 1}'),
    completion('[{"label": "cat", "box_2d": [1, 2, 3, 4]}]'),
    {"id": "gen-1", "data": [VECTOR], "results": [VECTOR], "usage": {"cost": 0.5}},
    {"data": [ROW], "total": 1},
    {"data": {**ROW, "endpoints": [ROW], "total_cost": 1, "limit": 1, "usage": 0, "count": 3}},
    {"id": "j", "status": "completed", "unsigned_urls": ["u"], "usage": {"cost": 0.5}},
    {"text": "Hello", "segments": [{"start": 0, "end": 1, "text": "Hello"}], "usage": {"cost": 1}},
    {"error": {"code": 429, "message": "busy", "metadata": {"raw": "x", "provider_name": "A"}}},
    {"code": 0, "message": "Success", **completion("Hello")},
]
WRONG: list[Json] = [
    None, True, 0, -1, 3.7, float("nan"), float("inf"), 10**400, "", "x", "null", "\ud800", [], {},
    [None], [[]], ["a"], [{}], {"a": 1}, {"index": -1}, {"index": 10**9}, {"type": [1]},
    {"content": {}}, {"message": []}, [{"delta": 1}],
]  # fmt: skip
leaves = st.sampled_from(WRONG)
anything = st.recursive(
    leaves | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "message", "content", "data", "error", "id", "usage", "type"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
randoms = st.integers(0, 2**64).map(Random)


class Answering(httpx.AsyncBaseTransport):
    """Answers every request with the same bytes."""

    def __init__(self, body: bytes, kind: str) -> None:
        self._body = body
        self._kind = kind

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        headers = {"content-type": self._kind, "x-generation-id": "gen-9"}
        return httpx.Response(200, headers=headers, stream=httpx.ByteStream(self._body))


def answered(name: str, body: bytes, kind: str, store: FileStore, *, stream: bool = False) -> Json:
    async def ended() -> Json:
        options: Json = {"base_url": "http://127.0.0.1:1/api/v1", "files": store, "attempts": 1}
        backend = Answering(body, kind)
        async with CONNECTOR.connect("sk-or-v1-x", backend=backend, **options) as session:
            action, parameters = name.split()[0], GIVEN[name]
            steps = (session.stream if stream else session.events)(action, parameters)
            try:
                return [event async for event in steps][-1].result
            except ConnectorError as error:
                return error

    async def in_time() -> Json:
        return await asyncio.wait_for(ended(), 20)

    return asyncio.run(in_time())


def spoilt(rng: Random, value: Json) -> Json:
    """Put something wrong somewhere into a value."""
    value = copy.deepcopy(value)
    for _ in range(rng.choice([1, 1, 2, 5])):
        places = list(_places(value))
        if not places:
            return rng.choice(WRONG)
        holder, key = rng.choice(places)
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = copy.deepcopy(rng.choice(WRONG))
    return value


def _places(value: Json) -> Iterator[tuple[Json, Json]]:
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


def dumped(value: Json) -> bytes:
    return json.dumps(value).encode()


def expect(ended: Json) -> None:
    assert isinstance(ended, Result | ConnectorError)
    document = ended.to_json()
    json.dumps(document)
    cost = ended.metadata.cost if isinstance(ended, Result) else ended.cost
    assert cost is None or 0 <= cost < 10**9


@pytest.mark.parametrize("name", GIVEN)
@given(rng=randoms, other=anything)
@settings(max_examples=15, deadline=None)
def test_no_json_is_more_than_an_action_can_read(name: str, rng: Random, other: Json) -> None:
    store = FileStore("memory://any")
    expect(answered(name, dumped(other), "application/json", store))
    expect(answered(name, dumped(spoilt(rng, rng.choice(GOOD))), "application/json", store))


@pytest.mark.parametrize("name", STREAMS)
@given(rng=randoms, other=anything)
@settings(max_examples=40, deadline=None)
def test_no_event_is_more_than_a_stream_can_hold(name: str, rng: Random, other: Json) -> None:
    whole_of, cut = STREAMS[name]
    chunks = spoilt(rng, cut(rng, whole_of(rng)))
    body = io.BytesIO()
    for chunk in [*(chunks if isinstance(chunks, list) else [chunks]), other]:
        body.write(b"data: " + dumped(chunk) + b"\n\n")
    store = FileStore("memory://any")
    expect(answered(name, body.getvalue(), "text/event-stream", store, stream=True))
