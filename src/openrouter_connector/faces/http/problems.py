"""Turn errors into problem documents (RFC 9457) by one table of error classes."""

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
from ...definition.paths import dotted
from ...errors import (
    ApiError,
    BudgetError,
    ConflictError,
    ConnectorError,
    CredentialError,
    DatabaseError,
    FileError,
    ForbiddenError,
    IncompleteError,
    InputError,
    JobFailedError,
    JobTimedOutError,
    MissingExtraError,
    NotFoundError,
    PaymentError,
    Problem,
    RateLimitedError,
    StoreError,
    UnavailableError,
)
from ...validation_messages import message_of
from ...values import JsonObject
from .json_io import encode_json

PROBLEM = "application/problem+json"


class Kind(NamedTuple):
    """The status and the title of a class of errors."""

    status: int
    title: str


KINDS: Mapping[type[BaseException], Kind] = {
    InputError: Kind(422, "Invalid input"),
    FileError: Kind(422, "A file cannot be used"),
    StoreError: Kind(507, "The file store cannot be written to"),
    # Not 401: that is this server's response to a caller without its token.
    CredentialError: Kind(424, "The connection does not work"),
    PaymentError: Kind(402, "Not enough credits"),
    BudgetError: Kind(402, "This server's budget is used up"),
    ForbiddenError: Kind(403, "The API denied access"),
    NotFoundError: Kind(404, "Not found at the API"),
    ConflictError: Kind(409, "Conflict with what happened meanwhile"),
    DatabaseError: Kind(503, "The database of runs cannot be used"),
    MissingExtraError: Kind(500, "An extra of the server is not installed"),
    RateLimitedError: Kind(429, "Rate limit of the API exceeded"),
    UnavailableError: Kind(503, "The API is unavailable"),
    IncompleteError: Kind(502, "The response is incomplete"),
    JobFailedError: Kind(502, "The job failed"),
    JobTimedOutError: Kind(504, "The job is still running"),
    ApiError: Kind(502, "The API returned an error"),
    Exception: Kind(500, "Internal error"),
}
UNKNOWN_PATH = "this path does not exist; /api/openapi.json lists all paths"
WRONG_METHOD = "this path does not support the method; the Allow header lists those it supports"
_DETAILS = {"Not Found": UNKNOWN_PATH, "Method Not Allowed": WRONG_METHOD}
"""What we say in place of Starlette's own details."""
CALL_STATUSES = (402, 403, 404, 424, 429, 502, 503, 504, 507)
"""Error statuses of an endpoint that calls the API."""
COMMON_STATUSES = (401, 403, 413, 421, 422, 500)
"""Error statuses of every endpoint."""


def kind_of(error: BaseException) -> Kind:
    """Return status and title of an error, by its closest class in the table."""
    return next(KINDS[base] for base in type(error).__mro__ if base in KINDS)


def document(error: Exception, request_id: str) -> JsonObject:
    """Return the problem document of an error, with all fields that the error itself has.

    The text of an unexpected exception is left out: it may hold what a user wrote.
    """
    kind = kind_of(error)
    if not isinstance(error, ConnectorError):
        return plain_document(kind.status, kind.title, request_id)
    fields = redact_keys_in(error.to_json())
    name, detail, upstream = fields.pop("type"), fields.pop("message"), fields.pop("status", None)
    return {
        "type": f"urn:openrouter-connector:{name}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "instance": request_id,
        **fields,
        **({"upstreamStatus": upstream} if upstream else {}),
    }


def plain_document(status: int, detail: str, request_id: str) -> JsonObject:
    """Return the problem document of an error that its status describes (`about:blank`)."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": redact_keys(detail),
        "instance": request_id,
    }


def problem_response(problem: JsonObject, headers: Mapping[str, str] | None = None) -> Response:
    """Return the response of a problem document."""
    return Response(encode_json(problem), problem["status"], headers, media_type=PROBLEM)


def http_error_response(request: Request, error: HTTPException) -> Response:
    """Return the response of an error that this server itself raised, such as an unknown path."""
    detail = _DETAILS.get(error.detail, error.detail)
    problem = plain_document(error.status_code, detail, request.state.request_id)
    return problem_response(problem, error.headers)


async def on_connector_error(request: Request, error: ConnectorError) -> Response:
    """Handle an error of the connector."""
    wait = error.retry_after if isinstance(error, ApiError) else None
    headers = {"Retry-After": str(ceil(wait))} if wait is not None else None
    return problem_response(document(error, request.state.request_id), headers)


async def on_http_error(request: Request, error: HTTPException) -> Response:
    """Handle an error of an endpoint or of the routing."""
    return http_error_response(request, error)


async def on_validation_error(request: Request, error: RequestValidationError) -> Response:
    """Handle a request that does not match the OpenAPI document."""
    return await on_connector_error(request, InputError(_problem(item) for item in error.errors()))


def not_found(detail: str) -> HTTPException:
    """Return the error for something that does not exist on this server."""
    return HTTPException(404, detail)


def no_connection(name: str) -> HTTPException:
    """Return the error for a connection that does not exist."""
    return not_found(f"the connection {name!r} does not exist")


def too_large(limit: int) -> HTTPException:
    """Return the error for a body or a file of more than `limit` bytes."""
    return HTTPException(413, f"the body is too large; the limit is {limit // 1024**2} MB")


def range_not_satisfiable(size: int) -> HTTPException:
    """Return the error for a range that begins behind the end of a file."""
    message = f"the range begins behind the end: the file has {size} bytes"
    return HTTPException(416, message, {"Content-Range": f"bytes */{size}"})


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the problem responses of an endpoint for the OpenAPI document.

    `statuses` are those that it has beside the common ones.
    """
    return {
        status: {
            "description": HTTPStatus(status).phrase,
            "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}},
        }
        for status in sorted({*COMMON_STATUSES, *statuses})
    }


def _problem(error: Mapping[str, Any]) -> Problem:
    """Return an error of pydantic as a problem with its path in the body or the query."""
    if error["type"] == "json_invalid":
        return Problem("", f"the body is not valid JSON: {error['ctx']['error']}")
    where, *path = error["loc"]
    if not path and error["type"] == "missing":
        return Problem("", f"the {where} is missing")
    return Problem(dotted(path), message_of(error))
