"""Whether an outside schema can be used at all: found out before anything is sent or paid."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urldefrag, urljoin

from ..values import Json, JsonObject
from .keyword_types import SCHEMA_KEYWORDS, SCHEMA_MAP_KEYWORDS, find_keyword_problems
from .limits import ValidationLimitError, measure_size
from .safe_regex import MAX_PATTERNS, compile_pattern
from .validator import LATEST, Validator, draft_of

Path = tuple[str | int, ...]


class InvalidSchemaError(ValueError):
    """An invalid or unsupported schema; the message names the place."""


class CheckedSchema(NamedTuple):
    """A schema that can be used: what validates by it, and what the user should know."""

    validator: Validator
    warnings: tuple[str, ...]


def check_schema(schema: Json) -> CheckedSchema:
    """Check a schema. InvalidSchemaError names what is wrong, and where."""
    try:
        measure_size(schema, _MOST_CHARACTERS, _DEEPEST)
        found = _check_text(json.dumps(schema))
    except ValidationLimitError as error:
        raise InvalidSchemaError(str(error)) from None
    except (TypeError, ValueError) as error:
        raise InvalidSchemaError(f"is not a JSON Schema: {error}") from None
    if isinstance(found, str):
        raise InvalidSchemaError(found)
    return found


@lru_cache(maxsize=16)
def _check_text(text: str) -> CheckedSchema | str:
    """Check a schema once; a text says what is wrong with it."""
    schema = json.loads(text)
    try:
        return _SchemaCheck(schema).result()
    except InvalidSchemaError as error:
        return str(error)
    except ValidationLimitError as error:
        return f"{error}, as a schema"


class _SchemaCheck:
    """One check of one schema."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema, self.draft = schema, draft_of(schema)
        self.id_word = "id" if self.draft == "4" else "$id"
        self.warnings: list[str] = []
        self.patterns: set[str] = set()

    def result(self) -> CheckedSchema:
        if self.draft == "3":
            raise InvalidSchemaError("is written in draft-03; write it in draft-04 or later")
        self._check_keywords(self.schema, ())
        validator = Validator(self.schema)
        resolved = self._check_parts(validator.resolver)
        _refuse_cycles(self.schema, resolved)
        return CheckedSchema(validator, tuple(dict.fromkeys(self.warnings)))

    def _check_keywords(self, schema: Json, path: Path) -> None:
        found = list(islice(find_keyword_problems(schema, self.draft, path), _MOST_TOLD))
        if not found:
            return
        told = "; ".join(f"{dotted_path(one.path)}: {one.message}" for one in found)
        old = self.draft == LATEST and "$schema" not in self.schema
        lists = any(one.path[-1:] == ("items",) for one in found)
        bounds = any(str(one.path[-1]).startswith("exclusive") for one in found if one.path)
        hint = '; a schema of an earlier draft says so in "$schema"'
        raise InvalidSchemaError(
            f"is not a JSON Schema: {told}{hint if old and (lists or bounds) else ''}"
        )

    def _check_parts(self, resolver: Any) -> dict[str, Json]:
        """Look at every part, those behind references too; return what references mean."""
        resolved: dict[str, Json] = {}
        seen: set[int] = set()
        waiting: list[tuple[Path, Json]] = [((), self.schema)]
        while waiting:
            path, schema = waiting.pop()
            for where, part in subschemas(schema, path, seen=seen):
                self._own_words(where, part)
                for word in REFERENCE_KEYWORDS & part.keys():
                    reference = part[word]
                    if isinstance(reference, str) and reference not in resolved:
                        found = self._resolved(resolver, (*where, word), reference)
                        resolved[reference] = found
                        waiting.append(((*where, word), found))
        self._check_referenced(resolved)
        return resolved

    def _check_referenced(self, resolved: dict[str, Json]) -> None:
        """Check what references find where the schema of schemas does not look."""
        checked = {id(part) for _, part in subschemas(self.schema, only=SCHEMA_KEYWORDS)}
        for reference in sorted(resolved, key=lambda one: one.count("/")):  # the outer ones first
            found = resolved[reference]
            if id(found) not in checked:
                checked |= {id(part) for _, part in subschemas(found, only=SCHEMA_KEYWORDS)}
                self._check_keywords(found, (reference,))

    def _own_words(self, path: Path, schema: JsonObject) -> None:
        if path and isinstance(named := schema.get(self.id_word), str) and named[:1] != "#":
            raise InvalidSchemaError(
                f"is not a JSON Schema of its own: {dotted_path((*path, self.id_word))} names another, "
                f"{_short(repr(named))}; leave it out, and refer to parts as #/$defs/name"
            )
        if path and "$schema" in schema and draft_of(schema) != self.draft:
            where = dotted_path((*path, "$schema"))
            raise InvalidSchemaError(f"is not a JSON Schema: {where} names another draft")
        for where, pattern in _patterns(schema):
            self.patterns.add(pattern)
            if len(self.patterns) > MAX_PATTERNS:
                self.warnings.append(f"more than {MAX_PATTERNS} patterns: not all are checked")
                return
            known = compile_pattern(pattern)
            if known.invalid:
                told = f"{_short(repr(pattern))} is not a regular expression: {known.reason}"
                raise InvalidSchemaError(
                    f"is not a JSON Schema: {dotted_path((*path, where))}: {told}"
                )
            if known.program is None:
                told = f"the pattern {_short(repr(pattern))} is not checked, since {known.reason}"
                self.warnings.append(f"{dotted_path((*path, where))}: {told}")

    def _resolved(self, resolver: Any, path: Path, reference: str) -> Json:
        """Return what a reference means."""
        told, where = (
            f"refers to {_short(repr(reference))}",
            f"(at {dotted_path(path) or 'the root'})",
        )
        try:
            base = self.schema.get(self.id_word) or ""
            inside = urldefrag(urljoin(base, reference)).url == urldefrag(base).url
        except ValueError:
            inside = False
        if not inside:
            raise InvalidSchemaError(f"{told}; only references inside the schema work {where}")
        try:
            found = resolver.lookup(reference).contents
        except Exception:  # whatever it stumbles over: `#/anyOf/x`, `#/type/0`
            raise InvalidSchemaError(f"{told}, which is not in it {where}") from None
        if not isinstance(found, dict | bool):
            raise InvalidSchemaError(f"{told}, which is no schema {where}")
        return found


