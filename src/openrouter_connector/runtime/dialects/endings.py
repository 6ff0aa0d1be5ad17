"""Judge finish reasons by a closed list of good ones, and explain all others.

Providers spell them in their own ways (`MAX_TOKENS`, `max_tokens`, `length`), so they are compared
without case. An empty text and `"null"` are no finish reason.
"""

from __future__ import annotations

from ...values import Json

# The API's name: only the action knows which of its properties sends it.
LENGTH_FIELD = "max_tokens"
FAILED = "the provider failed while it answered"
CUT = f"the answer was cut off at the token limit; raise {LENGTH_FIELD}"

_GOOD = {
    "stop", "stop_sequence", "end_turn", "eos", "eos_token", "tool_calls", "tool_call",
    "tool_use", "function_call", "complete", "completed", "done", "pause_turn", "compaction",
}  # fmt: skip
_CUT = {
    "length", "max_length", "max_token", "max_tokens", "max_output_tokens",
    "max_completion_tokens", "token_limit", "incomplete",
}  # fmt: skip
_CONTEXT = {
    "model_length", "context_length", "context_length_exceeded", "context_window_exceeded",
    "model_context_window_exceeded",
}  # fmt: skip
_FILTERED = {
    "content_filter", "content_filtered", "safety", "image_safety", "recitation",
    "image_recitation", "blocklist", "prohibited_content", "image_prohibited_content", "spii",
    "sensitive", "blocked", "guardrail_intervened", "moderation",
}  # fmt: skip
_FAILED = {
    "error", "failed", "cancelled", "canceled", "abort", "aborted", "timeout", "network_error",
    "server_error", "insufficient_system_resource", "malformed_function_call",
    "unexpected_tool_call",
}  # fmt: skip


def is_ending(reason: Json) -> bool:
    """Return whether this is a finish reason at all."""
    return _word(reason) not in _NONE


def is_good(reason: Json) -> bool:
    """Return whether a finish reason is on the list of good endings."""
    return _word(reason) in _GOOD


def is_cut(reason: Json) -> bool:
    """Return whether a finish reason says that the answer was cut off."""
    word = _word(reason)
    return word in _CUT or word in _CONTEXT


def is_error(reason: Json) -> bool:
    """Return whether a finish reason is the word `error`."""
    return _word(reason) == "error"


def fault_of(reason: Json, native: Json = None) -> str | None:
    """Return what a finish reason says is wrong; None for a good one or none at all.

    `native` is the provider's own word. Unknown words pass, but not those for a cut or stopped
    answer, since gateways translate some of these to a good reason.
    """
    word, other = _word(reason), _word(native)
    if fault := _KNOWN.get(word) or _KNOWN.get(other):
        return fault
    if word in _NONE:
        word, reason = other, native
    if word in _GOOD or word in _NONE:
        return None
    shown = "an object" if isinstance(reason, list | dict) else repr(str(reason)[:60])
    return f"the answer ended with the finish reason {shown}, which is not a known good one"


def _word(reason: Json) -> str:
    # `FinishReason.MAX_TOKENS` and `tool-calls` are spellings as well.
    word = "" if reason is None else str(reason) if not isinstance(reason, list | dict) else "?"
    return word.strip().rpartition(".")[2].casefold().replace("-", "_").replace(" ", "_")


_NONE = ("", "null", "none")
_KNOWN = {
    **dict.fromkeys(_CUT, CUT),
    **dict.fromkeys(_CONTEXT, "the answer was cut off at the end of the model's context window"),
    **dict.fromkeys(_FILTERED, "the provider's content filter stopped the answer"),
    **dict.fromkeys(("refusal", "refused"), "the model refused to answer"),
    **dict.fromkeys(_FAILED, FAILED),
}
