"""Make an instance of a JSON Schema, always the same one.

{"type": "object", "properties": {"age": {"type": "integer", "minimum": 18}}}  →  {"age": 18}
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from typing import Protocol, Self

from openrouter_connector import json_schema
from openrouter_connector.json_schema.safe_regex import compile_pattern
from openrouter_connector.values import Json, JsonObject

from ..errors import RefusedRequest, invalid

DEPTH = 6
FORMAT_EXAMPLES = {
    "date": "2026-01-02",
    "date-time": "2026-01-02T03:04:05Z",
    "time": "03:04:05Z",
    "duration": "P1D",
    "email": "someone@sandbox.example",
    "hostname": "sandbox.example",
    "uri": "https://sandbox.example/",
    "uri-reference": "/sandbox",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "ipv4": "127.0.0.1",
    "ipv6": "::1",
}
PATTERN_GUESSES = (
    "sandbox",
    "Sandbox",
    "SANDBOX",
    "a",
    "A",
    "1",
    "12345",
    "2026-01-02",
    "a1",
    "A-1",
)


class Subject(Protocol):
    """What an instance describes, for example an image."""

    def suggest(self, schema: JsonObject, kind: str, name: str) -> Json:
        """Return a value for the property `name`, or None to leave it to the schema."""

    def item_subjects(self, item: JsonObject) -> Sequence[Self]:
        """Return the subjects of the items of a list, by the schema of an item."""


def make_instance(schema: Json, name: str = "answer", subject: Subject | None = None) -> Json:
    """Return a value that satisfies the schema.

    Its texts contain `name`, or what the subject suggests. Local `$ref`s are resolved; an optional
    property that contains itself is left out. Raises RefusedRequest 400 if instances are too large.
    """
    try:
        return _InstanceMaker(schema, subject, [MAX_CHARACTERS]).make(schema, name, DEPTH)
    except (ArithmeticError, RecursionError):
        raise _too_large() from None


def is_schema(value: Json) -> bool:
    """Whether it is a JSON Schema, and not just any JSON."""
    return (
        isinstance(value, dict)
        and bool(value.keys() & SCHEMA_KEYS)
        and json_schema.is_schema(value)
    )


MAX_CHARACTERS = 1_000_000
"""The limit of an instance, in characters or in the time that they take.

A small schema can require gigabytes: `minItems` and `minLength` have no limits, and nest.
"""
SCHEMA_KEYS = {"type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"}


def _too_large() -> RefusedRequest:
    return invalid("schema", f"a schema whose instances have at most {MAX_CHARACTERS:,} characters")


class _InstanceMaker:
    def __init__(self, root: Json, subject: Subject | None, left: list[int]) -> None:
        self.root = root
        self.subject = subject
        self.left = left
        self.makers: dict[str, Callable[[JsonObject, str, int], Json]] = {
            "object": self.object,
            "array": self.array,
            "string": lambda schema, name, depth: _text(schema, name),
            "integer": lambda schema, name, depth: _number(schema, 1, whole=True),
            "number": lambda schema, name, depth: _number(schema, 1.5, whole=False),
            "boolean": lambda schema, name, depth: True,
            "null": lambda schema, name, depth: None,
        }

    def spend(self, count: int) -> None:
        """Count what is made against the limit, which all makers of one instance share."""
        self.left[0] -= count
        if self.left[0] < 0:
            raise _too_large()

    def make(self, schema: Json, name: str, depth: int) -> Json:
        self.spend(10 + len(name))
        schema = self.flatten(schema, depth)
        if "const" in schema:
            self.spend(len(json.dumps(schema["const"])))
            return schema["const"]
        kind = type_of(schema)
        if "items" in schema and not isinstance(schema["items"], list):
            schema = schema | {"items": self.flatten(schema["items"])}
        if self.subject is not None:
            suggestion = self.subject.suggest(schema, kind, name)
            if suggestion is not None and _is_valid(schema, kind, suggestion):
                return suggestion
        if schema.get("enum"):
            self.spend(len(json.dumps(schema["enum"][0])))
            return schema["enum"][0]
        self.spend(int(schema.get("minLength", 0)) if kind == "string" else 0)
        return self.makers[kind](schema, name, depth - 1)

    def flatten(self, schema: Json, depth: int = DEPTH) -> JsonObject:
        """Merge references and combinations into one flat schema; deep down, use the simplest."""
        if not isinstance(schema, dict):
            return {}
        flat: JsonObject = schema
        followed: set[str] = set()
        self.spend(10 + len(flat))
        # A schema may refer to itself; each reference is followed once.
        while (reference := flat.get("$ref")) is not None and reference not in followed:
            followed.add(reference)
            flat = self.lookup(reference) | _without(flat, "$ref")
        for key in ("oneOf", "anyOf"):
            if choices := flat.get(key):
                flat = _merge(_without(flat, key), self.flatten(_best(choices, depth), depth))
        for part in flat.get("allOf", ()):
            flat = _merge(_without(flat, "allOf"), self.flatten(part, depth))
        return flat

    def lookup(self, reference: str) -> JsonObject:
        node = self.root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else {}

    def object(self, schema: JsonObject, name: str, depth: int) -> Json:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        needed = {key: properties.get(key, {}) for key in required}
        included = properties | needed if depth > 0 else needed
        if depth < -DEPTH:
            return {}
        made = {key: self.make(inner, key, depth) for key, inner in included.items()}
        extra = schema.get("additionalProperties")
        for number in range(len(made), schema.get("minProperties", 0)):
            made[f"key{number + 1}"] = self.make(extra, f"key{number + 1}", depth)
        return made

    def array(self, schema: JsonObject, name: str, depth: int) -> Json:
        listed = schema.get("items")
        prefix = listed if isinstance(listed, list) else schema.get("prefixItems")
        if prefix is not None:
            return [self.make(inner, name, depth) for inner in prefix]
        fewest, item = schema.get("minItems", 0), schema.get("items", {})
        made = []
        if self.subject is not None and depth > 0:
            flat = {key: self.flatten(value) for key, value in item.get("properties", {}).items()}
            subjects = self.subject.item_subjects(item | {"properties": flat})[
                : schema.get("maxItems")
            ]
            made = [
                _InstanceMaker(self.root, inner_subject, self.left).make(item, name, depth)
                for inner_subject in subjects
            ]
        count = max(fewest, 0 if made or depth <= 0 else min(2, schema.get("maxItems", 2)))
        made += [self.make(item, name, depth) for _ in range(count - len(made))]
        return _make_unique(made, fewest) if schema.get("uniqueItems") else made


def type_of(schema: JsonObject) -> str:
    """Return the type of a flat schema; of several types, the first that is not null."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return next((kind for kind in kinds if kind != "null"), "null")
    if kinds is not None:
        return str(kinds)
    return next((kind for key, kind in IMPLIED_TYPES.items() if key in schema), "string")


