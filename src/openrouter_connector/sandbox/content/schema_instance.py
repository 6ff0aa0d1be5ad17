"""One instance of a JSON Schema, always the same, made without chance.

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

from ..errors import Refusal, invalid

DEPTH = 6
FORMATS = {
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
GUESSES = ("sandbox", "Sandbox", "SANDBOX", "a", "A", "1", "12345", "2026-01-02", "a1", "A-1")


class Subject(Protocol):
    """What an instance is about, when it is about something."""

    def say(self, schema: JsonObject, kind: str, name: str) -> Json:
        """Suggest a value; None leaves it to the schema."""

    def parts(self, item: JsonObject) -> Sequence[Self]:
        """Tell what each item of a list is about, by the schema of one; none leaves it."""


def instance(schema: Json, name: str = "answer", about: Subject | None = None) -> Json:
    """Give a value that satisfies the schema; `name` colours its texts, as does a subject.

    Local `$ref`s are followed; an optional property that contains itself is left out. Refusal for
    a schema that wants too much.
    """
    try:
        return _Maker(schema, about, [LARGEST]).make(schema, name, DEPTH)
    except (ArithmeticError, RecursionError):
        raise _too_large() from None


def is_schema(found: Json) -> bool:
    """Whether it is a JSON Schema, and not only some JSON."""
    return isinstance(found, dict) and bool(found.keys() & WORDS) and json_schema.is_schema(found)


LARGEST = 1_000_000
"""The most characters of an instance, or what takes as much time."""
WORDS = {"type", "properties", "items", "anyOf", "oneOf", "allOf", "enum", "const", "$ref"}


def _too_large() -> Refusal:
    return invalid("schema", f"a schema whose instances have at most {LARGEST:,} characters")


class _Maker:
    def __init__(self, root: Json, about: Subject | None, left: list[int]) -> None:
        self.root = root
        self.about = about
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

    def take(self, count: int) -> None:
        """Count what is made; all makers of one instance share the count."""
        self.left[0] -= count
        if self.left[0] < 0:
            raise _too_large()

    def make(self, schema: Json, name: str, depth: int) -> Json:
        self.take(10 + len(name))
        schema = self.plain(schema, depth)
        if "const" in schema:
            self.take(len(json.dumps(schema["const"])))
            return schema["const"]
        kind = kind_of(schema)
        if "items" in schema and not isinstance(schema["items"], list):
            schema = schema | {"items": self.plain(schema["items"])}
        if self.about is not None:
            said = self.about.say(schema, kind, name)
            if said is not None and _holds(schema, kind, said):
                return said
        if schema.get("enum"):
            self.take(len(json.dumps(schema["enum"][0])))
            return schema["enum"][0]
        self.take(int(schema.get("minLength", 0)) if kind == "string" else 0)
        return self.makers[kind](schema, name, depth - 1)

    def plain(self, schema: Json, depth: int = DEPTH) -> JsonObject:
        """Fold references and combinations into one flat schema; far down, the simplest choice."""
        if not isinstance(schema, dict):
            return {}
        plain: JsonObject = schema
        followed: set[str] = set()
        self.take(10 + len(plain))
        while (reference := plain.get("$ref")) is not None and reference not in followed:
            followed.add(reference)
            plain = self.lookup(reference) | _without(plain, "$ref")
        for word in ("oneOf", "anyOf"):
            if choices := plain.get(word):
                plain = _merged(_without(plain, word), self.plain(_best(choices, depth), depth))
        for part in plain.get("allOf", ()):
            plain = _merged(_without(plain, "allOf"), self.plain(part, depth))
        return plain

    def lookup(self, reference: str) -> JsonObject:
        node = self.root
        for step in reference.removeprefix("#").split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            node = node.get(name) if isinstance(node, dict) else None
        return node if isinstance(node, dict) else {}

    def object(self, schema: JsonObject, name: str, depth: int) -> Json:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        asked = {key: properties.get(key, {}) for key in required}
        wanted = properties | asked if depth > 0 else asked
        if depth < -DEPTH:
            return {}
        made = {key: self.make(inner, key, depth) for key, inner in wanted.items()}
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
        if self.about is not None and depth > 0:
            inner = {key: self.plain(one) for key, one in item.get("properties", {}).items()}
            parts = self.about.parts(item | {"properties": inner})[: schema.get("maxItems")]
            made = [_Maker(self.root, part, self.left).make(item, name, depth) for part in parts]
        many = max(fewest, 0 if made or depth <= 0 else min(2, schema.get("maxItems", 2)))
        made += [self.make(item, name, depth) for _ in range(many - len(made))]
        return _told_apart(made, fewest) if schema.get("uniqueItems") else made


def kind_of(schema: JsonObject) -> str:
    """Give the type of a flat schema, the first but null where it names several."""
    given = schema.get("type")
    if isinstance(given, list):
        return next((kind for kind in given if kind != "null"), "null")
    if given is not None:
        return str(given)
    return next((kind for word, kind in IMPLIED.items() if word in schema), "string")


IMPLIED = {
    "properties": "object",
    "required": "object",
    "additionalProperties": "object",
    "items": "array",
    "prefixItems": "array",
    "minimum": "number",
    "maximum": "number",
}


def _text(schema: JsonObject, name: str) -> str:
    if (form := FORMATS.get(schema.get("format", ""))) is not None:
        return form
    if (pattern := schema.get("pattern")) is not None:
        return next(filter(compile_pattern(pattern).matches, GUESSES), GUESSES[0])
    text = f"sandbox {name}"
    text = text.ljust(schema.get("minLength", 0), ".")
    return text[: schema.get("maxLength", len(text))]


def _number(schema: JsonObject, default: float, *, whole: bool) -> float | int:
    """Give a number that fits: a bound, or a step from one, or the middle, or the default."""
    low: float = max(schema.get("minimum", -math.inf), schema.get("exclusiveMinimum", -math.inf))
    high: float = min(schema.get("maximum", math.inf), schema.get("exclusiveMaximum", math.inf))
    step: float = schema.get("multipleOf", default)
    near = [low, low + step, high, high - step, (low + high) / 2, step]
    found = [number for number in near if math.isfinite(number)]
    if whole or "multipleOf" in schema:
        found = [turn(number / step) * step for number in found for turn in (math.ceil, math.floor)]
    return next((number for number in found if _fits(number, schema)), found[0])


def _fits(number: float, schema: JsonObject) -> bool:
    within = schema.get("minimum", -math.inf) <= number <= schema.get("maximum", math.inf)
    above = schema.get("exclusiveMinimum", -math.inf) < number
    return bool(within and above and number < schema.get("exclusiveMaximum", math.inf))


def _holds(schema: JsonObject, kind: str, said: Json) -> bool:
    """Whether what a subject suggests is within the bounds of the schema."""
    if kind in ("number", "integer"):
        whole = kind == "number" or said == int(said)
        return whole and _fits(said, schema) and "multipleOf" not in schema
    length = len(said) if isinstance(said, str) else 0
    if kind == "string" and "enum" not in schema:
        return bool(schema.get("minLength", 0) <= length <= schema.get("maxLength", length))
    return True


def _best(choices: list[Json], depth: int) -> Json:
    if depth <= 0:  # what holds others of its kind must end somewhere
        leaves = (one for one in choices if isinstance(one, dict) and one.get("type") in LEAVES)
        return next(leaves, choices[0])
    return next((choice for choice in choices if choice != {"type": "null"}), choices[0])


LEAVES = ("null", "boolean", "integer", "number", "string")


def _merged(one: JsonObject, other: JsonObject) -> JsonObject:
    both = one | other
    if "properties" in one and "properties" in other:
        both["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        both["required"] = [*one["required"], *other["required"]]
    return both


def _without(schema: JsonObject, word: str) -> JsonObject:
    return {key: value for key, value in schema.items() if key != word}


def _told_apart(items: list[Json], fewest: int) -> list[Json]:
    """Make equal items differ, where that is easy."""
    if all(isinstance(item, str) for item in items):
        return [f"{item} {number}" for number, item in enumerate(items, 1)]
    if all(isinstance(item, int | float) and not isinstance(item, bool) for item in items):
        return [item + number for number, item in enumerate(items)]
    return items[: max(1, fewest)]
