"""Parameters against those that the model takes, as its row and the definition's limits tell."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from ...definition.form import Form
from ...definition.model import Action, Property, snake
from ...definition.model_limits import is_option, is_supported, max_value, supported_options
from ...definition.paths import at
from ...errors import Problem
from ...values import Json
from .planned_call import Found, Planned
from .row_values import words_at


def unlisted(planned: Planned) -> Found:
    """Find parameters that are not among those of the model."""
    listed = words_at(planned.row, "supported_parameters")
    required = at(planned.body, "provider.require_parameters") is True
    for path, key in _sent(planned, listed):
        if required:
            told = f"{planned.model} does not take {key}, and provider.requireParameters demands it"
            yield Problem(path, f"{told}; drop one of the two")
        else:
            yield f"{path} is not among what {planned.model} takes; providers ignore it"


def _sent(planned: Planned, listed: list[str] | None) -> Iterator[tuple[str, str]]:
    """Give the parameters, with their paths, that are sent and that the row does not list."""
    places = dict(_places(planned))
    for key in planned.body:
        names = next((same for same in _SAME if key in same), {key})
        if listed and key in _vocabulary(planned.action) and names.isdisjoint(listed):
            yield places.get(key, key), key
    for prop in planned.action.properties:
        if (key := _key(prop)) in planned.body and not is_supported(prop, planned.model_info):
            yield prop.name or "", key


def _vocabulary(action: Action) -> set[Json]:
    """Give the parameters of which a row tells: the options of the filter that says the same."""
    filters = [prop for prop in action.properties if prop.mirrors]
    return {option.value for prop in filters for option in prop.choices}


def _places(planned: Planned) -> Iterator[tuple[str, str]]:
    """Give each key of the body with the parameter that it comes from."""
    for prop in planned.action.properties:
        value = planned.values.get(prop.name or "")
        if value is None:
            continue
        if prop.send and prop.send.as_ == "merge":
            yield from ((key, f"{prop.name}.{key}") for key in value)
        else:
            yield _key(prop), prop.name or ""


def _key(prop: Property) -> str:
    """Give the key of the body under which a property is sent."""
    to = prop.send.to if prop.send else None
    return (to or snake(prop.name or "")).split(".")[0]


def beyond(planned: Planned) -> Found:
    """Find values that the model does not take, by the limits that the definition declares."""
    form = Form(planned.action)
    for path, prop, value, _ in form.shown(planned.values):
        if value is None or prop.model_limits is None or isinstance(value, list | dict):
            continue
        yield from _refused(planned, path, prop, value)
        largest = max_value(prop, planned.model_info)
        if largest is not None and isinstance(value, int | float) and value > largest:
            yield f"{path}: {value:,} is above {largest:,}, the most that {planned.model} takes"


def _refused(planned: Planned, path: str, prop: Property, value: Json) -> Found:
    """Find an option that is not offered; one of the row's own words is needed as it is."""
    limits, offers = prop.model_limits, supported_options(prop, planned.model_info)
    unless = limits.excluded_by.get(str(value)) if limits else None
    if unless:
        # An alias leads to a model that can do without, if there is one.
        if at(planned.row, unless) is True and not planned.model.startswith("~"):
            yield Problem(path, f"{planned.model} cannot do with {value!r}; choose another")
        return
    if offers is None or is_option(value, offers):
        return
    names = [str(one.value) for one in offers]
    listed = ", ".join(names) or "nothing of it"
    if prop.choices:
        yield f"{path}: {planned.model} takes {listed}; it may refuse {value!r}, or change it"
        return
    near = get_close_matches(str(value), names, n=1)
    hint = f"did you mean {near[0]!r}? It" if near else "it"
    yield Problem(path, f"{planned.model} has no {value!r}; {hint} takes {listed}")


# Parameters by which a row may mean one another.
_SAME = (
    {"max_tokens", "max_completion_tokens"},
    {"reasoning", "reasoning_effort", "include_reasoning"},
    {"response_format", "structured_outputs"},
)
