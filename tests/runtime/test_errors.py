"""What a refusal says, whatever its shape, and which error it becomes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    ConnectorError,
    CredentialError,
    FileStore,
    ForbiddenError,
    IncompleteError,
    NotFoundError,
    PaymentError,
    RateLimitedError,
    UnavailableError,
)
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import ASK, Answer, Ask, completion, response, scripted

STATUSES: list[tuple[int, type[ConnectorError], bool]] = [
    (400, ApiError, False),
    (401, CredentialError, False),
    (402, PaymentError, False),
    (403, ForbiddenError, False),
    (404, NotFoundError, False),
    (413, ApiError, False),
    (422, ApiError, False),
    (429, RateLimitedError, True),
    (500, UnavailableError, True),
    (502, UnavailableError, True),
    (503, UnavailableError, True),
    (524, UnavailableError, True),
    (529, UnavailableError, True),
    (599, UnavailableError, False),
]


@pytest.mark.parametrize(("status", "kind", "retryable"), STATUSES)
def test_the_status_chooses_the_error(
    ask: Ask, status: int, kind: type[ConnectorError], retryable: bool
) -> None:
    told = {"error": {"code": status, "message": "because"}}
    with (
        scripted(response(told, status)) as server,
        pytest.raises(kind, match="because") as caught,
    ):
        ask(server.base_url, attempts=1)
    assert type(caught.value) is kind
    said = caught.value.to_json()
    assert (said["type"], said["status"]) == (kind.__name__, status)
    assert said.get("retryable", False) is retryable


ISSUES = json.dumps(
    [
        {"code": "invalid_type", "path": ["messages", 0, "role"], "message": "Expected a role"},
        {"code": "too_big", "path": ["top_p"], "message": "Too big"},
    ]
)
SHAPES: dict[str, tuple[Any, str]] = {
    "the usual": ({"error": {"code": 400, "message": "bad seed"}}, "bad seed"),
    "provider, raw": (
        {
            "error": {
                "message": "Provider returned error",
                "metadata": {"provider_name": "Google", "raw": "too hot"},
            }
        },
        "Google: too hot",
    ),
    "raw is JSON": (
        {
            "error": {
                "message": "Provider returned error",
                "metadata": {"raw": '{"error":{"message":"deep","code":1}}', "provider_name": "X"},
            }
        },
        "X: deep",
    ),
    "raw is an object": (
        {"error": {"message": "Provider returned error", "metadata": {"raw": {"detail": "deep"}}}},
        "deep",
    ),
    "raw beside a message": (
        {"error": {"message": "Blocked", "metadata": {"raw": "by a filter"}}},
        "Blocked: by a filter",
    ),
    "issues in a text": (
        {"error": {"message": ISSUES}},
        "messages.0.role: Expected a role; top_p: Too big",
    ),
    "a bare text": ({"error": "no such thing"}, "no such thing"),
    "detail": ({"detail": "Not allowed here"}, "Not allowed here"),
    "a list of details": (
        {"detail": [{"loc": ["body", "model"], "msg": "field required", "type": "missing"}]},
        "body.model: field required",
    ),
    "message": ({"message": "down"}, "down"),
    "why it was excluded": (
        {"error": {"message": "No endpoints", "availability": {"excluded_by": "max_price"}}},
        "No endpoints (excluded by max_price)",
    ),
    "plain text": ("upstream connect error", "upstream connect error"),
    "several lines": ("one\n\n  two", "one two"),
    "a text in JSON": (json.dumps("just a text"), "just a text"),
    "a page": ("<html><body>Bad Gateway</body></html>", "the API answered 400"),
    "nothing": (b"", "the API answered 400"),
    "null": (b"null", "the API answered 400"),
    "error is null": ({"error": None}, "the API answered 400"),
    "an empty object": ({}, "the API answered 400"),
    "a list": ([1, 2], "the API answered 400"),
    "no text at all": (b"\xff\xfe\x00", "\ufffd\ufffd\x00"),
    "metadata is a text": ({"error": {"message": "odd", "metadata": "x"}}, "odd"),
    "a message that is a number": ({"error": {"message": 7}}, "7"),
}


@pytest.mark.parametrize(("body", "told"), SHAPES.values(), ids=SHAPES)
def test_an_error_says_what_the_api_said(ask: Ask, body: Any, told: str) -> None:
    with scripted(response(body, 400)) as server, pytest.raises(ApiError) as caught:
        ask(server.base_url)
    assert caught.value.message == told
    json.dumps(caught.value.to_json())


def test_an_error_keeps_what_is_known_of_the_call(ask: Ask) -> None:
    error = {"code": "weird", "message": "no", "metadata": {"provider_name": "Google"}}
    headers = {"X-Generation-Id": "gen-9", "Retry-After": "90"}
    with (
        scripted(response({"error": error}, 429, headers=headers)) as server,
        pytest.raises(RateLimitedError) as caught,
    ):
        ask(server.base_url)
    assert caught.value.raw == {"error": error}
    said = caught.value.to_json()
    assert said.pop("message").startswith("Google: no. Wait and try again")
    assert said == {
        "type": "RateLimitedError",
        "retryable": False,  # 90 s are longer than a call waits
        "status": 429,
        "code": "weird",
        "provider": "Google",
        "generationId": "gen-9",
        "retryAfter": 90.0,
        "attempts": 1,
    }


@pytest.mark.parametrize("status", [401, 402, 403, 404, 413, 429])
def test_an_error_says_the_way_out(ask: Ask, status: int) -> None:
    with (
        scripted(response({"error": {"message": "No."}}, status)) as server,
        pytest.raises(ConnectorError) as caught,
    ):
        ask(server.base_url, attempts=1)
    assert caught.value.message.startswith("No. ") and len(caught.value.message) > 20


FAILED = {"code": 502, "message": "Provider returned error", "metadata": {"raw": "overloaded"}}
HALF: dict[str, Any] = {"role": "assistant", "content": "Half an ans"}
CUT = json.dumps(completion())[:80]
OK_BUT: dict[str, tuple[Any, str, str | None]] = {
    "error, choices null": ({"error": FAILED, "choices": None}, "overloaded", None),
    "error alone": ({"id": None, "error": FAILED}, "overloaded", None),
    "error as a text": ({"error": "it broke"}, "it broke", None),
    "error and choices": (completion("Half an ans", error=FAILED), "overloaded", "Half an ans"),
    "error in the choice": (
        completion(choices=[{"finish_reason": "error", "error": FAILED, "message": HALF}]),
        "overloaded",
        "Half an ans",
    ),
    "finish reason error": (
        completion(choices=[{"finish_reason": "error", "message": HALF}]),
        "the provider failed",
        "Half an ans",
    ),
    "choices null": (completion(choices=None), "no choices", None),
    "choices empty": (completion(choices=[]), "no choices", None),
    "choices of something else": (completion(choices=["x"]), "no choices", None),
    "content null": (completion(None), "no content", None),
    "no message": (completion(choices=[{"finish_reason": "stop"}]), "no content", None),
    "cut by length": (
        completion(choices=[{"finish_reason": "length", "message": HALF}]),
        "max_tokens",
        "Half an ans",
    ),
    "thought away": (
        completion(
            choices=[{"finish_reason": "length", "message": {"content": None, "reasoning": "hm"}}]
        ),
        "spent all its tokens on thinking.*max_tokens, or lower reasoning",
        None,
    ),
    "thought away, unseen": (
        completion(
            choices=[{"finish_reason": "length", "message": {"content": ""}}],
            usage={"completion_tokens_details": {"reasoning_tokens": 9}},
        ),
        "spent all its tokens on thinking",
        None,
    ),
    "cut before it began": (
        completion(choices=[{"finish_reason": "length", "message": {"content": None}}]),
        "before the model said anything; raise max_tokens, or lower reasoning",
        None,
    ),
    "only thought": (
        completion(
            choices=[{"finish_reason": "stop", "message": {"content": None, "reasoning": "hm"}}]
        ),
        "thought, and the answer has no content; raise max_tokens",
        None,
    ),
    "filtered": (
        completion(choices=[{"finish_reason": "content_filter", "message": HALF}]),
        "content filter",
        "Half an ans",
    ),
    "another shape": ({"status": "ok"}, "no choices", None),
    "a list": ([1], "not a JSON object", None),
    "a text": (json.dumps("x"), "not a JSON object", None),
    "empty": (b"", "the response is empty", None),
    "only blanks": (b" \n \n", "the response is empty", None),
    "cut": (CUT, "not JSON, or was cut off", CUT),
    "nested without end": (b"[" * 100_000, "not JSON", "[" * 2000),
}


@pytest.mark.parametrize(("body", "told", "partial"), OK_BUT.values(), ids=OK_BUT)
def test_ok_with_a_failure_inside_is_incomplete(
    ask: Ask, body: Any, told: str, partial: str | None
) -> None:
    with (
        scripted(response(body)) as server,
        pytest.raises(IncompleteError, match=told) as caught,
    ):
        ask(server.base_url)
    assert (caught.value.partial, caught.value.status) == (partial, 200)
    assert len(server.requests) == 1
    json.dumps(caught.value.to_json())


def test_a_failure_inside_ok_can_be_retryable(ask: Ask) -> None:
    with (
        scripted(response({"error": FAILED})) as server,
        pytest.raises(IncompleteError) as caught,
    ):
        ask(server.base_url)
    assert (caught.value.retryable, caught.value.code) == (True, 502)


def test_a_completion_that_hides_in_provider_is_found(ask: Ask) -> None:
    with scripted(response({"provider": completion("Hello")})) as server:
        assert ask(server.base_url).output == "Hello"


def test_blank_lines_before_the_answer_are_signs_of_life(ask: Ask) -> None:
    body = b"\n         \n\n" + json.dumps(completion("Hello")).encode() + b"\n"
    with scripted(response(body)) as server:
        assert ask(server.base_url).output == "Hello"


def test_an_empty_text_with_nothing_beside_it_is_no_answer(ask: Ask) -> None:
    with (
        scripted(response(completion(""))) as server,
        pytest.raises(IncompleteError, match="the answer has no content"),
    ):
        ask(server.base_url)


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "application/json"])
def test_a_web_page_is_called_one(ask: Ask, kind: str) -> None:
    with (
        scripted(response("<!DOCTYPE html><title>x</title>", kind=kind)) as server,
        pytest.raises(ApiError, match=r"web page.*base URL"),
    ):
        ask(server.base_url)


def test_a_transfer_that_breaks_off_is_incomplete(ask: Ask) -> None:
    headers = {"Content-Length": "5000", "X-Generation-Id": "gen-7"}
    with (
        scripted(response(completion("Hello"), headers=headers, then="close")) as server,
        pytest.raises(IncompleteError, match=r"broke off.*billed") as caught,
    ):
        ask(server.base_url)
    assert (len(server.requests), caught.value.generation_id) == (1, "gen-7")


def test_a_chunked_transfer_that_breaks_off_is_incomplete(ask: Ask) -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with (
        scripted(Answer((head + b'5\r\n{"id"\r\n',), then="close")) as server,
        pytest.raises(IncompleteError, match="broke off"),
    ):
        ask(server.base_url)
    assert len(server.requests) == 1


# Every class of the tree, played by the sandbox ---------------------------------------------------

PLAYED: dict[str, type[ConnectorError]] = {
    "rate-limited": RateLimitedError,
    "daily-limit": RateLimitedError,
    "no-credits": PaymentError,
    "forbidden": ForbiddenError,
    "no-endpoints": NotFoundError,
    "unavailable": UnavailableError,
    "bad-gateway": UnavailableError,
    "overloaded": UnavailableError,
    "edge-timeout": UnavailableError,
    "server-error": UnavailableError,
    "bad-request": ApiError,
    "null-content": IncompleteError,
    "null-choices": IncompleteError,
    "ok-with-error": IncompleteError,
    "ok-with-choice-error": IncompleteError,
    "breaks-mid-stream": IncompleteError,
    "drops-connection": IncompleteError,
    "length": IncompleteError,
    "thinks-too-long": IncompleteError,
    "html": ApiError,
    "empty": IncompleteError,
    "truncated-json": IncompleteError,
    "wrong-shape": IncompleteError,
    "gzip-bomb": IncompleteError,
}


@pytest.mark.parametrize(("fault", "kind"), PLAYED.items(), ids=PLAYED)
def test_each_fault_of_the_sandbox_has_its_error(
    connector: Connector, sandbox: Sandbox, store: FileStore, fault: str, kind: type[ConnectorError]
) -> None:
    options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store, "attempts": 1}
    with pytest.raises(kind) as caught:
        connector.run("ask", ASK | {"model": f"sandbox/{fault}"}, sandbox.token, **options)
    assert type(caught.value) is kind
    assert sandbox.token not in json.dumps(caught.value.to_json())


def test_blank_lines_without_end_are_not_unpacked_beyond_the_limit(
    connector: Connector, sandbox: Sandbox
) -> None:
    given = ASK | {"model": "sandbox/gzip-bomb"}
    with pytest.raises(IncompleteError, match="larger than 100 MB uncompressed"):
        connector.run("ask", given, sandbox.token, base_url=sandbox.base_url)


@pytest.mark.parametrize("fault", ["unavailable-once", "nested-completion", "whitespace-first"])
def test_faults_that_can_be_overcome_are(
    connector: Connector, sandbox: Sandbox, store: FileStore, fault: str
) -> None:
    asked = ASK | {"model": f"sandbox/{fault}", "userPrompt": f"Hello {fault}"}
    result = connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url, files=store)
    assert f"Hello {fault}" in result.output


def test_a_fallback_model_answers_for_one_that_cannot(
    connector: Connector, sandbox: Sandbox, store: FileStore
) -> None:
    asked = ASK | {"model": "sandbox/unavailable", "models": ["sandbox/echo"]}
    result = connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url, files=store)
    assert (result.metadata.model or "").startswith("sandbox/echo")


def test_an_invalid_key_is_a_credential_error(
    connector: Connector, sandbox: Sandbox, store: FileStore
) -> None:
    with pytest.raises(CredentialError, match="settings/keys"):
        connector.run("ask", ASK, "not-a-key", base_url=sandbox.base_url, files=store)
    with pytest.raises(CredentialError):
        connector.run("ask", ASK, base_url=sandbox.base_url, files=store)
    with pytest.raises(ForbiddenError):
        connector.run("ask", ASK, "sk-or-management", base_url=sandbox.base_url, files=store)
