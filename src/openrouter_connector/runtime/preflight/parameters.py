"""Check parameters against what the model supports, by its row and the `modelLimits`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from ...definition.form import Form
from ...definition.model import Action, Property, snake
from ...definition.model_limits import is_option, is_supported, max_value, supported_options
from ...definition.paths import at
from ...errors import Problem
from ...values import Json
from ..api_profile import ApiProfile
from .planned_call import Findings, PlannedCall
from .row_values import words_at


def unlisted(planned_call: PlannedCall, profile: ApiProfile) -> Findings:
    """Find parameters that the model does not list."""
    model = planned_call.model
    setting = profile.support_setting(planned_call.body)
    for path, key in _unlisted(planned_call, profile.parameter_aliases):
        if setting:
            message = f"{model} does not support {key}, and {setting} demands it"
            yield Problem(path, f"{message}; remove one of the two")
        else:
            yield f"{path}: {model} does not list it, so its providers ignore it"


def _unlisted(
    planned_call: PlannedCall, aliases: Iterable[frozenset[str]]
) -> Iterator[tuple[str, str]]:
    """Yield the parameters that are sent and that the row does not list: path and key."""
    sources = dict(_sources(planned_call))
    listed = _listed(planned_call)
    vocabulary = _vocabulary(planned_call.action)
    for key in planned_call.body:
        names = next((group for group in aliases if key in group), {key})
        if listed and key in vocabulary and names.isdisjoint(listed):
            yield sources.get(key, key), key
    for prop in planned_call.action.properties:
        key = _key(prop)
        if key in planned_call.body and not is_supported(prop, planned_call.model_info):
            yield prop.name or "", key


def _filters(action: Action) -> Iterator[tuple[Property, str]]:
    """Yield the filters of the form that mirror a list of the row, with the path of that list."""
    for prop in action.properties:
        if prop.mirrors:
            yield prop, prop.mirrors


def _listed(planned_call: PlannedCall) -> set[str]:
    """Return the parameters that the model's row lists."""
    paths = [path for _, path in _filters(planned_call.action)]
    return {word for path in paths for word in words_at(planned_call.row, path) or ()}


def _vocabulary(action: Action) -> set[Json]:
    """Return the parameters about which a row says anything: the options of those filters."""
    return {option.value for prop, _ in _filters(action) for option in prop.choices}


def _sources(planned_call: PlannedCall) -> Iterator[tuple[str, str]]:
    """Yield each key of the body with the path of the parameter that it comes from."""
    for prop in planned_call.action.properties:
        value = planned_call.values.get(prop.name or "")
        if value is None:
            continue
        if prop.send and prop.send.as_ == "merge" and not prop.send.to:
            yield from ((key, f"{prop.name}.{key}") for key in value)
        else:
            yield _key(prop), prop.name or ""


def _key(prop: Property) -> str:
    """Return the key of the body under which a property is sent."""
    to = prop.send.to if prop.send else None
    return (to or snake(prop.name or "")).split(".")[0]


def beyond_limits(planned_call: PlannedCall, profile: ApiProfile) -> Findings:
    """Find values that the model does not support, by the definition's `modelLimits`."""
    form = Form(planned_call.action)
    for path, prop, value, _ in form.shown(planned_call.values):
        if value is None or prop.model_limits is None or isinstance(value, list | dict):
            continue
        is_alias = profile.is_alias(planned_call.model)
        yield from _not_offered(planned_call, path, prop, value, is_alias=is_alias)
        largest = max_value(prop, planned_call.model_info)
        if largest is not None and isinstance(value, int | float) and value > largest:
            yield f"{path}: {value:,} is above {largest:,}, the maximum of {planned_call.model}"


def _not_offered(
    planned_call: PlannedCall, path: str, prop: Property, value: Json, *, is_alias: bool
) -> Findings:
    """Find an option that the model does not offer."""
    model = planned_call.model
    limits, offers = prop.model_limits, supported_options(prop, planned_call.model_info)
    unless = limits.excluded_by.get(str(value)) if limits else None
    if unless:
        # An alias leads to a model that can do without, if there is one.
        if at(planned_call.row, unless) is True and not is_alias:
            yield Problem(path, f"{model} does not support {value!r}; choose another value")
        return
    if offers is None or is_option(value, offers):
        return
    names = [str(option.value) for option in offers]
    listed = ", ".join(names) or "none of the options"
    if prop.choices:  # ours, so the provider may know more of them than the catalogue says
        yield f"{path}: {model} supports {listed}; it may refuse {value!r}, or change it"
        return
    similar = get_close_matches(str(value), names, n=1)
    hint = f"did you mean {similar[0]!r}? It" if similar else "it"
    yield Problem(path, f"{model} does not offer {value!r}; {hint} offers {listed}")
