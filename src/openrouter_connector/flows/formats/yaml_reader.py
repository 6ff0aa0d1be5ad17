"""Read YAML as JSON sees it, three times faster than PyYAML's own constructors.

The words of plain scalars are those of `JsonLoader`: `NO` is a text, `1:1` is not 61. Tags that
JSON has no values for, such as `!!binary`, are errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import yaml

from ...definition.yaml_file import JsonLoader
from ...values import Json, JsonObject

_TAG = "tag:yaml.org,2002:"
_NO_KEY: Final = object()


def read_yaml(text: str, deepest: int) -> Json:
    """Return the value of one document. yaml.YAMLError for another text, or more levels."""
    loader = JsonLoader(text)
    try:
        return _Reader(deepest).read(loader.get_event)
    finally:
        loader.dispose()


class _Reader:
    """Builds values from the events of the parser."""

    def __init__(self, deepest: int) -> None:
        self._deepest = deepest
        self._anchors: dict[str, Json] = {}
        self._open: list[tuple[Json, Any]] = []
        """The containers around the current one, each with the key that waits for its value."""

    def read(self, event_after: Callable[[], Any]) -> Json:
        """Return the only document of a stream; None for an empty one."""
        event_after()  # the start of the stream
        event = event_after()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        value = self._value(event_after)
        event_after()  # the end of the document
        if not isinstance(event := event_after(), yaml.StreamEndEvent):
            raise _error("but there is another document", event)
        return value

    def _value(self, event_after: Callable[[], Any]) -> Json:
        holder: Json = []  # holds the value of the document itself
        root, key = holder, _NO_KEY
        while True:
            event = event_after()
            kind = type(event)
            if kind is yaml.ScalarEvent:
                value = _scalar(event)
            elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                value = self._opened(event)
            elif kind is yaml.AliasEvent:
                value = self._aliased(event)
            else:
                holder, key = self._open.pop()
                if holder is root:
                    return root[0]
                continue
            if kind is not yaml.AliasEvent and event.anchor:
                self._anchors[event.anchor] = value
            if type(holder) is list:
                holder.append(value)
            elif key is _NO_KEY:
                key = _checked(value, holder, event)
                continue
            else:
                holder[key], key = value, _NO_KEY
            if kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
                self._open.append((holder, key))
                holder, key = value, _NO_KEY
            elif holder is root:
                return value

    def _opened(self, event: Any) -> Json:
        if len(self._open) >= self._deepest:
            raise _error(f"has more than {self._deepest} levels", event)
        is_list = isinstance(event, yaml.SequenceStartEvent)
        if event.tag not in (None, "!", f"{_TAG}{'seq' if is_list else 'map'}"):
            raise _error(f"the tag {event.tag!r} is not supported", event)
        return [] if is_list else {}

    def _aliased(self, event: Any) -> Json:
        if event.anchor not in self._anchors:
            raise _error(f"the anchor {event.anchor!r} is not defined before", event)
        return self._anchors[event.anchor]


def _scalar(event: Any) -> Json:
    value, tag = event.value, event.tag
    if tag is None:
        if not event.implicit[0]:
            return value
        for tag, pattern in _WORDS.get(value[:1], ()):
            if pattern.match(value):
                return _READ[tag](value)
        return value
    if tag == "!":
        return value
    if tag not in _READ:
        raise _error(f"the tag {tag!r} is not supported", event)
    try:
        return _READ[tag](value)
    except (ValueError, KeyError):
        raise _error(f"{value!r:.40} is no {tag.removeprefix(_TAG)}", event) from None


def _checked(key: Json, mapping: JsonObject, event: Any) -> str:
    if not isinstance(key, str):
        raise _error(f"{key!r:.40} is no text, as keys are; put it in quotes", event)
    if key in mapping:
        raise _error(f"{key!r:.40} occurs twice", event)
    return key


def _error(problem: str, event: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(None, None, problem, event.start_mark)


_WORDS: Mapping[str, Any] = JsonLoader.yaml_implicit_resolvers
_READ: Mapping[str, Callable[[str], Json]] = {
    f"{_TAG}bool": {"true": True, "false": False}.__getitem__,
    f"{_TAG}null": lambda text: None,
    f"{_TAG}int": int,
    f"{_TAG}float": float,
    f"{_TAG}str": str,
}
