"""The events of a relayed stream: how far the answer has come, and the bytes that are passed on."""

from __future__ import annotations

import json

from ..plain_json import to_json_text
from ..secret import Redactor, StreamRedactor
from ..values import Json, JsonObject, an_object
from .dialects.endings import is_ending
from .dialects.error_bodies import objects
from .http.json_reader import read_json

# The last events of an image and of a response.
_LAST = {
    "image_generation.completed",
    *(f"response.{end}" for end in ("completed", "incomplete", "failed", "cancelled")),
}
_PLACE = ("item_id", "output_index", "content_index", "summary_index")
_TEXTS = ("content", "reasoning", "reasoning_content")


class Progress:
    """How far the answer of a stream has come."""

    def __init__(self) -> None:
        self._ended: dict[int, bool] = {}
        """Each choice by its index, and whether it has a finish reason."""

    @property
    def began(self) -> bool:
        """Whether any part of an answer came."""
        return bool(self._ended)

    @property
    def finished(self) -> bool:
        """Whether each choice has ended."""
        return self.began and all(self._ended.values())

    def add(self, event: JsonObject) -> None:
        """Take the next event into account."""
        if "choices" not in event and "type" in event:  # of an image or a response
            self._ended[0] = event["type"] in _LAST
        for place, choice in enumerate(objects(event.get("choices"))):
            index = _index(choice, place)
            ended = is_ending(choice.get("finish_reason"))
            self._ended[index] = ended or self._ended.get(index, False)


class Exact:
    """Reads the JSON of events, and knows whether the last one was valid for every client."""

    def __init__(self) -> None:
        self.valid = True

    def __call__(self, data: bytes) -> Json:
        """Read an event; ValueError or RecursionError when it is not JSON at all."""
        try:
            value, self.valid = _STRICT.decode(data.decode()), True
        except (ValueError, RecursionError):
            # A strict client would fail at such an event, so it is written anew.
            value, self.valid = read_json(data), False
        return value


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


_STRICT = json.JSONDecoder(parse_constant=_refuse)  # without NaN and Infinity


class Passing:
    """Writes events as they are passed on: unchanged, unless a key is spread over several.

    Then what may be its beginning is held back, and comes with a later event.
    """

    def __init__(self, redactor: Redactor, exact: Exact) -> None:
        self._redactor = redactor
        self._exact = exact
        self._flows: dict[tuple[int, str | int], StreamRedactor] = {}
        """For each text of a choice, by its name in a delta or the index of a tool call."""
        self._last: JsonObject = {}
        self._deltas: dict[str, tuple[StreamRedactor, JsonObject]] = {}
        """For each text of a response, what is held back of it and its last event."""

    def write(self, lines: list[bytes], event: Json) -> bytes:
        """Return the bytes of an event or comment, written anew where a text of it changed."""
        if event is not None and not self._exact.valid:
            lines = _rewritten(lines, event)
        if isinstance(event, dict) and isinstance(kind := event.get("type"), str):
            if kind.endswith(".delta") and isinstance(event.get("delta"), str):
                return self._delta(lines, event)
            if kind.endswith(".done") or kind in _LAST:
                return self._held_back(event) + self._unchanged(lines)
        if isinstance(event, dict) and self._hide(event):
            return _written(event)
        return self._unchanged(lines)

    def _unchanged(self, lines: list[bytes]) -> bytes:
        part = b"".join(lines)
        # The last event of a stream may lack its line end.
        return part if part.endswith((b"\n", b"\r")) else part + b"\n"

    def _delta(self, lines: list[bytes], event: JsonObject) -> bytes:
        """Return a new part of a text of a response, without the key in it."""
        known = str([event.get(name) for name in ("type", *_PLACE)])
        flow, _ = self._deltas.get(known, (StreamRedactor(self._redactor), event))
        self._deltas[known] = (flow, event)
        visible = flow.feed(event["delta"])
        if visible == event["delta"]:
            return self._unchanged(lines)
        return b"".join(_rewritten(lines, {**event, "delta": visible}))

    def _held_back(self, ending: JsonObject) -> bytes:
        """Return what was held back of the texts that an event ends, as events of their own.

        Other texts go on: what is held back of them may be the beginning of the key.
        """
        ended = [key for key, (_, event) in self._deltas.items() if _may_end(ending, event)]
        rest = [(event, flow.flush()) for flow, event in map(self._deltas.pop, ended)]
        return b"".join(_written({**event, "delta": text}) for event, text in rest if text)

    def end(self) -> bytes:
        """Return what was held back, as an event of its own."""
        rest = [(place, flow.flush()) for place, flow in self._flows.items()]
        choices = [
            {"index": index, "delta": _put({}, name, text)} for (index, name), text in rest if text
        ]
        rest_of_choices = _written({**self._last, "choices": choices}) if choices else b""
        return self._held_back({}) + rest_of_choices

    def _hide(self, event: JsonObject) -> bool:
        """Hide the key in the texts of an event; return whether one of them changed."""
        self._last, changed = event, False
        for place, choice in enumerate(objects(event.get("choices"))):
            if not isinstance(delta := choice.get("delta"), dict):
                continue
            index, ended = _index(choice, place), is_ending(choice.get("finish_reason"))
            texts = _texts(delta)
            if ended:
                texts = {name: "" for at, name in self._flows if at == index} | texts
            for name, text in texts.items():
                flow = self._flows.setdefault((index, name), StreamRedactor(self._redactor))
                visible = flow.feed(text) + (flow.flush() if ended else "")
                if visible != text:
                    _put(delta, name, visible)
                    changed = True
        return changed


def _texts(delta: JsonObject) -> dict[str | int, str]:
    """Return the texts of a delta by their names; the arguments of tool calls by their index."""
    texts: dict[str | int, Json] = {name: delta.get(name) for name in _TEXTS}
    for place, call in enumerate(objects(delta.get("tool_calls"))):
        texts[_index(call, place)] = an_object(call.get("function")).get("arguments")
    return {name: text for name, text in texts.items() if isinstance(text, str) and text}


def _put(delta: JsonObject, name: str | int, text: str) -> JsonObject:
    """Put a text into a delta under its name, or as the arguments of a tool call."""
    if isinstance(name, str):
        delta[name] = text
        return delta
    calls = [*objects(delta.get("tool_calls"))]
    call = next((call for place, call in enumerate(calls) if _index(call, place) == name), None)
    if call is None:
        calls.append(call := {"index": name})
    call["function"] = {**an_object(call.get("function")), "arguments": text}
    delta["tool_calls"] = calls
    return delta


def _may_end(ending: JsonObject, delta: JsonObject) -> bool:
    """Return whether an event may end the text of a delta: it names no other place."""
    return all(ending.get(name) in (None, delta.get(name)) for name in _PLACE)


def _index(choice: JsonObject, place: int) -> int:
    index = choice.get("index")
    return index if isinstance(index, int) else place


def _written(event: JsonObject) -> bytes:
    return b"data: " + json.dumps(event).encode() + b"\n\n"


def _rewritten(lines: list[bytes], event: Json) -> list[bytes]:
    """Return the lines of an event with valid JSON as its data."""
    others = [line for line in lines if line.strip() and not line.startswith(b"data:")]
    return [*others, b"data: %b\n" % to_json_text(event).encode(), b"\n"]
