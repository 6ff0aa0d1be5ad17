"""Find the chosen model in the catalogue, or what is wrong with its name."""

from __future__ import annotations

from typing import NamedTuple

from ...definition.form import Form
from ...errors import Problem
from ...values import JsonObject, ModelInfo
from ..api_profile import ApiProfile
from ..catalogue.catalogue import Catalogue
from . import unknown_model

_NO_CATALOGUE = (
    "there is no connection, so the catalogue was not read: what the model supports and costs is "
    "unknown, and the call may take another form"
)


class FoundModel(NamedTuple):
    """The row of the chosen model, or the problem or warning about its absence."""

    model_info: ModelInfo | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


async def find_model(
    form: Form, values: JsonObject, catalogue: Catalogue | None, profile: ApiProfile
) -> FoundModel:
    """Look up the model that the values name. Without a catalogue, a warning says so."""
    if catalogue is None or not form.action.model_sources:
        return FoundModel(warnings=(_NO_CATALOGUE,) if form.action.model_sources else ())
    model_info, fault = await catalogue.model_info(form.action, values)
    if model_info or fault:
        return FoundModel(model_info, warnings=(fault,) if fault else ())
    known = await catalogue.names(form.action, values)
    name = form.action.model_sources[0].property
    model = values.get(name)
    if not known or not isinstance(model, str) or not model or not profile.is_listed(model):
        return FoundModel()
    return FoundModel(problems=(unknown_model(model, known, name),))
