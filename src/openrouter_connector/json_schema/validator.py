"""Wrap jsonschema for schemas from outside: it fetches nothing, and its work is limited."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from itertools import islice
from re import search
from typing import TYPE_CHECKING, Any

from ..values import Json, JsonObject
from .bounded_keywords import bounded_keywords
from .limits import Steps, ValidationLimitError, count_steps

if TYPE_CHECKING:
    from jsonschema import ValidationError

MAX_STEPS = 50_000
"""The steps of one validation: about half a second."""


class Validator:
    """Validates values against one schema, which must have been checked before.

    A `trusted` schema is our own: its patterns use Python's syntax.
    """

    def __init__(self, schema: JsonObject, *, trusted: bool = False) -> None:
        self.draft = draft_of(schema)
        self._schema, self._trusted = schema, trusted
        self.resolver = _resolver(schema, self.draft, trusted)

    def errors(self, value: Json, most: int = 100, steps: int = MAX_STEPS) -> list[ValidationError]:
        """Return the first errors of a value; raise ValidationLimitError if it is too complex."""
        validator = _class_for(self.draft)(self._schema, _resolver=self.resolver)
        return _errors(validator, value, most, Steps(steps, self._trusted))

    def is_valid(self, value: Json) -> bool:
        """Return whether a value is valid; raise ValidationLimitError if it is too complex."""
        return not self.errors(value, most=1)


def draft_of(schema: Json) -> str:
    """Return the draft named by `$schema`; the latest if it names no known one."""
    named = schema.get("$schema") if isinstance(schema, dict) else None
    found = search(r"draft-0([3467])\b|(2019-09)", named) if isinstance(named, str) else None
    return (found[1] or found[2]) if found else LATEST


def _errors(validator: Any, value: Json, most: int, steps: Steps) -> list[ValidationError]:
    from referencing.exceptions import Unresolvable

    found: list[ValidationError] = []
    try:
        with count_steps(steps):
            for error in islice(validator.iter_errors(value), most):
                found.append(error)
    except RecursionError:
        raise _unfinished("is nested too deeply", found) from None
    except Unresolvable:
        raise _unfinished("refers to something that is not in the schema", found) from None
    except ValidationLimitError as error:
        raise _unfinished(str(error), found) from None
    return found


def _unfinished(reason: str, found: list[ValidationError]) -> ValidationLimitError:
    error = ValidationLimitError(reason)
    error.found = found
    return error


def _resolver(schema: JsonObject, draft: str, trusted: bool) -> Any:
    """Return a resolver for references inside the document. Its registry fetches nothing."""
    from referencing import Registry
    from referencing.jsonschema import specification_with

    kind = _class_for(draft)
    resource = specification_with(kind.ID_OF(kind.META_SCHEMA)).create_resource(schema)
    uri = resource.id() or ""
    registry: Registry[Any] = Registry().with_resource(uri, resource)
    if not trusted:
        # Crawl once, instead of for each reference by name. It fails on mixed `dependencies`;
        # then references are still found, only slower.
        with suppress(AttributeError, TypeError):
            registry = registry.crawl()
    return registry.resolver(uri)


@cache
def _class_for(draft: str) -> Any:
    """Return jsonschema's class for a draft, with our limited keywords."""
    import jsonschema  # heavy, and only needed for calls with a schema
    from jsonschema import validators

    kind: Any = getattr(jsonschema, _CLASSES[draft])
    extended: Any = validators.extend(  # type: ignore[no-untyped-call]
        kind, bounded_keywords(dict(kind.VALIDATORS))
    )
    extended.evolve = _evolved
    return extended


def _evolved(self: Any, **changes: Any) -> Any:
    """Replace jsonschema's `evolve`, which would switch to its own class on a nested `$schema`."""
    resolver = changes.get("_resolver", self._resolver)
    return type(self)(changes.get("schema", self.schema), _resolver=resolver)


LATEST = "2020-12"
_CLASSES = {
    "3": "Draft3Validator",
    "4": "Draft4Validator",
    "6": "Draft6Validator",
    "7": "Draft7Validator",
    "2019-09": "Draft201909Validator",
    LATEST: "Draft202012Validator",
}
