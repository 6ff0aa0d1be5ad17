"""`ask`: what is sent for what is given, and what comes back."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import ApiError, Connector, FileStore, InputError, Result
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import completion, response, scripted

Ask = Callable[..., Result]
Sent = Callable[[], Any]
Count = Callable[[], int]

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def entry(name: str, mime_type: str, content: bytes) -> dict[str, str]:
    data = base64.b64encode(content).decode()
    url = f"data:{mime_type};base64,{data}"
    return {
        "extension": name.rpartition(".")[2],
        "mimeType": mime_type,
        "name": name,
        "url": url,
    }


# What is sent ------------------------------------------------------------------------------------


def test_a_prompt_is_one_message_and_nothing_else_is_sent(ask: Ask, sent: Sent) -> None:
    ask()
    assert sent() == {
        "model": "sandbox/echo",
        "messages": [{"role": "user", "content": "Hello"}],
    }


def test_the_system_prompt_comes_first(ask: Ask, sent: Sent) -> None:
    ask(systemPrompt="Be brief.")
    assert sent()["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Hello"},
    ]


@pytest.mark.parametrize(
    "prompt",
    [
        "{name} {{x}} ${y} {% z %} %s \\n",
        "ü 👋🏽 世界 \u2028 \x00 \t",
        "\"quotes\" 'and' `more`",
        " \n ",
    ],
)
def test_every_character_of_a_prompt_arrives_as_it_is(ask: Ask, sent: Sent, prompt: str) -> None:
    result = ask(userPrompt=prompt, systemPrompt=prompt)
    assert [message["content"] for message in sent()["messages"]] == [prompt, prompt]
    assert f"You said: {prompt}" in result.output


def test_zero_false_and_the_empty_are_sent(ask: Ask, sent: Sent) -> None:
    ask(temperature=0, topK=0, seed=0, logprobs=False, stop=[], user="", logitBias={})
    body = sent()
    assert {key: body[key] for key in body.keys() - {"model", "messages"}} == {
        "temperature": 0,
        "top_k": 0,
        "seed": 0,
        "logprobs": False,
        "stop": [],
        "user": "",
        "logit_bias": {},
    }


def test_null_is_not_sent(ask: Ask, sent: Sent) -> None:
    ask(temperature=None, stop=None, provider=None, systemPrompt=None, attachments=None)
    assert sent().keys() == {"model", "messages"}


def test_names_are_sent_in_snake_case_and_keys_of_the_user_as_they_are(
    ask: Ask, sent: Sent
) -> None:
    ask(
        maxTokens=9000,
        frequencyPenalty=0.5,
        topLogprobs=2,
        logprobs=True,
        logitBias={"someToken": 5, "123": -100},
        provider={
            "allowFallbacks": False,
            "dataCollection": "deny",
            "order": ["sandbox"],
            "maxPrice": {"prompt": 1, "completion": 2.5},
        },
        plugins=[{"id": "web", "maxResults": 3, "nestedKey": {"innerKey": 1}}],
        extraBody={"sessionId": "x", "session_id": "y"},
    )
    body = sent()
    assert body["max_tokens"] == 9000
    assert body["frequency_penalty"] == 0.5
    assert body["top_logprobs"] == 2
    assert body["logit_bias"] == {"someToken": 5, "123": -100}
    assert body["provider"] == {
        "allow_fallbacks": False,
        "data_collection": "deny",
        "order": ["sandbox"],
        "max_price": {"prompt": "1", "completion": "2.5"},
    }
    assert body["plugins"] == [{"id": "web", "maxResults": 3, "nestedKey": {"innerKey": 1}}]
    assert (body["sessionId"], body["session_id"]) == ("x", "y")


def test_the_extra_body_wins(ask: Ask, sent: Sent) -> None:
    other = [{"role": "user", "content": "Something else"}]
    result = ask(temperature=1, extraBody={"temperature": 0.25, "messages": other})
    assert (sent()["temperature"], sent()["messages"]) == (0.25, other)
    assert "You said: Something else" in result.output


def test_null_in_the_extra_body_takes_a_key_out(ask: Ask, sent: Sent) -> None:
    ask(temperature=1, topP=0.5, extraBody={"temperature": None, "seed": None})
    assert sent()["top_p"] == 0.5
    assert sent().keys().isdisjoint({"temperature", "seed"})


def test_reasoning_is_sent_as_an_object(ask: Ask, sent: Sent) -> None:
    result = ask(model="sandbox/thinker", reasoning="low")
    assert sent()["reasoning"] == {"effort": "low"}
    assert result.metadata.reasoning
    assert result.metadata.reasoning_details[0]["type"] == "reasoning.text"


def test_the_filter_of_the_form_is_never_sent(ask: Ask, sent: Sent) -> None:
    result = ask(supportedParameters=["seed"], seed=7)
    assert sent().keys() == {"model", "messages", "seed"}
    assert result.metadata.warnings == ()


def test_what_is_hidden_is_not_sent_and_is_reported(ask: Ask, sent: Sent) -> None:
    result = ask(supportedParameters=["seed"], temperature=1, messages=[])
    assert sent().keys() == {"model", "messages"}
    warnings = " ".join(result.metadata.warnings)
    assert "temperature" in warnings and "messages" in warnings


def test_all_problems_are_reported_at_once_and_nothing_is_sent(ask: Ask, count: Count) -> None:
    before = count()
    with pytest.raises(InputError) as caught:
        ask(temperature=3, topk=1, stop="x", provider={"sort": "cheap"}, model=None)
    paths = [problem.path for problem in caught.value.problems]
    assert paths == ["model", "provider.sort", "stop", "temperature", "topk"]
    assert "topK" in str(caught.value)
    assert count() == before


def test_a_number_that_is_not_one_is_refused(ask: Ask, count: Count) -> None:
    before = count()
    with pytest.raises(InputError):
        ask(temperature=float("nan"))
    assert count() == before


# Messages and files ------------------------------------------------------------------------------


def test_advanced_messages_keep_their_roles_and_files(ask: Ask, sent: Sent) -> None:
    image = entry("dot.png", "image/png", PNG)
    ask(
        format="ADVANCED",
        userPrompt=None,
        messages=[
            {"role": "SYSTEM", "content": "Be brief."},
            {"role": "USER", "content": "Look {here}", "attachments": [image]},
            {"role": "ASSISTANT", "content": "A dot."},
            {"role": "USER", "content": "And?"},
        ],
    )
    part = {"type": "image_url", "image_url": {"url": image["url"]}}
    assert sent()["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "Look {here}"}, part]},
        {"role": "assistant", "content": "A dot."},
        {"role": "user", "content": "And?"},
    ]


def test_files_of_others_than_the_user_are_not_sent_and_are_reported(ask: Ask, sent: Sent) -> None:
    image = entry("dot.png", "image/png", PNG)
    messages = [
        {"role": "SYSTEM", "content": "Be brief.", "attachments": [image]},
        {"role": "USER", "content": "Hello"},
    ]
    result = ask(format="ADVANCED", messages=messages)
    assert sent()["messages"][0] == {"role": "system", "content": "Be brief."}
    assert any("messages[0].attachments" in told for told in result.metadata.warnings)
    assert any("userPrompt" in told for told in result.metadata.warnings)


FACES: dict[str, tuple[str, Callable[[str], Any]]] = {
    "picture": (
        "dot.png",
        lambda data: {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}},
    ),
    "document": (
        "a b.pdf",
        lambda data: {
            "type": "file",
            "file": {"filename": "a b.pdf", "file_data": f"data:application/pdf;base64,{data}"},
        },
    ),
    "sound": (
        "hum.mp3",
        lambda data: {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}},
    ),
    "film": (
        "film.mp4",
        lambda data: {"type": "video_url", "video_url": {"url": f"data:video/mp4;base64,{data}"}},
    ),
}


BEGINNINGS = {
    "dot.png": PNG,
    "a b.pdf": b"%PDF-1.7\n\0",
    "hum.mp3": b"ID3\4\0\0\0\0\0\0",
    "film.mp4": b"\0\0\0\x18ftypmp42\0\0\0\0",
}
"""What files of these kinds begin with."""


@pytest.mark.parametrize(("name", "face"), FACES.values(), ids=FACES)
@pytest.mark.parametrize("size", [1, 2, 3, 200_003])
def test_a_file_becomes_the_part_of_its_kind(
    ask: Ask, tmp_path: Path, name: str, face: Callable[[str], Any], size: int
) -> None:
    begun = BEGINNINGS[name]
    content = (begun * (size // len(begun) + 1))[:size]
    (tmp_path / name).write_bytes(content)
    with scripted(response(completion())) as server:
        ask(attachments=[tmp_path / name], base_url=server.base_url)
    parts = server.requests[0].json["messages"][0]["content"]
    assert parts == [
        {"type": "text", "text": "Hello"},
        face(base64.b64encode(content).decode()),
    ]


@pytest.mark.parametrize("name", ["a b.pdf", "hum.mp3", "film.mp4"])
def test_a_file_arrives_whole(ask: Ask, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x" * 123)
    assert "123 bytes" in ask(attachments=[tmp_path / name]).output


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("notes.txt", "text/plain"),
        ("notes.md", "text/markdown"),
        ("data.csv", "text/csv"),
        ("data.json", "application/json"),
        ("conf.yaml", "application/yaml"),
    ],
)
def test_text_is_put_into_the_message_with_its_name(
    ask: Ask, sent: Sent, name: str, mime_type: str
) -> None:
    said = '{"a": "ü"} {braces}'
    ask(attachments=[entry(name, mime_type, b"\xef\xbb\xbf" + said.encode())])
    parts = sent()["messages"][0]["content"]
    assert parts == [
        {"type": "text", "text": "Hello"},
        {"type": "text", "text": f"{name}:\n\n{said}"},
    ]


def test_files_keep_their_order_and_the_text_comes_first(ask: Ask, sent: Sent) -> None:
    files = [
        entry("one.png", "image/png", PNG),
        entry("two.txt", "text/plain", b"two"),
        entry("three.pdf", "application/pdf", b"%PDF-1.4"),
    ]
    ask(attachments=files)
    kinds = [part["type"] for part in sent()["messages"][0]["content"]]
    assert kinds == ["text", "image_url", "text", "file"]


def test_the_type_of_a_file_cannot_change_the_request(ask: Ask, sent: Sent) -> None:
    kind = 'video/mp4","model":"sandbox/thinker","x":"\\'
    film = {**entry("film.mp4", "video/mp4", b"\1\2\3"), "mimeType": kind}
    with pytest.raises(ApiError, match="expected URL or data URL"):
        ask(attachments=[film])
    assert sent().keys() == {"model", "messages"}
    assert sent()["model"] == "sandbox/echo"
    url = sent()["messages"][0]["content"][1]["video_url"]["url"]
    assert url == f"data:{kind};base64,{film['url'].partition(',')[2]}"


# What comes back ---------------------------------------------------------------------------------


def test_the_metadata_describes_the_call(ask: Ask) -> None:
    metadata = ask(plugins=[{"id": "web"}]).metadata
    assert metadata.to_json().keys() >= {
        "generationId", "model", "provider", "usage", "cost", "finishReason",
        "nativeFinishReason", "annotations", "attempts", "latency", "warnings",
    }  # fmt: skip
    assert metadata.cost == (metadata.usage or {})["cost"]
    assert metadata.annotations[0]["type"] == "url_citation"
    assert metadata.latency > 0
    json.dumps(metadata.to_json())


def test_the_result_is_plain_json(ask: Ask) -> None:
    assert json.loads(json.dumps(ask().to_json())).keys() == {"output", "metadata"}


def test_the_sync_door_works_inside_a_running_loop(ask: Ask) -> None:
    async def within() -> Result:
        return ask()

    assert "You said: Hello" in asyncio.run(within()).output


def test_a_session_performs_many_at_once(
    connector: Connector, played: Sandbox, store: FileStore
) -> None:
    async def several() -> list[Result]:
        async with connector.connect(
            played.token, base_url=played.base_url, files=store
        ) as session:
            asked = [{"model": "sandbox/echo", "userPrompt": f"Number {i}."} for i in range(20)]
            return await asyncio.gather(*(session.perform("ask", one) for one in asked))

    results = asyncio.run(several())
    assert all(f"You said: Number {i}." in one.output for i, one in enumerate(results))


def test_an_action_that_there_is_not_is_reported(perform: Callable[..., Result]) -> None:
    with pytest.raises(InputError, match="did you mean 'createImage'"):
        perform("createImages", {})


@pytest.mark.parametrize("parameters", [None, [], "x", 7])
def test_parameters_are_an_object(perform: Callable[..., Result], parameters: Any) -> None:
    with pytest.raises(InputError):
        perform("ask", parameters)
