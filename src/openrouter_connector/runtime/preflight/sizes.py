"""How much a call holds: its files, and its prompt against the context of the model."""

from __future__ import annotations

from ...errors import Problem
from ...values import Json, JsonObject, LoadedFile
from .estimate import answer_tokens
from .planned_call import Found, Planned
from .row_values import context_lengths, plugins
from .tokens import file_of, prompt_tokens


def large(planned: Planned) -> Found:
    """Find files above what the API is known to take."""
    total = 0
    for path, piece in planned.given:
        file = file_of(piece)
        total += file.size if file else 0
        if file and piece.kind == "image" and file.size > _IMAGE:
            yield f"{path}: pictures above 30 MB are refused; make it smaller"
    if total * 4 / 3 > _BODY and not planned.action.split_audio:
        yield f"{total / 1e6:,.0f} MB of files may be more than one request can carry"


def long(planned: Planned) -> Found:
    """Find prompts that do not fit the context, or leave too little of it for the answer."""
    contexts = context_lengths(planned.row)
    if not contexts:
        return
    prompt, context = prompt_tokens(planned.body), max(contexts)
    answer = answer_tokens(planned.body, {}, prompt).high or 0
    about = f"the prompt has {prompt.low:,.0f} tokens at least, by a low guess"
    if prompt.low > context and _shortened(planned.body, context):
        yield f"{about}; {planned.model} takes {context:,}, and its middle will be left out"
    elif prompt.low > context:
        told = f"{about}, and {planned.model} takes {context:,}; shorten it"
        yield Problem(_prompt(planned), told)
    elif prompt.low > min(contexts):
        yield f"{about}; the first provider of {planned.model} takes {min(contexts):,}"
    elif prompt.high is not None and prompt.high > context:
        told = f"the prompt may have up to {prompt.high:,.0f} tokens"
        yield f"{told}, and {planned.model} takes {context:,}"
    elif prompt.low + answer > context:
        told = f"{about}; with {answer:,.0f} for the answer"
        yield f"{told} that is more than the {context:,} that {planned.model} takes"


def _shortened(body: JsonObject, context: int) -> bool:
    """Tell whether OpenRouter shortens prompts: for small contexts unless told not to."""
    told = body.get("plugins")
    refused = isinstance(told, list) and {"id": _COMPRESSION, "enabled": False} in told
    return _COMPRESSION in plugins(body) or (context <= _SMALL and not refused)


def _prompt(planned: Planned) -> str:
    """Name the parameter that holds the longest text."""
    lengths = {name: _length(value) for name, value in planned.values.items()}
    return max(lengths, key=lambda name: lengths[name], default="")


def _length(value: Json) -> int:
    if isinstance(value, LoadedFile):
        return len(value.text or "")
    if isinstance(value, dict | list):
        return sum(map(_length, value.values() if isinstance(value, dict) else value))
    return len(value) if isinstance(value, str) else 0


_IMAGE, _BODY = 30_000_000, 100_000_000  # bytes
_SMALL, _COMPRESSION = 8192, "context-compression"  # tokens up to which it is on by itself
