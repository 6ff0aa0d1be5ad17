"""`ask`: request a response format for a schema, and check the answer against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..errors import IncompleteError
from ..values import Call, Json, JsonObject, ModelInfo, Noted


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Add the response format, if the user gave a schema.

    Such an answer is not streamed: it may be repaired, and shown text cannot be taken back.
    """
    schema = _schema(values)
    if schema is None:
        return call
    # jsonschema takes long to import; most calls have no schema.
    from ..json_schema import schema_warnings
    from .structured import request_format

    body = dict(call.body or {})
    body.pop("stream", None)
    request = request_format(schema, model_info)
    if request.instruction:
        instruction = {"role": "system", "content": request.instruction}
        body["messages"] = [*body["messages"], instruction]
    found = (*request.warnings, *schema_warnings(schema))
    warnings = [f"response.responseSchema: {warning}" for warning in found]
    return replace(call, body={**request.body, **body}, warnings=(*call.warnings, *warnings))


def check(call: Call, values: JsonObject) -> Iterator[str]:
    """Yield a warning when nothing but the prompt asks for JSON."""
    if _schema(values) is not None and "response_format" not in (call.body or {}):
        yield (
            f"response: {values['model']} does not support JSON output; the schema goes into the "
            "prompt, and an answer that does not match it is requested once more"
        )


def output(output: Json, values: JsonObject) -> Json:
    """Return the text, or the value that matches the schema; else raise IncompleteError."""
    schema = _schema(values)
    if schema is None:
        return output or ""
    from .structured import check_answer

    answer = check_answer(schema, output or "")
    return Noted(answer.value, answer.warnings) if answer.warnings else answer.value


def repair(call: Call, error: IncompleteError) -> Call:
    """Ask the model to correct its data."""
    from .structured import repair

    return repair(call, error)


def _schema(values: JsonObject) -> JsonObject | None:
    response = values.get("response") or {}
    return response.get("responseSchema") if response.get("responseFormat") == "JSON" else None
