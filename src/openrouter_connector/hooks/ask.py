"""`ask`: a schema to a response format, and the answer checked."""

from __future__ import annotations

from dataclasses import replace

from ..errors import IncompleteError
from ..values import Call, Facts, Json, JsonObject
from .structured import asked, misfits, parsed
from .structured import repair as repair


def build(call: Call, values: JsonObject, facts: Facts | None) -> Call:
    """Ask for data, when that is wanted.

    Data comes whole: what does not fit is asked for again, and pieces cannot be taken back.
    """
    schema = _schema(values)
    if schema is None:
        return call
    body = dict(call.body or {})
    body.pop("stream", None)
    wanted, words = asked(schema, facts)
    if words:
        body["messages"] = [*body["messages"], {"role": "system", "content": words}]
    return replace(call, body={**wanted, **body})


def output(output: Json, values: JsonObject) -> Json:
    """Give the text, or the object that fits the schema; IncompleteError keeps the raw text."""
    schema = _schema(values)
    if schema is None:
        return output or ""
    text = output or ""
    try:
        answer = parsed(text)
    except ValueError:
        raise IncompleteError("the answer is not JSON", status=200, partial=text) from None
    if problems := misfits(schema, answer):
        raise IncompleteError(
            f"the answer does not fit the schema: {problems}", status=200, partial=text
        )
    return answer


def _schema(values: JsonObject) -> JsonObject | None:
    response = values.get("response") or {}
    return response.get("responseSchema") if response.get("responseFormat") == "JSON" else None
