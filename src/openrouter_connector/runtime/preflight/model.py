"""A call against its model: is it there, does it read what is given, and give what is needed."""

from __future__ import annotations

from datetime import date

from ...definition.model import Action
from ...definition.paths import at
from ...errors import Problem
from ...values import ModelInfo
from ..catalogue.option import SOON
from .planned_call import Found, Planned
from .row_values import plugins, words_at


def gone(planned: Planned) -> Found:
    """Find models that are switched off, or soon will be."""
    try:
        day = date.fromisoformat(str(planned.row.get("expiration_date"))[:10])
    except ValueError:
        return
    left = (day - planned.today).days
    if left < 0:
        told = f"{planned.model} was switched off on {day}; choose another model"
        yield Problem(planned.named, told)
    elif left <= SOON:
        yield f"{planned.named}: {planned.model} will be switched off on {day}"


def not_free(planned: Planned) -> Found:
    """Find the free variant of a model that has none."""
    if planned.model.endswith(":free") and not str(planned.row.get("id")).endswith(":free"):
        told = f"the catalogue lists {planned.row.get('id')}, and no free variant of it"
        yield f"{planned.named}: {told}"


def of_another_kind(planned: Planned) -> Found:
    """Find models that give something else than the action needs."""
    gives = words_at(planned.row, "architecture.output_modalities")
    if gives is None or planned.model_info is None:
        return
    needed = _needed(planned.action)
    if needed.isdisjoint(gives) if needed else _found_elsewhere(planned.action, planned.model_info):
        wanted = f", and no {' or '.join(sorted(needed))}" if needed else ""
        told = f"{planned.model} gives {', '.join(gives)}{wanted}; choose a model from the options"
        yield Problem(planned.named, told)


def _needed(action: Action) -> set[str]:
    """Give what models of an action are asked to give, when its lists are asked for."""
    queries = [source.query for source in action.model_sources]
    asked = ",".join(query.get("output_modalities", "") for query in queries)
    return set(filter(None, asked.split(","))) - {"all"}


def _found_elsewhere(action: Action, model_info: ModelInfo) -> bool:
    """Tell whether only the list of all models knows it, and not the action's own."""
    own = {one.from_ for one in action.model_sources if one.query.get("output_modalities") != "all"}
    return model_info.source not in own


def unread(planned: Planned) -> Found:
    """Find what is given to a model that does not take it."""
    takes = words_at(planned.row, "architecture.input_modalities")
    # The API of pictures says itself how many it takes, and the hook has heard it.
    if takes is None or isinstance(planned.row.get("supported_parameters"), dict):
        return
    for path, piece in planned.given:
        if piece.kind in takes:
            continue
        if piece.kind != "file":
            told = f"{planned.model} takes {', '.join(takes)}, and no {piece.kind}; "
            yield Problem(path, f"{told}leave it out, or choose a model that takes it")
        elif "file-parser" not in plugins(planned.body):
            yield (
                f"{path}: {planned.model} reads no documents itself; OpenRouter reads it for the "
                "model, and bills that by the page, unless plugins choose a free file-parser engine"
            )


def unforced(planned: Planned) -> Found:
    """Say so when nothing but the prompt asks for data."""
    wanted = at(planned.values, "response.responseFormat") == "JSON"
    if wanted and "response_format" not in planned.body:
        yield (
            f"response: {planned.model} cannot be held to JSON; the schema goes into the prompt, "
            "the answer is checked, and one that does not fit is asked for once more"
        )
