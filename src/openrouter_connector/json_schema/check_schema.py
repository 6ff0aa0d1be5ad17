"""Check a JSON Schema from outside: its keywords, references, patterns, depth and recursion.

Everything is found before the schema is sent or paid for. `CheckedSchema` holds the validator
for a schema that passed, and warnings for what is not checked here.
"""

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
    """The validator of a schema that passed the check, and warnings for the user."""

    validator: Validator
    warnings: tuple[str, ...]


def check_schema(schema: Json) -> CheckedSchema:
    """Check a schema; raise InvalidSchemaError with what is wrong, and where."""
    try:
        measure_size(schema, _MAX_SIZE, _MAX_DEPTH)
        result = _check_text(json.dumps(schema))
    except ValidationLimitError as error:
        raise InvalidSchemaError(str(error)) from None
    except (TypeError, ValueError) as error:
        raise InvalidSchemaError(f"is not a JSON Schema: {error}") from None
    if isinstance(result, str):
        raise InvalidSchemaError(result)
    return result


@lru_cache(maxsize=16)
def _check_text(text: str) -> CheckedSchema | str:
    """Check a schema, and cache the outcome; return what is wrong as text.

    An exception would not be cached: an invalid schema would be checked again on every request.
    """
    schema = json.loads(text)
    try:
        return _SchemaCheck(schema).run()
    except InvalidSchemaError as error:
        return str(error)
    except ValidationLimitError as error:
        return f"{error}, as a schema"


class _SchemaCheck:
    """One check of one schema."""

    def __init__(self, schema: JsonObject) -> None:
        self.schema, self.draft = schema, draft_of(schema)
        self.id_keyword = "id" if self.draft == "4" else "$id"
        self.warnings: list[str] = []
        self.patterns: set[str] = set()

    def run(self) -> CheckedSchema:
        if self.draft == "3":
            raise InvalidSchemaError("is written in draft-03; write it in draft-04 or later")
        self._check_keywords(self.schema, ())
        validator = Validator(self.schema)
        resolved = self._check_subschemas(validator.resolver)
        _refuse_cycles(self.schema, resolved)
        return CheckedSchema(validator, tuple(dict.fromkeys(self.warnings)))

    def _check_keywords(self, schema: Json, path: Path) -> None:
        problems = list(islice(find_keyword_problems(schema, self.draft, path), _MAX_LISTED))
        if not problems:
            return
        details = "; ".join(f"{dotted_path(found.path)}: {found.message}" for found in problems)
        undeclared = self.draft == LATEST and "$schema" not in self.schema
        # These changed their meaning between drafts: `items` as a list, boolean `exclusive…`.
        lists = any(found.path[-1:] == ("items",) for found in problems)
        bounds = any(
            str(found.path[-1]).startswith("exclusive") for found in problems if found.path
        )
        hint = '; a schema of an earlier draft must name it in "$schema"'
        hint = hint if undeclared and (lists or bounds) else ""
        raise InvalidSchemaError(f"is not a JSON Schema: {details}{hint}")

    def _check_subschemas(self, resolver: Any) -> dict[str, Json]:
        """Check every subschema, also those behind references; return the references' targets."""
        resolved: dict[str, Json] = {}
        seen: set[int] = set()
        waiting: list[tuple[Path, Json]] = [((), self.schema)]
        while waiting:
            path, schema = waiting.pop()
            for where, subschema in subschemas(schema, path, seen=seen):
                self._check_one(where, subschema)
                for keyword in REFERENCE_KEYWORDS & subschema.keys():
                    reference = subschema[keyword]
                    if isinstance(reference, str) and reference not in resolved:
                        target = self._resolve(resolver, (*where, keyword), reference)
                        resolved[reference] = target
                        waiting.append(((*where, keyword), target))
        self._check_targets(resolved)
        return resolved

    def _check_targets(self, resolved: dict[str, Json]) -> None:
        """Check the keywords of targets that lie outside of any schema keyword, as `#/x-foo`."""
        checked = {id(found) for _, found in subschemas(self.schema, only=SCHEMA_KEYWORDS)}
        for reference in sorted(resolved, key=lambda text: text.count("/")):  # outer ones first
            target = resolved[reference]
            if id(target) not in checked:
                checked |= {id(found) for _, found in subschemas(target, only=SCHEMA_KEYWORDS)}
                self._check_keywords(target, (reference,))

    def _check_one(self, path: Path, schema: JsonObject) -> None:
        own_id = schema.get(self.id_keyword)
        if path and isinstance(own_id, str) and own_id[:1] != "#":
            raise InvalidSchemaError(
                f"contains another schema: {dotted_path((*path, self.id_keyword))} is "
                f"{_short(repr(own_id))}; remove it, and refer to subschemas as #/$defs/name"
            )
        if path and "$schema" in schema and draft_of(schema) != self.draft:
            where = dotted_path((*path, "$schema"))
            raise InvalidSchemaError(f"mixes drafts: {where} names another one; remove it")
        for where, pattern in _patterns(schema):
            self.patterns.add(pattern)
            if len(self.patterns) > MAX_PATTERNS:
                self.warnings.append(f"more than {MAX_PATTERNS} patterns: not all are checked")
                return
            self._check_pattern(dotted_path((*path, where)), pattern)

    def _check_pattern(self, where: str, pattern: str) -> None:
        compiled, shown = compile_pattern(pattern), _short(repr(pattern))
        if compiled.invalid:
            reason = f"{shown} is not a regular expression: {compiled.reason}"
            raise InvalidSchemaError(f"is not a JSON Schema: {where}: {reason}")
        if compiled.program is None:
            reason = f"the pattern {shown} is not checked, since {compiled.reason}"
            self.warnings.append(f"{where}: {reason}")

    def _resolve(self, resolver: Any, path: Path, reference: str) -> Json:
        """Return the target of a reference; only references inside the schema are followed."""
        subject = f"refers to {_short(repr(reference))}"
        place = f"(at {dotted_path(path) or 'the root'})"
        try:
            base = self.schema.get(self.id_keyword) or ""
            inside = urldefrag(urljoin(base, reference)).url == urldefrag(base).url
        except ValueError:
            inside = False
        if not inside:
            raise InvalidSchemaError(f"{subject}; only references inside the schema work {place}")
        try:
            target = resolver.lookup(reference).contents
        except Exception:  # the library fails in many ways: `#/anyOf/x`, `#/type/0`
            raise InvalidSchemaError(f"{subject}, which does not exist {place}") from None
        if not isinstance(target, dict | bool):
            raise InvalidSchemaError(f"{subject}, which is not a schema {place}")
        return target


