"""A form that follows the chosen model: what its row in the catalogue says of each field.

Pure, and generous: what the row does not tell, or tells in an unknown shape, limits nothing.
"""

from __future__ import annotations

from ..values import Json, ModelInfo
from .model import Action, ModelLimits, Option, Property
from .paths import at


def listed_by(action: Action, model_info: ModelInfo | None) -> dict[str, list[Json]]:
    """Give what the row says in place of the filters of a form, for conditions that read them."""
    found = {
        prop.name or "": at(model_info.row, limits.same)
        for prop in action.properties
        if model_info and (limits := _limits(prop, model_info)) and limits.same
    }
    return {name: value for name, value in found.items() if isinstance(value, list)}


def supported(prop: Property, model_info: ModelInfo | None) -> bool:
    """Tell whether the model takes a property, by what lists its parameters."""
    limits = model_info and _limits(prop, model_info)
    if not model_info or not limits or not limits.supported:
        return True
    holder, _, parameter = limits.supported.rpartition(".")
    known = at(model_info.row, holder)
    return parameter in known if isinstance(known, list | dict) else True


def offered(prop: Property, model_info: ModelInfo | None) -> list[Option] | None:
    """Give the options that the model takes; None when the row does not say."""
    limits = model_info and _limits(prop, model_info)
    if not model_info or not limits or not limits.options:
        return None
    takes = at(model_info.row, limits.options)
    if not isinstance(takes, list) or not takes:
        return None
    if not prop.choices:
        return [Option(label=str(value), value=value) for value in takes if _plain(value)]
    keeps = {value for value, path in limits.unless.items() if at(model_info.row, path) is not True}
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


def most(prop: Property, model_info: ModelInfo | None) -> float | None:
    """Give the largest number that the model takes; None when the row does not say."""
    limits = model_info and _limits(prop, model_info)
    if not model_info or not limits or not limits.max:
        return None
    largest = at(model_info.row, limits.max)
    known = isinstance(largest, int | float) and not isinstance(largest, bool)
    return largest if known and largest > 0 else None


def _limits(prop: Property, model_info: ModelInfo) -> ModelLimits | None:
    """Give the limits that this row can tell."""
    limits = prop.model_limits
    return limits if limits and limits.from_ in (None, model_info.source) else None


def _plain(value: Json) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
