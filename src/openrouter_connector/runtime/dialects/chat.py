"""OpenAI's chat completions: telling whole answers from broken ones, and folding streams."""

from __future__ import annotations

from collections.abc import Iterator

from ...definition.paths import at
from ...values import Event, Json, JsonObject
from ..refusals import describe, error_of
from .failures import BROKEN_OFF, CUT, incomplete

_LISTS = ("annotations", "images", "reasoning_details")


def whole(reply: JsonObject) -> JsonObject:
    """Give a completion that is whole; IncompleteError, with the text so far, if it is not.

    The API answers 200 also when it failed: with an `error` at the top or in the choice, with
    `choices` null, with no content, or cut short.
    """
    choices = reply.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    choice = choice if isinstance(choice, dict) else {}
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    message = {**message, "content": _text(message.get("content"))}
    failed = error_of(reply) or error_of(choice)
    if failed or reply.get("error"):
        told = describe(failed) or "the provider failed"
        raise incomplete(told, reply, message["content"], failed)
    if not choice:
        raise incomplete("the answer has no choices", reply)
    if fault := _fault(str(choice.get("finish_reason")), message, _has_thought(message, reply)):
        raise incomplete(fault, reply, message["content"])
    return {**reply, "choices": [{**choice, "message": message}]}


def unnested(reply: Json) -> Json:
    """Give the completion that a reply hides inside `provider`; any other reply as it is."""
    inner = reply.get("provider") if isinstance(reply, dict) else None
    return inner if isinstance(inner, dict) and inner.get("choices") else reply


def text_of(reply: JsonObject) -> str:
    """Give the text of a completion that is whole."""
    return reply["choices"][0]["message"]["content"] or ""


def _text(content: Json) -> str | None:
    """Give the text of a content, which may come in parts; what is no text is none."""
    if isinstance(content, list):
        parts = [part.get("text") for part in content if isinstance(part, dict)]
        content = "".join(part for part in parts if isinstance(part, str)) or None
    return content if isinstance(content, str) else None


def _has_thought(message: JsonObject, reply: JsonObject) -> bool:
    """Whether the model thought; some show nothing of it, and only bill it."""
    spent = at(reply, "usage.completion_tokens_details.reasoning_tokens")
    shown = message.get("reasoning") or message.get("reasoning_details")
    return bool(shown) or (isinstance(spent, int) and spent > 0)


def _fault(reason: str, message: JsonObject, thought: bool) -> str | None:
    """Say why an answer is none, by how it ended and by what is not in it."""
    content = message["content"]
    nothing = not content and not any(message.get(key) for key in _OTHERS)
    if reason == "length" and nothing:
        return _THOUGHT_AWAY if thought else _CUT_AT_ONCE
    if reason in _CUT:
        return _CUT[reason]
    if not content and message.get("refusal"):
        return f"the model refused: {message['refusal']}"
    if content is None and nothing:
        return _ONLY_THOUGHT if thought else "the answer has no content"
    return None


_OTHERS = ("tool_calls", "images", "audio")
"""What an answer may hold instead of text."""
_WAY_OUT = "allow more with maxTokens, or lower reasoning"
_THOUGHT_AWAY = f"the model spent all its tokens on thinking and said nothing; {_WAY_OUT}"
_CUT_AT_ONCE = f"the tokens allowed were used up before the model said anything; {_WAY_OUT}"
_ONLY_THOUGHT = f"the model thought, and the answer has no content; {_WAY_OUT}"
_CUT = {
    "length": CUT,
    "content_filter": "the provider's content filter stopped the answer",
    "error": "the provider failed while it answered",
}


class Fold:
    """A stream of chunks, folded into the completion that the same call gives without one."""

    def __init__(self) -> None:
        self._reply: JsonObject = {}
        self._choice: JsonObject = {}
        self._message: JsonObject = {"role": "assistant", "content": None}
        self._texts: dict[str, list[str]] = {"content": [], "reasoning": [], "refusal": []}
        self._tools: dict[int, JsonObject] = {}

    def add(self, chunk: Json) -> Iterator[Event]:
        """Take one chunk in, and give what of it is worth showing."""
        if not isinstance(chunk, dict):
            return
        choices = chunk.get("choices")
        # Usage comes with or without choices, the model and provider in every chunk.
        self._reply |= {k: v for k, v in chunk.items() if k != "choices" and v is not None}
        if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
            return
        if choices[0].get("index") not in (None, 0):
            return  # a second answer, which nobody asked for
        choice, delta = choices[0], choices[0].get("delta")
        # A finish reason may come twice, and null again behind it.
        kept = ("finish_reason", "native_finish_reason", "error")
        self._choice |= {key: choice[key] for key in kept if choice.get(key) is not None}
        logprobs = choice.get("logprobs")
        if isinstance(logprobs, dict) and isinstance(logprobs.get("content"), list):
            self._choice.setdefault("logprobs", {"content": []})["content"] += logprobs["content"]
        if isinstance(delta, dict):
            yield from self._grow(delta)

    def complete(self, done: bool) -> JsonObject:
        """Give the folded reply. IncompleteError when it stopped without saying so.

        `done` tells whether the stream ended with `[DONE]`; a finish reason does as well.
        """
        reply = self.reply
        if not (done or self.finished or reply.get("error")):
            raise incomplete(BROKEN_OFF, reply, self.text)
        return reply

    @property
    def finished(self) -> bool:
        """Whether the answer said that it ended."""
        return "finish_reason" in self._choice

    @property
    def reply(self) -> JsonObject:
        """What came so far, as the reply that it would have been without a stream."""
        message = dict(self._message)
        for key, parts in self._texts.items():
            if parts:
                message[key] = "".join(parts)
        if self._tools:
            message["tool_calls"] = [self._tools[index] for index in sorted(self._tools)]
        choice = {"index": 0, **self._choice, "message": message}
        return {**self._reply, "object": "chat.completion", "choices": [choice]}

    @property
    def text(self) -> str | None:
        """The text so far."""
        return "".join(self._texts["content"]) or None

    def _grow(self, delta: JsonObject) -> Iterator[Event]:
        for key, parts in self._texts.items():
            # An empty text stands beside reasoning, tools and the role: it says nothing.
            if isinstance(piece := delta.get(key), str) and piece:
                parts.append(piece)
                if key != "refusal":
                    text = key == "content"
                    yield Event("delta", piece) if text else Event("delta", reasoning=piece)
        for key in _LISTS:
            if isinstance(items := delta.get(key), list) and items:
                self._message.setdefault(key, []).extend(items)
        if isinstance(calls := delta.get("tool_calls"), list):
            for call in calls:
                if isinstance(call, dict):
                    self._tool(call)

    def _tool(self, call: JsonObject) -> None:
        """Join the pieces of a tool call by its index; its arguments may be missing altogether."""
        index = call["index"] if isinstance(call.get("index"), int) else 0
        known = self._tools.setdefault(index, {"type": "function", "function": {}})
        known |= {key: call[key] for key in ("id", "type", "index") if call.get(key) is not None}
        function = call.get("function")
        function = function if isinstance(function, dict) else {}
        if name := function.get("name"):
            known["function"]["name"] = name
        if isinstance(more := function.get("arguments"), str) and more:
            known["function"]["arguments"] = known["function"].get("arguments", "") + more
