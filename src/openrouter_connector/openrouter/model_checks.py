"""Check a call against the row of its model: is it available, does it accept this prompt?

Each check is generous: what a row does not say, or says in an unknown shape, is no problem.
"""

from __future__ import annotations

from datetime import date

from ..definition.model import Action
from ..errors import Problem
from ..runtime.catalogue.option import SOON
from ..runtime.preflight.planned_call import Findings, PlannedCall
from ..runtime.preflight.row_values import words_at
from ..runtime.preflight.tokens import prompt_tokens
from ..values import Json, JsonObject, LoadedFile, ModelInfo
from .billing import answer_tokens
from .catalogue_row import context_lengths, plugins


def switched_off(planned_call: PlannedCall) -> Findings:
    """Find models that are switched off, or soon will be."""
    try:
        day = date.fromisoformat(str(planned_call.row.get("expiration_date"))[:10])
    except ValueError:
        return
    days_left = (day - planned_call.today).days
    if days_left < 0:
        message = f"{planned_call.model} was switched off on {day}; choose another model"
        yield Problem(planned_call.model_property, message)
    elif days_left <= SOON:
        yield (f"{planned_call.model_property}: {planned_call.model} will be switched off on {day}")


def without_free_variant(planned_call: PlannedCall) -> Findings:
    """Find the free variant of a model that has none."""
    listed = planned_call.row.get("id")
    # The variant of a model has a row of its own, or does not exist.
    if planned_call.model.endswith(":free") and not str(listed).endswith(":free"):
        message = f"the catalogue lists {listed}, and no free variant of it"
        yield f"{planned_call.model_property}: {message}"


def of_other_kind(planned_call: PlannedCall) -> Findings:
    """Find models whose output is not what the action needs."""
    outputs = words_at(planned_call.row, "architecture.output_modalities")
    if outputs is None or planned_call.model_info is None:
        return
    required = _required_outputs(planned_call.action)
    if required.isdisjoint(outputs) if required else _is_foreign(planned_call):
        message = f"{planned_call.model} outputs {', '.join(outputs)}"
        message += f", not {' or '.join(sorted(required))}" if required else ""
        yield Problem(planned_call.model_property, f"{message}; choose a model from the options")


def _required_outputs(action: Action) -> set[str]:
    """Return the outputs by which the action's own lists are filtered."""
    queries = [source.query for source in action.model_sources]
    listed = ",".join(query.get("output_modalities", "") for query in queries)
    return set(filter(None, listed.split(","))) - {"all"}


def _is_foreign(planned_call: PlannedCall) -> bool:
    """Return whether only the list of all models has the model, and none of the action's own."""
    sources = planned_call.action.model_sources
    own = {source.from_ for source in sources if source.query.get("output_modalities") != "all"}
    info: ModelInfo | None = planned_call.model_info
    return info is not None and info.source not in own


def unaccepted_media(planned_call: PlannedCall) -> Findings:
    """Find files that the model does not accept."""
    accepted = words_at(planned_call.row, "architecture.input_modalities")
    # A row of the image API describes each parameter, and the limits of the form follow that.
    if accepted is None or isinstance(planned_call.row.get("supported_parameters"), dict):
        return
    for path, part in planned_call.media:
        if part.kind in accepted:
            continue
        if part.kind != "file":
            message = f"{planned_call.model} accepts {', '.join(accepted)}, not {part.kind}"
            yield Problem(path, f"{message}; remove it, or choose a model that accepts it")
        # OpenRouter reads documents for models that cannot, by an engine that may be billed.
        elif "file-parser" not in plugins(planned_call.body):
            yield (
                f"{path}: {planned_call.model} reads no documents itself; OpenRouter reads it for "
                "the model, and bills that by the page, unless plugins choose a free file-parser "
                "engine"
            )


def beyond_context(planned_call: PlannedCall) -> Findings:
    """Find prompts that exceed the context, or leave too little of it for the answer."""
    contexts = context_lengths(planned_call.row)
    if not contexts:
        return
    prompt = prompt_tokens(planned_call.body, planned_call.prompt_format)
    model, context = planned_call.model, max(contexts)
    answer = answer_tokens(planned_call.body, {}, prompt).high or 0
    size = f"the prompt has at least {prompt.low:,.0f} tokens, by a low estimate"
    if prompt.low > context and _is_compressed(planned_call.body, context):
        yield f"{size}; {model} accepts {context:,}, so OpenRouter will leave out its middle"
    elif prompt.low > context:
        message = f"{size}, and {model} accepts {context:,}; shorten it"
        yield Problem(_longest_parameter(planned_call), message)
    elif prompt.low > min(contexts):
        yield f"{size}; the first provider of {model} accepts {min(contexts):,}"
    elif prompt.high is not None and prompt.high > context:
        size = f"the prompt may have up to {prompt.high:,.0f} tokens"
        yield f"{size}, and {model} accepts {context:,}"
    elif prompt.low + answer > context:
        yield f"{size}; with {answer:,.0f} for the answer it exceeds the {context:,} of {model}"


def _is_compressed(body: JsonObject, context: int) -> bool:
    """Return whether OpenRouter shortens the prompt: by default for small contexts."""
    value = body.get("plugins")
    is_off = isinstance(value, list) and {"id": _COMPRESSION, "enabled": False} in value
    return _COMPRESSION in plugins(body) or (context <= _SMALL_CONTEXT and not is_off)


def _longest_parameter(planned_call: PlannedCall) -> str:
    """Return the parameter that holds the longest text."""
    lengths = {name: _length(value) for name, value in planned_call.values.items()}
    return max(lengths, key=lambda name: lengths[name], default="")


def _length(value: Json) -> int:
    if isinstance(value, LoadedFile):
        return len(value.text or "")
    if isinstance(value, dict | list):
        return sum(map(_length, value.values() if isinstance(value, dict) else value))
    return len(value) if isinstance(value, str) else 0


_SMALL_CONTEXT, _COMPRESSION = 8192, "context-compression"  # tokens up to which it is the default
CHECKS = (
    switched_off, without_free_variant, of_other_kind, unaccepted_media, beyond_context
)  # fmt: skip
