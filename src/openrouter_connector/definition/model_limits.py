"""Read the limits of a form field from the row of the chosen model in the catalogue.

Pure and lenient: what the row lacks, or holds in an unknown shape, sets no limit. `view` narrows a
form by these limits, and `check` warns about values outside them.
"""

from __future__ import annotations

from ..values import Json, ModelInfo
from .model import Action, ModelLimits, Option, Property
from .paths import at


def mirrored_values(action: Action, model_info: ModelInfo | None) -> dict[str, list[Json]]:
    """Return the lists of the row that filters of the form mirror, by the name of the filter."""
    found = {
        prop.name or "": at(model_info.row, prop.mirrors)
        for prop in action.properties
        if model_info and prop.mirrors
    }
    return {name: value for name, value in found.items() if isinstance(value, list)}


def is_supported(prop: Property, model_info: ModelInfo | None) -> bool:
    """Return whether the model supports a property, by the list of its parameters."""
    limits = _limits(prop, model_info)
    if not model_info or not limits or not limits.supported:
        return True
    holder, _, parameter = limits.supported.rpartition(".")
    listed = at(model_info.row, holder)
    return parameter in listed if isinstance(listed, list | dict) else True


def supported_options(prop: Property, model_info: ModelInfo | None) -> list[Option] | None:
    """Return the options that the model supports, or None if the row does not list them."""
    limits = _limits(prop, model_info)
    if not model_info or not limits or not limits.options:
        return None
    listed = at(model_info.row, limits.options)
    # An empty list is read as unknown: no model supports no value at all.
    if not isinstance(listed, list) or not listed:
        return None
    if not prop.choices:
        return [Option(label=str(value), value=value) for value in listed if _is_scalar(value)]
    always = {
        value for value, flag in limits.excluded_by.items() if at(model_info.row, flag) is not True
    }
    return [
        option
        for option in prop.choices
        if option.value in always
        or option.value in listed
        or (option.send is not None and option.send in listed)
    ]


def is_option(value: Json, options: list[Option]) -> bool:
    """Return whether a value is one of the options, as it is named or as it is sent."""
    return any(value in (option.value, option.send) for option in options)


def max_value(prop: Property, model_info: ModelInfo | None) -> float | None:
    """Return the largest number that the model supports, or None if the row does not hold it."""
    limits = _limits(prop, model_info)
    if not model_info or not limits or not limits.max_value:
        return None
    largest = at(model_info.row, limits.max_value)
    is_number = isinstance(largest, int | float) and not isinstance(largest, bool)
    return largest if is_number and largest > 0 else None  # 0 is read as unknown


def _limits(prop: Property, model_info: ModelInfo | None) -> ModelLimits | None:
    """Return the limits that apply to this row: some are written for one source only."""
    limits = prop.model_limits
    if not model_info or not limits:
        return None
    return limits if limits.from_ in (None, model_info.source) else None


def _is_scalar(value: Json) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)
