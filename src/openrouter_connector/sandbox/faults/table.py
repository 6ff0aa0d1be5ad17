"""The fault models: every way to fail that is worth testing, in one table.

A fault changes a request at one of four places: `refuse` returns an error before generation,
`alter_completion` changes a finished chat completion, `alter_rows` a finished list, and
`alter_response` the HTTP response. As `/messages` and `/responses` are made from a completion, they
show the faults of chat too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from . import completion, http_response, refusal
from .completion import Alter
from .http_response import AlterResponse
from .refusal import Refuse

BadJson = Literal["prose", "fenced", "stray", "never"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, in a sentence, and the function that makes it happen."""

    description: str
    refuse: Refuse | None = None
    alter_completion: Alter | None = None
    alter_rows: Alter | None = None
    alter_response: AlterResponse | None = None
    bad_json: BadJson | None = None
    job_status: str | None = None
    """The status in which a job ends: a video or a batch."""
    slow_job: bool = False
    batch: Literal["partly", "gaps"] | None = None
    """What is wrong with the results of a batch."""
    once: bool = False
    """Whether only the first of two equal requests is refused."""
    every_other: bool = False
    """Whether only about half of all images and audio files are refused."""

    streams_only: bool = False
    """Whether only the stream of an answer is altered."""

    @property
    def endpoints(self) -> tuple[str, ...]:
        """The endpoints at which it shows."""
        if self.job_status is not None:
            return ("videos", "batches")
        if self.batch is not None:
            return ("batches",)
        if self.every_other:
            return ("chat", "transcriptions")
        if self.streams_only:
            return ("chat", "images")
        if self.refuse is not None:
            return _ALL
        if self.alter_response is not None:
            return _ANSWERING
        return ("chat",) if self.alter_rows is None else ("chat", "embeddings", "rerank")


def faults_at(request: str) -> dict[str, Fault]:
    """Return the faults that show at a request such as `POST /chat/completions`, by their models.

    A request that calls no model has no faults.
    """
    endpoint = ENDPOINTS.get(request)
    return {name: fault for name, fault in FAULTS.items() if endpoint in fault.endpoints}


def markdown_table() -> str:
    """Return the faults as a Markdown table: id, endpoints, description."""
    lines = ["| model | endpoints | what happens |", "|---|---|---|"]
    for name, fault in FAULTS.items():
        endpoints = "all" if set(_ANSWERING) <= {*fault.endpoints} else ", ".join(fault.endpoints)
        lines.append(f"| `{name}` | {endpoints} | {fault.description} |")
    return "\n".join(lines) + "\n"


ENDPOINTS = {
    "POST /chat/completions": "chat",
    "POST /messages": "chat",
    "POST /responses": "chat",
    "POST /embeddings": "embeddings",
    "POST /rerank": "rerank",
    "POST /images": "images",
    "POST /audio/speech": "speech",
    "POST /audio/transcriptions": "transcriptions",
    "POST /videos": "videos",
    "POST /batches": "batches",
}
"""The endpoints with a model, as the faults name them."""
_ALL = tuple(dict.fromkeys(ENDPOINTS.values()))
_ANSWERING = tuple(name for name in _ALL if name != "batches")
"""Those that answer with a response of their own: a batch answers its requests later."""


FINAL_EVENTS = (
    *(b"data: [DONE]", b'"finish_reason":"', b'"usage":{"prompt_tokens"'),
    *(b"event: message_delta", b"event: message_stop", b'"type":"response.completed"'),
)
"""Texts that mark the last events of a stream: of chat, of messages, of responses."""

