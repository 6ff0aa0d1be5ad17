"""jsonschema as outside schemas need it: nothing is fetched, and the work is bounded."""

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
"""The steps of one validation, in about half a second."""


class Validator:
    """What judges values by one schema, which is assumed to be one.

    A `trusted` schema is our own, and its patterns are Python's.
    """

    def __init__(self, schema: JsonObject, *, trusted: bool = False) -> None:
        self.draft = draft_of(schema)
        self._schema, self._trusted = schema, trusted
        self.resolver = _resolver(schema, self.draft, trusted)

    def errors(self, value: Json, most: int = 100, steps: int = MAX_STEPS) -> list[ValidationError]:
        """Return what does not fit, the first of it; NotValidatedError if it cannot be told."""
        judge = _kind(self.draft)(self._schema, _resolver=self.resolver)
        return _errors(judge, value, most, Steps(steps, self._trusted))

    def is_valid(self, value: Json) -> bool:
        """Return whether a value fits; NotValidatedError if it cannot be told."""
        return not self.errors(value, most=1)


def draft_of(schema: Json) -> str:
    """Return the draft that `$schema` names; the latest when it names none that is known."""
    named = schema.get("$schema") if isinstance(schema, dict) else None
    found = search(r"draft-0([3467])\b|(2019-09)", named) if isinstance(named, str) else None
    return (found[1] or found[2]) if found else LATEST


def _errors(judge: Any, value: Json, most: int, steps: Steps) -> list[ValidationError]:
    from referencing.exceptions import Unresolvable

    found: list[ValidationError] = []
    try:
        with count_steps(steps):
            for error in islice(judge.iter_errors(value), most):
                found.append(error)
    except RecursionError:
        raise _unfinished("is nested too deeply", found) from None
    except Unresolvable:
        raise _unfinished("refers to what is not in the schema", found) from None
    except ValidationLimitError as error:
        raise _unfinished(str(error), found) from None
    return found


def _unfinished(why: str, found: list[ValidationError]) -> ValidationLimitError:
    error = ValidationLimitError(why)
    error.found = found
    return error


def _resolver(schema: JsonObject, draft: str, trusted: bool) -> Any:
    """Return what resolves references inside the document. Its registry fetches nothing."""
    from referencing import Registry
    from referencing.jsonschema import specification_with

    kind = _kind(draft)
    resource = specification_with(kind.ID_OF(kind.META_SCHEMA)).create_resource(schema)
    uri = resource.id() or ""
    registry: Registry[Any] = Registry().with_resource(uri, resource)
    if not trusted:
        with suppress(AttributeError, TypeError):  # crawling stumbles over mixed `dependencies`
            registry = registry.crawl()  # once, and not for every reference by a name
    return registry.resolver(uri)


@cache
def _kind(draft: str) -> Any:
    """Return jsonschema's class for a draft, with keywords whose work is bounded."""
    import jsonschema  # heavy, and only needed where there is a schema
    from jsonschema import validators

    kind: Any = getattr(jsonschema, _CLASSES[draft])
    extended: Any = validators.extend(  # type: ignore[no-untyped-call]
        kind, bounded_keywords(dict(kind.VALIDATORS))
    )
    extended.evolve = _evolved
    return extended


def _evolved(self: Any, **changes: Any) -> Any:
    """Go on with another schema. jsonschema's own would follow a `$schema` to its own classes."""
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
