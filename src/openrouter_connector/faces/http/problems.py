"""What went wrong, as RFC 9457 has it: `application/problem+json`, by one table of classes."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, NamedTuple

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from ...connections.redact_keys import redact_keys, redact_keys_in
from ...definition.problems import dotted
from ...errors import (
    ApiError,
    BudgetError,
    ConnectorError,
    CredentialError,
    FileError,
    ForbiddenError,
    IncompleteError,
    InputError,
    JobFailedError,
    JobTimedOutError,
    NotFoundError,
    PaymentError,
    Problem,
    RateLimitedError,
    StoreError,
    UnavailableError,
)
from ...values import JsonObject
from .json_io import encoded

PROBLEM = "application/problem+json"


class Kind(NamedTuple):
    """What a class of errors is over HTTP."""

    status: int
    title: str


KINDS: Mapping[type[BaseException], Kind] = {
    InputError: Kind(422, "The input is wrong"),
    FileError: Kind(422, "A file cannot be used"),
    StoreError: Kind(507, "The file store cannot be written"),
    # 401 is this server's own answer to a caller it does not know.
    CredentialError: Kind(424, "The connection does not work"),
    PaymentError: Kind(402, "Credits are missing"),
    BudgetError: Kind(402, "The budget of this server is reached"),
    ForbiddenError: Kind(403, "The API forbids it"),
    NotFoundError: Kind(404, "The API does not know it"),
    RateLimitedError: Kind(429, "Too many requests at the API"),
    UnavailableError: Kind(503, "The API is not available"),
    IncompleteError: Kind(502, "The answer is incomplete"),
    JobFailedError: Kind(502, "The job failed"),
    JobTimedOutError: Kind(504, "The job is not done yet"),
    ApiError: Kind(502, "The API refused"),
    Exception: Kind(500, "Something went wrong here"),
}
CALLING = (402, 403, 404, 424, 429, 502, 503, 504, 507)
"""What a call of the API may end with."""
ALWAYS = (401, 403, 413, 421, 422, 500)
"""What any endpoint may end with."""


def kind_of(error: BaseException) -> Kind:
    """Give status and title of an error, by the nearest class that the table has."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def document(error: Exception, request_id: str) -> JsonObject:
    """Describe an error: the members of RFC 9457, and what the error itself knows.

    Of an error that is none of ours only the fact is told.
    """
    kind = kind_of(error)
    if not isinstance(error, ConnectorError):
        return plain(kind.status, kind.title, request_id)
    known = redact_keys_in(error.to_json())
    name, detail, upstream = known.pop("type"), known.pop("message"), known.pop("status", None)
    return {
        "type": f"urn:openrouter-connector:{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request_id,
        **known,
        **({"upstreamStatus": upstream} if upstream else {}),
    }


def plain(status: int, detail: str, request_id: str) -> JsonObject:
    """Describe what the status itself says all about."""
    title = HTTPStatus(status).phrase
    told = {"type": "about:blank", "title": title, "status": status, "detail": redact_keys(detail)}
    return {**told, "instance": request_id}


def answer(told: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a problem document."""
    return Response(encoded(told), told["status"], headers, media_type=PROBLEM)


def refused(request: Request, error: HTTPException) -> Response:
    """Answer with what this server refuses by itself, such as an unknown path."""
    told = plain(error.status_code, error.detail, request.state.request_id)
    return answer(told, error.headers)


async def on_error(request: Request, error: ConnectorError) -> Response:
    """Answer with what an error of ours stands for."""
    wait = error.retry_after if isinstance(error, ApiError) else None
    headers = {"Retry-After": str(ceil(wait))} if wait is not None else None
    return answer(document(error, request.state.request_id), headers)


async def on_refusal(request: Request, error: HTTPException) -> Response:
    """Answer with what an endpoint, or the routing, refuses."""
    return refused(request, error)


async def on_misfit(request: Request, error: RequestValidationError) -> Response:
    """Answer with all that does not fit the OpenAPI document."""
    return await on_error(request, InputError(_problem(one) for one in error.errors()))


def not_found(detail: str) -> HTTPException:
    """Give the error for something that this server does not have."""
    return HTTPException(404, detail)


def too_large(most: int) -> HTTPException:
    """Give the error for a body or a file of more than `most` bytes."""
    return HTTPException(413, f"it is larger than {most // 1024**2} MB, and not taken")


def refused_range(size: int) -> HTTPException:
    """Give the error for a part of a file that there is not."""
    told = f"the file has {size} bytes"
    return HTTPException(416, told, {"Content-Range": f"bytes */{size}"})


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problems of these statuses, and those of any endpoint, for the OpenAPI document."""
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in sorted({*ALWAYS, *statuses})
    }


def _problem(fault: Mapping[str, Any]) -> Problem:
    """Say one finding of pydantic by its place in the body, the path or the query."""
    if fault["type"] == "json_invalid":
        return Problem("", f"the body is no JSON: {fault['ctx']['error']}")
    where, *path = fault["loc"]
    if not path and fault["type"] == "missing":
        return Problem("", f"the {where} is missing")
    return Problem(dotted(path), str(fault["msg"]))
