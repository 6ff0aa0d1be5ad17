"""Read the entries of an answer: their labels, confidence and numbers, whatever the JSON's shape.

Models wrap lists in different objects and name keys differently. `list_entries` returns them all
in one shape: a list of objects with normalized keys.
"""

from __future__ import annotations

from collections.abc import Iterable
from re import fullmatch, sub

from ...values import Json, JsonObject

# Normalized as by `_normalize_keys`: `class_name` and `className` are the same.
LABELS = ("class", "label", "classname", "name", "category", "object", "title", "tag", "type",
          "prediction", "predictedclass", "classification", "answer", "result")  # fmt: skip
SCORES = ("confidence", "score", "probability", "prob", "conf", "confidencescore", "certainty")
WRAPPERS = ("boxes", "detections", "objects", "predictions", "classes", "labels", "tags", "results",
            "result", "items", "annotations", "detectedobjects", "boundingboxes", "classifications",
            "classification", "prediction", "data", "answer", "output", "response", "object",
            "class", "label")  # fmt: skip
BOXES = ("box2d", "bbox2d", "box", "bbox", "boundingbox", "coordinates", "coords", "location",
         "position", "rect", "rectangle", "region")  # fmt: skip
"""Keys that hold a box, the least ambiguous first."""
_ENTRY_KEYS = {*LABELS[:3], *SCORES, *BOXES}
"""Keys that only an entry has, never a wrapper around entries."""
_SIDES = ("xmin", "ymin", "x1", "y1", "left", "top", "width", "x", "y", "xcenter", "cx")
_MAX_DEPTH = 6


def list_entries(value: Json, depth: int = _MAX_DEPTH) -> list[JsonObject]:
    """Return the entries of an answer with normalized keys: bare, wrapped, or by their class.

    `["cat"]`, `{"label": "cat"}`, `{"result": [{"class": "cat"}]}` and `{"cat": 0.9}` have one
    entry each.
    """
    if isinstance(value, str):
        return [{"class": value}]
    if isinstance(value, list) and depth:
        if is_four_numbers(value):
            return [{"box": value}]
        return [entry for item in value for entry in list_entries(item, depth - 1)]
    if not isinstance(value, dict) or not depth:
        return []
    known = _normalize_keys(value)
    name, wrapped = class_name_of(known), [known[key] for key in WRAPPERS if key in known]
    for inner in wrapped:
        if isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner):
            return _with_class(name, list_entries(inner, depth - 1))
    if name is not None and known.keys() & _ENTRY_KEYS:
        return [known]
    for inner in wrapped:
        if isinstance(inner, dict):
            return _with_class(name, list_entries(inner, depth - 1))
    if name is not None or known.keys() & {*BOXES, *_SIDES}:
        return [known]
    for inner in wrapped:
        if isinstance(inner, list):
            return list_entries(inner, depth - 1)
    if known.keys() & {*SCORES}:
        return []
    return [
        entry for key, item in value.items() for entry in _entries_of(str(key), item, depth - 1)
    ]


def names_nothing(value: Json, depth: int = _MAX_DEPTH) -> bool:
    """Return whether an answer finds nothing: `[]`, `{"boxes": null}`, `{"cat": false}`."""
    if value is None or value == []:
        return True
    if not isinstance(value, dict) or not value or not depth:
        return False
    known = _normalize_keys(value)
    if any(key in known and names_nothing(known[key], depth - 1) for key in WRAPPERS):
        return True
    return all(item is None or item is False or item in ([], 0) for item in value.values())


def class_name_of(entry: JsonObject) -> str | None:
    """Return the class or label of an entry."""
    names = (entry.get(key) for key in LABELS)
    return next((name.strip() for name in names if isinstance(name, str) and name.strip()), None)


def uses_percent(entries: Iterable[JsonObject]) -> bool:
    """Return whether an answer gives confidence in percent, rather than from 0 to 1.

    Values up to 10 do not count: they may be points on a scale to 10.
    """
    scores = [_score(entry) for entry in entries]
    return any(_is_percent(score) or 10 < (read_number(score) or 0) <= 100 for score in scores)


def read_confidence(entry: JsonObject, percent: bool, warnings: list[str]) -> float | None:
    """Return the confidence from 0 to 1; None, with a warning, if it is on another scale."""
    score = _score(entry)
    if score is None:
        return None
    confidence = read_number(score)
    if confidence is not None and percent:
        # 0.9 among percentages is ambiguous: 0.9 % or 90 %.
        ambiguous = 0 < confidence < 1 and not _is_percent(score)
        confidence = None if ambiguous else confidence / 100
    if confidence is None or not 0 <= confidence <= 1:
        shown = repr(str(score)[:40])
        add_warning(
            warnings, f"the confidence {shown} is not a number from 0 to 1 and was left out"
        )
        return None
    return round(confidence, 4)


def read_number(value: Json) -> float | None:
    """Return a number of reasonable size, also from text: "12.5", "12.5%", "12 px"."""
    if isinstance(value, str) and len(value) < 40:
        found = fullmatch(r"\s*([-+]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20}))\s*(?:%|px)?\s*", value)
        return float(found[1]) if found else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e9 else None


def is_four_numbers(value: Json) -> bool:
    """Return whether a value is a list of four numbers."""
    if not isinstance(value, list) or len(value) != 4:
        return False
    return all(read_number(item) is not None for item in value)


def match_name(name: str, names: Iterable[str]) -> str | None:
    """Return the requested name that equals `name` but for case, spaces and hyphens."""
    requested, key = list(names), _comparable(name)
    if name in requested:
        return name
    return next((known for known in requested if key and _comparable(known) == key), None)


def add_warning(warnings: list[str], warning: str) -> None:
    """Add a warning, once."""
    if warning not in warnings:
        warnings.append(warning)


def _normalize_keys(value: JsonObject) -> JsonObject:
    """Return an object with lower-case keys without punctuation; the first of equals wins."""
    normalized: JsonObject = {}
    for key, item in value.items():
        normalized.setdefault(sub(r"[\W_]", "", str(key)).casefold(), item)
    return normalized


def _entries_of(name: str, value: Json, depth: int) -> list[JsonObject]:
    """Return the entries under the name of a class: a confidence, a box, or several."""
    if value is None or value is False:
        return []
    if value is True:
        return [{"class": name}]
    if isinstance(value, dict | list):
        inner = [_normalize_keys(value)] if isinstance(value, dict) else list_entries(value, depth)
        return _with_class(name, inner)
    return [{"class": name, "confidence": value}]


def _with_class(name: str | None, entries: list[JsonObject]) -> list[JsonObject]:
    """Return the entries; those without a class get the class of the object around them."""
    if name is None:
        return entries
    return [
        entry if class_name_of(entry) is not None else {**entry, "class": name} for entry in entries
    ]


def _score(entry: JsonObject) -> Json:
    return next((entry[key] for key in SCORES if entry.get(key) is not None), None)


def _is_percent(value: Json) -> bool:
    return isinstance(value, str) and value.rstrip().endswith("%")


def _comparable(name: str) -> str:
    """Return a name without case, spaces, hyphens and punctuation around it."""
    return sub(r"[\s_-]+", "", name.casefold()).strip("\"'`*.,:;!")