def subschemas(
    schema: Json,
    path: Path = (),
    *,
    only: set[str] | None = None,
    seen: set[int] | None = None,
) -> Iterator[tuple[Path, JsonObject]]:
    """Give all schemas of a document with their paths; those under `only` some keywords.

    What is `seen` already is left out, and what is given is added to it.
    """
    seen = set() if seen is None else seen
    waiting: list[tuple[Path, Json]] = [(path, schema)]
    while waiting:
        where, one = waiting.pop()
        if isinstance(one, list):
            waiting += [((*where, index), inner) for index, inner in enumerate(one)]
        elif isinstance(one, dict) and id(one) not in seen:
            seen.add(id(one))
            yield where, one
            for word, inner in one.items():
                if word in SCHEMA_MAP_KEYWORDS and isinstance(inner, dict):
                    waiting += [((*where, word, name), value) for name, value in inner.items()]
                elif word in only if only else word not in DATA_KEYWORDS:
                    waiting.append(((*where, word), inner))


def _refuse_cycles(schema: JsonObject, resolved: dict[str, Json]) -> None:
    """Refuse schemas that lead back to themselves for one and the same value, or multiply."""
    work: dict[int, int] = {}
    for path, start in [*subschemas(schema), *((("$ref",), one) for one in resolved.values())]:
        waiting: list[tuple[Json, bool]] = [(start, False)]
        above: dict[int, JsonObject] = {}
        while waiting:
            one, done = waiting.pop()
            if not isinstance(one, dict) or (id(one) in work and not done):
                continue
            inner = list(_schemas_of_same_value(one, resolved))
            if done:
                del above[id(one)]
                work[id(one)] = 1 + sum(work.get(id(each), 1) for each in inner)
                if work[id(one)] > _MOST_IN_PLACE or len(above) > _DEEPEST:
                    told = f"more than {_MOST_IN_PLACE:,} schemas for one value"
                    raise InvalidSchemaError(
                        f"refers to {told} (at {dotted_path(path) or 'the root'})"
                    )
            elif id(one) in above:
                names = [
                    part[word]
                    for part in above.values()
                    for word in REFERENCE_KEYWORDS & part.keys()
                ]
                told = f"refers to {_short(repr(names[-1]))}, which leads back to itself"
                raise InvalidSchemaError(f"{told} (at {dotted_path(path) or 'the root'})")
            else:
                above[id(one)] = one
                waiting.append((one, True))
                waiting += [(each, False) for each in inner]


def _schemas_of_same_value(schema: JsonObject, resolved: dict[str, Json]) -> Iterator[Json]:
    """Give the schemas that hold for the same value as one does."""
    for word in REFERENCE_KEYWORDS & schema.keys():
        yield resolved.get(schema[word])
    for word in ("allOf", "anyOf", "oneOf"):
        inner = schema.get(word)
        yield from inner if isinstance(inner, list) else ()
    for word in ("not", "if", "then", "else"):
        yield schema.get(word)
    for word in ("dependentSchemas", "dependencies"):
        inner = schema.get(word)
        yield from inner.values() if isinstance(inner, dict) else ()


def _patterns(schema: JsonObject) -> Iterator[tuple[str, str]]:
    if isinstance(pattern := schema.get("pattern"), str):
        yield "pattern", pattern
    if isinstance(named := schema.get("patternProperties"), dict):
        yield from (("patternProperties", pattern) for pattern in named)


def dotted_path(path: Path) -> str:
    """Write a path as people do: `properties.age.enum[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return _short(text.removeprefix("."))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"


DATA_KEYWORDS = {"const", "enum", "default", "examples", "example"}
"""Keywords that hold values, whatever these look like."""
REFERENCE_KEYWORDS = {"$ref", "$dynamicRef", "$recursiveRef"}
_MOST_CHARACTERS = 250_000
_DEEPEST = 64
_MOST_IN_PLACE = 5000
_MOST_TOLD = 5
