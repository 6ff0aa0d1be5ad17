"""Rewrite a schema for a provider's strict mode, which supports only some keywords.

Every value that matches the strict schema also matches the original. All properties become
required, additional ones are forbidden, and a `$ref` with keywords beside it is inlined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..values import Json, JsonObject
from .check_schema import Path, dotted_path
from .root_object import ANSWER_PROPERTY, DEFINITION_REFERENCE, needs_wrapper, resolve_root
from .safe_regex import compile_pattern
from .validator import draft_of


class StrictSchema(NamedTuple):
    """A schema for strict mode, or the `reason` why it has no strict form."""

    schema: JsonObject | None
    reason: str = ""


def to_strict_schema(schema: JsonObject) -> StrictSchema:
    """Rewrite a checked schema for strict mode, or return the reason why it is not possible."""
    try:
        return StrictSchema(_Rewriter(schema).run())
    except _UnsupportedSchema as error:
        return StrictSchema(None, str(error))


class _UnsupportedSchema(Exception):
    """Strict mode does not support this schema."""


class _Rewriter:
    """Rewrites one schema for strict mode."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema
        self.wraps = needs_wrapper(schema)
        self.ref_stands_alone = draft_of(schema) in _REF_STANDS_ALONE
        self.definitions: dict[str, Json] = {}
        self.remaining = dict(_LIMITS)

    def run(self) -> JsonObject:
        root = self.rewrite(resolve_root(self.schema), (), 0)
        rewritten: JsonObject = {}
        while waiting := [name for name in self.definitions if name not in rewritten]:
            for name in waiting:
                self.count("characters", len(name))
                rewritten[name] = self.rewrite(self.definitions[name], ("$defs", name), 0)
        by_reference = {"#": root}
        by_reference |= {f"#/$defs/{name}": node for name, node in rewritten.items()}
        if _is_endless(root, by_reference):
            raise _UnsupportedSchema("it requires itself, without an end")
        if self.wraps:
            root = {
                "type": "object",
                "properties": {ANSWER_PROPERTY: root},
                "required": [ANSWER_PROPERTY],
                "additionalProperties": False,
            }
        return {**root, "$defs": rewritten} if rewritten else root

    def rewrite(self, schema: Json, path: Path, depth: int) -> JsonObject:
        if not isinstance(schema, dict):
            raise _UnsupportedSchema(f"{_at(path)}allows {'anything' if schema else 'nothing'}")
        self.count("schemas")
        if depth > _MAX_DEPTH:
            raise _UnsupportedSchema(f"it is nested deeper than {_MAX_DEPTH} levels")
        node = self.inline(_without_annotations(schema), path)
        if "$ref" in node:
            return self.reference(node["$ref"], path)
        if unknown := sorted(node.keys() - _SUPPORTED.keys()):
            raise _UnsupportedSchema(f"{_at(path)}uses {unknown[0]}")
        if "anyOf" in node:
            return self.any_of(node, path, depth)
        types = _types_of(node, path)
        # A keyword of another type has no effect, and strict mode refuses it.
        rewritten = {
            key: node[key] for key in node if not _SUPPORTED[key] or _SUPPORTED[key] & types
        }
        self.check_values(rewritten, path)
        if "array" in types:
            rewritten["items"] = self.rewrite(node.get("items", True), (*path, "items"), depth + 1)
        if "object" in types:
            rewritten |= self.properties(node, path, depth)
        named = node.get("type") or (sorted(types) if len(types) > 1 else next(iter(types)))
        return {"type": named, **rewritten} if "type" not in rewritten else rewritten

    def inline(self, node: JsonObject, path: Path) -> JsonObject:
        """Replace a `$ref` or a single `allOf` by its target, if other keywords stand beside it."""
        while True:
            inner: Json
            if "$ref" in node and (self.ref_stands_alone or len(node) == 1):
                return {"$ref": node["$ref"]}
            if "$ref" in node:
                keyword, inner = "$ref", self.target(node["$ref"], path)
            elif isinstance(node.get("allOf"), list) and len(node["allOf"]) == 1:
                keyword, inner = "allOf", node["allOf"][0]
            else:
                return node
            self.count("schemas")
            rest = {key: value for key, value in node.items() if key != keyword}
            target = _without_annotations(inner) if isinstance(inner, dict) else {}
            clash = rest.keys() & target.keys() if isinstance(inner, dict) else {keyword}
            if clash - _DESCRIPTIVE or rest.keys() & _STRUCTURAL:
                raise _UnsupportedSchema(f"{_at(path)}has other keywords beside {keyword}")
            node = {**target, **rest}

    def target(self, reference: str, path: Path) -> Json:
        if reference == "#":
            return self.schema
        if not (found := DEFINITION_REFERENCE.fullmatch(reference)):
            reason = f"{_at(path)}refers to {reference!r}, which is not a definition"
            raise _UnsupportedSchema(reason)
        name = found[2].replace("~1", "/").replace("~0", "~")
        return self.schema.get(found[1], {}).get(name, True)

    def reference(self, reference: str, path: Path) -> JsonObject:
        """Keep a reference, and add its target to the definitions."""
        target = self.target(reference, path)
        name = ANSWER_PROPERTY if reference == "#" else reference.rpartition("/")[2]
        if reference == "#" and not self.wraps:
            return {"$ref": "#"}
        if self.definitions.setdefault(name, target) is not target:
            raise _UnsupportedSchema(f"it has two definitions named {name}")
        return {"$ref": f"#/$defs/{name}"}

    def any_of(self, node: JsonObject, path: Path, depth: int) -> JsonObject:
        if others := sorted(node.keys() - _DESCRIPTIVE - {"anyOf"}):
            raise _UnsupportedSchema(f"{_at(path)}has {others[0]} beside anyOf")
        if not path and not self.wraps:
            raise _UnsupportedSchema("its root is an anyOf")
        choices = [
            self.rewrite(choice, (*path, "anyOf", index), depth)
            for index, choice in enumerate(node["anyOf"])
        ]
        return {**node, "anyOf": choices}

    def properties(self, node: JsonObject, path: Path, depth: int) -> JsonObject:
        """Require all properties, and forbid additional ones."""
        properties = node.get("properties", {})
        names, additional = list(properties), node.get("additionalProperties")
        # Without names, forbidding additional properties would leave only `{}`.
        if additional not in (None, False) or (not names and additional is None):
            raise _UnsupportedSchema(f"{_at(path)}allows additional properties")
        if set(node.get("required") or names) != set(names):
            raise _UnsupportedSchema(f"{_at(path)}has optional properties")
        self.count("properties", len(names))
        self.count("characters", sum(map(len, names)))
        inner = {
            name: self.rewrite(schema, (*path, "properties", name), depth + 1)
            for name, schema in properties.items()
        }
        return {"properties": inner, "required": names, "additionalProperties": False}

    def check_values(self, node: JsonObject, path: Path) -> None:
        """Check the values of keywords against what strict mode supports."""
        values: list[Json] = [*node.get("enum", []), *([node["const"]] if "const" in node else [])]
        length = sum(len(value) for value in values if isinstance(value, str))
        self.count("values", len(values))
        self.count("characters", length)
        if len(values) > _MANY_VALUES and length > _MAX_LENGTH_OF_MANY:
            raise _UnsupportedSchema(f"{_at(path)}lists too many long values")
        if (name := node.get("format", _FORMATS[0])) not in _FORMATS:
            raise _UnsupportedSchema(f"{_at(path)}uses the format {name}")
        # A pattern that RE2 lacks, such as look-ahead, is unknown to providers as well.
        if "pattern" in node and compile_pattern(node["pattern"]).program is None:
            raise _UnsupportedSchema(f"{_at(path)}has a pattern that is not supported")
        for keyword in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(node.get(keyword), bool):
                raise _UnsupportedSchema(f"{_at(path)}uses the draft-04 form of {keyword}")

    def count(self, kind: str, count: int = 1) -> None:
        self.remaining[kind] -= count
        if self.remaining[kind] < 0:
            raise _UnsupportedSchema(f"it has more than {_LIMITS[kind]:,} {kind}")


