"""How an answer ended: a closed list of good endings, and what is wrong with any other.

Providers spell endings in their own ways (`MAX_TOKENS`, `max_tokens`, `length`), so they are
compared without case. An empty text and `"null"` are no ending.
"""

from __future__ import annotations

from ...values import Json

# Named as the API names it: which property sends it is known to the action alone.
LENGTH_FIELD = "max_tokens"
CUT = f"the answer was cut off at the most tokens allowed; allow more with {LENGTH_FIELD}"

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
    """Return whether a finish reason says anything."""
    return _word(reason) not in _NONE


def is_good(reason: Json) -> bool:
    """Return whether a finish reason is on the list of good endings."""
    return _word(reason) in _GOOD


def is_cut(reason: Json) -> bool:
    """Return whether a finish reason says that the answer was cut off."""
    word = _word(reason)
    return word in _CUT or word in _CONTEXT


def fault_of(reason: Json, native: Json = None) -> str | None:
    """Say what is wrong with an ending; None for a good one, or where none is given.

    `native` is the provider's own word for it. It may be any word, but not one that says that the
    answer was cut off or stopped, since gateways translate some of these to a good ending.
    """
    word, other = _word(reason), _word(native)
    if fault := _KNOWN.get(word) or _KNOWN.get(other):
        return fault
    if word in _NONE:
        word, reason = other, native
    if word in _GOOD or word in _NONE:
        return None
    told = "something else" if isinstance(reason, list | dict) else repr(str(reason)[:60])
    return f"the answer ended as {told}, which is not a known good ending"


def _word(reason: Json) -> str:
    # `FinishReason.MAX_TOKENS` and `tool-calls` are spellings as well.
    word = "" if reason is None else str(reason) if not isinstance(reason, list | dict) else "?"
    return word.strip().rpartition(".")[2].casefold().replace("-", "_").replace(" ", "_")


_NONE = ("", "null", "none")
_KNOWN = {
    **dict.fromkeys(_CUT, CUT),
    **dict.fromkeys(_CONTEXT, "the answer was cut off where the model's context ends"),
    **dict.fromkeys(_FILTERED, "the provider's content filter stopped the answer"),
    **dict.fromkeys(("refusal", "refused"), "the model refused to answer"),
    **dict.fromkeys(_FAILED, "the provider failed while it answered"),
}
