"""The errors of the API: a status, and one envelope.

{"error": {"code": 429, "message": "…", "metadata": {…}, "availability": {…}}, "user_id": "user_…"}
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject

DOCS = "https://openrouter.ai/docs/api-reference/errors"
# The documentation is explicit for 429 and 503 only; the others follow from what they mean.
RETRYABLE = {408, 429, 500, 502, 503, 524, 529}


class RefusedRequest(Exception):
    """An error that the API returns before anything was generated."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        metadata: JsonObject | None = None,
        availability: JsonObject | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.metadata = metadata
        self.availability = availability
        self.headers = dict(headers or {})

    @property
    def retryable(self) -> bool:
        """Whether a fallback model may be tried instead."""
        return self.status in RETRYABLE

    @property
    def error(self) -> JsonObject:
        """The `error` of the envelope: code, message, and the optional details."""
        details: dict[str, Json] = {"metadata": self.metadata, "availability": self.availability}
        return {"code": self.status, "message": self.message} | {
            key: value for key, value in details.items() if value is not None
        }

    def response(self) -> Response:
        """Return the envelope as an HTTP response."""
        # The API names the user once the key is known, so never with 401.
        user = {} if self.status == 401 else {"user_id": "user_sandbox"}
        return JSONResponse({"error": self.error, **user}, self.status, headers=self.headers)


def invalid(path: str, expected: str) -> RefusedRequest:
    """Return a 400: one field of the body is invalid."""
    return RefusedRequest(
        400,
        f"{path}: Invalid input: expected {expected}",
        # Real messages can be a JSON array of the validator inside a string; one sentence is enough
        # to show to a user.
        metadata={"error_type": "invalid_request"},
    )


def no_such_model(model: str) -> RefusedRequest:
    """Return a 400: the catalogue has no such model."""
    return RefusedRequest(
        400,
        f"{model} is not a valid model ID",
        availability=availability("model_not_found", model),
    )


def no_endpoints(message: str, model: str) -> RefusedRequest:
    """Return a 404: the model exists, but no endpoint of it can serve the request."""
    # A client must not read this 404 as a wrong URL.
    return RefusedRequest(404, message, availability=availability("no_endpoints", model))


def wrong_endpoint(message: str, model: str) -> RefusedRequest:
    """Return a 400: the model belongs to another endpoint of the API."""
    return RefusedRequest(400, message, availability=availability("wrong_endpoint", model))


def provider_error(error_type: str, message: str) -> RefusedRequest:
    """Return a 400 from the provider, whose own error is JSON inside a string (`raw`)."""
    raw = json.dumps({"error": {"message": message, "type": "invalid_request_error"}})
    metadata = {"provider_name": "Sandbox", "raw": raw, "error_type": error_type}
    return RefusedRequest(400, "Provider returned error", metadata=metadata)


def payload_too_large() -> RefusedRequest:
    """Return a 413: the body has too many bytes."""
    return RefusedRequest(
        413, "Request payload too large", metadata={"error_type": "payload_too_large"}
    )


def edge_timeout() -> RefusedRequest:
    """Return a 524: the request took longer than the network edge waits."""
    # `raw` is the text of the edge (Cloudflare), as clients have reported it.
    metadata = {"provider_name": "Sandbox", "raw": "error code: 524"}
    return RefusedRequest(524, "Request timed out. Please try again later.", metadata=metadata)


def availability(code: str, model: str, *, retryable: bool = False) -> JsonObject:
    """Return `error.availability`: why the model cannot answer."""
    return {
        "code": code,
        "retryable": retryable,
        "requested_models": [model],
        "docs_url": DOCS,
    }
