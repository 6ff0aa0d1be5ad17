"""When to come again, why a call was refused, and what the words of an error mean."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    ConnectorError,
    CredentialError,
    IncompleteError,
    PaymentError,
    RateLimitedError,
    UnavailableError,
)
from support.scripted_server import Answer, Ask, completion, delta, events, response, scripted

GOOD = response(completion("Hello"))
HOUR = 3600


def limited(headers: dict[str, str], inner: dict[str, Any] | None = None) -> Answer:
    error: dict[str, Any] = {"code": 429, "message": "Too many"}
    if inner is not None:
        error["metadata"] = {"headers": inner}
    return response({"error": error}, 429, headers=headers)


def in_an_hour() -> dict[str, Answer]:
    then = time.time() + HOUR
    return {
        "seconds": limited({"Retry-After": "3600"}),
        "a date": limited({"Retry-After": formatdate(then, usegmt=True)}),
        "a date of RFC 850": limited(
            {"Retry-After": time.strftime("%A, %d-%b-%y %H:%M:%S GMT", time.gmtime(then))}
        ),
        "reset in ms": limited({"X-RateLimit-Reset": str(int(then * 1000))}),
        "reset in s": limited({"X-RateLimit-Reset": str(int(then))}),
        "reset as a delay": limited({"X-RateLimit-Reset": "3600"}),
        "inner reset": limited(
            {}, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(then * 1000))}
        ),
        "inner reset, lower case, a number": limited({}, {"x-ratelimit-reset": int(then * 1000)}),
        "inner Retry-After": limited({}, {"Retry-After": "3600"}),
        "availability": response(
            {"error": {"message": "full", "availability": {"retry_after": 3600}}}, 429
        ),
    }


@pytest.mark.parametrize("form", in_an_hour())
def test_a_long_wait_is_reported_and_not_waited_for(ask: Ask, form: str) -> None:
    with scripted(in_an_hour()[form], GOOD) as server, pytest.raises(RateLimitedError) as caught:
        ask(server.base_url)
    said = caught.value.to_json()
    assert said["retryAfter"] == pytest.approx(HOUR, abs=5)
    assert (said["retryable"], len(server.requests)) == (False, 1)
    assert "The server asks to wait 60 minutes." in said["message"]


@pytest.mark.parametrize(
    "wait",
    [
        lambda: limited({"Retry-After": formatdate(time.time() + 1, usegmt=True)}),
        lambda: limited({}, {"X-RateLimit-Reset": str(int(time.time() * 1000) + 400)}),
    ],
    ids=["date", "reset"],
)
def test_a_short_wait_is_waited_for(ask: Ask, wait: Any) -> None:
    with scripted(lambda _: wait() if len(server.requests) == 1 else GOOD) as server:
        assert ask(server.base_url).metadata.attempts == 2


@pytest.mark.parametrize(
    "headers",
    [
        {"Retry-After": "0", "X-RateLimit-Reset": "4102444800000"},
        {"X-RateLimit-Remaining": "7", "X-RateLimit-Reset": "4102444800000"},
        {"X-RateLimit-Reset": "soon"},
        {"Retry-After": "Fri, 99 Foo 2999 99:99:99 GMT"},
        {"X-RateLimit-Reset": "9" * 400},
    ],
)
def test_a_limit_that_was_not_reached_is_not_waited_for(ask: Ask, headers: dict[str, str]) -> None:
    with scripted(limited(headers), GOOD) as server:
        assert ask(server.base_url).metadata.attempts == 2


def test_a_daily_quota_is_reported_with_its_reset_and_is_not_retryable(ask: Ask) -> None:
    error = {
        "code": 429,
        "message": "Rate limit exceeded: free-models-per-day.",
        "metadata": {"headers": {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "0"}},
    }
    with (
        scripted(response({"error": error}, 429)) as server,
        pytest.raises(RateLimitedError) as caught,
    ):
        ask(server.base_url)
    assert (caught.value.retryable, len(server.requests)) == (False, 1)


SPENT = [
    "Key limit exceeded (daily limit). Manage it using https://openrouter.ai/settings/keys",
    "Key limit exceeded (total limit).",
    "This API key limit was reached",
]


@pytest.mark.parametrize("status", [402, 403])
@pytest.mark.parametrize("message", SPENT)
def test_a_spent_key_is_a_payment_error(ask: Ask, message: str, status: int) -> None:
    refused = response({"error": {"code": status, "message": message}}, status)
    with scripted(refused) as server, pytest.raises(PaymentError, match="Raise the limit") as no:
        ask(server.base_url)
    assert "https://openrouter.ai/settings/keys" in no.value.message
    assert "guardrail" not in no.value.message and "credits" not in no.value.message
    assert (no.value.status, no.value.retryable) == (status, False)


def test_the_reasons_of_a_moderation_are_reported(ask: Ask) -> None:
    error = {
        "code": 403,
        "message": "Your input was flagged",
        "metadata": {"reasons": ["violence", "self-harm"], "flagged_input": "how to ... it"},
    }
    with (
        scripted(response({"error": error}, 403)) as server,
        pytest.raises(ApiError, match=r"violence; self-harm.*flagged: how to \.\.\. it"),
    ):
        ask(server.base_url)


CODES: list[tuple[int, dict[str, Any], type[ConnectorError], bool]] = [
    (429, {"code": "rate_limit_exceeded"}, RateLimitedError, True),
    (429, {"code": "insufficient_quota", "type": "insufficient_quota"}, PaymentError, False),
    (400, {"code": "invalid_api_key"}, CredentialError, False),
    (403, {"type": "authentication_error"}, CredentialError, False),
    (400, {"code": "context_length_exceeded"}, ApiError, False),
    (500, {"code": "INSUFFICIENT_QUOTA"}, PaymentError, False),
    (529, {"type": "overloaded_error"}, UnavailableError, True),
    (429, {"code": 429, "metadata": {"error_type": "payment_required"}}, PaymentError, False),
]


@pytest.mark.parametrize(("status", "error", "kind", "retryable"), CODES)
def test_a_code_in_words_is_understood(
    ask: Ask, status: int, error: dict[str, Any], kind: type[ConnectorError], retryable: bool
) -> None:
    refused = response({"error": {"message": "no", **error}}, status, headers={"Retry-After": "0"})
    with scripted(refused) as server, pytest.raises(kind) as caught:
        ask(server.base_url, attempts=2)
    assert type(caught.value) is kind
    assert caught.value.to_json().get("retryable", False) is retryable
    assert len(server.requests) == (2 if retryable else 1)


INSIDE: list[tuple[dict[str, Any], bool]] = [
    ({"code": "rate_limit_exceeded"}, True),
    ({"code": "429"}, True),
    ({"code": 502}, True),
    ({"type": "overloaded_error"}, True),
    ({"code": "server_error"}, True),
    ({"metadata": {"error_type": "provider_unavailable"}}, True),
    ({"code": "insufficient_quota"}, False),
    ({"code": "context_length_exceeded"}, False),
    ({"code": "weird"}, False),
    ({"code": 400}, False),
    ({"code": 429, "metadata": {"limit_source": "openrouter_free_tier_daily"}}, False),
]


@pytest.mark.parametrize(("error", "retryable"), INSIDE)
@pytest.mark.parametrize("streamed", [True, False])
def test_a_code_inside_a_success_is_understood(
    ask: Ask, error: dict[str, Any], retryable: bool, streamed: bool
) -> None:
    told = {"error": {"message": "no", **error}}
    answer = events(delta("Hel"), told) if streamed else response(told)
    with scripted(answer) as server, pytest.raises(IncompleteError) as caught:
        ask(server.base_url)
    assert (caught.value.retryable, len(server.requests)) == (retryable, 1)
