"""`prompt` as a user performs it: at servers that speak OpenAI's API, each in its own dialect."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector, Event, FileStore, InputError, Result
from scripted import Answer, Scripted, completion, delta, events, reply, scripted

Json = Any
PROMPT = {"model": "qwen", "prompt": "Hi"}
OWN_KEY = "sk-or-v1-of-the-connection"


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    path = tmp_path / "photo.png"
    Image.new("RGB", (40, 30), "red").save(path)
    return path


def performed(
    connector: Connector, answer: Answer, store: FileStore, **parameters: Json
) -> tuple[Result, Scripted]:
    """Perform the action at a server of the connection; give the result, and the server."""
    with scripted(answer) as server:
        options: Any = {"base_url": server.base_url, "attempts": 1, "files": store}
        result = connector.run("prompt", {**PROMPT, **parameters}, OWN_KEY, **options)
    return result, server


def sent(connector: Connector, store: FileStore, **parameters: Json) -> Json:
    """Give the body that is sent."""
    _, server = performed(connector, reply(completion()), store, **parameters)
    (request,) = server.requests
    assert (request.method, request.path) == ("POST", "/api/v1/chat/completions")
    return request.json


def streamed(connector: Connector, answer: Answer, **parameters: Json) -> list[Event]:
    async def all_of(base_url: str) -> list[Event]:
        async with connector.connect(OWN_KEY, base_url=base_url, attempts=1) as session:
            return [event async for event in session.stream("prompt", {**PROMPT, **parameters})]

    with scripted(answer) as server:
        return asyncio.run(all_of(server.base_url))


def test_a_prompt_alone_sends_nothing_else(connector: Connector, store: FileStore) -> None:
    result, server = performed(connector, reply(completion("Hello")), store)
    messages = [{"role": "user", "content": "Hi"}]
    assert server.requests[0].json == {"model": "qwen", "messages": messages}
    assert result.output == {"output": "Hello", "errorStatus": None}
    assert (result.metadata["cost"], result.metadata["warnings"]) == (0.25, [])


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
    with scripted(reply(completion())) as server, pytest.raises(InputError) as caught:
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


def test_the_real_size_of_a_picture_can_stand_in_the_text(
    connector: Connector, store: FileStore, tmp_path: Path
) -> None:
    large = tmp_path / "large.png"
    Image.new("L", (300, 200)).save(large)
    width = [{"type": "ExtractImageProperty", "property_name": "width"}]
    result, server = performed(
        connector,
        reply(completion()),
        store,
        longestSide=100,
        prompt="{{ $parameters.width }} pixels wide",
        promptParameters={"photo": large, "width": large},
        promptParametersOperations={"width": width},
    )
    text, *pictures = server.requests[0].json["messages"][0]["content"]
    assert (text["text"], len(pictures)) == ("300 pixels wide", 1)
    assert any(
        "promptParameters.width is no picture" in told for told in result.metadata["warnings"]
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


def test_a_text_that_is_not_named_is_told(connector: Connector, store: FileStore) -> None:
    result, _ = performed(connector, reply(completion()), store, promptParameters={"x": "?"})
    told = "promptParameters.x was not named in the prompt, and not sent"
    assert result.metadata["warnings"] == [told]


@pytest.mark.parametrize(("key", "header"), [("key-of-it", "Bearer key-of-it"), (None, None)])
def test_another_server_gets_its_own_key_and_never_the_connections(
    connector: Connector, store: FileStore, key: str | None, header: str | None
) -> None:
    with scripted(reply(completion())) as here, scripted(reply(completion("Yes"))) as there:
        base_url = f"http://127.0.0.1:{there.port}/v1"
        parameters = {**PROMPT, "baseUrl": base_url, "apiKey": key}
        options: Any = {"base_url": here.base_url, "files": store}
        result = connector.run("prompt", parameters, OWN_KEY, **options)
    assert result.output["output"] == "Yes"
    assert here.requests == []
    (request,) = there.requests
    assert request.path == "/v1/chat/completions"
    assert request.headers.get("authorization") == header
    assert OWN_KEY not in str(request)
    assert request.json.keys() == {"model", "messages"}


def test_a_server_that_is_named_needs_no_connection(connector: Connector, store: FileStore) -> None:
    with scripted(reply(completion("Yes"))) as server:
        parameters = {**PROMPT, "baseUrl": server.base_url}
        result = connector.run("prompt", parameters, files=store)
    assert result.output == {"output": "Yes", "errorStatus": None}
    assert "authorization" not in server.requests[0].headers


def test_the_connections_own_server_is_the_one_without_more(
    connector: Connector, store: FileStore
) -> None:
    _, server = performed(connector, reply(completion()), store)
    assert server.requests[0].headers["authorization"] == f"Bearer {OWN_KEY}"


def without(body: Json, *keys: str) -> Json:
    return {key: value for key, value in body.items() if key not in keys}


def answered(text: Json = "Hello", **message: Json) -> Json:
    """Give a choice as a server may write it."""
    return {"index": 0, "message": {"role": "assistant", "content": text, **message}}


@pytest.mark.parametrize(
    "body",
    [
        without(completion(), "usage"),
        completion(usage=None),
        without(completion(), "usage", "id", "provider", "object"),
        completion(choices=[{**answered(), "finish_reason": "stop", "stop_reason": None}]),
        completion(choices=[answered()]),
        completion(choices=[{**answered(), "finish_reason": None, "logprobs": None}]),
        completion(choices=[{**answered(tool_calls=[], function_call=None, reasoning_content="?"),
                             "finish_reason": "stop"}]),
        completion(choices=[{**answered([{"type": "text", "text": "Hel"},
                                         {"type": "text", "text": "lo"}]),
                             "finish_reason": "stop"}]),
        completion(timings={"prompt_ms": 3.5}, kv_transfer_params=None, system_fingerprint="b1"),
        {"choices": [{"message": {"content": "Hello"}}]},
    ],
    ids=["no usage", "null usage", "no id", "vllm", "no finish", "null finish", "empty calls",
         "parts", "more fields", "least"],
)  # fmt: skip
def test_what_servers_leave_out_or_add_does_no_harm(
    connector: Connector, store: FileStore, body: Json
) -> None:
    result, _ = performed(connector, reply(body), store)
    assert result.output == {"output": "Hello", "errorStatus": None}


def test_what_a_server_does_not_charge_is_not_known(connector: Connector, store: FileStore) -> None:
    result, _ = performed(connector, reply(without(completion(), "usage")), store)
    assert result.metadata["cost"] is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (reply("the engine is dead", 500, kind="text/plain"), "the engine is dead"),
        (reply({"detail": "no such route"}, 404), "no such route"),
        (
            reply({"detail": [{"loc": ["body", "temperature"], "msg": "too hot"}]}, 422),
            "body.temperature: too hot",
        ),
        (reply({"error": "model 'qwen' not found, try pulling it first"}, 404), "try pulling it"),
        (
            reply({"object": "error", "message": "It does not exist.", "code": 404}, 404),
            "It does not exist.",
        ),
        (reply({"error": {"message": "Wrong key", "code": "invalid_api_key"}}, 401), "Wrong key"),
        (reply({"error": {"message": "Slow down"}}, 429), "Slow down"),
        (reply("<html>Bad Gateway</html>", 502, kind="text/html"), "502"),
        (reply("<html>Sign in</html>", kind="text/html"), "web page"),
        (reply({"error": {"message": "Out of memory"}}), "Out of memory"),
        (reply(completion(None)), "no content"),
        (reply(completion(choices=[])), "no choices"),
        (reply("not json"), "JSON"),
        (reply(then="close"), ""),
    ],
    ids=["plain text", "detail", "details", "ollama", "vllm", "401", "429", "502 page",
         "200 page", "200 error", "no content", "no choices", "no JSON", "empty"],
)  # fmt: skip
def test_a_failure_of_the_call_is_told_and_not_raised(
    connector: Connector, store: FileStore, answer: Answer, told: str
) -> None:
    result, server = performed(connector, answer, store)
    assert result.output["output"] is None
    assert result.output["errorStatus"] and told in result.output["errorStatus"]
    assert result.metadata["error"]["message"] == result.output["errorStatus"]
    assert OWN_KEY not in str(result)
    assert len(server.requests) == 1


def test_what_came_of_a_cut_answer_is_kept_beside(connector: Connector, store: FileStore) -> None:
    cut = completion(choices=[{**answered("Once upon"), "finish_reason": "length"}])
    result, _ = performed(connector, reply(cut), store)
    assert result.output["output"] is None
    assert "allow more with maxTokens" in result.output["errorStatus"]
    assert result.metadata["error"]["partial"] == "Once upon"
    assert result.metadata["cost"] == 0.25


def test_a_server_that_is_not_there_is_told(connector: Connector, store: FileStore) -> None:
    with scripted(reply()) as gone:
        base_url = gone.base_url
    parameters = {**PROMPT, "baseUrl": base_url}
    options: Any = {"base_url": base_url, "attempts": 1, "files": store}
    result = connector.run("prompt", parameters, OWN_KEY, **options)
    assert "no connection to 127.0.0.1" in result.output["errorStatus"]
    assert result.metadata["error"]["retryable"] is True


def test_a_file_that_is_no_picture_is_told(
    connector: Connector, store: FileStore, tmp_path: Path
) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"%PDF-1.4\n")
    with scripted(reply(completion())) as server:
        options: Any = {"base_url": server.base_url, "files": store}
        parameters = {**PROMPT, "promptParameters": {"page": page}}
        result = connector.run("prompt", parameters, OWN_KEY, **options)
    assert "promptParameters.page" in result.output["errorStatus"]
    assert server.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        events(delta("Hel"), delta("lo", "stop")),
        events(delta("Hel"), delta("lo", "stop"), done=False),
        events(delta("Hel"), delta("lo"), delta(finish="stop"), end="\r\n"),
        events(
            delta(""), delta("Hel"), {"choices": []}, delta("lo", "stop", system_fingerprint="f")
        ),
        reply(completion("Hello")),
    ],
    ids=["done", "no done", "late finish", "vllm", "no stream"],
)
def test_an_answer_in_pieces_is_the_whole_answer(connector: Connector, answer: Answer) -> None:
    steps = streamed(connector, answer)
    assert "".join(one.text for one in steps) == "Hello"
    assert steps[-1].result and steps[-1].result.output == {"output": "Hello", "errorStatus": None}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (events(delta("Hel"), done=False), "broke off"),
        (events(delta("Hel"), {"error": {"message": "Boom"}}), "Boom"),
        (reply({"detail": "No streams here"}, 400), "No streams here"),
    ],
)
def test_a_stream_that_fails_ends_with_the_reason(
    connector: Connector, answer: Answer, told: str
) -> None:
    last = streamed(connector, answer)[-1].result
    assert last and last.output["output"] is None
    assert told in last.output["errorStatus"]


def listed(connector: Connector, answer: Answer) -> tuple[Any, Scripted]:
    async def asked(base_url: str) -> Any:
        async with connector.connect(OWN_KEY, base_url=base_url, attempts=1) as session:
            parameters = {"baseUrl": there.base_url, "apiKey": "key-of-it"}
            return await session.options("prompt", "model", parameters)

    with scripted(reply({"data": []})) as here, scripted(answer) as there:
        choices = asyncio.run(asked(here.base_url))
        assert here.requests == []
    return choices, there


def test_the_models_of_the_other_server_are_offered(connector: Connector) -> None:
    rows = [{"id": "qwen", "object": "model", "owned_by": "vllm"}, {"id": "phi"}]
    choices, server = listed(connector, reply({"object": "list", "data": rows}))
    assert [option["value"] for option in choices.options] == ["qwen", "phi"]
    assert server.requests[0].headers["authorization"] == "Bearer key-of-it"


def test_a_server_without_a_list_of_models_can_be_used(
    connector: Connector, store: FileStore
) -> None:
    choices, _ = listed(connector, reply({"detail": "Not Found"}, 404))
    assert (choices.options, bool(choices.message)) == ((), True)
    result, server = performed(connector, reply(completion("Hello")), store, model="whatever")
    assert result.output["output"] == "Hello"
    assert [request.method for request in server.requests] == ["POST"]


def test_a_check_tells_what_performing_would(connector: Connector) -> None:
    parameters = {**PROMPT, "prompt": "{{ $parameters.x }}", "promptParameters": {"y": 1}}
    (problem,) = connector.check("prompt", parameters).problems
    assert (problem.path, problem.message) == (
        "prompt",
        "{{ $parameters.x }} names no input; there are y",
    )
