"""Schemas as strict mode supports them: what is on its list, and nothing else.

Whatever fits the strict form fits the schema that it was made of. All properties are required and
no others allowed; what refers and says more at the same place is written out.
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
    """A schema for strict mode; without one, `why` says what stands against it."""

    schema: JsonObject | None
    reason: str = ""


def to_strict_schema(schema: JsonObject) -> StrictSchema:
    """Return a checked schema as strict mode supports it."""
    try:
        return StrictSchema(_Form(schema).made())
    except _UnsupportedSchema as error:
        return StrictSchema(None, str(error))


class _UnsupportedSchema(Exception):
    """Strict mode does not support this."""


class _Form:
    """The strict form of one schema, while it is made."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema = schema
        self.wraps = needs_wrapper(schema)
        self.alone = draft_of(schema) in _REF_ALONE
        self.needed: dict[str, Json] = {}
        self.room = dict(_MOST)

    def made(self) -> JsonObject:
        root = self.form(resolve_root(self.schema), (), 0)
        known: JsonObject = {}
        while waiting := [name for name in self.needed if name not in known]:
            for name in waiting:
                self.take("characters", len(name))
                known[name] = self.form(self.needed[name], ("$defs", name), 0)
        if _is_endless(root, {"#": root} | {f"#/$defs/{name}": one for name, one in known.items()}):
            raise _UnsupportedSchema(
                "every answer would have to hold another of its kind, without end"
            )
        if self.wraps:
            root = {
                "type": "object",
                "properties": {ANSWER_PROPERTY: root},
                "required": [ANSWER_PROPERTY],
                "additionalProperties": False,
            }
        return {**root, "$defs": known} if known else root

    def form(self, schema: Json, path: Path, depth: int) -> JsonObject:
        if not isinstance(schema, dict):
            raise _UnsupportedSchema(f"{_at(path)}allows {'anything' if schema else 'nothing'}")
        self.take("schemas")
        if depth > _DEEPEST:
            raise _UnsupportedSchema(f"it is nested deeper than {_DEEPEST} levels")
        node = self.written_out(_bare(schema), path)
        if "$ref" in node:
            return self.reference(node["$ref"], path)
        if unknown := sorted(node.keys() - _WORDS.keys()):
            raise _UnsupportedSchema(f"{_at(path)}uses {unknown[0]}")
        if "anyOf" in node:
            return self.choice(node, path, depth)
        kinds = _kinds(node, path)
        kept = {word: node[word] for word in node if not _WORDS[word] or _WORDS[word] & kinds}
        self.hold_values(kept, path)
        if "array" in kinds:
            kept["items"] = self.form(node.get("items", True), (*path, "items"), depth + 1)
        if "object" in kinds:
            kept |= self.members(node, path, depth)
        named = node.get("type") or (sorted(kinds) if len(kinds) > 1 else next(iter(kinds)))
        return {"type": named, **kept} if "type" not in kept else kept

    def written_out(self, node: JsonObject, path: Path) -> JsonObject:
        """Put what a reference means in its place, where more is said beside it."""
        while True:
            inner: Json
            if "$ref" in node and (self.alone or len(node) == 1):
                return {"$ref": node["$ref"]}
            if "$ref" in node:
                word, inner = "$ref", self.target(node["$ref"], path)
            elif isinstance(node.get("allOf"), list) and len(node["allOf"]) == 1:
                word, inner = "allOf", node["allOf"][0]
            else:
                return node
            self.take("schemas")
            rest = {key: value for key, value in node.items() if key != word}
            clash = rest.keys() & _bare(inner).keys() if isinstance(inner, dict) else {word}
            if clash - _WORDED or rest.keys() & _STRUCTURE:
                raise _UnsupportedSchema(f"{_at(path)}says more beside {word}")
            node = {**_bare(inner), **rest}

    def target(self, reference: str, path: Path) -> Json:
        if reference == "#":
            return self.schema
        if not (found := DEFINITION_REFERENCE.fullmatch(reference)):
            raise _UnsupportedSchema(f"{_at(path)}refers to {reference!r}, which is no definition")
        name = found[2].replace("~1", "/").replace("~0", "~")
        return self.schema.get(found[1], {}).get(name, True)

    def reference(self, reference: str, path: Path) -> JsonObject:
        """Refer to a definition, or to the whole, and see that it is among the definitions."""
        target = self.target(reference, path)
        name = ANSWER_PROPERTY if reference == "#" else reference.rpartition("/")[2]
        if reference == "#" and not self.wraps:
            return {"$ref": "#"}
        if self.needed.setdefault(name, target) is not target:
            raise _UnsupportedSchema(f"it has two definitions named {name}")
        return {"$ref": f"#/$defs/{name}"}

    def choice(self, node: JsonObject, path: Path, depth: int) -> JsonObject:
        if beside := sorted(node.keys() - _WORDED - {"anyOf"}):
            raise _UnsupportedSchema(f"{_at(path)}says {beside[0]} beside anyOf")
        if not path and not self.wraps:
            raise _UnsupportedSchema("its root is a choice")
        listed = enumerate(node["anyOf"])
        inner = [self.form(one, (*path, "anyOf", index), depth) for index, one in listed]
        return {**node, "anyOf": inner}

    def members(self, node: JsonObject, path: Path, depth: int) -> JsonObject:
        """Require all properties, and allow no others."""
        properties = node.get("properties", {})
        names, more = list(properties), node.get("additionalProperties")
        if more not in (None, False) or (not names and more is None):
            raise _UnsupportedSchema(f"{_at(path)}allows properties that it does not name")
        if set(node.get("required") or names) != set(names):
            raise _UnsupportedSchema(f"{_at(path)}leaves a choice of properties")
        self.take("properties", len(names))
        self.take("characters", sum(map(len, names)))
        inner = {
            name: self.form(one, (*path, "properties", name), depth + 1)
            for name, one in properties.items()
        }
        return {"properties": inner, "required": names, "additionalProperties": False}

    def hold_values(self, node: JsonObject, path: Path) -> None:
        """Hold the values of keywords against what strict mode supports."""
        values: list[Json] = [*node.get("enum", []), *([node["const"]] if "const" in node else [])]
        length = sum(len(one) for one in values if isinstance(one, str))
        self.take("values", len(values))
        self.take("characters", length)
        if len(values) > _MANY_VALUES and length > _LONG_VALUES:
            raise _UnsupportedSchema(f"{_at(path)}has too long a list of values")
        if (form := node.get("format", _FORMATS[0])) not in _FORMATS:
            raise _UnsupportedSchema(f"{_at(path)}uses the format {form}")
        if "pattern" in node and compile_pattern(node["pattern"]).program is None:
            raise _UnsupportedSchema(f"{_at(path)}has a pattern of a kind that is not supported")
        for word in ("exclusiveMinimum", "exclusiveMaximum"):
            if isinstance(node.get(word), bool):
                raise _UnsupportedSchema(f"{_at(path)}uses {word} as draft-04 has it")

    def take(self, what: str, count: int = 1) -> None:
        self.room[what] -= count
        if self.room[what] < 0:
            raise _UnsupportedSchema(f"it has more than {_MOST[what]:,} {what}")


