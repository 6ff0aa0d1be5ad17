"""Faults in a finished answer, with status 200: a chat completion, or a list of rows.

The real API cannot change the status once generation has begun, so its errors come like this.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from openrouter_connector.values import Json, JsonObject

from .refusal import UPSTREAM

Alter = Callable[[JsonObject], JsonObject]

PARTIAL_LENGTH = 40
ROWS = {"data", "results"}


def null_content(completion: JsonObject) -> JsonObject:
    """Set the content to null."""
    return _with_choice(completion, message={"content": None})


def null_choices(completion: JsonObject) -> JsonObject:
    """Set the choices to null, without any error, as clients have reported."""
    return completion | {"choices": None}


def ok_with_error(completion: JsonObject) -> JsonObject:
    """Return an error in place of the completion: seen in pydantic/pydantic-ai#3994."""
    metadata = UPSTREAM | {"error_type": "provider_unavailable"}
    error = {"code": 502, "message": "Provider returned error", "metadata": metadata}
    return {"id": None, "provider": None, "choices": None, "error": error}


def error_without_rows(response: JsonObject) -> JsonObject:
    """Return an error in place of a list."""
    return {"error": ok_with_error(response)["error"]}


def replace_rows(value: Json) -> Alter:
    """Return a fault that replaces the rows of a list."""

    def alter(response: JsonObject) -> JsonObject:
        return {key: value if key in ROWS else kept for key, kept in response.items()}

    return alter


def choice_error(completion: JsonObject) -> JsonObject:
    """Put an error into the choice, beside the beginning of its text."""
    error = {
        "code": 502,
        "message": "Provider disconnected unexpectedly",
        "metadata": UPSTREAM | {"error_type": "provider_unavailable"},
    }
    return _with_choice(
        completion,
        message={"content": _text(completion)[:PARTIAL_LENGTH]},
        finish_reason="error",
        native_finish_reason="error",
        error=error,
    )


def nested(completion: JsonObject) -> JsonObject:
    """Nest the completion under `provider`, as clients have reported."""
    return {"provider": completion}


def cut_by_length(completion: JsonObject) -> JsonObject:
    """Cut the text as a token limit does."""
    message = {"content": _text(completion)[:PARTIAL_LENGTH]}
    return _with_choice(
        completion, message=message, finish_reason="length", native_finish_reason="length"
    )


def reasoning_only(completion: JsonObject) -> JsonObject:
    """Spend every token on reasoning: a client must not return the null content as an answer."""
    reasoning = "The question deserves thought, and the thought has used up every token there was."
    detail = {"type": "reasoning.text", "text": reasoning, "format": None, "index": 0}
    usage = completion["usage"]
    details = usage["completion_tokens_details"] | {"reasoning_tokens": usage["completion_tokens"]}
    changed = completion | {"usage": usage | {"completion_tokens_details": details}}
    return _with_choice(
        changed,
        message={"content": None, "reasoning": reasoning, "reasoning_details": [detail]},
        finish_reason="length",
        native_finish_reason="length",
    )


def _with_choice(completion: JsonObject, *, message: JsonObject, **changes: Any) -> JsonObject:
    choice = completion["choices"][0]
    changed = choice | changes | {"message": choice["message"] | message}
    return completion | {"choices": [changed]}


def _text(completion: JsonObject) -> str:
    return completion["choices"][0]["message"]["content"] or ""
