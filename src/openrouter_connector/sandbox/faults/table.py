"""The fault models: every way to fail that is worth rehearsing, in one table.

A fault is one small function at one of four places: `refuse` before anything happens, `answer` on
a finished chat completion, `rows` on a finished list, `wire` on the bytes that leave. What `answer`
does to a completion shows in `/messages` and `/responses` too, as they are made from one.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from openrouter_connector.values import Json, JsonObject

from ..errors import Refusal, availability, timed_out
from . import http_response

Refuse = Callable[[str], Refusal]
Answer = Callable[[JsonObject], JsonObject]

PARTIAL = 40
UPSTREAM = {"provider_name": "Sandbox"}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, in a sentence, and the function that makes it so."""

    about: str
    refuse: Refuse | None = None
    answer: Answer | None = None
    rows: Answer | None = None
    wire: http_response.Wire | None = None
    text: str | None = None
    job: str | None = None
    lasts: bool = False
    once: bool = False
    some: bool = False
    """Whether it is only some pictures and sounds that fail."""

    @property
    def plays_in(self) -> str:
        """Name the endpoints at which it shows."""
        if self.job is not None:
            return "videos"
        if self.some:
            return "chat, transcriptions"
        if self.refuse is not None or self.wire is not None:
            return "everything"
        return "chat" if self.rows is None else "chat, embeddings, rerank"


def table() -> str:
    """Give the Markdown table of the faults: id, where it plays, what happens."""
    lines = ["| model | plays in | what happens |", "|---|---|---|"]
    for name, fault in FAULTS.items():
        lines.append(f"| `{name}` | {fault.plays_in} | {fault.about} |")
    return "\n".join(lines) + "\n"


# Before anything happens -------------------------------------------------------------------------


def _upstream(status: int, raw: str, error_type: str) -> Refuse:
    def refuse(model: str) -> Refusal:
        metadata = UPSTREAM | {"raw": f"{model} {raw}", "error_type": error_type}
        return Refusal(status, "Provider returned error", metadata=metadata)

    return refuse


def _rate_limited_once(model: str) -> Refusal:
    return Refusal(
        429,
        "Rate limit exceeded",
        metadata=UPSTREAM | {"error_type": "rate_limit_exceeded"},
        availability=availability("capacity_exhausted", model, retryable=True) | {"retry_after": 1},
        headers={"Retry-After": "1"},
    )


def _daily_limit(model: str) -> Refusal:
    midnight = (int(time.time()) // 86400 + 1) * 86400
    headers = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": str(midnight * 1000),
    }
    return Refusal(
        429,
        "Rate limit exceeded: free-models-per-day. "
        "Add 10 credits to unlock 1000 free model requests per day",
        metadata={"headers": headers, "limit_source": "openrouter_free_tier_daily"},
        headers=headers,
    )


def _no_credits(model: str) -> Refusal:
    return Refusal(
        402,
        "Insufficient credits. Add more using https://openrouter.ai/credits",
        metadata={"provider_name": None, "error_type": "payment_required"},
    )


def _forbidden(model: str) -> Refusal:
    return Refusal(
        403,
        f"{model} requires moderation on Sandbox. Your input was flagged. No credits were charged.",
        metadata={
            "reasons": ["rehearsal"],
            "flagged_input": "the input of this rehearsal",
            "provider_name": "Sandbox",
            "model_slug": model,
        },
    )


def _no_endpoints(model: str) -> Refusal:
    return Refusal(
        404,
        f"No endpoints found for {model}.",
        availability=availability("no_endpoints", model),
    )


def _unavailable(model: str) -> Refusal:
    return Refusal(
        503,
        "Service temporarily unavailable",
        metadata=UPSTREAM | {"error_type": "provider_overloaded"},
        availability=availability("temporarily_unavailable", model, retryable=True),
    )


def _edge_timeout(model: str) -> Refusal:
    return timed_out()


def _server_error(model: str) -> Refusal:
    return Refusal(500, "Internal Server Error")


