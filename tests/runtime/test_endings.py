"""How an answer ended decides whether it is one: a closed list of good endings, in each dialect."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from typing import Any

import pytest

from openrouter_connector import (
    Connector,
    ConnectorError,
    Event,
    FileEntry,
    FileStore,
    IncompleteError,
    Result,
)
from support.images import noise, written
from support.scripted_server import (
    ASK,
    Answer,
    completion,
    delta,
    events,
    scripted,
)
from support.scripted_server import (
    response as json_response,
)

Json = Any
LOOPBACK = "http://127.0.0.1:1/x.png"
PICTURE = f"data:image/png;base64,{b64encode(written(noise(9, 9), 'PNG')).decode()}"
SAY = {"model": "a/b", "messages": [{"role": "user", "content": "Hello"}]}
PARAMETERS: dict[str, Json] = {
    "ask": ASK,
    "prompt": {"model": "a/b", "prompt": "Hello"},
    "sendChatCompletion": SAY,
    "createMessage": SAY | {"maxTokens": 9},
    "createResponse": {"model": "a/b", "input": "Hello"},
    "createEmbeddings": {"model": "a/b", "input": "Hello"},
    "createRerank": {"model": "a/b", "query": "a", "documents": ["a"]},
    "listModels": {},
}


def ended(
    connector: Connector, action: str, answer: Answer, store: FileStore, *, stream: bool = False
) -> Json:
    """Perform an action; give its result or its error."""

    async def all_of(base_url: str) -> Json:
        options: Json = {"base_url": base_url, "attempts": 1, "files": store}
        async with connector.connect("sk-or-v1-test", **options) as session:
            steps = (session.stream if stream else session.events)(action, PARAMETERS[action])
            seen: list[Event] = []
            try:
                seen = [event async for event in steps]
            except ConnectorError as error:
                return error
            return seen[-1].result

    with scripted(answer) as server:
        return asyncio.run(all_of(server.base_url))


def said(text: str | None, finish: Json, native: Json = None, **message: Json) -> Json:
    choice = {"index": 0, "finish_reason": finish, "native_finish_reason": native}
    choice["message"] = {"role": "assistant", "content": text, **message}
    return completion(choices=[choice])


def both_ways(answer: Json) -> list[Answer]:
    """Give a completion whole, and as a stream of one chunk."""
    (choice,) = answer["choices"]
    chunk = {**choice, "delta": choice["message"]}
    del chunk["message"]
    return [json_response(answer), events({**answer, "choices": [chunk]})]


def call(arguments: Json) -> Json:
    function = {"name": "save", "arguments": arguments}
    return {"tool_calls": [{"id": "c1", "type": "function", "index": 0, "function": function}]}


GOOD = [
    "stop",
    "STOP",
    "tool_calls",
    "function_call",
    "end_turn",
    "stop_sequence",
    "EOS",
    "COMPLETE",
]
ENDINGS: list[tuple[Json, Json, str]] = [
    ("length", None, "cut off at the token limit"),
    ("MAX_TOKENS", None, "cut off at the token limit"),
    ("max_tokens", "stop", "cut off at the token limit"),
    ("stop", "MAX_TOKENS", "cut off at the token limit"),
    ("tool_calls", "max_output_tokens", "cut off at the token limit"),
    ("model_length", None, "cut off at the end of the model's context window"),
    ("content_filter", None, "content filter stopped"),
    ("SAFETY", None, "content filter stopped"),
    ("stop", "RECITATION", "content filter stopped"),
    ("refusal", None, "refused"),
    ("error", None, "provider failed"),
    (None, "length", "cut off at the token limit"),
    ("hiccup", None, "'hiccup'"),
    (None, "hiccup", "'hiccup'"),
    (17, None, "'17'"),
    ([], None, "not a known good one"),
]


@pytest.mark.parametrize("finish", GOOD)
def test_a_good_ending_is_good_in_any_case(
    connector: Connector, store: FileStore, finish: str
) -> None:
    for answer in both_ways(said("Hello", finish, "hiccup")):
        assert ended(connector, "ask", answer, store).output == "Hello"


@pytest.mark.parametrize(("finish", "native", "told"), ENDINGS)
def test_any_other_ending_is_incomplete_and_keeps_the_text(
    connector: Connector, store: FileStore, finish: Json, native: Json, told: str
) -> None:
    for answer in both_ways(said("Hel", finish, native)):
        error = ended(connector, "ask", answer, store)
        assert isinstance(error, IncompleteError) and told in error.message
        assert (error.partial, error.generation_id, error.cost) == ("Hel", "gen-1", 0.25)


@pytest.mark.parametrize("finish", [None, "", "null", "NULL"])
def test_an_empty_ending_is_none(connector: Connector, store: FileStore, finish: Json) -> None:
    chunks = [delta("Hel", finish), delta("lo", finish)]
    error = ended(connector, "ask", events(*chunks, done=False), store, stream=True)
    assert isinstance(error, IncompleteError) and "broke off" in error.message
    assert error.partial == "Hello"
    # What came as a whole document did not break off.
    assert ended(connector, "ask", json_response(said("Hello", finish)), store).output == "Hello"


@pytest.mark.parametrize("arguments", ["", " ", "{}", '{"a": "é"}', {"a": 1}, None])
def test_arguments_of_a_tool_call_are_absent_empty_or_json(
    connector: Connector, store: FileStore, arguments: Json
) -> None:
    for answer in both_ways(said(None, "tool_calls", **call(arguments))):
        assert isinstance(ended(connector, "sendChatCompletion", answer, store), Result)


@pytest.mark.parametrize("finish", ["tool_calls", "stop", None])
def test_arguments_that_are_no_json_were_cut_off(
    connector: Connector, store: FileStore, finish: Json
) -> None:
    cut = '{"text": "The first half'
    for answer in both_ways(said(None, finish, **call(cut))):
        error = ended(connector, "sendChatCompletion", answer, store)
        assert isinstance(error, IncompleteError)
        assert "'save' are not JSON" in error.message and "cut off" in error.message
        assert error.partial == cut


def test_all_choices_are_judged(connector: Connector, store: FileStore) -> None:
    choices = [
        {"index": index, "finish_reason": finish, "message": {"content": f"Answer {index}"}}
        for index, finish in enumerate(["stop", "length"])
    ]
    error = ended(
        connector, "sendChatCompletion", json_response(completion(choices=choices)), store
    )
    assert isinstance(error, IncompleteError)
    assert error.message.startswith("choice 2 of 2: ") and "cut off" in error.message
    assert error.partial == "Answer 0\n\nAnswer 1"


@pytest.mark.parametrize(
    "message",
    [
        {"content": None, "refusal": "I can't help with that."},
        {"content": "", "refusal": "I can't help with that."},
        {"content": [{"type": "refusal", "refusal": "I can't help with that."}]},
    ],
)
@pytest.mark.parametrize("finish", ["stop", "content_filter", "refusal", None])
def test_the_words_of_a_refusal_are_reported(
    connector: Connector, store: FileStore, message: Json, finish: Json
) -> None:
    choice = {"index": 0, "finish_reason": finish, "message": message}
    error = ended(connector, "ask", json_response(completion(choices=[choice])), store)
    assert isinstance(error, IncompleteError) and "I can't help with that." in error.message


IMAGES: list[Json] = [
    {"images": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
    {"content": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
    {"content": [{"type": "image", "image_url": PICTURE}], "images": None},
]


@pytest.mark.parametrize("message", IMAGES)
@pytest.mark.parametrize("action", ["ask", "prompt"])
def test_an_image_becomes_a_file_of_the_result(
    connector: Connector, store: FileStore, action: str, message: Json
) -> None:
    answer = said(**{"text": None, "finish": "stop"} | {})
    answer["choices"][0]["message"] |= {"content": "", **message}
    result = ended(connector, action, json_response(answer), store)
    assert isinstance(result, Result)
    (entry,) = result.metadata.files
    assert isinstance(entry, FileEntry)
    assert (entry.extension, entry.mime_type) == ("png", "image/png")
    assert any("metadata.files" in told for told in result.metadata.warnings)
    text = result.output["output"] if action == "prompt" else result.output
    assert not text


def test_an_image_beside_a_text_keeps_the_text(connector: Connector, store: FileStore) -> None:
    answer = said("A fox", "stop", images=IMAGES[0]["images"])
    for one in both_ways(answer):
        result = ended(connector, "ask", one, store)
        assert result.output == "A fox" and len(result.metadata.files) == 1


@pytest.mark.parametrize(
    "url", ["data:image/png;base64,", "data:,x", "ftp://x/y.png", "file:///etc/hostname", LOOPBACK]
)
def test_an_image_that_cannot_be_stored_is_a_warning(
    connector: Connector, store: FileStore, url: str
) -> None:
    images = [{"image_url": {"url": url}}]
    result = ended(connector, "ask", json_response(said("A fox", "stop", images=images)), store)
    assert result.output == "A fox" and "files" not in result.metadata.to_json()
    assert any("could not be stored" in told for told in result.metadata.warnings)


NO_ERRORS: list[Json] = [
    {"error": None},
    {"error": ""},
    {"error": {}},
    {"error": {"code": 0, "message": "Success"}},
    {"error": {"code": None, "message": None, "type": None, "param": None}},
    {"code": 0, "message": "Success", "sid": "s1"},
    {"detail": "Done"},
]


@pytest.mark.parametrize("beside", NO_ERRORS)
def test_what_is_no_error_does_not_spoil_an_answer(
    connector: Connector, store: FileStore, beside: Json
) -> None:
    for answer in both_ways(said("Hello", "stop") | beside):
        assert ended(connector, "ask", answer, store).output == "Hello"
    vectors = {"data": [{"index": 0, "embedding": [0.5]}], **beside}
    assert (
        ended(connector, "createEmbeddings", json_response(vectors), store).output
        == vectors["data"]
    )
    assert ended(connector, "listModels", json_response({"data": [], **beside}), store).output == []


def test_what_says_why_there_is_no_answer_is_reported(
    connector: Connector, store: FileStore
) -> None:
    for action in ("ask", "createMessage", "createResponse", "createEmbeddings"):
        error = ended(
            connector, action, json_response({"code": 7, "message": "Out of memory"}), store
        )
        assert isinstance(error, IncompleteError) and "Out of memory" in error.message


@pytest.mark.parametrize("action", ["createEmbeddings", "createRerank"])
def test_the_id_of_a_plain_answer_is_that_of_the_generation(
    connector: Connector, store: FileStore, action: str
) -> None:
    row = {"index": 0, "embedding": [0.5], "relevance_score": 0.5}
    told = {"id": "gen-7", "data": [row], "results": [row], "usage": {"cost": 0.5}}
    metadata = ended(connector, action, json_response(told), store).metadata
    assert (metadata.generation_id, metadata.cost) == ("gen-7", 0.5)


def test_a_bare_list_is_a_list_of_models(connector: Connector, store: FileStore) -> None:
    rows = [{"id": "a/b", "display_name": "AB"}]
    assert ended(connector, "listModels", json_response(rows), store).output == rows
    error = ended(connector, "ask", json_response(rows), store)
    assert isinstance(error, IncompleteError) and "not a JSON object" in error.message


BLOCK = {"type": "text", "text": "Hel"}
TOOL = {"type": "tool_use", "id": "t", "name": "go", "input": {}}
MESSAGES: list[tuple[Json, str | None]] = [
    ({"stop_reason": "end_turn"}, None),
    ({"stop_reason": "TOOL_USE", "content": [TOOL]}, None),
    ({"stop_reason": None}, None),
    ({"stop_reason": "pause_turn"}, None),
    ({"stop_reason": "max_tokens"}, "cut off"),
    ({"stop_reason": "model_context_window_exceeded"}, "context window"),
    ({"stop_reason": "hiccup"}, "'hiccup'"),
    ({"stop_reason": "refusal", "stop_details": {"explanation": "Too odd."}}, "Too odd."),
    ({"stop_reason": "end_turn", "content": [{"type": "text", "text": ""}]}, "no content"),
    ({"stop_reason": "end_turn", "content": [{"type": "thinking", "thinking": "?"}]}, "no content"),
    ({"stop_reason": "tool_use", "content": [TOOL | {"input": '{"a'}]}, "not JSON"),
]


@pytest.mark.parametrize(("more", "told"), MESSAGES)
def test_messages_end_well_or_say_why(
    connector: Connector, store: FileStore, more: Json, told: str | None
) -> None:
    message = {"id": "msg-1", "type": "message", "role": "assistant", "content": [BLOCK], **more}
    found = ended(connector, "createMessage", json_response(message), store)
    if told is None:
        assert found.output == message
    else:
        assert isinstance(found, IncompleteError) and told in found.message


PART = {"type": "output_text", "text": "Hel"}
SPOKEN = {"type": "message", "role": "assistant", "content": [PART]}
REFUSED = {"type": "message", "content": [{"type": "refusal", "refusal": "I can't."}]}
CALLED = {"type": "function_call", "name": "go", "arguments": "{}"}
RESPONSES: list[tuple[Json, str | None]] = [
    ({"status": "completed"}, None),
    ({"status": "COMPLETED", "output": [CALLED]}, None),
    ({"status": None}, None),
    ({"status": "in_progress"}, "ended as in_progress"),
    ({"status": "hiccup"}, "ended as hiccup"),
    ({"status": "incomplete", "incomplete_details": {"reason": "MAX_TOKENS"}}, "cut off"),
    ({"status": "completed", "output": [REFUSED]}, "I can't."),
    ({"status": "completed", "output": [{"type": "reasoning", "summary": []}]}, "no output"),
    ({"status": "completed", "output": [CALLED | {"arguments": '{"a'}]}, "not JSON"),
]


@pytest.mark.parametrize(("more", "told"), RESPONSES)
def test_responses_end_well_or_say_why(
    connector: Connector, store: FileStore, more: Json, told: str | None
) -> None:
    response = {"id": "gen-1", "object": "response", "output": [SPOKEN], **more}
    found = ended(connector, "createResponse", json_response(response), store)
    if told is None:
        assert found.output == response
    else:
        assert isinstance(found, IncompleteError) and told in found.message


def test_a_fault_deep_inside_an_answer_is_no_fault_of_ours(
    connector: Connector, store: FileStore
) -> None:
    deep = "[" * 900 + "]" * 900
    for body in (f'{{"error": {{"message": {deep}}}}}', f'{{"choices": {deep}}}', deep):
        found = ended(connector, "ask", json_response(body), store)
        assert isinstance(found, IncompleteError), body[:20]
    rows = json.dumps({"data": [{"id": "a/b", "name": "B"}]}).replace('"B"', deep)
    assert isinstance(ended(connector, "listModels", json_response(rows), store), Result)
