"""Answers of a shape: how a schema is asked for, and how what came is read and held to it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from re import sub
from typing import NamedTuple

from ..errors import IncompleteError
from ..json_schema import MAX_STEPS, validate
from ..json_schema.root_object import unwrap_answer, wrap_root
from ..json_schema.strict_mode import to_strict_schema
from ..values import Call, Json, JsonObject, ModelInfo
from .json_in_text import FoundJson, find_json_values


class FormatRequest(NamedTuple):
    """What of a request asks for a shape."""

    body: JsonObject
    """The parameters that hold the model to it, as far as it takes them."""
    words: str
    """What to say besides; empty where the parameters are enough."""
    warnings: tuple[str, ...] = ()
    """Why a model that could be held to it strictly is not."""


class CheckedAnswer(NamedTuple):
    """What an answer says, and what the user should know of it."""

    value: Json
    warnings: tuple[str, ...] = ()


def request_format(schema: JsonObject, model_info: ModelInfo | None) -> FormatRequest:
    """Ask for data by what the model lists: its schema, any JSON and words, or words alone.

    A model of which nothing is known is asked for JSON, in words too. One whose server lists no
    parameters at all is not OpenRouter's: such servers take a schema, and some nothing else.
    A schema that strict mode does not support goes into the words as well.
    """
    listed = model_info.row.get("supported_parameters") if model_info else None
    supported = listed if isinstance(listed, list) else None
    holds = supported is not None and "structured_outputs" in supported
    if not holds and not (model_info and listed is None):
        takes_json = supported is None or "response_format" in supported
        return FormatRequest(
            {"response_format": {"type": "json_object"}} if takes_json else {}, _request(schema)
        )
    strict = to_strict_schema(schema)
    sent = strict.schema or wrap_root(schema)
    title = sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64]
    named = {"name": title, "strict": strict.schema is not None, "schema": sent}
    described = {"response_format": {"type": "json_schema", "json_schema": named}}
    words = "" if holds and strict.schema else _request(sent)
    told = (
        f"the schema is not sent as strict, since {strict.reason}; it goes into the prompt as well"
    )
    return FormatRequest(described, words, () if strict.schema else (told,))


def check_answer(schema: JsonObject, text: str) -> CheckedAnswer:
    """Return the value of an answer that fits the schema; IncompleteError keeps the raw text."""
    found = _largest(find_json_values(text))
    if not found:
        raise IncompleteError("the answer is not JSON", status=200, partial=text)
    steps = MAX_STEPS // len(found)
    fitting: list[tuple[FoundJson, CheckedAnswer]] = []
    misfit, least = "", -1
    for one in found:
        answer, problems = _fitting(schema, one.value, steps)
        if answer:
            fitting.append((one, answer))
        elif one.length > least:
            misfit, least = problems, one.length
    if not fitting:
        told = f"the answer does not fit the schema: {misfit}"
        raise IncompleteError(told, status=200, partial=text)
    fitting = [one for one in fitting if not one[1].warnings] or fitting
    # A draft comes before the answer, and a remark with a bracket or two after it.
    enough = max(one.length for one, _ in fitting) / 2
    return [answer for one, answer in fitting if one.length >= enough][-1]


def repair(call: Call, error: IncompleteError) -> Call:
    """Show the model its answer and what is wrong with it."""
    body = dict(call.body or {})
    body["messages"] = [
        *body["messages"],
        {"role": "assistant", "content": error.partial or ""},
        {
            "role": "user",
            "content": f"That was not right: {error.message}. Answer again, with the corrected "
            "JSON and nothing else.",
        },
    ]
    return replace(call, body=body)


def _largest(found: list[FoundJson]) -> list[FoundJson]:
    """Keep those that are worth to be looked at, in their order."""
    if len(found) <= _MOST_LOOKED_AT:
        return found
    least = sorted(one.length for one in found)[-_MOST_LOOKED_AT]
    return [one for one in found if one.length >= least][-_MOST_LOOKED_AT:]


def _fitting(schema: JsonObject, value: Json, steps: int) -> tuple[CheckedAnswer | None, str]:
    """Return what of a value fits, or what is wrong with it.

    What takes too long to be validated was paid for, and is returned with a warning.
    """
    problems = ""
    for meant in _meanings(schema, value):
        judged = validate(schema, meant, steps)
        if judged.undecided:
            told = f"the answer was not held against the whole schema: {judged.undecided}"
            return CheckedAnswer(meant, (told,)), ""
        if not judged.problems:
            return CheckedAnswer(meant), ""
        problems = problems or judged.problems
    return None, problems


def _meanings(schema: JsonObject, value: Json) -> Iterator[Json]:
    """Give what a value may mean: itself, what is in its wrapper, or the JSON that it says."""
    yield from unwrap_answer(schema, value)
    if isinstance(value, str) and len(inner := find_json_values(value)) == 1:
        yield from unwrap_answer(schema, inner[0].value)


def _request(schema: JsonObject) -> str:
    return (
        "Answer with one JSON value and nothing else: no prose, no code fence. It must fit this "
        f"JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


_MOST_LOOKED_AT = 10
