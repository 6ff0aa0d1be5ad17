"""How the API says no: a status, and an envelope of one shape."""

from __future__ import annotations

import json
from collections.abc import Mapping

from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject

DOCS = "https://openrouter.ai/docs/api-reference/errors"
RETRYABLE = {408, 429, 500, 502, 503, 524, 529}


class Refusal(Exception):
    """An error that the API answers with, before anything was generated."""

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
        """The `error` of the envelope: code, message, and what else is known."""
        more: dict[str, Json] = {"metadata": self.metadata, "availability": self.availability}
        return {"code": self.status, "message": self.message} | {
            key: value for key, value in more.items() if value is not None
        }

    def response(self) -> Response:
        """Give the envelope as HTTP."""
        who = {} if self.status == 401 else {"user_id": "user_sandbox"}
        return JSONResponse({"error": self.error, **who}, self.status, headers=self.headers)


def no_such_model(model: str) -> Refusal:
    """400, as for every id that the catalogue does not hold."""
    return Refusal(
        400,
        f"{model} is not a valid model ID",
        availability=availability("model_not_found", model),
    )


def no_endpoints(message: str, model: str) -> Refusal:
    """404: the model exists, and no endpoint of it meets what is asked."""
    return Refusal(404, message, availability=availability("no_endpoints", model))


def wrong_endpoint(message: str, model: str) -> Refusal:
    """400: the model exists, and is spoken to elsewhere."""
    return Refusal(400, message, availability=availability("wrong_endpoint", model))


def provider_refused(error_type: str, told: str) -> Refusal:
    """400 from the provider, whose own words are JSON in a text."""
    raw = json.dumps({"error": {"message": told, "type": "invalid_request_error"}})
    metadata = {"provider_name": "Sandbox", "raw": raw, "error_type": error_type}
    return Refusal(400, "Provider returned error", metadata=metadata)


def too_large() -> Refusal:
    """413: what is sent has too many bytes."""
    return Refusal(413, "Request payload too large", metadata={"error_type": "payload_too_large"})


def timed_out() -> Refusal:
    """524: the work took longer than the edge of the network waits."""
    metadata = {"provider_name": "Sandbox", "raw": "error code: 524"}
    return Refusal(524, "Request timed out. Please try again later.", metadata=metadata)


def availability(code: str, model: str, *, retryable: bool = False) -> JsonObject:
    """Give what the API says about a model that cannot answer."""
    return {
        "code": code,
        "retryable": retryable,
        "requested_models": [model],
        "docs_url": DOCS,
    }


def invalid(path: str, expected: str) -> Refusal:
    """400: one field of the body is not what it must be."""
    return Refusal(
        400,
        f"{path}: Invalid input: expected {expected}",
        metadata={"error_type": "invalid_request"},
    )
