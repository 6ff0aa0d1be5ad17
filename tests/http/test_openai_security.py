"""OpenAI clients need the token of the server; a provider's key is refused."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.canary import CANARY, QUICK, hidden_in
from support.http_face import TOKEN, Serve, Served
from support.openai_client import HELLO, openai_client
from support.scripted_server import Answer, completion, response, scripted

PLACE = "/openai/v1/chat/completions"
BODY = {"model": "sandbox/echo", "messages": HELLO}


@pytest.mark.parametrize("key", ["wrong", "any", f"{TOKEN}x"])
def test_a_client_without_a_token_is_refused(played: Served, key: str) -> None:
    with openai_client(played, key) as client, pytest.raises(openai.AuthenticationError) as refused:
        client.models.list()

    assert refused.value.code == "invalid_api_key"


def test_requests_without_a_key_are_refused(played: Served) -> None:
    for path in ("/openai/v1/models", "/openai/v1/nothing", "/openai/"):
        assert played.client().get(path).status_code == 401


def test_an_open_server_takes_any_key(serve: Serve, sandbox: Sandbox) -> None:
    served = serve(
        token=None,
        startup={"sandbox": StartupConnection(sandbox.token, sandbox.base_url)},
    )

    for key in ("any", "not-needed"):
        with openai_client(served, key) as client:
            assert client.chat.completions.create(model="sandbox/echo", messages=HELLO).choices


@pytest.mark.parametrize("key", [CANARY, "sk-proj-c4n4ry", "sk-c4n4ry"])
@pytest.mark.parametrize("token", [None, TOKEN])
def test_the_key_of_a_provider_is_refused_and_goes_nowhere(
    serve: Serve,
    key: str,
    token: str | None,
    audit: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with scripted(response(completion())) as api, caplog.at_level(logging.DEBUG):
        served = serve(token=token, startup={"there": StartupConnection("any-token", api.base_url)})
        with (
            openai_client(served, key) as client,
            pytest.raises(openai.AuthenticationError) as refused,
        ):
            client.chat.completions.create(model="a/b", messages=HELLO)
        assert api.requests == []

    assert "The provider's key belongs in a connection" in refused.value.message
    assert key not in refused.value.response.text + audit.read_text()
    ours = [one for one in caplog.records if one.name.startswith("openrouter_connector")]
    assert [one for one in ours if key in one.getMessage()] == []


def test_a_token_of_ours_may_look_like_a_key(serve: Serve, sandbox: Sandbox) -> None:
    served = serve(
        token="sk-ours",
        startup={"sandbox": StartupConnection(sandbox.token, sandbox.base_url)},
    )
    with openai_client(served, "sk-ours") as client:
        assert client.chat.completions.create(model="sandbox/echo", messages=HELLO).choices


def test_a_page_of_another_origin_is_refused_in_openais_shape(serve: Serve) -> None:
    result = (
        serve(token=None).client().post(PLACE, json=BODY, headers={"Origin": "https://a.example"})
    )

    assert result.status_code == 403
    assert set(result.json()["error"]) == {"message", "type", "param", "code"}


def test_another_host_is_refused_in_openais_shape(played: Served) -> None:
    result = played.api.post(PLACE, json=BODY, headers={"Host": "evil.example"})

    assert (result.status_code, result.headers["content-type"]) == (421, "application/json")
    assert "--allow-host" in result.json()["error"]["message"]


def test_a_page_that_is_allowed_may_use_the_client_and_knows_not_to_retry(serve: Serve) -> None:
    origin = "http://localhost:5173"
    stainless = ("lang", "package-version", "os", "arch", "runtime", "runtime-version")
    asked = ["authorization", "content-type", "x-stainless-retry-count", "x-stainless-timeout"]
    asked += [f"x-stainless-{name}" for name in stainless]
    served = serve(origins=(origin,))
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": ",".join(asked),
    }

    assert served.client().options(PLACE, headers=headers).status_code == 200
    result = served.api.post(PLACE, json=BODY, headers={"Origin": origin})
    assert result.status_code == 424
    assert "X-Should-Retry" in result.headers["access-control-expose-headers"]


def calls(served: Served) -> list[httpx.Response]:
    """Make every call that uses the stored connection."""
    media: Any = {"model": "a/b", "prompt": "Hello", "input": "Hello", "voice": "b"}
    form: Any = {"data": {"model": "a/b"}, "files": {"file": ("a.mp3", b"abc")}}
    posted = [
        (PLACE, {"json": BODY}),
        (PLACE, {"json": {**BODY, "stream": True}}),
        (PLACE, {"json": {**BODY, "model": CANARY}}),
        ("/openai/v1/embeddings", {"json": media}),
        ("/openai/v1/images/generations", {"json": media}),
        ("/openai/v1/images/generations", {"json": {**media, "stream": True}}),
        ("/openai/v1/images/generations", {"json": {**media, "response_format": "url"}}),
        ("/openai/v1/audio/speech", {"json": media}),
        ("/openai/v1/audio/transcriptions", form),
    ]
    answers = [served.api.post(path, **body) for path, body in posted]
    return [*answers, *(served.api.get(f"/openai/v1/models{one}") for one in ("", "/a/b"))]


@pytest.mark.usefixtures("audit")
@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_no_output_holds_the_token_of_the_connection(
    serve: Serve, tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: Answer
) -> None:
    with scripted(answer) as server, caplog.at_level(logging.DEBUG):
        served = serve(allow_private=True)
        new = {"name": "Canary", "token": CANARY, "baseUrl": server.base_url}
        assert served.api.post("/api/connections", json=new).status_code == 201
        answers = calls(served)
        asked = {one.headers["authorization"] for one in server.requests}
        assert asked == {f"Bearer {CANARY}"}

    assert [one.url for one in answers if CANARY in one.text + repr(one.headers.raw)] == []
    ours = [one for one in caplog.records if not one.name.startswith(("httpcore", "httpx"))]
    assert [one for one in ours if CANARY in one.getMessage()] == []
    assert hidden_in(tmp_path) == []
