"""`ask`: a schema to a response format, and the answer checked."""

from __future__ import annotations

from dataclasses import replace

from ..errors import IncompleteError
from ..values import Call, Json, JsonObject, ModelInfo, Noted


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Ask for data, when that is wanted.

    Data comes whole: what does not fit is asked for again, and pieces cannot be taken back.
    """
    schema = _schema(values)
    if schema is None:
        return call
    from ..json_schema import schema_warnings
    from .structured import request_format

    body = dict(call.body or {})
    body.pop("stream", None)
    wanted = request_format(schema, model_info)
    if wanted.words:
        body["messages"] = [*body["messages"], {"role": "system", "content": wanted.words}]
    told = [
        f"response.responseSchema: {one}" for one in (*wanted.warnings, *schema_warnings(schema))
    ]
    return replace(call, body={**wanted.body, **body}, warnings=(*call.warnings, *told))


def output(output: Json, values: JsonObject) -> Json:
    """Give the text, or the object that fits the schema; IncompleteError keeps the raw text."""
    schema = _schema(values)
    if schema is None:
        return output or ""
    from .structured import check_answer

    answer = check_answer(schema, output or "")
    return Noted(answer.value, answer.warnings) if answer.warnings else answer.value


def repair(call: Call, error: IncompleteError) -> Call:
    """Ask once more, for data that was not right."""
    from .structured import repair

    return repair(call, error)


def _schema(values: JsonObject) -> JsonObject | None:
    response = values.get("response") or {}
    return response.get("responseSchema") if response.get("responseFormat") == "JSON" else None
