"""Compute what a canvas draws for the current values of a form and the chosen model.

`Form` decides by the definition alone; `view` adds what the row of the chosen model limits.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, Problem
from ..values import Json, JsonObject, ModelInfo
from .form import Form, Shown
from .model import Option
from .model_limits import is_option, is_supported, max_value, mirrored_values, supported_options


@dataclass(frozen=True, slots=True)
class View:
    """A form as it should be drawn now. Paths are dotted: `messages[0].role`."""

    visible: tuple[str, ...]
    """The visible properties, by the conditions of the definition and the chosen model."""
    values: JsonObject
    """The values of a call: with defaults of required properties, without hidden values."""
    errors: tuple[Problem, ...]
    warnings: tuple[str, ...]
    disabled: dict[str, str]
    """Properties that the chosen model does not support, each with the reason."""
    options: dict[str, list[Json]]
    """For a narrowed dropdown, the values that the chosen model supports."""
    bounds: dict[str, JsonObject]
    """`{max}` where the chosen model sets one."""

    def to_json(self) -> JsonObject:
        """Return `{visible, values, errors, warnings, disabled, options, bounds}`."""
        return {
            "visible": list(self.visible),
            "values": self.values,
            "errors": [{"path": p.path, "message": p.message} for p in self.errors],
            "warnings": list(self.warnings),
            "disabled": self.disabled,
            "options": self.options,
            "bounds": self.bounds,
        }


def view(form: Form, parameters: Json, model_info: ModelInfo | None = None) -> View:
    """Return the form for these parameters. `model_info` is the row of the chosen model, if known.

    Wrong parameters raise nothing: they are listed in `errors`.
    """
    values, warnings, errors = _accept(form, parameters)
    shown = list(form.shown(values))
    model = _model_name(form, values)
    disabled = _disabled(form, shown, model, model_info)
    enabled = [one for one in shown if not _is_inside(one.path, disabled)]
    options = {
        one.path: found
        for one in enabled
        if (found := supported_options(one.prop, model_info)) is not None
    }
    bounds: dict[str, JsonObject] = {
        one.path: {"max": largest}
        for one in enabled
        if (largest := max_value(one.prop, model_info)) is not None
    }
    return View(
        visible=tuple(one.path for one in enabled),
        values=values,
        errors=errors,
        warnings=(
            *warnings,
            *(
                f"{one.path}: {disabled[one.path]}, and may ignore or refuse it"
                for one in shown
                if one.path in disabled and one.value is not None
            ),
            *_unsupported_values(enabled, options, bounds, model),
        ),
        disabled=disabled,
        options={path: [option.value for option in found] for path, found in options.items()},
        bounds=bounds,
    )


def _accept(
    form: Form, parameters: Json
) -> tuple[JsonObject, tuple[str, ...], tuple[Problem, ...]]:
    """Return values, warnings and errors of parameters that may be wrong."""
    try:
        accepted = form.accept(parameters)
    except InputError as error:
        return form.sendable(parameters), (), error.problems
    return accepted.values, accepted.warnings, ()


def _disabled(
    form: Form, shown: list[Shown], model: str, model_info: ModelInfo | None
) -> dict[str, str]:
    """Return the properties that the chosen model does not support, each with the reason.

    A condition on a filter is checked a second time, with the list of the row that it mirrors.
    """
    mirrored = mirrored_values(form.action, model_info)
    return {
        one.path: f"{model} does not support it"
        for one in shown
        if not is_supported(one.prop, model_info)
        or not form.holds(one.prop, {**one.names, **mirrored})
    }


def _unsupported_values(
    enabled: list[Shown],
    options: dict[str, list[Option]],
    bounds: dict[str, JsonObject],
    model: str,
) -> list[str]:
    """Return a warning for each value that the chosen model does not support."""
    warnings = []
    for one in enabled:
        listed, largest = options.get(one.path), bounds.get(one.path, {}).get("max")
        if listed is not None and one.value is not None and not is_option(one.value, listed):
            names = ", ".join(str(option.value) for option in listed) or "no value"
            warnings.append(f"{one.path}: {model} supports {names}, not {one.value!r}")
        if largest is not None and isinstance(one.value, int | float) and one.value > largest:
            warnings.append(f"{one.path}: {model} supports at most {largest:g}")
    return warnings


def _is_inside(path: str, disabled: dict[str, str]) -> bool:
    """Return whether a property, or one that contains it, is disabled."""
    ends = [place for place, letter in enumerate(path) if letter in ".["]
    return any(path[:end] in disabled for end in [*ends, len(path)])


def _model_name(form: Form, values: JsonObject) -> str:
    named = next((values.get(source.property) for source in form.action.model_sources), None)
    return str(named or "the model")
