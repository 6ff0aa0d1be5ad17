"""Join the fragments of a streamed response, field by field.

A fragment has the shape of the whole. A table of rules says how each field is joined: texts and
lists grow, list items are matched by their identity. A field without a rule keeps its last value.
A null never replaces a value.

    rules = {"content": text, "audio": members({"data": text}), "annotations": items}
    merge(message, {"content": "Hel"}, rules)
    merge(message, {"content": "lo"}, rules)
    settled(message) == {"content": "Hello"}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ...values import Json, JsonObject

Join = Callable[[Json, Json], Json]
"""Takes the value so far and a fragment, which is not null; returns both joined."""
Rules = Mapping[str, Join]


class GrowingText:
    """A growing text. Its fragments are joined once, so long texts take linear time."""

    __slots__ = ("texts",)

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)


def merge(whole: JsonObject, fragment: JsonObject, rules: Rules) -> JsonObject:
    """Merge a fragment into the whole, in place."""
    for key, value in fragment.items():
        if value is None:
            whole.setdefault(key, None)
        elif join := rules.get(key):
            whole[key] = join(whole.get(key), value)
        else:
            whole[key] = value
    return whole


def name(known: Json, fragment: Json) -> Json:
    """Keep a name that later fragments leave empty."""
    return known if fragment == "" and known is not None else fragment


def text(known: Json, fragment: Json) -> Json:
    """Append text. Objects, as some servers send arguments, are merged; other types are dropped."""
    if isinstance(known, GrowingText):
        if isinstance(fragment, str):
            known.texts.append(fragment)
        return known if isinstance(fragment, str) or any(known.texts) else fragment
    if isinstance(known, dict) and isinstance(fragment, dict):
        return {**known, **fragment}
    if isinstance(fragment, str) and (known is None or isinstance(known, str)):
        return GrowingText(known or "", fragment)
    return fragment if known is None else known


def items(known: Json, fragment: Json) -> Json:
    """Append the items of a list."""
    if not isinstance(fragment, list):
        return fragment if known is None else known
    found: list[Json] = known if isinstance(known, list) else []
    found += fragment
    return found


def members(rules: Rules) -> Join:
    """Return the rule that merges objects, whose fields join by `rules`."""

    def join(known: Json, fragment: Json) -> Json:
        if not isinstance(fragment, dict):
            return fragment if known is None else known
        return merge(known if isinstance(known, dict) else {}, fragment, rules)

    return join


def listed(rules: Rules, find: Callable[[list[JsonObject], JsonObject], JsonObject | None]) -> Join:
    """Return the rule that merges each item into the one that `find` returns, or appends it."""

    def join(known: Json, fragment: Json) -> Json:
        if not isinstance(fragment, list):
            return fragment if known is None else known
        found: list[JsonObject] = known if isinstance(known, list) else []
        for item in fragment:
            if isinstance(item, dict):
                if (same := find(found, item)) is None:
                    found.append(same := {})
                merge(same, item, rules)
        return found

    return join


def agrees(one: JsonObject, other: JsonObject, *keys: str) -> bool:
    """Return whether two items agree in every key that both have."""
    pairs = ((one.get(key), other.get(key)) for key in keys)
    return all(a is None or b is None or a == "" or b == "" or a == b for a, b in pairs)


def settled(value: Json, depth: int = 12) -> Json:
    """Return a copy in which each growing text is a string.

    Texts grow only near the top; deeper values arrived whole and are not copied.
    """
    if isinstance(value, GrowingText):
        return "".join(value.texts)
    if not depth:
        return value
    if isinstance(value, dict):
        return {key: settled(item, depth - 1) for key, item in value.items()}
    return [settled(item, depth - 1) for item in value] if isinstance(value, list) else value