def subschemas(
    schema: Json,
    path: Path = (),
    *,
    only: set[str] | None = None,
    seen: set[int] | None = None,
) -> Iterator[tuple[Path, JsonObject]]:
    """Yield all subschemas of a document with their paths; with `only`, those of some keywords.

    Subschemas in `seen` are skipped, and each yielded one is added to it.
    """
    seen = set() if seen is None else seen
    waiting: list[tuple[Path, Json]] = [(path, schema)]
    while waiting:
        where, node = waiting.pop()
        if isinstance(node, list):
            waiting += [((*where, index), item) for index, item in enumerate(node)]
        elif isinstance(node, dict) and id(node) not in seen:
            seen.add(id(node))
            yield where, node
            for keyword, value in node.items():
                if keyword in SCHEMA_MAP_KEYWORDS and isinstance(value, dict):
                    waiting += [((*where, keyword, name), inner) for name, inner in value.items()]
                elif keyword in only if only else keyword not in DATA_KEYWORDS:
                    waiting.append(((*where, keyword), value))


def _refuse_cycles(schema: JsonObject, resolved: dict[str, Json]) -> None:
    """Raise InvalidSchemaError for schemas that apply themselves to the same value, or too many.

    A cycle through `properties` or `items` is fine: there the value gets smaller each time.
    """
    work: dict[int, int] = {}
    targets = ((("$ref",), target) for target in resolved.values())
    for path, start in [*subschemas(schema), *targets]:
        place = f"(at {dotted_path(path) or 'the root'})"
        waiting: list[tuple[Json, bool]] = [(start, False)]
        above: dict[int, JsonObject] = {}
        while waiting:
            node, done = waiting.pop()
            if not isinstance(node, dict) or (id(node) in work and not done):
                continue
            inner = list(_schemas_of_same_value(node, resolved))
            if done:
                del above[id(node)]
                work[id(node)] = 1 + sum(work.get(id(schema), 1) for schema in inner)
                if work[id(node)] > _MAX_FOR_ONE_VALUE or len(above) > _MAX_DEPTH:
                    limit = f"more than {_MAX_FOR_ONE_VALUE:,} schemas for one value"
                    raise InvalidSchemaError(f"refers to {limit} {place}")
            elif id(node) in above:
                raise InvalidSchemaError(f"{_cycle(above)} {place}")
            else:
                above[id(node)] = node
                waiting.append((node, True))
                waiting += [(schema, False) for schema in inner]


def _cycle(above: dict[int, JsonObject]) -> str:
    nodes = above.values()
    references = [node[keyword] for node in nodes for keyword in REFERENCE_KEYWORDS & node.keys()]
    return f"refers to {_short(repr(references[-1]))}, which leads back to itself"


def _schemas_of_same_value(schema: JsonObject, resolved: dict[str, Json]) -> Iterator[Json]:
    """Yield the subschemas that apply to the same value as their parent."""
    for keyword in REFERENCE_KEYWORDS & schema.keys():
        yield resolved.get(schema[keyword])
    for keyword in ("allOf", "anyOf", "oneOf"):
        inner = schema.get(keyword)
        yield from inner if isinstance(inner, list) else ()
    for keyword in ("not", "if", "then", "else"):
        yield schema.get(keyword)
    for keyword in ("dependentSchemas", "dependencies"):
        inner = schema.get(keyword)
        yield from inner.values() if isinstance(inner, dict) else ()


def _patterns(schema: JsonObject) -> Iterator[tuple[str, str]]:
    if isinstance(pattern := schema.get("pattern"), str):
        yield "pattern", pattern
    if isinstance(by_pattern := schema.get("patternProperties"), dict):
        yield from (("patternProperties", pattern) for pattern in by_pattern)


def dotted_path(path: Path) -> str:
    """Write a path as people do: `properties.age.enum[0]`."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return _short(text.removeprefix("."))


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:199]}…"


DATA_KEYWORDS = {"const", "enum", "default", "examples", "example"}
"""Keywords that hold data; what looks like a schema in them is data."""
REFERENCE_KEYWORDS = {"$ref", "$dynamicRef", "$recursiveRef"}
_MAX_SIZE = 250_000  # values and characters
_MAX_DEPTH = 64
_MAX_FOR_ONE_VALUE = 5000
_MAX_LISTED = 5
