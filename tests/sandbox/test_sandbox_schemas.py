"""Chat models answer with JSON that follows a schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from openrouter_connector.sandbox.content.schema_instance import make_instance
from openrouter_connector.sandbox.errors import RefusedRequest

Complete = Callable[..., dict[str, Any]]
INTEGER = {"type": "integer"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "plain": {
        "type": "object",
        "properties": {
            "name": {"type": "string", "minLength": 30},
            "code": {"type": "string", "maxLength": 3},
            "age": {"type": "integer", "minimum": 18, "maximum": 99},
            "score": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
            "below": {"type": "number", "maximum": -3},
            "step": {"type": "integer", "minimum": 10, "multipleOf": 7},
            "left": {"type": "integer", "exclusiveMaximum": -2},
            "kind": {"enum": ["a", "b"]},
            "fixed": {"const": {"x": 1}},
            "on": {"type": "boolean"},
            "nothing": {"type": "null"},
            "day": {"type": "string", "format": "date"},
            "mail": {"type": "string", "format": "email"},
            "maybe": {"type": ["null", "string"]},
            "zip": {"type": "string", "pattern": "^[0-9]{5}$"},
        },
        "required": ["name", "undeclared"],
        "additionalProperties": True,
    },
    "lists": {
        "type": "object",
        "properties": {
            "tags": {"type": "array", "items": {"type": "string"}, "minItems": 3},
            "one": {"type": "array", "items": {"type": "integer"}, "maxItems": 1},
            "sets": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
            "pair": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]},
        },
        "required": ["tags", "one", "sets", "pair"],
        "additionalProperties": False,
    },
    "references": {
        "$defs": {
            "node": {
                "type": "object",
                "properties": {
                    "label": {"type": "string"},
                    "children": {"type": "array", "items": {"$ref": "#/$defs/node"}},
                    "next": {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/node"}]},
                },
                "required": ["label"],
            },
            "base": {"properties": {"id": {"type": "integer"}}, "required": ["id"]},
        },
        "allOf": [{"$ref": "#/$defs/base"}, {"$ref": "#/$defs/node"}],
    },
    "numbers": {
        "type": "object",
        "properties": {
            "quarter": {"type": "number", "multipleOf": 0.25, "minimum": 0.3},
            "narrow": {"type": "integer", "exclusiveMinimum": 4, "exclusiveMaximum": 6},
            "small": {"type": "number", "minimum": 0.1, "maximum": 0.2},
            "even": {"type": "integer", "multipleOf": 2, "maximum": -3},
            "any": {"type": "number"},
        },
        "required": ["quarter", "narrow", "small", "even", "any"],
    },
    "maps and sets": {
        "type": "object",
        "properties": {
            "map": {"type": "object", "additionalProperties": INTEGER, "minProperties": 2},
            "free": {"type": "object", "additionalProperties": True, "minProperties": 1},
            "ids": {"type": "array", "items": INTEGER, "uniqueItems": True, "minItems": 3},
            "flags": {"type": "array", "items": {"type": "boolean"}, "uniqueItems": True},
            "any": {"type": "array", "items": True},
            "both": {"allOf": [{"properties": {"a": {}}}, {"required": ["b"]}]},
        },
        "required": ["map", "free", "ids", "flags", "any", "both"],
    },
    "list at the root": {"type": "array", "items": {"oneOf": [{"type": "integer"}]}},
    "no type": {"properties": {"a": {}}, "required": ["a"]},
}


def content(completion: dict[str, Any]) -> Any:
    return completion["choices"][0]["message"]["content"]


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=SCHEMAS.keys())
def test_a_schema_is_followed(complete: Complete, schema: dict[str, Any]) -> None:
    params = {"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": schema}}
    answer = json.loads(content(complete(response_format=params)))
    jsonschema.validate(answer, schema, format_checker=jsonschema.FormatChecker())
    assert answer


def test_a_schema_that_nothing_satisfies_still_has_an_answer(complete: Complete) -> None:
    schema = {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}
    params = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    assert content(complete(response_format=params)).startswith('{"a": {"a": ')


def test_a_schema_in_the_prompt_is_followed_in_a_fence(complete: Complete) -> None:
    schema = {"type": "object", "properties": {"age": {"type": "integer"}}, "required": ["age"]}
    prompt = f"Answer with JSON like {json.dumps(schema)} please, not {{this}}."
    answer = content(complete("sandbox/no-schema", prompt, response_format={"type": "json_object"}))
    assert answer.startswith("```json\n")
    assert json.loads(answer.strip("`").removeprefix("json")) == {"age": 1}


def test_json_without_a_schema_is_an_answer(complete: Complete) -> None:
    answer = json.loads(content(complete(response_format={"type": "json_object"})))
    assert "Hello" in answer["answer"]


NODE = {"$ref": "#/$defs/node"}


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "minItems": 10**9, "items": {}},
        {"type": "string", "minLength": 10**9},
        {"type": "object", "minProperties": 10**9},
        {"type": "number", "minimum": 10**400},
        {"$defs": {"node": {"type": "object", "properties": {f"p{i}": NODE for i in range(40)},
                            "required": [f"p{i}" for i in range(40)]}}, **NODE},
    ],
)  # fmt: skip
def test_a_schema_with_huge_instances_is_refused(schema: Any) -> None:
    with pytest.raises(RefusedRequest) as raised:
        make_instance(schema)
    assert raised.value.status == 400


@pytest.mark.parametrize("pattern", ["(.*)*(.*)*(.*)*(.*)*(.*)*b", "(?=x)"])
def test_no_pattern_blocks_the_sandbox(pattern: str) -> None:
    assert isinstance(make_instance({"type": "string", "pattern": pattern}), str)
