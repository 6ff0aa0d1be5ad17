"""Combine the stream of a response into one response.

The last event holds the whole response. If it is missing or empty, the response is assembled from
the events before it: items, their parts, and the deltas of their texts.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...values import Event, Json, JsonObject, an_object
from .error_bodies import BROKEN_OFF, error_in, incomplete
from .merge import items, settled, text
from .responses import text_of


class Fold:
    """Combines events into the response that the same call returns without a stream."""

    def __init__(self) -> None:
        self._response: JsonObject = {}
        self._items: dict[int, JsonObject] = {}
        self._ended = False

    def add(self, event: Json) -> Iterator[Event]:
        """Add an event, and yield the deltas to show."""
        if not isinstance(event, dict):
            return
        kind, response = event.get("type"), event.get("response")
        # Servers write the kind with its namespace or without.
        kind = kind.removeprefix("response.") if isinstance(kind, str) else ""
        if not kind and isinstance(event.get("output"), list):
            kind, response = "completed", event  # a whole response in one event
        if isinstance(response, dict):
            # An event with the response repeats all of it that is known by then.
            _fill(self._response, response)
            self._ended = kind in _ENDS
        elif kind == "error" or "error" in event:
            error = event.get("error") or event
            if error_in({"error": error}):
                self._response["error"] = error
        elif place := _PLACES.get(kind.rpartition(".")[0]):
            self._grow(place, kind, event)
            delta = event.get("delta")
            if isinstance(delta, str) and delta and kind in _SHOWN:
                yield Event("delta", delta) if _SHOWN[kind] else Event("delta", reasoning=delta)

    def complete(self, done: bool) -> JsonObject:
        """Return the response. IncompleteError when the stream stopped without an end.

        Without the last event it counts as complete if the stream ended with `[DONE]`.
        """
        if not (done or self.finished or error_in(self._response)):
            raise incomplete(BROKEN_OFF, self.response, self.text)
        return self.response

    @property
    def finished(self) -> bool:
        """Whether a final event arrived."""
        return self._ended

    @property
    def response(self) -> JsonObject:
        """The events so far, as the response they would be without a stream."""
        parts = [_completed(self._items[index]) for index in sorted(self._items)]
        whole = {"status": None, **self._response, "output": self._response.get("output") or parts}
        response: JsonObject = settled(_completed(whole))
        return response

    @property
    def text(self) -> str | None:
        """The text so far."""
        return text_of(self.response) or None

    def _grow(self, place: _Place, kind: str, event: JsonObject) -> None:
        """Merge an event into its place in the output."""
        item, step = self._item(place, event), kind.rpartition(".")[2]
        if item is None:
            return
        if place.item == _ITEM:
            return _fill(item, an_object(event.get("item")))
        holder = _part(item, place, event) if place.parts else item
        if place.field == "annotations":
            holder["annotations"] = items(holder.get("annotations"), [event.get("annotation")])
        elif place.field is None:
            _fill(holder, an_object(event.get("part")))
        elif step == "delta":
            holder[place.field] = text(holder.get(place.field), event.get("delta") or "")
        else:
            _fill(holder, {key: event[key] for key in (place.field, "name") if key in event})

    def _item(self, place: _Place, event: JsonObject) -> JsonObject | None:
        """Return the item that an event belongs to; None if it names none.

        Text that names no item belongs to the last message, or starts one.
        """
        index, name = event.get("output_index"), event.get("item_id")
        new = max(self._items, default=-1) + 1
        if isinstance(index, int) or place.item == _ITEM:
            index = index if isinstance(index, int) else new
            return self._items.setdefault(index, settled(place.item))
        for item in reversed(self._items.values()):
            named = name is not None and item.get("id") == name
            if named or (place.item == _MESSAGE and item.get("type") == "message"):
                return item
        if place.item == _MESSAGE and place.field == "text":
            return self._items.setdefault(new, settled(place.item))
        return None


def _part(item: JsonObject, place: _Place, event: JsonObject) -> JsonObject:
    """Return the part of an item that an event belongs to, adding it if it is new."""
    if not isinstance(parts := item.get(place.parts or ""), list):
        parts = item[place.parts or ""] = []
    index = event.get(f"{place.parts}_index")
    if not isinstance(index, int) or index < 0:
        # Without an index: the last part, or a new one if the event announces it.
        announced = place.field is None and str(event.get("type")).endswith("added")
        index = len(parts) if announced else max(len(parts) - 1, 0)
    if index >= len(parts):
        parts.append(settled(place.part))
    elif not isinstance(parts[index], dict):
        parts[index] = settled(place.part)
    part: JsonObject = parts[min(index, len(parts) - 1)]
    return part


def _fill(known: JsonObject, fields: JsonObject) -> None:
    """Copy all fields, but do not replace a value by an empty one."""
    for key, value in fields.items():
        if value is None or value == "" or value == []:
            known.setdefault(key, value)
        else:
            known[key] = value


def _completed(running: JsonObject) -> JsonObject:
    """Return an item with the status `completed` if it has none; `complete` judges the stream."""
    if "status" in running and running["status"] in (None, "in_progress", "queued"):
        return {**running, "status": "completed"}
    return running


class _Place(NamedTuple):
    """Where in the output an event belongs."""

    item: JsonObject
    """The initial item, if no event announced it."""
    parts: str | None = None
    """The key of the item's list of parts; None for the item itself."""
    part: JsonObject = {}  # noqa: RUF012 - copied, never changed
    """The initial part, if no event announced it."""
    field: str | None = None
    """The field that grows; None for a whole part."""


_ITEM: JsonObject = {}
_MESSAGE: JsonObject = {"type": "message", "role": "assistant", "content": []}
_REASONING: JsonObject = {"type": "reasoning", "summary": []}
_OUTPUT_TEXT: JsonObject = {"type": "output_text", "text": "", "annotations": []}
_PLACES = {
    "output_item": _Place(_ITEM),
    "content_part": _Place(_MESSAGE, "content"),
    "output_text": _Place(_MESSAGE, "content", _OUTPUT_TEXT, "text"),
    "output_text.annotation": _Place(_MESSAGE, "content", _OUTPUT_TEXT, "annotations"),
    "refusal": _Place(_MESSAGE, "content", {"type": "refusal"}, "refusal"),
    "reasoning_text": _Place(_REASONING, "content", {"type": "reasoning_text"}, "text"),
    "reasoning_summary_part": _Place(_REASONING, "summary"),
    "reasoning_summary_text": _Place(_REASONING, "summary", {"type": "summary_text"}, "text"),
    "function_call_arguments": _Place({"type": "function_call"}, field="arguments"),
    "mcp_call_arguments": _Place({"type": "mcp_call"}, field="arguments"),
    "custom_tool_call_input": _Place({"type": "custom_tool_call"}, field="input"),
    "code_interpreter_call_code": _Place({"type": "code_interpreter_call"}, field="code"),
}
_ENDS = ("completed", "incomplete", "failed", "cancelled")
_SHOWN = {
    "output_text.delta": True,
    "reasoning_text.delta": False,
    "reasoning_summary_text.delta": False,
}
"""The events with a delta to show: true for text, false for reasoning."""
