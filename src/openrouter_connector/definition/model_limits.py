"""A form that follows the chosen model: what its row in the catalogue says of each field.

Pure, and generous: what the row does not tell, or tells in an unknown shape, limits nothing.
"""

from __future__ import annotations

from ..values import Facts, Json
from .model import Action, Limits, Option, Property
from .paths import at


def listed_by(action: Action, facts: Facts | None) -> dict[str, list[Json]]:
    """Give what the row says in place of the filters of a form, for conditions that read them."""
    found = {
        prop.name or "": at(facts.row, limits.same)
        for prop in action.properties
        if facts and (limits := _limits(prop, facts)) and limits.same
    }
    return {name: value for name, value in found.items() if isinstance(value, list)}


def taken(prop: Property, facts: Facts | None) -> bool:
    """Tell whether the model takes a property, by what lists its parameters."""
    limits = facts and _limits(prop, facts)
    if not facts or not limits or not limits.taken:
        return True
    holder, _, parameter = limits.taken.rpartition(".")
    known = at(facts.row, holder)
    return parameter in known if isinstance(known, list | dict) else True


def offered(prop: Property, facts: Facts | None) -> list[Option] | None:
    """Give the options that the model takes; None when the row does not say."""
    limits = facts and _limits(prop, facts)
    if not facts or not limits or not limits.options:
        return None
    takes = at(facts.row, limits.options)
    if not isinstance(takes, list) or not takes:
        return None
    if not prop.choices:
        return [Option(label=str(value), value=value) for value in takes if _plain(value)]
    keeps = {value for value, path in limits.unless.items() if at(facts.row, path) is not True}
    return [
        option
        for option in prop.choices
        if option.value in keeps
        or option.value in takes
        or (option.send is not None and option.send in takes)
    ]


def among(value: Json, offers: list[Option]) -> bool:
    """Tell whether a value is offered: as it is called, or as it is sent."""
    return any(value in (option.value, option.send) for option in offers)


def most(prop: Property, facts: Facts | None) -> float | None:
    """Give the largest number that the model takes; None when the row does not say."""
    limits = facts and _limits(prop, facts)
    if not facts or not limits or not limits.max:
        return None
    largest = at(facts.row, limits.max)
    known = isinstance(largest, int | float) and not isinstance(largest, bool)
    return largest if known and largest > 0 else None


def _limits(prop: Property, facts: Facts) -> Limits | None:
    """Give the limits that this row can tell."""
    limits = prop.limits
    return limits if limits and limits.from_ in (None, facts.source) else None


def _plain(value: Json) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
