"""Combine the stream of a chat completion into one completion."""

from __future__ import annotations

from collections.abc import Iterable

from ...values import Event, Json, JsonObject, an_object
from .chat import text_of
from .endings import is_ending
from .error_bodies import BROKEN_OFF, error_in, incomplete, is_json, objects
from .merge import GrowingText, agrees, items, listed, members, merge, name, settled, text


class Fold:
    """Combines chunks into the completion that the same call returns without a stream."""

    def __init__(self) -> None:
        self._response: JsonObject = {}
        self._choices: dict[int, JsonObject] = {}
        self._head: Json = None
        """The last chunk without its choices. Most chunks repeat it, so merging can be skipped."""
        self._beside: dict[int, JsonObject] = {}
        """The last chunk of each choice without its delta, for the same reason."""

    def add(self, chunk: Json) -> Iterable[Event]:
        """Add a chunk, and return the deltas of the first choice."""
        if not isinstance(chunk, dict):
            return ()
        head, shown = dict(chunk), list[Event]()
        choices = head.pop("choices", None)
        # Most chunks repeat it, and comparing is cheaper than merging.
        if head != self._head:
            merge(self._response, head, _RESPONSE)
            self._head = head
        for place, choice in enumerate(choices if isinstance(choices, list) else ()):
            if isinstance(choice, dict):
                index = choice.get("index")
                # Some servers leave the index out when there is one choice.
                index = index if isinstance(index, int) else place
                delta = self._grow(index, choice)
                if index == 0:
                    shown += _shown(delta)
        return shown

    def complete(self, done: bool) -> JsonObject:
        """Return the completion. IncompleteError when the stream stopped without an end.

        The end is `[DONE]` (`done`) or a finish reason for each choice.
        """
        response = self.response
        if not (done or self.finished or error_in(response)):
            raise incomplete(BROKEN_OFF, response, self.text)
        return response

    @property
    def finished(self) -> bool:
        """Whether each choice has a finish reason."""
        ends = [is_ending(choice.get("finish_reason")) for choice in self._choices.values()]
        return bool(ends) and all(ends)

    @property
    def response(self) -> JsonObject:
        """The chunks so far, as the completion they would be without a stream."""
        choices = [self._choices[index] for index in sorted(self._choices)]
        response: JsonObject = settled(
            self._response | {"object": "chat.completion", "choices": choices}
        )
        for choice in response["choices"]:
            if isinstance(calls := choice["message"].get("tool_calls"), list):
                choice["message"]["tool_calls"] = _ordered(calls)
        return response

    @property
    def text(self) -> str | None:
        """The text so far."""
        return text_of(self.response) or None

    def _grow(self, index: int, choice: JsonObject) -> JsonObject:
        """Merge a choice of a chunk, and return what it adds to the message."""
        known = self._choices.get(index)
        if known is None:
            message = {"role": "assistant", "content": None}
            known = self._choices[index] = {"index": index, "message": message}
        beside = dict(choice)
        delta, whole = an_object(beside.pop("delta", None)), beside.pop("message", None)
        # Some servers send `message` in place of `delta`.
        if isinstance(whole, dict) and all(value is None for value in delta.values()):
            delta = _rest_of(whole, known["message"])
        if beside != self._beside.get(index) or beside.get("logprobs"):
            self._beside[index] = beside
            merge(known, beside | {"index": index}, _CHOICE)
        merge(known["message"], delta, _MESSAGE)
        return delta


def _rest_of(whole: JsonObject, message: JsonObject) -> JsonObject:
    """Return what a whole message, sent in place of a delta, adds to the message so far.

    Some servers repeat the whole message in every chunk.
    """
    before, content = settled(message.get("content")), whole.get("content")
    for key, value in whole.items():
        if value is not None and key != "content":
            message.pop(key, None)
    if isinstance(content, str) and isinstance(before, str) and content.startswith(before):
        return {**whole, "content": content[len(before) :]}
    if isinstance(content, list):
        message["content"] = None
    return whole


def _shown(delta: JsonObject) -> list[Event]:
    """Return the text of a delta as events. Reasoning under two names is shown once."""
    thought = delta.get("reasoning") or delta.get("reasoning_content")
    content = delta.get("content")
    # Empty content accompanies reasoning, tool calls and the role: nothing to show.
    events = [Event("delta", reasoning=thought)] if thought and isinstance(thought, str) else []
    if isinstance(content, str):
        if content:
            events.append(Event("delta", content))
        return events
    for part in objects(content):
        thinking = part.get("thinking")
        for source in ({"text": thinking}, *objects(thinking)):
            if isinstance(fragment := source.get("text"), str) and fragment:
                events.append(Event("delta", reasoning=fragment))
        if isinstance(fragment := part.get("text"), str) and fragment:
            events.append(Event("delta", fragment))
    return events


