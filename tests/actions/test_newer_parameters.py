"""Parameters that the API gained: each reaches the wire as the API names it, and does its work."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from openrouter_connector import Connector, Event, FileStore, InputError
from openrouter_connector.sandbox import Sandbox
from support.audio import spoken, wav
from support.performing import Perform

HELLO = [{"role": "user", "content": "Hello"}]
CHAT = {"model": "sandbox/echo", "messages": HELLO}
SPEECH = {"model": "sandbox/speaker", "voice": "alba"}
IMAGE = {"model": "sandbox/painter", "imageMessages": [{"content": "A boat"}]}
HUM = f"data:audio/wav;base64,{b64encode(wav(spoken(0.1))).decode()}"
TRACKED = {"sessionId": "s-1", "trace": {"trace_id": "t-1"}, "user": "ann"}
TRACKED_BODY = {"session_id": "s-1", "trace": {"trace_id": "t-1"}, "user": "ann"}
LIMITS = {
    "stopServerToolsWhen": [{"type": "max_cost", "maxCostInDollars": 0.5}],
    "deferredTools": {"search": {"type": "bm25", "maxResults": 3}},
}
LIMITS_BODY = {
    "stop_server_tools_when": [{"type": "max_cost", "max_cost_in_dollars": 0.5}],
    "deferred_tools": {
        "search": {"type": "bm25", "max_results": 3},
        "protocol": "v1",
        "profile": "portable",
        "validation": "runtime",
    },
}
CACHE = {"promptCacheOptions": {"mode": "explicit", "ttl": "12h"}}
CACHE_BODY = {"prompt_cache_options": {"mode": "explicit", "ttl": "12h"}}


@pytest.mark.parametrize(
    ("action", "parameters", "body"),
    [
        ("createSpeech", {**SPEECH, "input": "Hi", **TRACKED}, TRACKED_BODY),
        ("createSpeech", {**SPEECH, "input": "Hi", "instructions": "Slowly"},
         {"instructions": "Slowly"}),
        ("createImage", {**IMAGE, **TRACKED}, TRACKED_BODY),
        (
            "createImage",
            {**IMAGE, "n": 2, "quality": "low", "background": "transparent", "outputFormat": "webp",
             "outputCompression": 60, "seed": 0, "pixelSize": "640x320"},
            {"n": 2, "quality": "low", "background": "transparent", "output_format": "webp",
             "output_compression": 60, "seed": 0, "size": "640x320"},
        ),
        (
            "createImage",
            {**IMAGE, "provider": {"only": ["sandbox"], "options": {"sandbox": {"a_b": 1}}}},
            {"provider": {"only": ["sandbox"], "options": {"sandbox": {"a_b": 1}}}},
        ),
        ("createImage", {**IMAGE, "extraBody": {"style": "oil"}}, {"style": "oil"}),
        ("createEmbeddings", {"model": "sandbox/indexer", "input": "a", **TRACKED}, TRACKED_BODY),
        (
            "createRerank",
            {"model": "sandbox/ranker", "query": "a", "documents": ["a"], **TRACKED},
            TRACKED_BODY,
        ),
        ("sendChatCompletion", {**CHAT, **LIMITS, **CACHE}, {**LIMITS_BODY, **CACHE_BODY}),
        ("sendChatCompletion", {**CHAT, "reasoningEffort": "low"}, {"reasoning_effort": "low"}),
        ("sendChatCompletion", {**CHAT, "serviceTier": "ultrafast"}, {"service_tier": "ultrafast"}),
        (
            "createResponse",
            {"model": "sandbox/echo", "input": "Hi", "stop": ["x"], **LIMITS, **CACHE},
            {"stop": ["x"], **LIMITS_BODY, **CACHE_BODY},
        ),
        (
            "createMessage",
            {**CHAT, "maxTokens": 99, **LIMITS, "fallbacks": [{"model": "sandbox/vision"}],
             "safeguards": [{"type": "classifier"}]},
            {**LIMITS_BODY, "fallbacks": [{"model": "sandbox/vision"}],
             "safeguards": [{"type": "classifier"}]},
        ),
    ],
)  # fmt: skip
def test_a_parameter_is_sent_under_the_name_of_the_api(
    perform: Perform, played: Sandbox, action: str, parameters: Any, body: Any
) -> None:
    perform(action, parameters)
    # The last request is free where the cost of a bare file is looked up.
    sent = [request.body for request in played.requests if request.method == "POST"][-1]
    assert {key: sent.get(key) for key in body} == body


def test_several_speakers_are_heard_one_after_the_other(perform: Perform) -> None:
    turns = [{"text": "Good evening.", "voice": "alba"}, {"text": "And good night."}]
    said = perform("createSpeech", {"model": "sandbox/speaker", "voice": "bruno", "turns": turns})
    heard = perform(
        "createTranscription", {"model": "sandbox/listener", "file": said.output.to_json()}
    )
    assert heard.output == "Good evening. And good night."


def test_a_voice_is_imitated_by_its_recording_and_transcript(
    perform: Perform, played: Sandbox
) -> None:
    references = [
        {"type": "input_audio", "audio": HUM},
        {"type": "text", "text": "What is said there"},
    ]
    perform("createSpeech", {**SPEECH, "input": "Hi", "inputReferences": references})
    sent = next(r.body for r in reversed(played.requests) if r.method == "POST")
    recording, transcript = sent["input_references"]
    assert recording["type"] == "input_audio" and recording["input_audio"]["format"] == "wav"
    assert transcript == {"type": "text", "text": "What is said there"}


def test_words_have_times_and_speakers_also_across_the_parts_of_a_long_file(
    perform: Perform,
) -> None:
    text = (
        "The first sentence is here. The second one follows. A third one ends it. No, the fourth."
    )
    said = perform(
        "createSpeech", {**SPEECH, "input": text, "responseFormat": "wav"}
    ).output.to_json()
    asked = {"model": "sandbox/listener", "file": said, "words": True, "diarize": True}
    whole = perform("createTranscription", asked).metadata.words
    parts = perform("createTranscription", {**asked, "partLength": 5}).metadata
    assert " ".join(word["word"] for word in whole) == text
    assert {word["speaker"] for word in whole} == {0, 1}
    assert [word["word"] for word in parts.words] == text.split()
    starts = [word["start"] for word in parts.words]
    assert starts == sorted(starts) and starts[-1] > 4
    assert any("parts" in warning for warning in parts.warnings)


@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("createSpeech", {**SPEECH, "input": "Hi"}),
        (
            "createTranscription",
            {"model": "sandbox/listener", "sourceUrl": "https://example.com/a"},
        ),
    ],
)
def test_audio_may_be_kept_from_providers_that_store_it(
    perform: Perform, played: Sandbox, action: str, parameters: Any
) -> None:
    options = {"openai": {"instructions": "Whisper."}}
    provider = {"zdr": True, "dataCollection": "deny", "options": options}
    perform(action, {**parameters, "provider": provider})
    sent = next(r.body for r in reversed(played.requests) if r.method == "POST")
    assert sent["provider"] == {"zdr": True, "data_collection": "deny", "options": options}


def test_audio_at_a_url_is_not_downloaded_here(perform: Perform, played: Sandbox) -> None:
    url = "https://example.com/talk.mp3"
    asked = {"model": "sandbox/listener", "sourceUrl": url, "keyterms": ["OpenRouter"]}
    assert url in perform("createTranscription", asked).output
    sent = played.requests[-1].body
    assert sent["input_audio"] == {"url": url} and sent["keyterms"] == ["OpenRouter"]


def test_several_images_come_as_files(perform: Perform) -> None:
    result = perform("createImage", {**IMAGE, "n": 2, "outputFormat": "webp"})
    assert [file.mime_type for file in result.metadata.files] == ["image/webp"] * 2


def test_what_chat_has_no_word_for_is_left_out_with_a_warning(
    perform: Perform, played: Sandbox
) -> None:
    asked = {**IMAGE, "model": "sandbox/illustrator", "n": 2, "quality": "low"}
    warnings = perform("createImage", asked).metadata.warnings
    assert [warning.split(":")[0] for warning in warnings] == ["n", "quality"]
    assert not {"n", "quality"} & played.requests[-1].body.keys()


def test_partial_images_are_shown_before_the_finished_one(
    connector: Connector, played: Sandbox, store: FileStore
) -> None:
    async def streamed() -> list[Event]:
        options: Any = {"base_url": played.base_url, "files": store}
        async with connector.connect(played.token, **options) as session:
            return [event async for event in session.stream("createImage", IMAGE)]

    *events, last = asyncio.run(streamed())
    previews = [event.preview for event in events if event.preview]
    assert [preview.mime_type for preview in previews] == ["image/png"] * 2
    assert last.result and last.result.output.extension == "png"
    assert last.result.metadata.cost


def test_an_edited_video_names_the_job_before(perform: Perform, played: Sandbox) -> None:
    film = {"model": "sandbox/filmer", "prompt": "A boat"}
    job = perform("createVideo", film).metadata.job_id
    perform("createVideo", {**film, "previousJobId": job, **TRACKED})
    sent = [request.body for request in played.requests if request.method == "POST"][-1]
    assert sent["previous_job_id"] == job and sent["session_id"] == "s-1"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("action", "parameters"),
    [
        ("ask", {"model": "sandbox/echo", "userPrompt": "Hello"}),
        ("sendChatCompletion", CHAT),
        ("createMessage", {**CHAT, "maxTokens": 99}),
        ("createResponse", {"model": "sandbox/echo", "input": "Hello"}),
    ],
)
def test_the_routing_of_a_request_is_in_the_metadata(
    connector: Connector, played: Sandbox, action: str, parameters: Any, stream: bool
) -> None:
    asked = {**parameters, "models": ["sandbox/echo"], "model": "sandbox/rate-limited"}

    async def performed() -> Any:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            if not stream:
                return await session.perform(action, {**asked, "routingMetadata": True})
            events = session.stream(action, {**asked, "routingMetadata": True})
            return [event async for event in events][-1].result

    routing = asyncio.run(performed()).metadata.to_json()["routing"]
    assert routing["strategy"] == "fallback"
    assert [one["status"] for one in routing["attempts"]] == [429, 200]


def test_without_the_request_for_it_no_routing_is_reported(perform: Perform) -> None:
    assert perform("sendChatCompletion", CHAT).metadata.routing is None


def test_lists_are_narrowed_on_the_server(perform: Perform, played: Sandbox) -> None:
    found = perform("listUserModels", {"outputModalities": ["speech"], "sort": "newest"}).output
    assert found and all("speech" in row["architecture"]["output_modalities"] for row in found)
    perform("listFiles", {"order": "asc"})
    assert played.requests[-1].query == {"order": "asc"}


def test_a_plugin_is_offered_by_its_name(connector: Connector, played: Sandbox) -> None:
    async def offered(search: str) -> list[str]:
        async with connector.connect(played.token, base_url=played.base_url) as session:
            found = await session.options("ask", "plugins.id", {"plugins": [{}]}, search=search)
            return [option["value"] for option in found.options]

    assert {"web", "file-parser", "response-healing"} <= set(asyncio.run(offered("")))
    assert asyncio.run(offered("parser")) == ["file-parser"]


def test_a_plugin_of_any_name_is_sent_with_its_settings_as_they_are(
    perform: Perform, played: Sandbox
) -> None:
    plugins = [
        {"id": "web", "max_results": 3, "searchPrompt": "News:"},
        {"id": "next-year", "a": {"b": 1}},
    ]
    perform("sendChatCompletion", {**CHAT, "plugins": plugins})
    assert played.requests[-1].body["plugins"] == plugins


def test_a_plugin_without_its_id_is_refused(perform: Perform) -> None:
    with pytest.raises(InputError, match=r"plugins\[0\].id"):
        perform("sendChatCompletion", {**CHAT, "plugins": [{"max_results": 3}]})
