"""Structured answers: request a response format for a schema, then find and validate the JSON.

`request_format` chooses what the model supports: strict mode, any JSON, or an instruction in the
prompt alone. `check_answer` reads what comes back, and `repair` asks the model to correct it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from re import sub
from typing import NamedTuple

from ..errors import INVALID_ANSWER, IncompleteError
from ..json_schema import MAX_STEPS, validate
from ..json_schema.root_object import unwrap_answer, wrap_root
from ..json_schema.strict_mode import to_strict_schema
from ..values import Call, Json, JsonObject, ModelInfo
from .json_in_text import FoundJson, find_json_values


class FormatRequest(NamedTuple):
    """How a request asks for structured output."""

    body: JsonObject
    """The parameters that the model supports for it."""
    instruction: str
    """Text to add to the prompt; empty if the parameters suffice."""
    warnings: tuple[str, ...] = ()
    """Why strict mode is not used, although the model supports it."""


class CheckedAnswer(NamedTuple):
    """The value of an answer, and warnings for the user."""

    value: Json
    warnings: tuple[str, ...] = ()


def request_format(schema: JsonObject, model_info: ModelInfo | None) -> FormatRequest:
    """Return how to request a schema from a model: by schema, as any JSON, or by prompt only.

    An unknown model is asked for JSON, and by prompt. A catalogue without parameters is not
    OpenRouter's: such servers accept a schema, and some nothing else. A schema that strict mode
    does not support is also added to the prompt.
    """
    listed = model_info.row.get("supported_parameters") if model_info else None
    supported = listed if isinstance(listed, list) else None
    takes_schema = supported is not None and "structured_outputs" in supported
    if not takes_schema and not (model_info and listed is None):
        takes_json = supported is None or "response_format" in supported
        body: JsonObject = {"response_format": {"type": "json_object"}} if takes_json else {}
        return FormatRequest(body, _instruction(schema))
    strict = to_strict_schema(schema)
    sent = strict.schema or wrap_root(schema)
    title = sub(r"[^A-Za-z0-9_-]+", "_", str(schema.get("title") or "answer"))[:64]
    json_schema = {"name": title, "strict": strict.schema is not None, "schema": sent}
    body = {"response_format": {"type": "json_schema", "json_schema": json_schema}}
    instruction = "" if takes_schema and strict.schema else _instruction(sent)
    reason = f"the schema is not sent as strict, since {strict.reason}"
    warning = f"{reason}; it is also added to the prompt"
    return FormatRequest(body, instruction, () if strict.schema else (warning,))


def check_answer(schema: JsonObject, text: str) -> CheckedAnswer:
    """Return the value in an answer that matches the schema.

    Raises IncompleteError, with the raw text, if none does.
    """
    found = _largest(find_json_values(text))
    if not found:
        message = "the answer is not JSON"
        raise IncompleteError(message, status=200, code=INVALID_ANSWER, partial=text)
    steps = MAX_STEPS // len(found)  # all candidates share the time of one validation
    valid: list[tuple[FoundJson, CheckedAnswer]] = []
    problems_of_largest, largest = "", -1
    for candidate in found:
        answer, problems = _validate(schema, candidate.value, steps)
        if answer:
            valid.append((candidate, answer))
        elif candidate.length > largest:
            problems_of_largest, largest = problems, candidate.length
    if not valid:
        message = f"the answer does not fit the schema: {problems_of_largest}"
        raise IncompleteError(message, status=200, code=INVALID_ANSWER, partial=text)
    valid = [pair for pair in valid if not pair[1].warnings] or valid
    # Models write drafts before the answer, and remarks with small JSON after it: take the last
    # of the large values.
    enough = max(candidate.length for candidate, _ in valid) / 2
    return [answer for candidate, answer in valid if candidate.length >= enough][-1]


def repair(call: Call, error: IncompleteError) -> Call:
    """Return the call with the model's answer, and a request to correct it."""
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
    """Return the largest values in their order: validating hundreds would take too long."""
    if len(found) <= _MAX_CANDIDATES:
        return found
    shortest = sorted(candidate.length for candidate in found)[-_MAX_CANDIDATES]
    return [candidate for candidate in found if candidate.length >= shortest][-_MAX_CANDIDATES:]


def _validate(schema: JsonObject, value: Json, steps: int) -> tuple[CheckedAnswer | None, str]:
    """Return the answer if a value is valid, else its problems.

    A value too large to validate was paid for, so it is returned with a warning.
    """
    first_problems = ""
    for meaning in _meanings(schema, value):
        result = validate(schema, meaning, steps)
        if result.undecided:
            warning = f"the answer was not fully validated against the schema: {result.undecided}"
            return CheckedAnswer(meaning, (warning,)), ""
        if not result.problems:
            return CheckedAnswer(meaning), ""
        first_problems = first_problems or result.problems
    return None, first_problems


def _meanings(schema: JsonObject, value: Json) -> Iterator[Json]:
    """Yield what a value may mean: the content of its wrapper, itself, or JSON in a string."""
    yield from unwrap_answer(schema, value)
    if isinstance(value, str) and len(inner := find_json_values(value)) == 1:
        yield from unwrap_answer(schema, inner[0].value)


def _instruction(schema: JsonObject) -> str:
    return (
        "Answer with one JSON value and nothing else: no prose, no code fence. It must fit this "
        f"JSON Schema:\n{json.dumps(schema, ensure_ascii=False)}"
    )


_MAX_CANDIDATES = 10
