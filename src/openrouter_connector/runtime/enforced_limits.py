"""Apply those limits of the chosen model that a definition marks as `enforced`.

Other limits only warn in `check`: a catalogue may be behind what a provider supports.
"""

from __future__ import annotations

from ..definition.model import Action
from ..definition.model_limits import is_option, is_supported, supported_options
from ..errors import InputError, Problem
from ..values import JsonObject, ModelInfo


def within_limits(
    action: Action, values: JsonObject, model_info: ModelInfo | None
) -> tuple[JsonObject, tuple[str, ...]]:
    """Return the values that the model supports, with a warning for each that is left out.

    InputError for a value that the model does not offer.
    """
    supported, warnings, problems = dict(values), list[str](), list[Problem]()
    for prop in action.properties:
        name = prop.name or ""
        if name not in values or not (prop.model_limits and prop.model_limits.enforced):
            continue
        offers = supported_options(prop, model_info)
        if not is_supported(prop, model_info):
            del supported[name]
            warnings.append(f"{name}: this model does not support it, so it was not sent")
        elif offers is not None and not is_option(values[name], offers):
            names = ", ".join(str(option.value) for option in offers)
            problems.append(Problem(name, f"{values[name]!r} is not one of {names} of this model"))
    if problems:
        raise InputError(problems)
    return supported, tuple(warnings)
