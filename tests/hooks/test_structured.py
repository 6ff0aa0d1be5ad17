"""Answers of a shape: the strict form of a schema, and JSON found in what a model says."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from openrouter_connector.errors import IncompleteError
from openrouter_connector.hooks.structured import check_answer, request_format
from openrouter_connector.values import ModelInfo

STRING = {"type": "string"}
NODE = {
    "type": "object",
    "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
    "required": ["next"],
}
CLOSED = {"additionalProperties": False}
HOLDS = ModelInfo("models", {"supported_parameters": ["structured_outputs", "response_format"]})


def sent(schema: Any) -> Any:
    return request_format(schema, HOLDS).body["response_format"]["json_schema"]


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (of(a=STRING), of(a=STRING) | CLOSED),
        ({"type": "array", "items": STRING},
         of(answer={"type": "array", "items": STRING}) | CLOSED),
        ({"anyOf": [STRING, {"type": "null"}]},
         of(answer={"anyOf": [STRING, {"type": "null"}]}) | CLOSED),
        ({"enum": ["a", 1]}, of(answer={"type": ["number", "string"], "enum": ["a", 1]}) | CLOSED),
        (of(a={"$ref": "#/definitions/b"}) | {"definitions": {"b": STRING}},
         of(a={"$ref": "#/$defs/b"}) | CLOSED | {"$defs": {"b": STRING}}),
        (of(a={"$ref": "#/$defs/b", "description": "A."}) | {"$defs": {"b": STRING}},
         of(a=STRING | {"description": "A."}) | CLOSED),
        (of(a={"$ref": "#/$defs/b", "minimum": 1}) | {"$defs": {"b": {"type": "integer"}}},
         of(a={"type": "integer", "minimum": 1}) | CLOSED),
        (of(a={"$ref": "#/$defs/b", "minimum": 1}) | {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$defs": {"b": {"type": "integer"}},
        }, of(a={"$ref": "#/$defs/b"}) | CLOSED | {"$defs": {"b": {"type": "integer"}}}),
        ({"$ref": "#/$defs/node", "$defs": {"node": NODE}},
         NODE | CLOSED | {"$defs": {"node": NODE | CLOSED}}),
        (of(a=STRING | {"default": "x", "examples": ["y"], "format": "date"}),
         of(a=STRING | {"format": "date"}) | CLOSED),
        (of(a={"type": "array", "items": {"$ref": "#"}}),
         of(a={"type": "array", "items": {"$ref": "#"}}) | CLOSED),
    ],
)  # fmt: skip
def test_what_strict_mode_supports_is_sent_as_strict(schema: Any, strict: Any) -> None:
    assert sent(schema) == {"name": "answer", "strict": True, "schema": strict}
    assert request_format(schema, HOLDS)[1:] == ("", ())


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        (of(a={"oneOf": [STRING]}), "properties.a uses oneOf"),
        (of(a={"not": STRING, "type": "null"}), "properties.a uses not"),
        (of(a=STRING | {"minLength": 1}), "properties.a uses minLength"),
        (of(a=STRING | {"format": "uri"}), "properties.a uses the format uri"),
        (of(a=STRING | {"pattern": "(?=a)"}), "properties.a has a pattern"),
        (of(a=STRING | {"x-order": 1}), "properties.a uses x-order"),
        (of(a={}), "properties.a has no type"),
        (of(a=True), "properties.a allows anything"),
        (of(a={"type": "array"}), "properties.a.items allows anything"),
        (of(a=STRING) | {"additionalProperties": True}, "allows additional properties"),
        (of(a=STRING) | {"required": []} | {"properties": {"a": STRING, "b": STRING},
                                            "required": ["a"]}, "has optional properties"),
        ({"type": "object"}, "allows additional properties"),
        (of(a={"$ref": "#/$defs/b", "type": "null"}) | {"$defs": {"b": STRING}},
         "properties.a has other keywords beside $ref"),
        (of(a={"$ref": "#"}), "requires itself, without an end"),
        (of(a={"enum": list(range(1001))}), "more than 1,000 values"),
        (of(**{f"p{i}": STRING for i in range(5001)}), "more than 5,000 properties"),
        (json.loads('{"type":"array","items":' * 12 + json.dumps(STRING) + "}" * 12), "10 levels"),
        ({"$schema": "http://json-schema.org/draft-04/schema#",
          **of(a={"type": "number", "minimum": 1, "exclusiveMinimum": True})}, "draft-04"),
        ({"$schema": "http://json-schema.org/draft-07/schema#",
          **of(a={"type": "array", "items": [STRING]})}, "properties.a.items"),
    ],
)  # fmt: skip
def test_what_it_does_not_support_goes_into_the_prompt_as_well(schema: Any, why: str) -> None:
    wanted = request_format(schema, HOLDS)
    described = wanted.body["response_format"]["json_schema"]
    assert described["strict"] is False
    assert json.dumps(described["schema"], ensure_ascii=False) in wanted.instruction
    assert why in wanted.warnings[0]


def test_a_root_that_is_no_object_is_wrapped_also_when_it_is_not_strict() -> None:
    tree = {"oneOf": [STRING, {"type": "array", "items": {"$ref": "#"}}], "$defs": {"x": {}}}
    inner = {"oneOf": [STRING, {"type": "array", "items": {"$ref": "#/properties/answer"}}]}
    assert sent(tree)["schema"] == {"$defs": {"x": {}}} | of(answer=inner)
    assert check_answer(tree, '{"answer": [["a"]]}').value == [["a"]]
    assert check_answer(tree, '["a"]').value == ["a"]


A = {"a": "x"}
WANTS_A = of(a=STRING)


@pytest.mark.parametrize(
    "text",
    [
        '<think>I give {a: …} back.</think>\n{"a":"x"}',
        'I give {"a": 1} back.</think>{"a":"x"}',
        '<think>{"a": "draft"}</think><think>{"a": "again"}</think> {"a": "x"}',
        '<think>never closed {"a": "x"}',
        '[THINK]{"a": "y"}[/THINK]{"a": "x"}',
        '```json\n{"a": "x"}\n```',
        'Sure {here}:\n```\n{"a": "x"}\n```\nI used {} and [1].',
        '{"a": "x"} Note that {a} is [a string], unlike {"b": 1}.',
        'First [1], then {"schema": {"a": 1}}, at last {"a": "x"}',
        'A draft: {"a": "y"}. The answer: {"a": "x"}',
        '"{\\"a\\": \\"x\\"}"',
        '{"b": 1,} {"a": "x"}',
        "{} " * 400 + '{"a": "x"}',
    ],
)
def test_the_object_is_found_in_what_is_said_around_it(text: str) -> None:
    assert check_answer(WANTS_A, text) == (A, ())


def test_what_is_written_in_a_text_is_left_in_it() -> None:
    said = {"a": "</think> {b} [c] <think> ```"}
    assert check_answer(WANTS_A, f"<think>so</think> {json.dumps(said)}").value == said
    assert check_answer(WANTS_A, '{"a": "two\nlines"}').value == {"a": "two\nlines"}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "I cannot.",
        '<think>{"a": "x"}</think> I cannot.',
        '{"kids": [{"a": "x"}, {"a": "x"}',
        '{"kids": [{"a": "x"}, oops]}',
        '{"a": NaN}',
        '{"a": 1e999}',
    ],
)
def test_thoughts_and_pieces_of_broken_json_are_no_answer(text: str) -> None:
    with pytest.raises(IncompleteError) as raised:
        check_answer(WANTS_A, text)
    assert raised.value.partial == text


def test_numbers_and_texts_are_answers_too() -> None:
    assert check_answer({"type": "number"}, "```json\n5\n```").value == 5
    assert check_answer({"type": "number"}, '{"answer": 5}').value == 5
    assert check_answer(STRING, '"five"').value == "five"


@pytest.mark.parametrize(
    "text",
    ["[" * 300_000, "[{" * 150_000, '{"a":1,x} ' * 30_000, "[1] " * 75_000, '["' * 150_000,
     "<think>" * 40_000, "```" + "\n" * 300_000, '["\\' * 100_000],
)  # fmt: skip
def test_no_text_takes_long_to_read(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(IncompleteError):
        check_answer(WANTS_A, text)
    assert time.monotonic() - began < 20


def test_an_answer_that_takes_too_long_to_judge_is_given_with_a_warning() -> None:
    schema = {"type": "array", "items": {"type": "array", "items": {}}}
    value = [[1] * 400] * 400
    answer = check_answer(schema, json.dumps(value))
    assert answer.value == value
    assert "not fully validated against the schema" in answer.warnings[0]