FAULTS: dict[str, Fault] = {
    f"sandbox/{name}": fault
    for name, fault in {
        "rate-limited": Fault(
            "Always 429 from the provider, without `Retry-After`.",
            refuse=refusal.upstream(
                429,
                "is temporarily rate-limited upstream. Please retry shortly.",
                "rate_limit_exceeded",
            ),
        ),
        "rate-limited-once": Fault(
            "429 with `Retry-After: 1`; the retry of the same request succeeds.",
            refuse=refusal.rate_limited_once,
            once=True,
        ),
        "daily-limit": Fault(
            "429 of the free tier: the daily quota is used up, so a retry does not help.",
            refuse=refusal.daily_limit,
        ),
        "no-credits": Fault("402: no credits left.", refuse=refusal.no_credits),
        "forbidden": Fault("403: moderation flagged the input.", refuse=refusal.forbidden),
        "no-endpoints": Fault("404: no provider serves this model.", refuse=refusal.no_endpoints),
        "unavailable": Fault(
            "503; with `models`, the next model in the list answers.", refuse=refusal.unavailable
        ),
        "unavailable-once": Fault(
            "503; the retry of the same request succeeds.", refuse=refusal.unavailable, once=True
        ),
        "bad-gateway": Fault(
            "502: the provider failed.",
            refuse=refusal.upstream(502, "could not be reached.", "provider_unavailable"),
        ),
        "overloaded": Fault(
            "529: the provider is overloaded.",
            refuse=refusal.upstream(529, "is overloaded.", "provider_overloaded"),
        ),
        "edge-timeout": Fault("524: the network edge timed out.", refuse=refusal.edge_timeout),
        "server-error": Fault("500 with the cause hidden.", refuse=refusal.server_error),
        "bad-request": Fault(
            "400 from the provider, with the reason as JSON inside a string.",
            refuse=refusal.bad_request,
        ),
        "null-content": Fault(
            "200 with null `content`; a list has no rows.",
            alter_completion=completion.null_content,
            alter_rows=completion.replace_rows([]),
        ),
        "null-choices": Fault(
            "200 with null `choices` (the rows of a list), and no error that explains it.",
            alter_completion=completion.null_choices,
            alter_rows=completion.replace_rows(None),
        ),
        "ok-with-error": Fault(
            "200 with an `error` in the body and null `choices`; in a stream, an error before any "
            "text.",
            alter_completion=completion.ok_with_error,
            alter_rows=completion.error_without_rows,
        ),
        "ok-with-choice-error": Fault(
            "200 with `finish_reason` error; the choice has the error and the start of a text.",
            alter_completion=completion.choice_error,
        ),
        "nested-completion": Fault(
            "200 with the completion nested under `provider`; streams are normal.",
            alter_completion=completion.nested,
        ),
        "breaks-mid-stream": Fault(
            "An error event after some text; without streaming, the same as "
            "`ok-with-choice-error`.",
            alter_completion=completion.choice_error,
        ),
        "drops-connection": Fault(
            "The connection closes in the middle of the response.",
            alter_response=http_response.drop_connection,
        ),
        "no-done": Fault(
            "The stream ends without `[DONE]` (for messages, without `message_stop`).",
            alter_response=http_response.without_events(b"data: [DONE]", b"event: message_stop"),
            streams_only=True,
        ),
        "cut-stream": Fault(
            "The stream ends early: no `finish_reason`, no usage, no `[DONE]`.",
            alter_response=http_response.without_events(*FINAL_EVENTS),
            streams_only=True,
        ),
        "length": Fault(
            "The text is cut, with `finish_reason` length.",
            alter_completion=completion.cut_by_length,
        ),
        "thinks-too-long": Fault(
            "Reasoning uses up every token: null `content`, with `finish_reason` length.",
            alter_completion=completion.reasoning_only,
        ),
        "html": Fault("200 with an HTML page.", alter_response=http_response.html),
        "empty": Fault("200 with an empty body.", alter_response=http_response.empty),
        "truncated-json": Fault(
            "200 with a body that stops in the middle.", alter_response=http_response.truncate
        ),
        "wrong-shape": Fault(
            "200 with valid JSON of another shape.", alter_response=http_response.wrong_shape
        ),
        "gzip-bomb": Fault(
            "200 with four megabytes of gzip that unpack to four gigabytes.",
            alter_response=http_response.gzip_bomb,
        ),
        "slow": Fault(
            "Takes five seconds, and sends blank lines or comments meanwhile.",
            alter_response=http_response.slow,
        ),
        "whitespace-first": Fault(
            "Blank lines before the JSON.", alter_response=http_response.whitespace_first
        ),
        "prose-json": Fault(
            "JSON in prose that violates the schema; correct when the request is repeated with the "
            "first answer in the conversation.",
            bad_json="prose",
        ),
        "fenced-json": Fault(
            "The requested JSON, in a code fence with prose around it.", bad_json="fenced"
        ),
        "stray-boxes": Fault(
            "Boxes that lie partly outside the image, and classes that were not requested.",
            bad_json="stray",
        ),
        "every-other": Fault(
            "500 for about every other image or audio file, always for the same ones.",
            refuse=refusal.server_error,
            every_other=True,
        ),
        "never-json": Fault("Prose, however often JSON is requested.", bad_json="never"),
        "job-fails": Fault("A job that ends as failed.", job_status="failed"),
        "job-cancelled": Fault("A job that ends as cancelled.", job_status="cancelled"),
        "job-expires": Fault("A job that ends as expired.", job_status="expired"),
        "job-slow": Fault(
            "A job that completes after five seconds.", job_status="completed", slow_job=True
        ),
        "job-never-ends": Fault("A job that stays in progress.", job_status="in_progress"),
        "batch-partly": Fault("A batch in which every other request fails.", batch="partly"),
        "batch-gaps": Fault(
            "A batch whose results lack the second request, and have one that nobody sent.",
            batch="gaps",
        ),
    }.items()
}