def _is_endless(root: JsonObject, known: dict[str, JsonObject]) -> bool:
    """Return whether a schema demands itself, now that all properties are required."""
    finished: set[str] = set()

    def leads_back(schema: JsonObject, above: tuple[str, ...]) -> bool:
        reference = schema.get("$ref")
        if reference in above:
            return True
        if reference is not None and reference not in finished:
            if leads_back(known[reference], (*above, reference)):
                return True
            finished.add(reference)
        inner = schema["properties"].values() if schema.get("type") == "object" else ()
        return any(leads_back(one, above) for one in inner)

    return leads_back(root, ("#",))


def _bare(schema: JsonObject) -> JsonObject:
    """Leave out what says nothing of the value."""
    return {word: value for word, value in schema.items() if word not in _SILENT}


def _kinds(node: JsonObject, path: Path) -> set[str]:
    """Return the types that a schema names, or that follow from what it says."""
    if "type" in node:
        return {node["type"]} if isinstance(node["type"], str) else set(node["type"])
    values = node.get("enum", [node["const"]] if "const" in node else [])
    if values:
        return {_KINDS.get(type(one), "object") for one in values}
    kinds = {"object" if word == "properties" else "array" for word in _IMPLYING & node.keys()}
    if len(kinds) != 1:
        raise _UnsupportedSchema(f"{_at(path)}names no type")
    return kinds


def _at(path: Path) -> str:
    return f"{dotted_path(path)} " if path else "it "


def _for(*kinds: str, words: Iterable[str]) -> dict[str, set[str]]:
    return {word: set(kinds) for word in words}


_KINDS = {str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
_IMPLYING = {"properties", "items"}
_WORDED = {"title", "description"}
_WORDS: dict[str, set[str]] = {
    **_for(words=("type", "enum", "const", "anyOf", "title", "description")),
    **_for("string", words=("pattern", "format")),
    **_for("number", "integer", words=("multipleOf", "minimum", "maximum")),
    **_for("number", "integer", words=("exclusiveMinimum", "exclusiveMaximum")),
    **_for("array", words=("items", "minItems", "maxItems")),
    **_for("object", words=("properties", "required", "additionalProperties")),
}
"""The keywords that strict mode supports, each with the types that it is about; none for all."""
_FORMATS = (
    *("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid"),
)
_SILENT = {
    *("$schema", "$id", "id", "$comment", "$anchor", "$defs", "definitions", "default"),
    *("examples", "example", "readOnly", "writeOnly", "deprecated"),
}
_STRUCTURE = {"properties", "additionalProperties", "items", "anyOf", "allOf", "$ref"}
"""Keywords that mean something else when they are put beside those of another schema."""
_REF_ALONE = {"4", "6", "7"}
"""Drafts in which what is said beside `$ref` does not count."""
_DEEPEST = 10
_MOST = {"properties": 5000, "characters": 120_000, "values": 1000, "schemas": 20_000}
_MANY_VALUES = 250
_LONG_VALUES = 15_000