def _is_endless(root: JsonObject, by_reference: dict[str, JsonObject]) -> bool:
    """Return whether a schema requires itself, now that all properties are required."""
    finished: set[str] = set()

    def leads_back(schema: JsonObject, above: tuple[str, ...]) -> bool:
        reference = schema.get("$ref")
        if reference in above:
            return True
        if reference is not None and reference not in finished:
            if leads_back(by_reference[reference], (*above, reference)):
                return True
            finished.add(reference)
        inner = schema["properties"].values() if schema.get("type") == "object" else ()
        return any(leads_back(schema, above) for schema in inner)

    return leads_back(root, ("#",))


def _without_annotations(schema: JsonObject) -> JsonObject:
    """Return a schema without the keywords that do not constrain a value."""
    return {key: value for key, value in schema.items() if key not in _ANNOTATIONS}


def _types_of(node: JsonObject, path: Path) -> set[str]:
    """Return the types that a schema names or implies."""
    if "type" in node:
        return {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    values = node.get("enum", [node["const"]] if "const" in node else [])
    if values:
        return {_TYPE_NAMES.get(type(value), "object") for value in values}
    implied = {_IMPLIED_TYPES[key] for key in _IMPLIED_TYPES.keys() & node.keys()}
    if len(implied) != 1:
        raise _UnsupportedSchema(f"{_at(path)}has no type")
    return implied


def _at(path: Path) -> str:
    return f"{dotted_path(path)} " if path else "it "


def _for_types(*types: str, keywords: Iterable[str]) -> dict[str, set[str]]:
    return {keyword: set(types) for keyword in keywords}


_TYPE_NAMES = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
_IMPLIED_TYPES = {"properties": "object", "items": "array"}
_DESCRIPTIVE = {"title", "description"}
_SUPPORTED: dict[str, set[str]] = {
    **_for_types(keywords=("type", "enum", "const", "anyOf", "title", "description")),
    **_for_types("string", keywords=("pattern", "format")),
    **_for_types("number", "integer", keywords=("multipleOf", "minimum", "maximum")),
    **_for_types("number", "integer", keywords=("exclusiveMinimum", "exclusiveMaximum")),
    **_for_types("array", keywords=("items", "minItems", "maxItems")),
    **_for_types("object", keywords=("properties", "required", "additionalProperties")),
}
"""The keywords that strict mode supports, each with its types; an empty set means all types."""
_FORMATS = (
    *("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"),
)
_ANNOTATIONS = {
    *("$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions", "default"),
    *("examples", "example", "readOnly", "writeOnly", "deprecated"),
}
_STRUCTURAL = {"properties", "additionalProperties", "items", "anyOf", "allOf", "$ref"}
"""Keywords that change their meaning when they are merged with those of another schema."""
_REF_STANDS_ALONE = {"4", "6", "7"}
"""Drafts in which keywords beside `$ref` are ignored."""
# OpenAI's documented limits for strict schemas; a provider refuses a request beyond them.
_MAX_DEPTH = 10
_LIMITS = {"properties": 5000, "characters": 120_000, "values": 1000, "schemas": 20_000}
_MANY_VALUES = 250
_MAX_LENGTH_OF_MANY = 15_000
