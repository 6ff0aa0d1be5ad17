"""What a canvas draws of a form for the values that are in it, and for the chosen model."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InputError, Problem
from ..values import Json, JsonObject, ModelInfo
from .form import Form, Shown
from .model import Option
from .model_limits import among, listed_by, most, offered, supported


@dataclass(frozen=True, slots=True)
class View:
    """A form as it should be drawn now. Paths are dotted: `messages[0].role`."""

    visible: tuple[str, ...]
    """What is shown, by the definition's conditions and by the chosen model."""
    values: JsonObject
    """What would be performed: defaults of what is required are filled in, hidden ones are gone."""
    errors: tuple[Problem, ...]
    warnings: tuple[str, ...]
    disabled: dict[str, str]
    """What the definition would show and the chosen model does not take, and why."""
    options: dict[str, list[Json]]
    """For a narrowed dropdown, the values that the chosen model takes."""
    bounds: dict[str, JsonObject]
    """`{max}` where the chosen model sets one."""

    def to_json(self) -> JsonObject:
        """Give `{visible, values, errors, warnings, disabled, options, bounds}`."""
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
    """Return the form for these parameters. `model_info` is what the catalogue lists, if anything.

    Nothing is raised for what is wrong: it stands in `errors`.
    """
    errors: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    try:
        accepted = form.accept(parameters)
        values, warnings = accepted.values, accepted.warnings
    except InputError as error:
        values, errors = form.sendable(parameters), error.problems
    shown = list(form.shown(values))
    model = _model(form, values)
    listed = listed_by(form.action, model_info)
    disabled = {
        one.path: f"{model} does not take it"
        for one in shown
        if not (supported(one.prop, model_info) and form.holds(one.prop, {**one.names, **listed}))
    }
    kept = [one for one in shown if not _inside(one.path, disabled)]
    offers = {
        one.path: found for one in kept if (found := offered(one.prop, model_info)) is not None
    }
    bounds: dict[str, JsonObject] = {
        one.path: {"max": largest}
        for one in kept
        if (largest := most(one.prop, model_info)) is not None
    }
    given = {one.path for one in shown if one.value is not None}
    told = (
        *warnings,
        *(f"{p}: {why}, and may ignore or refuse it" for p, why in disabled.items() if p in given),
        *_outside(kept, offers, bounds, model),
    )
    visible = tuple(one.path for one in kept)
    options = {path: [option.value for option in found] for path, found in offers.items()}
    return View(visible, values, errors, told, disabled, options, bounds)


def _outside(
    shown: list[Shown],
    offers: dict[str, list[Option]],
    bounds: dict[str, JsonObject],
    model: str,
) -> list[str]:
    """Say which values the chosen model does not take."""
    told = []
    for one in shown:
        takes, largest = offers.get(one.path), bounds.get(one.path, {}).get("max")
        if takes is not None and one.value is not None and not among(one.value, takes):
            listed = ", ".join(str(option.value) for option in takes) or "nothing"
            told.append(f"{one.path}: {model} takes {listed}, and not {one.value!r}")
        if largest is not None and isinstance(one.value, int | float) and one.value > largest:
            told.append(f"{one.path}: {model} takes at most {largest:g}")
    return told


def _inside(path: str, disabled: dict[str, str]) -> bool:
    ends = [place for place, letter in enumerate(path) if letter in ".["]
    return any(path[:end] in disabled for end in [*ends, len(path)])


def _model(form: Form, values: JsonObject) -> str:
    named = next((values.get(source.property) for source in form.action.model_sources), None)
    return str(named or "the model")
