"""OpenRouter's own OpenAPI document, which lies outside the project, and what must meet it."""

from __future__ import annotations

import os
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

SHARED = os.environ.get("OPENROUTER_CONNECTOR_SHARED", "")
DOCUMENT = Path(SHARED) / "reference" / "openrouter-openapi.yaml"

needs_document = pytest.mark.skipif(
    not SHARED or not DOCUMENT.is_file(),
    reason="OPENROUTER_CONNECTOR_SHARED names no directory with reference/openrouter-openapi.yaml",
)


@cache
def document() -> dict[str, Any]:
    """Give the document as it is; to read it takes a second."""
    found: dict[str, Any] = yaml.load(DOCUMENT.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return found


@cache
def answered() -> dict[str, Any]:
    """Give the document as the sandbox can meet it."""
    found = deepcopy(document())
    # The one list that the sandbox cannot be in: its provider is not a real one.
    del found["components"]["schemas"]["ProviderName"]["enum"]
    # And what the document denies and the API does: a response has no usage before its end.
    usage = found["components"]["schemas"]["BaseResponsesResult"]["properties"]
    usage["usage"] = {"anyOf": [usage["usage"], {"type": "null"}]}
    return found


def validate(value: Any, schema: dict[str, Any]) -> None:
    """Raise ValidationError for what a schema of the document does not allow."""
    Draft202012Validator({**schema, "components": answered()["components"]}).validate(value)


def reply_schema(method: str, path: str, status: int) -> dict[str, Any]:
    """Give the schema of an answer as JSON."""
    responses = answered()["paths"][path][method]["responses"]
    found: dict[str, Any] = responses[str(status)]["content"]["application/json"]["schema"]
    return found
