"""`ask`: a schema to a response format, and the answer checked."""

from __future__ import annotations

from collections.abc import Iterator
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
    from ..json_schema import warnings_of
    from .structured import asked

    body = dict(call.body or {})
    body.pop("stream", None)
    wanted = asked(schema, model_info)
    if wanted.words:
        body["messages"] = [*body["messages"], {"role": "system", "content": wanted.words}]
    told = [f"response.responseSchema: {one}" for one in (*wanted.warnings, *warnings_of(schema))]
    return replace(call, body={**wanted.body, **body}, warnings=(*call.warnings, *told))


def check(call: Call, values: JsonObject) -> Iterator[str]:
    """Yield a warning when nothing but the prompt asks for JSON."""
    if _schema(values) is not None and "response_format" not in (call.body or {}):
        yield (
            f"response: {values['model']} does not support JSON output; the schema goes into the "
            "prompt, and an answer that does not match it is requested once more"
        )


def output(output: Json, values: JsonObject) -> Json:
    """Give the text, or the object that fits the schema; IncompleteError keeps the raw text."""
    schema = _schema(values)
    if schema is None:
        return output or ""
    from .structured import answered

    answer = answered(schema, output or "")
    return Noted(answer.value, answer.warnings) if answer.warnings else answer.value


def repair(call: Call, error: IncompleteError) -> Call:
    """Ask once more, for data that was not right."""
    from .structured import repair

    return repair(call, error)


def _schema(values: JsonObject) -> JsonObject | None:
    response = values.get("response") or {}
    return response.get("responseSchema") if response.get("responseFormat") == "JSON" else None
