"""Errors as the OpenAI client raises them; nothing is paid for twice."""

from __future__ import annotations

import json
from typing import Any

import openai
import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from support.http_face import TOKEN, Serve, Served
from support.openai_client import HELLO, openai_client
from support.scripted_server import CLOSES, Answer, completion, response, scripted

KEY = "sk-or-v1-0123456789abcdef"
SHAPE = {"message", "type", "param", "code"}
PLACE = "/openai/v1/chat/completions"


def refused(status: int, **headers: str) -> Answer:
    body = {"error": {"code": status, "message": "It says no"}}
    return response(
        body, status, headers={name.replace("_", "-"): v for name, v in headers.items()}
    )


def failure(serve: Serve, answer: Answer, sent: int = 1) -> openai.APIStatusError:
    """Return the error of a call, with the default retries of the client."""
    with (
        scripted(answer) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        with pytest.raises(openai.APIStatusError) as raised:
            client.chat.completions.create(model="a/b", messages=HELLO)
        assert len(api.requests) == sent
    error = raised.value
    assert error.response.headers["x-should-retry"] == "false"
    assert set(error.response.json()) == {"error"}
    assert set(error.response.json()["error"]) == SHAPE
    return error


@pytest.mark.parametrize(
    ("upstream", "status", "kind"),
    [
        (400, 400, openai.BadRequestError),
        (401, 424, openai.APIStatusError),
        (402, 402, openai.APIStatusError),
        (403, 403, openai.PermissionDeniedError),
        (404, 404, openai.NotFoundError),
        (408, 408, openai.APIStatusError),
        (409, 409, openai.ConflictError),
        (413, 413, openai.APIStatusError),
        (422, 422, openai.UnprocessableEntityError),
        (500, 503, openai.InternalServerError),
        (504, 503, openai.InternalServerError),
    ],
)
def test_a_refusal_of_the_api_raises_its_class_and_is_asked_for_once(
    serve: Serve, upstream: int, status: int, kind: type[openai.APIStatusError]
) -> None:
    error = failure(serve, refused(upstream))

    assert type(error) is kind
    assert error.status_code == status
    assert "It says no" in error.message


def test_a_key_that_the_api_does_not_know_is_not_the_clients(serve: Serve) -> None:
    error = failure(serve, refused(401))

    assert "The connection does not work" in error.message
    assert error.code == "CredentialError"


def test_a_rate_limit_sets_retry_after(serve: Serve) -> None:
    error = failure(serve, refused(429, Retry_After="99.5"))

    assert isinstance(error, openai.RateLimitError)
    assert error.response.headers["retry-after"] == "100"


def test_what_was_not_served_is_sent_again_by_us_and_not_by_the_client_too(serve: Serve) -> None:
    error = failure(serve, refused(503, Retry_After="0"), sent=4)

    assert isinstance(error, openai.InternalServerError)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(CLOSES, id="no answer"),
        pytest.param(response('{"id": "gen-1", "choi'), id="half a JSON"),
        pytest.param(response("<html>", kind="text/html"), id="a page"),
        pytest.param(response([]), id="a list"),
        pytest.param(response({"choices": []}), id="no choice"),
        pytest.param(response({"error": {"code": 502, "message": "no"}}), id="an error"),
        pytest.param(response(completion(choices=None)), id="null choices"),
        pytest.param(
            response(completion(), headers={"Content-Length": "9999"}, then="close"),
            id="cut off",
        ),
    ],
)
def test_an_invalid_response_may_have_been_paid_for_and_is_not_retried(
    serve: Serve, answer: Answer
) -> None:
    assert isinstance(failure(serve, answer), openai.InternalServerError)


def test_a_failure_inside_of_an_answer_has_the_class_of_its_code(serve: Serve) -> None:
    result = {"id": None, "choices": None, "error": {"code": 429, "message": "Later"}}

    assert isinstance(failure(serve, response(result)), openai.RateLimitError)