def _same_call(calls: list[JsonObject], fragment: JsonObject) -> JsonObject | None:
    """Return the tool call that a delta continues: the latest with the same id and index."""
    for call in reversed(calls):
        if agrees(call, fragment, "id", "index"):
            return None if _begins_another(call, fragment) else call
    return None


def _begins_another(call: JsonObject, fragment: JsonObject) -> bool:
    """Return whether a delta without an id starts another tool call, judged by its name."""
    known, more = an_object(call.get("function")), an_object(fragment.get("function"))
    if not (known.get("name") and more.get("name")) or (fragment.get("id") and call.get("id")):
        return False
    if known["name"] != more["name"]:
        return True
    arguments = settled(known.get("arguments"))
    return bool(arguments and more.get("arguments")) and is_json(arguments)


def _ordered(calls: list[JsonObject]) -> list[JsonObject]:
    """Return tool calls in the order of their index, with the type that some servers omit."""
    kind = "function"
    placed = [
        (call["index"] if isinstance(call.get("index"), int) else place, call)
        for place, call in enumerate(calls)
    ]
    placed.sort(key=lambda pair: pair[0])
    return [call if call.get("type") else {**call, "type": kind} for _, call in placed]


def _same_detail(details: list[JsonObject], fragment: JsonObject) -> JsonObject | None:
    """Return the reasoning detail that a delta continues, by type and index.

    Without an index it can only be the last one. Encrypted data is never split.
    """
    keyed = fragment.get("index") is not None
    for detail in reversed(details) if keyed else details[-1:]:
        if detail.get("type") == fragment.get("type") and agrees(detail, fragment, "index", "id"):
            return detail if keyed or "data" not in fragment else None
    return None


def _same_part(parts: list[JsonObject], fragment: JsonObject) -> JsonObject | None:
    """Return the content part that a delta continues: the last, if both are text of one type."""
    keyed = fragment.get("index") is not None
    for part in reversed(parts) if keyed else parts[-1:]:
        if part.get("type") == fragment.get("type") and agrees(part, fragment, "index"):
            return part if keyed or _TEXTUAL & fragment.keys() else None
    return None


_TEXTUAL = {"text", "thinking", "refusal"}


def _thinking(known: Json, fragment: Json) -> Json:
    return (_thoughts if isinstance(fragment, list) else text)(known, fragment)


_thoughts = listed({"text": text}, _same_part)
_parts = listed(
    {"text": text, "thinking": _thinking, "refusal": text, "signature": text}, _same_part
)


def _content(known: Json, fragment: Json) -> Json:
    """Append content, which is text or a list of parts on either side."""
    if not isinstance(fragment, list) and not (
        isinstance(known, list) and isinstance(fragment, str)
    ):
        return text(known, fragment)
    if isinstance(known, GrowingText):
        before = settled(known)
        known = _parts(None, [{"type": "text", "text": before}]) if before else None
    if isinstance(fragment, str):
        fragment = [{"type": "text", "text": fragment}] if fragment else []
    return _parts(known, fragment)


def _error(known: Json, fragment: Json) -> Json:
    """Keep an error, whatever later chunks hold in its place."""
    return known if known is not None and error_in({"error": fragment}) is None else fragment


def _ending(known: Json, fragment: Json) -> Json:
    """Keep a finish reason: some servers send it twice, or empty in later chunks."""
    return fragment if is_ending(fragment) or not is_ending(known) else known


_FUNCTION = members({"name": name, "arguments": text})
_CALL = {
    "id": name,
    "type": name,
    "function": _FUNCTION,
    "custom": members({"name": name, "input": text}),
}
_DETAIL = {"text": text, "summary": text, "data": text, "signature": text}
_MESSAGE = {
    "content": _content,
    "reasoning": text,
    "reasoning_content": text,
    "refusal": text,
    "audio": members({"data": text, "transcript": text}),
    "tool_calls": listed(_CALL, _same_call),
    "function_call": _FUNCTION,
    "reasoning_details": listed(_DETAIL, _same_detail),
    "annotations": items,
    "images": items,
}
_CHOICE = {
    "finish_reason": _ending,
    "native_finish_reason": _ending,
    "error": _error,
    "logprobs": members({"content": items, "refusal": items}),
}
_RESPONSE = {"id": name, "model": name, "provider": name, "error": _error, "usage": members({})}