def _bad_request(model: str) -> Refusal:
    raw = '{"error":{"message":"this model refuses every request","type":"invalid_request_error"}}'
    metadata = UPSTREAM | {"raw": raw, "error_type": "invalid_request"}
    return Refusal(400, "Provider returned error", metadata=metadata)


# On a finished chat completion -------------------------------------------------------------------


def _null_content(completion: JsonObject) -> JsonObject:
    return _choice(completion, message={"content": None})


def _null_choices(completion: JsonObject) -> JsonObject:
    return completion | {"choices": None}


def _ok_with_error(completion: JsonObject) -> JsonObject:
    metadata = UPSTREAM | {"error_type": "provider_unavailable"}
    error = {"code": 502, "message": "Provider returned error", "metadata": metadata}
    return {"id": None, "provider": None, "choices": None, "error": error}


def _error_alone(response: JsonObject) -> JsonObject:
    return {"error": _ok_with_error(response)["error"]}


def _rows_become(value: Json) -> Answer:
    def spoil(response: JsonObject) -> JsonObject:
        return {key: value if key in ROWS else kept for key, kept in response.items()}

    return spoil


ROWS = {"data", "results"}


def _choice_error(completion: JsonObject) -> JsonObject:
    error = {
        "code": 502,
        "message": "Provider disconnected unexpectedly",
        "metadata": UPSTREAM | {"error_type": "provider_unavailable"},
    }
    return _choice(
        completion,
        message={"content": _text(completion)[:PARTIAL]},
        finish_reason="error",
        native_finish_reason="error",
        error=error,
    )


def _nested(completion: JsonObject) -> JsonObject:
    return {"provider": completion}


def _length(completion: JsonObject) -> JsonObject:
    cut = {"content": _text(completion)[:PARTIAL]}
    return _choice(completion, message=cut, finish_reason="length", native_finish_reason="length")


def _thinks_too_long(completion: JsonObject) -> JsonObject:
    thought = "The question deserves thought, and the thought has used up every token there was."
    detail = {"type": "reasoning.text", "text": thought, "format": None, "index": 0}
    usage = completion["usage"]
    details = usage["completion_tokens_details"] | {"reasoning_tokens": usage["completion_tokens"]}
    changed = completion | {"usage": usage | {"completion_tokens_details": details}}
    return _choice(
        changed,
        message={"content": None, "reasoning": thought, "reasoning_details": [detail]},
        finish_reason="length",
        native_finish_reason="length",
    )


def _choice(completion: JsonObject, *, message: JsonObject, **more: Any) -> JsonObject:
    choice = completion["choices"][0]
    changed = choice | more | {"message": choice["message"] | message}
    return completion | {"choices": [changed]}


def _text(completion: JsonObject) -> str:
    return completion["choices"][0]["message"]["content"] or ""


LAST = (
    *(b"data: [DONE]", b'"finish_reason":"', b'"usage":{"prompt_tokens"'),
    *(b"event: message_delta", b"event: message_stop", b'"type":"response.completed"'),
)
"""What the last frames of a stream are known by: of a chat, of messages, of responses."""

