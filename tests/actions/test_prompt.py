"""`prompt` as a user performs it: what is sent, and what is wrong before that."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector, FileStore, InputError
from support.prompt_answers import OWN_KEY, PROMPT, perform_prompt
from support.scripted_server import completion, response, scripted

Json = Any


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), "red").save(path)
    return path


def sent(connector: Connector, store: FileStore, **parameters: Json) -> Json:
    """Give the body that is sent."""
    _, server = perform_prompt(connector, response(completion()), store, **parameters)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/api/v1/chat/completions")
    return request.json


def test_a_prompt_alone_sends_nothing_else(connector: Connector, store: FileStore) -> None:
    result, server = perform_prompt(connector, response(completion("Hello")), store)
    messages = [{"role": "user", "content": "Hi"}]
    assert server.requests[0].json == {"model": "qwen", "messages": messages}
    assert result.output == {"output": "Hello", "errorStatus": None}
    assert (result.metadata.cost, result.metadata.warnings) == (0.25, ())


@pytest.mark.parametrize(
    ("parameters", "body"),
    [
        ({"model": "Qwen/Qwen2.5-VL-7B-Instruct"}, {"model": "Qwen/Qwen2.5-VL-7B-Instruct"}),
        ({"maxTokens": 500}, {"max_tokens": 500}),
        ({"temperature": 0}, {"temperature": 0}),
        ({"temperature": 2.0}, {"temperature": 2.0}),
        (
            {"extraBody": {"guided_choice": ["A", "B"], "chat_template_kwargs": {"think": False}}},
            {"guided_choice": ["A", "B"], "chat_template_kwargs": {"think": False}},
        ),
        ({"extraBody": {"max_tokens": 7}, "maxTokens": 5}, {"max_tokens": 7}),
        (
            {"systemPrompt": "Be brief."},
            {
                "messages": [
                    {"role": "system", "content": "Be brief."},
                    {"role": "user", "content": "Hi"},
                ]
            },
        ),
    ],
)
def test_each_parameter_arrives(
    connector: Connector, store: FileStore, parameters: Json, body: Json
) -> None:
    plain = {"model": "qwen", "messages": [{"role": "user", "content": "Hi"}]}
    assert sent(connector, store, **parameters) == {**plain, **body}


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"temperature": 2.1}, "temperature"),
        ({"temperature": -0.1}, "temperature"),
        ({"maxTokens": 0}, "maxTokens"),
        ({"model": None}, "model"),
        ({"prompt": None}, "prompt"),
        ({"baseUrl": "localhost:8000/v1"}, "baseUrl"),
        ({"prompt": "{{ $parameters.x }}"}, "prompt"),
        ({"promptParameters": ["x"]}, "promptParameters"),
        ({"promptParametersOperations": {"x": []}}, "promptParametersOperations.x"),
        (
            {
                "promptParameters": {"x": "abc"},
                "promptParametersOperations": {"x": [{"type": "ToNumber", "cast_to": "int"}]},
            },
            "promptParametersOperations.x[0]",
        ),
    ],
)
def test_what_is_wrong_is_raised_before_anything_is_sent(
    connector: Connector, store: FileStore, parameters: Json, path: str
) -> None:
    with scripted(response(completion())) as server, pytest.raises(InputError) as caught:
        options: Any = {"base_url": server.base_url, "files": store}
        connector.run("prompt", {**PROMPT, **parameters}, OWN_KEY, **options)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert server.requests == []


def test_detections_and_frames_go_as_roboflows_example_has_them(
    connector: Connector, store: FileStore, photo: Path
) -> None:
    body = sent(
        connector,
        store,
        systemPrompt="You know {{ $parameters.topic }}.",
        prompt="Seen: {{ $parameters.detections }}. Explain {{ $parameters.frames }}{them}.",
        promptParameters={
            "detections": {"predictions": [{"class": "cat"}, {"class": "dog"}]},
            "frames": [photo, photo],
            "topic": "animals",
        },
        promptParametersOperations={
            "detections": [{"type": "DetectionsPropertyExtract", "property_name": "class_name"}]
        },
    )
    data = base64.b64encode(photo.read_bytes()).decode()
    image = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}
    text = 'Seen: ["cat", "dog"]. Explain {them}.'
    assert body["messages"] == [
        {"role": "system", "content": "You know animals."},
        {"role": "user", "content": [{"type": "text", "text": text}, image, image]},
    ]


def test_the_real_size_of_an_image_can_stand_in_the_text(
    connector: Connector, store: FileStore, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    Image.new("L", (300, 200)).save(large)
    width = [{"type": "ExtractImageProperty", "property_name": "width"}]
    result, server = perform_prompt(
        connector,
        response(completion()),
        store,
        longestSide=100,
        prompt="{{ $parameters.width }} pixels wide",
        promptParameters={"photo": large, "width": large},
        promptParametersOperations={"width": width},
    )
    text, *images = server.requests[0].json["messages"][0]["content"]
    assert (text["text"], len(images)) == ("300 pixels wide", 1)
    assert any(
        "promptParameters.width is not an image" in told for told in result.metadata.warnings
    )


def test_what_looks_like_an_address_stays_a_text(connector: Connector, store: FileStore) -> None:
    link, more = "https://example.com/a.png", ["https://example.com/b.png"]
    body = sent(
        connector,
        store,
        prompt="{{ $parameters.link }} {{ $parameters.more }}",
        promptParameters={"link": link, "more": more},
    )
    assert body["messages"][0]["content"] == f'{link} ["{more[0]}"]'


def test_a_text_that_is_not_named_is_reported(connector: Connector, store: FileStore) -> None:
    result, _ = perform_prompt(
        connector, response(completion()), store, promptParameters={"x": "?"}
    )
    told = "promptParameters.x is not used in the prompt and was not sent"
    assert [*result.metadata.warnings] == [told]


def test_a_check_tells_what_performing_would(connector: Connector) -> None:
    parameters = {**PROMPT, "prompt": "{{ $parameters.x }}", "promptParameters": {"y": 1}}
    (problem,) = connector.check("prompt", parameters).problems
    assert (problem.path, problem.message) == (
        "prompt",
        "{{ $parameters.x }} names no input; there are y",
    )