def test_what_the_client_takes_for_an_answer_passes(serve: Serve) -> None:
    cut = completion(choices=[{"index": 0, "finish_reason": "length", "message": {"content": ""}}])
    with (
        scripted(response(cut), response(completion(None))) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        first, second = (
            client.chat.completions.create(model="a/b", messages=HELLO) for _ in range(2)
        )

    assert first.choices[0].finish_reason == "length"
    assert second.choices[0].message.content is None


def test_without_a_connection_the_error_says_what_to_do(serve: Serve) -> None:
    with openai_client(serve()) as client, pytest.raises(openai.APIStatusError) as raised:
        client.chat.completions.create(model="a/b", messages=HELLO)

    assert raised.value.status_code == 424
    assert "POST /api/connections" in raised.value.message


@pytest.mark.parametrize("body", ["", "nothing", "[]", "null", '"x"', "{", '{"model": NaN}'])
@pytest.mark.parametrize(
    "place", ["chat/completions", "embeddings", "images/generations", "audio/speech"]
)
def test_junk_is_refused_in_openais_shape(played: Served, place: str, body: str) -> None:
    result = played.api.post(f"/openai/v1/{place}", content=body)

    assert (result.status_code, result.headers["content-type"]) == (400, "application/json")
    assert set(result.json()["error"]) == SHAPE
    assert "JSON" in result.json()["error"]["message"]


@pytest.mark.parametrize("junk", ["\\ud800", "[" * 999, "1" + "0" * 5000, "\x00"])
def test_what_no_json_holds_is_refused(played: Served, junk: str) -> None:
    result = played.api.post(PLACE, content=f'{{"model": "a", "messages": {junk}}}')

    assert result.status_code == 400


@pytest.mark.parametrize("body", [{}, {"model": 5}, {"messages": "x"}, {"stream": "yes"}])
def test_what_the_api_does_not_take_it_says_itself(played: Served, body: Any) -> None:
    result = played.api.post(PLACE, json=body)

    assert result.status_code == 400
    assert result.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/openai/v1/chat/completions", 405),
        ("DELETE", "/openai/v1/models", 405),
        ("POST", "/openai/v1/models/sandbox/echo", 405),
        ("POST", "/openai/v1/audio/translations", 404),
        ("GET", "/openai/v1", 404),
        ("GET", "/openai/v1/", 404),
        ("GET", "/openai/v1/models/", 404),
        ("GET", "/openai/v2/models", 404),
        ("POST", "/openai/v1/chat/completions/", 404),
    ],
)
def test_an_unknown_path_is_refused_in_openais_shape(
    played: Served, method: str, path: str, status: int
) -> None:
    result = played.api.request(method, path)

    assert (result.status_code, result.headers["content-type"]) == (status, "application/json")
    assert set(result.json()["error"]) == SHAPE


@pytest.mark.filterwarnings("ignore:Sending a large body:ResourceWarning")
def test_ten_megabytes_of_text_arrive(serve: Serve) -> None:
    text = "Grüße, " * 1_300_000
    with (
        scripted(response(completion())) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        message: Any = {"role": "user", "content": text}
        client.chat.completions.create(model="a/b", messages=[message])

    assert api.requests[0].json["messages"][0]["content"] == text


def test_a_body_that_is_too_large_is_refused(played: Served) -> None:
    result = played.api.post(PLACE, content=b" " * (33 * 1024 * 1024))

    assert result.status_code == 413
    assert result.json()["error"]["type"] == "invalid_request_error"


def test_an_unexpected_error_is_reported_without_details_and_not_retried(
    played: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise ZeroDivisionError(TOKEN)

    monkeypatch.setattr("openrouter_connector.faces.http.openai.chat.post", broken)
    result = played.api.post(PLACE, json={})

    assert (result.status_code, result.headers["x-should-retry"]) == (500, "false")
    assert json.loads(result.text)["error"]["message"] == "Internal error"
