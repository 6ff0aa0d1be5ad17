"""What servers answer to `prompt`, whole and in pieces; what fails is told and not raised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileStore
from support.prompt_answers import OWN_KEY, PROMPT, perform_prompt, stream_prompt
from support.scripted_server import Answer, completion, delta, events, response, scripted

Json = Any


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
    result, _ = perform_prompt(connector, response(body), store)
    assert result.output == {"output": "Hello", "errorStatus": None}


def test_what_a_server_does_not_charge_is_not_known(connector: Connector, store: FileStore) -> None:
    result, _ = perform_prompt(connector, response(without(completion(), "usage")), store)
    assert result.metadata.cost is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (response("the engine is dead", 500, kind="text/plain"), "the engine is dead"),
        (response({"detail": "no such route"}, 404), "no such route"),
        (
            response({"detail": [{"loc": ["body", "temperature"], "msg": "too hot"}]}, 422),
            "body.temperature: too hot",
        ),
        (response({"error": "model 'qwen' not found, try pulling it"}, 404), "try pulling it"),
        (
            response({"object": "error", "message": "It does not exist.", "code": 404}, 404),
            "It does not exist.",
        ),
        (response({"error": {"message": "Wrong key", "code": "invalid_key"}}, 401), "Wrong key"),
        (response({"error": {"message": "Slow down"}}, 429), "Slow down"),
        (response("<html>Bad Gateway</html>", 502, kind="text/html"), "502"),
        (response("<html>Sign in</html>", kind="text/html"), "web page"),
        (response({"error": {"message": "Out of memory"}}), "Out of memory"),
        (response(completion(None)), "no content"),
        (response(completion("")), "no content"),
        (response(completion(" \n")), "the answer is empty"),
        (response(completion(choices=[])), "no choices"),
        (response("not json"), "JSON"),
        (response(then="close"), ""),
    ],
    ids=["plain text", "detail", "details", "ollama", "vllm", "401", "429", "502 page",
         "200 page", "200 error", "no content", "no text", "blanks", "no choices", "no JSON",
         "empty"],
)  # fmt: skip
def test_a_failure_of_the_call_is_reported_and_not_raised(
    connector: Connector, store: FileStore, answer: Answer, told: str
) -> None:
    result, server = perform_prompt(connector, answer, store)
    assert result.output["output"] is None
    assert result.output["errorStatus"] and told in result.output["errorStatus"]
    assert (result.metadata.error or {})["message"] == result.output["errorStatus"]
    assert OWN_KEY not in str(result)
    assert len(server.requests) == 1


def test_what_came_of_a_cut_answer_is_kept_beside(connector: Connector, store: FileStore) -> None:
    cut = completion(choices=[{**answered("Once upon"), "finish_reason": "length"}])
    result, _ = perform_prompt(connector, response(cut), store)
    assert result.output["output"] is None
    assert "raise max_tokens" in result.output["errorStatus"]
    assert (result.metadata.error or {})["partial"] == "Once upon"
    assert result.metadata.cost == 0.25


def test_a_server_that_is_not_there_is_reported(connector: Connector, store: FileStore) -> None:
    with scripted(response()) as gone:
        base_url = gone.base_url
    parameters = {**PROMPT, "baseUrl": base_url}
    options: Any = {"base_url": base_url, "attempts": 1, "files": store}
    result = connector.run("prompt", parameters, OWN_KEY, **options)
    assert "no connection to 127.0.0.1" in result.output["errorStatus"]
    assert (result.metadata.error or {})["retryable"] is True


def test_a_file_that_is_no_picture_is_reported(
    connector: Connector, store: FileStore, tmp_path: Path
) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"%PDF-1.4\n")
    with scripted(response(completion())) as server:
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
        response(completion("Hello")),
    ],
    ids=["done", "no done", "late finish", "vllm", "no stream"],
)
def test_a_folded_answer_is_the_whole_answer(connector: Connector, answer: Answer) -> None:
    steps = stream_prompt(connector, answer)
    assert "".join(one.text for one in steps) == "Hello"
    assert steps[-1].result and steps[-1].result.output == {"output": "Hello", "errorStatus": None}


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (events(delta("Hel"), done=False), "broke off"),
        (events(delta("Hel"), {"error": {"message": "Boom"}}), "Boom"),
        (response({"detail": "No streams here"}, 400), "No streams here"),
    ],
)
def test_a_stream_that_fails_ends_with_the_reason(
    connector: Connector, answer: Answer, told: str
) -> None:
    last = stream_prompt(connector, answer)[-1].result
    assert last and last.output["output"] is None
    assert told in last.output["errorStatus"]