IMPLIED_TYPES = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minimum": "number",
    "maximum": "number",
}


def _text(schema: JsonObject, name: str) -> str:
    if (example := FORMAT_EXAMPLES.get(schema.get("format", ""))) is not None:
        return example
    if (pattern := schema.get("pattern")) is not None:
        return next(filter(compile_pattern(pattern).matches, PATTERN_GUESSES), PATTERN_GUESSES[0])
    text = f"sandbox {name}"
    text = text.ljust(schema.get("minLength", 0), ".")
    return text[: schema.get("maxLength", len(text))]


def _number(schema: JsonObject, default: float, *, whole: bool) -> float | int:
    """Return a number that is valid: a bound, a step from a bound, the middle, or the default."""
    low: float = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high: float = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    step: float = schema.get("multipleOf", default)
    candidates = [low, low + step, high, high - step, (low + high) / 2, step]
    numbers = [number for number in candidates if math.isfinite(number)]
    if whole or "multipleOf" in schema:
        rounded = ((math.ceil(number / step), math.floor(number / step)) for number in numbers)
        numbers = [factor * step for pair in rounded for factor in pair]
    return next((number for number in numbers if _is_within(number, schema)), numbers[0])


def _is_within(number: float, schema: JsonObject) -> bool:
    within = schema.get("minimum", -math.inf) <= number <= schema.get("maximum", math.inf)
    above = schema.get("exclusiveMinimum", -math.inf) < number
    return bool(within and above and number < schema.get("exclusiveMaximum", math.inf))


def _is_valid(schema: JsonObject, kind: str, value: Json) -> bool:
    """Whether a suggested value is within the bounds of the schema."""
    if kind in ("number", "integer"):
        is_whole = kind == "number" or value == int(value)
        return is_whole and _is_within(value, schema) and "multipleOf" not in schema
    length = len(value) if isinstance(value, str) else 0
    if kind == "string" and "enum" not in schema:
        return bool(schema.get("minLength", 0) <= length <= schema.get("maxLength", length))
    return True


def _best(choices: list[Json], depth: int) -> Json:
    if depth <= 0:  # a recursive schema must end somewhere
        scalars = (
            choice
            for choice in choices
            if isinstance(choice, dict) and choice.get("type") in SCALARS
        )
        return next(scalars, choices[0])
    return next((choice for choice in choices if choice != {"type": "null"}), choices[0])


SCALARS = ("null", "boolean", "integer", "number", "string")


def _merge(one: JsonObject, other: JsonObject) -> JsonObject:
    both = one | other
    if "properties" in one and "properties" in other:
        both["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    return both


def _without(schema: JsonObject, removed: str) -> JsonObject:
    return {key: value for key, value in schema.items() if key != removed}


def _make_unique(items: list[Json], fewest: int) -> list[Json]:
    """Make equal items differ, where that is easy."""
    if all(isinstance(item, str) for item in items):
        return [f"{item} {number}" for number, item in enumerate(items, 1)]
    if all(isinstance(item, int | float) and not isinstance(item, bool) for item in items):
        return [item + number for number, item in enumerate(items)]
    return items[: max(1, fewest)]