FAULTS: dict[str, Fault] = {
    f"sandbox/{name}": fault
    for name, fault in {
        "rate-limited": Fault(
            "429 from the provider, every time, without `Retry-After`.",
            refuse=_upstream(
                429,
                "is temporarily rate-limited upstream. Please retry shortly.",
                "rate_limit_exceeded",
            ),
        ),
        "rate-limited-once": Fault(
            "429 with `Retry-After: 1`; the same request succeeds when it comes again.",
            refuse=_rate_limited_once,
            once=True,
        ),
        "daily-limit": Fault(
            "429 of the free tier: the quota of the day is used up, and a minute is no help.",
            refuse=_daily_limit,
        ),
        "no-credits": Fault("402: the credits are used up.", refuse=_no_credits),
        "forbidden": Fault("403: moderation flagged the input.", refuse=_forbidden),
        "no-endpoints": Fault("404: nobody serves this model.", refuse=_no_endpoints),
        "unavailable": Fault(
            "503; with `models` the next of the list answers.", refuse=_unavailable
        ),
        "unavailable-once": Fault(
            "503; the same request succeeds when it comes again.", refuse=_unavailable, once=True
        ),
        "bad-gateway": Fault(
            "502: the provider failed.",
            refuse=_upstream(502, "could not be reached.", "provider_unavailable"),
        ),
        "overloaded": Fault(
            "529: the provider is overloaded.",
            refuse=_upstream(529, "is overloaded.", "provider_overloaded"),
        ),
        "edge-timeout": Fault("524: the edge gave up waiting.", refuse=_edge_timeout),
        "server-error": Fault("500, with the cause masked.", refuse=_server_error),
        "bad-request": Fault(
            "400 from the provider, its reason as JSON inside a string.", refuse=_bad_request
        ),
        "null-content": Fault(
            "200, `content` is null; a list has no rows.",
            answer=_null_content,
            rows=_rows_become([]),
        ),
        "null-choices": Fault(
            "200, `choices` (of a list, the rows) is null and no error says why.",
            answer=_null_choices,
            rows=_rows_become(None),
        ),
        "ok-with-error": Fault(
            "200 with an `error` in the body, `choices` null; streaming, an error before any text.",
            answer=_ok_with_error,
            rows=_error_alone,
        ),
        "ok-with-choice-error": Fault(
            "200, `finish_reason` is error; the choice holds it, and the beginning of a text.",
            answer=_choice_error,
        ),
        "nested-completion": Fault(
            "200, the completion hides under `provider`; streaming is as usual.", answer=_nested
        ),
        "breaks-mid-stream": Fault(
            "An error event after some text; without streaming as `ok-with-choice-error`.",
            answer=_choice_error,
        ),
        "drops-connection": Fault(
            "The connection closes in the middle of the answer.", wire=http_response.drops
        ),
        "no-done": Fault(
            "The stream ends without `[DONE]` (of messages, without `message_stop`).",
            wire=http_response.without_events(b"data: [DONE]", b"event: message_stop"),
        ),
        "cut-stream": Fault(
            "The stream ends early: no `finish_reason`, no usage, no `[DONE]`.",
            wire=http_response.without_events(*LAST),
        ),
        "length": Fault("The text is cut, `finish_reason` is length.", answer=_length),
        "thinks-too-long": Fault(
            "Reasoning ate every token: `content` is null, `finish_reason` is length.",
            answer=_thinks_too_long,
        ),
        "html": Fault("200 with a page of HTML.", wire=http_response.html),
        "empty": Fault("200 with an empty body.", wire=http_response.empty),
        "truncated-json": Fault("200, the body stops in the middle.", wire=http_response.truncated),
        "wrong-shape": Fault("200, valid JSON of another shape.", wire=http_response.wrong_shape),
        "gzip-bomb": Fault(
            "200, four megabytes of gzip that unpack to four gigabytes.",
            wire=http_response.gzip_bomb,
        ),
        "slow": Fault(
            "Takes five seconds, with signs of life (blank lines, comments) on the way.",
            wire=http_response.slow,
        ),
        "whitespace-first": Fault(
            "Blank lines come before the JSON.", wire=http_response.whitespace_first
        ),
        "prose-json": Fault(
            "JSON wrapped in prose that breaks the schema; correct when asked again "
            "with the first answer in the conversation.",
            text="prose",
        ),
        "fenced-json": Fault(
            "The JSON that was asked for, in a fence with prose around it.", text="fenced"
        ),
        "stray-boxes": Fault(
            "Boxes that lie partly outside of the picture, classes that nobody asked for.",
            text="stray",
        ),
        "every-other": Fault(
            "500 for every other picture or sound, told by its bytes, and always for the same.",
            refuse=_server_error,
            some=True,
        ),
        "never-json": Fault("Prose, however often JSON is asked for.", text="never"),
        "job-fails": Fault("A job that ends as failed.", job="failed"),
        "job-cancelled": Fault("A job that somebody cancels.", job="cancelled"),
        "job-expires": Fault("A job whose result is kept no longer.", job="expired"),
        "job-slow": Fault("A job that completes after five seconds.", job="completed", lasts=True),
        "job-never-ends": Fault("A job that stays in progress.", job="in_progress"),
    }.items()
}
