"""Schemas from outside: nothing is fetched, the work is bounded, and what is wrong is told."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from openrouter_connector.json_schema import (
    InvalidSchemaError,
    read_schema,
    schema_problem,
    schema_warnings,
    validate,
)

AWAY = "http://127.0.0.1:9/x"
DRAFT_4 = "http://json-schema.org/draft-04/schema#"
DRAFT_7 = "http://json-schema.org/draft-07/schema#"
LATEST = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"properties": {"a": {"$ref": AWAY}}}, "(at properties.a.$ref)"),
        ({"x-foo": {"allOf": [{"$id": AWAY}]}, "$ref": "#/x-foo"}, "x-foo.allOf[0].$id"),
        ({"type": "object", "items": {"$ref": "file:///etc/passwd"}}, "(at items.$ref)"),
        ({"$id": "http://h/a", "not": {"$ref": "b"}}, "only references inside the schema work"),
        ({"items": {"$ref": "//127.0.0.1/x"}}, "only references inside the schema work"),
        ({"$schema": DRAFT_4, "items": {"id": AWAY}}, "items.id is"),
        (
            {"const": {"$id": AWAY, "type": "text"}, "not": {"$ref": "#/const"}},
            "contains another schema",
        ),
        ({"type": "object", "properties": {"a": {"$schema": DRAFT_7}}}, "names another one"),
        ({"type": ["object"], "items": {"$ref": "#/type"}}, "which is not a schema"),
        ({"anyOf": [{}], "items": {"$ref": "#/anyOf/x"}}, "which does not exist"),
        ({"items": {"$ref": "#/x"}, "x": {"type": 5}}, "#/x.type: 5 is not valid"),
    ],
)
def test_a_reference_to_elsewhere_is_refused_with_its_place(schema: Any, told: str) -> None:
    assert told in (schema_problem(schema) or "")


@pytest.mark.parametrize(
    "schema",
    [
        {"$id": "http://h/a", "items": {"$ref": "http://h/a#/$defs/b"}, "$defs": {"b": {}}},
        {"properties": {"$id": {"type": "string"}, "$ref": {"type": "string"}}},
        {"enum": [{"$ref": AWAY, "$id": AWAY}]},
        {"$schema": DRAFT_7, "items": [{}], "dependencies": {"a": {}, "b": ["c"]}},
        {"items": {"$ref": "#n"}, "$defs": {"n": {"$anchor": "n", "type": "null"}}},
    ],
)
def test_a_schema_may_name_itself_and_what_only_looks_like_a_reference(schema: Any) -> None:
    assert schema_problem(schema) is None


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"$schema": DRAFT_4, "minimum": 3, "exclusiveMinimum": True}, 4, 3),
        ({"$schema": DRAFT_7, "items": [{"type": "string"}]}, ["a", 1], [1]),
        ({"prefixItems": [{"type": "string"}], "items": False}, ["a"], ["a", 1]),
        ({"$schema": DRAFT_7, "$ref": "#/definitions/a", "type": "null", "definitions": {"a": {}}},
         5, None),
        ({"items": {"$schema": LATEST, "pattern": "^a$"}}, ["a"], ["a\n"]),
        ({"multipleOf": 0.1}, 0.3, 0.35),
        ({"multipleOf": 0.01}, 19.99, 19.999),
        ({"uniqueItems": True}, [1, True, "1"], [1, 1.0]),
        ({"const": 1}, 1.0, True),
        ({"allOf": [{"properties": {"a": {}}}], "unevaluatedProperties": False}, {"a": 1},
         {"b": 1}),
        ({"prefixItems": [{}], "unevaluatedItems": False}, [1], [1, 2]),
        ({"patternProperties": {r"^\u0061": {}}, "additionalProperties": False}, {"ab": 1},
         {"b": 1}),
    ],
)  # fmt: skip
def test_the_draft_that_a_schema_names_counts(schema: Any, good: Any, bad: Any) -> None:
    assert schema_problem(schema) is None
    assert validate(schema, good) == ("", "")
    if bad is not None:
        assert validate(schema, bad).problems


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (r"^\d{2}\/\d{2}$", "12/34", "１２/34"),
        (r"^[\u0041-\u005a]+$", "AZ", "az"),
        (r"^[\w-.]+$", "a-b.c", "a b"),
        (r"^[[\]]$", "[", "x"),
        (r"^[^]$", "\n", ""),
        (r"^\ud83d\ude00$", "\U0001f600", "x"),
        (r"^\s$", "\u00a0", "x"),
        (r"^[\S]$", "x", "\ufeff"),
        (r"^(?<year>\d{4})$", "2026", "2026\n"),
        (r"\p{Script=Greek}", "α", "a"),
        (r"^.$", "x", "\u2028"),
        ("^(a+)+$", "a" * 5000, "a" * 5000 + "!"),
    ],
)
def test_patterns_are_ecmascripts(pattern: str, good: str, bad: str) -> None:
    schema = {"pattern": pattern}
    assert schema_warnings(schema) == ()
    assert validate(schema, good) == ("", "")
    assert validate(schema, bad).problems


@pytest.mark.parametrize("pattern", [r"^(?=.*\d).+$", r"(.)\1", "^.{1,2000}$", r"(?<!a)b"])
def test_a_pattern_that_is_not_supported_is_skipped_with_a_warning(pattern: str) -> None:
    schema = {"properties": {"a": {"pattern": pattern}}, "type": "object"}
    (warning,) = schema_warnings(schema)
    assert warning.startswith("properties.a.pattern: the pattern")
    assert validate(schema, {"a": "?"}) == ("", "")
    assert validate(schema, []).problems
    # Nor does it turn a judgement around.
    assert validate({"not": {"pattern": pattern}}, "?") == ("", "")
    assert validate({"oneOf": [{"pattern": pattern}, {"type": "string"}]}, "?") == ("", "")
    closed = {"patternProperties": {pattern: {"type": "null"}}, "additionalProperties": False}
    assert validate(closed, {"a": 1}) == ("", "")


def doubling(word: str, levels: int = 40) -> Any:
    """Give definitions each of which refers to the next one twice."""
    both = [f"#/$defs/d{level + 1}" for level in range(levels) for _ in range(2)]
    pairs = [
        ({"$ref": one}, {"$ref": other}) for one, other in zip(both[::2], both[1::2], strict=True)
    ]
    held = [{word: dict(zip("ab", pair, strict=True)) if word == "dependentSchemas" else list(pair)}
            for pair in pairs]  # fmt: skip
    named = {f"d{level}": one for level, one in enumerate([*held, {"type": "integer"}])}
    return {"properties": {"x": {"$ref": "#/$defs/d0"}}, "$defs": named}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (doubling("allOf"), "more than 5,000 schemas for one value"),
        (doubling("anyOf"), "more than 5,000 schemas for one value"),
        (doubling("dependentSchemas"), "more than 5,000 schemas for one value"),
        ({"allOf": [{"$ref": "#"}]}, "leads back to itself"),
        ({"description": "x" * 300_000, "type": "object"}, "is too large"),
        ({"enum": list(range(100_000))}, "is too large"),
        (json.loads('{"items":' * 70 + "{}" + "}" * 70), "is nested too deeply"),
        ({"maximum": 10**2000}, "has a number of more than"),
        ({"minimum": float("nan")}, "is not JSON"),
        ({"enum": [("a",)]}, "tuple is not JSON"),
    ],
)
def test_a_schema_that_is_too_much_is_refused(schema: Any, told: str) -> None:
    assert told in (schema_problem(schema) or "")


TWICE = {"$ref": "#/$defs/n"}
INSIDE = {"properties": {"a": {"allOf": [TWICE, TWICE]}}}


@pytest.mark.parametrize(
    ("schema", "made"),
    [
        ({"$defs": {"n": INSIDE}, **TWICE}, lambda: json.loads('{"a":' * 60 + "1" + "}" * 60)),
        ({"uniqueItems": True}, lambda: [k * (2**61 - 1) for k in range(200_000)]),
        ({"uniqueItems": True}, lambda: [[k] for k in range(2_000_000)]),
        ({"items": {}}, lambda: [1] * 1_000_000),
        ({"pattern": r"(\p{L}|a)*b(\p{L}|a){9}$"}, lambda: "aé" * 500_000),
        ({"items": {"multipleOf": 1e-300}}, lambda: [1e300] * 50_000),
        ({"items": {"contains": {"enum": [{"a": i} for i in range(2000)]}}},
         lambda: [[{"a": "x"}] * 300]),
    ],
)  # fmt: skip
def test_a_value_that_takes_too_much_work_is_left_open(
    schema: Any, made: Callable[[], Any]
) -> None:
    value = made()  # not at import: every process of the tests would keep two million lists
    assert schema_problem(schema) is None
    began = time.monotonic()
    assert validate(schema, value).undecided
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    "given",
    [
        {"name": "person", "schema": {"type": "object"}},
        {"name": "person", "strict": True, "schema": {"type": "object"}},
        {"type": "json_schema", "json_schema": {"name": "person", "schema": {"type": "object"}}},
        {"type": "json_schema", "name": "person", "schema": {"type": "object"}},
        {"response_format": {"type": "json_schema",
                             "json_schema": {"name": "person", "schema": {"type": "object"}}}},
        {"name": "person", "description": "Finds.", "input_schema": {"type": "object"}},
        {"type": "function", "function": {"name": "person", "parameters": {"type": "object"}}},
    ],
)  # fmt: skip
def test_the_wrapper_of_an_api_is_taken_off(given: Any) -> None:
    wanted = {"title": "person", "type": "object"}
    assert read_schema(given) == read_schema(json.dumps(given)) == wanted


@pytest.mark.parametrize(
    "example",
    [{"name": "Ann", "age": 5}, {"title": "Dune"}, {"schema": {"name": "Ann"}}, {"format": "mp3"}],
)
def test_an_example_is_no_schema(example: Any) -> None:
    with pytest.raises(InvalidSchemaError, match="instead of giving an example"):
        read_schema(example)


NAMES = st.sampled_from(["a", "b"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from([0.5, 1.0, "", "a", "bb"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=2),
    max_leaves=6,
)
TYPES = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])


def keywords(inner: Any) -> Any:
    some = st.lists(inner, min_size=1, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            "type": TYPES,
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "patternProperties": st.dictionaries(NAMES, inner, max_size=1),
            "additionalProperties": inner,
            "unevaluatedProperties": inner,
            "items": inner,
            "prefixItems": some,
            "unevaluatedItems": inner,
            "contains": inner,
            "uniqueItems": st.booleans(),
            "enum": st.lists(VALUES, min_size=1, max_size=3),
            "const": VALUES,
            "required": st.lists(NAMES, unique=True),
            "anyOf": some,
            "oneOf": some,
            "not": inner,
            "if": inner,
            "then": inner,
            "minimum": st.integers(-2, 2),
            "minLength": st.integers(0, 2),
            "multipleOf": st.integers(1, 3),
            "pattern": st.sampled_from(["a", "^b+$"]),
        },
    )


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.booleans(), keywords, max_leaves=5), VALUES)
def test_judgements_are_those_of_jsonschema(schema: Any, value: Any) -> None:
    schema = {"allOf": [schema]}
    judged = validate(schema, value)
    assert not judged.undecided
    assert (not judged.problems) == Draft202012Validator(schema).is_valid(value)
