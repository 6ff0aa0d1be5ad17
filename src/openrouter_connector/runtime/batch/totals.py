"""The metadata of several calls as that of one: numbers are added up, names are listed once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce
from time import monotonic

from ...money import parse_amount
from ...values import JsonObject, Metadata


def total(
    calls: Sequence[Metadata], started: float, warnings: Sequence[str], paid: Iterable[float] = ()
) -> Metadata:
    """Return the metadata of calls, the first of which began at `started`.

    `paid` are the costs of calls that failed, and have no metadata.
    """
    costs = [*paid, *(call.cost for call in calls if call.cost is not None)]
    return Metadata(
        models=_each_once(name for call in calls for name in (*call.models, call.model)),
        providers=_each_once(name for call in calls for name in (*call.providers, call.provider)),
        generation_ids=_each_once(
            name for call in calls for name in (*call.generation_ids, call.generation_id)
        ),
        usage=reduce(_sum, (call.usage or {} for call in calls), JsonObject()) or None,
        files=tuple(file for call in calls for file in call.files),
        cost=round(sum(costs), 12) if costs else None,
        attempts=sum(call.attempts or 0 for call in calls),
        latency=round(monotonic() - started, 4),
        warnings=tuple(warnings),
    )


def warnings_of(calls: Iterable[Metadata]) -> list[str]:
    """Return the warnings of several calls, each once."""
    return [*_each_once(warning for call in calls for warning in call.warnings)]


def _each_once(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name))


def _sum(one: JsonObject, other: JsonObject, depth: int = 3) -> JsonObject:
    """Add up the amounts in two objects, and in the objects in them."""
    result = dict(one)
    for key, value in other.items():
        before = result.get(key)
        if isinstance(value, dict):
            if depth:
                result[key] = _sum(before if isinstance(before, dict) else {}, value, depth - 1)
        elif not isinstance(value, str) and parse_amount(value) is not None:
            # Rounded, since ten times 0.1 is not 1 in binary.
            result[key] = round((0 if isinstance(before, dict) else before or 0) + value, 12)
    return result
