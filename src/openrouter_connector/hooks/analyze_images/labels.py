"""What an answer names: its things, however they are wrapped and whatever their keys are called."""

from __future__ import annotations

from collections.abc import Iterable
from re import fullmatch, sub

from ...values import Json, JsonObject

# Normalised, as `_plain` writes keys: `class_name` and `className` are one.
LABELS = ("class", "label", "classname", "name", "category", "object", "title", "tag", "type",
          "prediction", "predictedclass", "classification", "answer", "result")  # fmt: skip
SCORES = ("confidence", "score", "probability", "prob", "conf", "confidencescore", "certainty")
WRAPPERS = ("boxes", "detections", "objects", "predictions", "classes", "labels", "tags", "results",
            "result", "items", "annotations", "detectedobjects", "boundingboxes", "classifications",
            "classification", "prediction", "data", "answer", "output", "response", "object",
            "class", "label")  # fmt: skip
BOXES = ("box2d", "bbox2d", "box", "bbox", "boundingbox", "coordinates", "coords", "location",
         "position", "rect", "rectangle", "region")  # fmt: skip
"""Keys that hold a box, the clearest first."""
_CERTAIN = {*LABELS[:3], *SCORES, *BOXES}
"""Keys that only a thing has, and nothing that things stand in."""
_SIDES = ("xmin", "ymin", "x1", "y1", "left", "top", "width", "x", "y", "xcenter", "cx")
_DEEPEST = 6


def list_entries(value: Json, depth: int = _DEEPEST) -> list[JsonObject]:
    """List the things in an answer, each with normalised keys: bare, wrapped, or by their classes.

    `["cat"]`, `{"label": "cat"}`, `{"result": [{"class": "cat"}]}` and `{"cat": 0.9}` name one
    thing each.
    """
    if isinstance(value, str):
        return [{"class": value}]
    if isinstance(value, list) and depth:
        if is_four_numbers(value):
            return [{"box": value}]
        return [one for item in value for one in list_entries(item, depth - 1)]
    if not isinstance(value, dict) or not depth:
        return []
    known = _plain(value)
    name, inside = class_name_of(known), [known[key] for key in WRAPPERS if key in known]
    for inner in inside:
        if isinstance(inner, list) and any(isinstance(item, dict | list) for item in inner):
            return _labelled(name, list_entries(inner, depth - 1))
    if name is not None and known.keys() & _CERTAIN:
        return [known]
    for inner in inside:
        if isinstance(inner, dict):
            return _labelled(name, list_entries(inner, depth - 1))
    if name is not None or known.keys() & {*BOXES, *_SIDES}:
        return [known]
    for inner in inside:
        if isinstance(inner, list):
            return list_entries(inner, depth - 1)
    if known.keys() & {*SCORES}:
        return []
    return [one for name, told in value.items() for one in _by_class(str(name), told, depth - 1)]


def names_nothing(value: Json, depth: int = _DEEPEST) -> bool:
    """Whether an answer says that there is nothing: `[]`, `{"boxes": null}`, `{"cat": false}`."""
    if value is None or value == []:
        return True
    if not isinstance(value, dict) or not value or not depth:
        return False
    known = _plain(value)
    if any(key in known and names_nothing(known[key], depth - 1) for key in WRAPPERS):
        return True
    return all(told is None or told is False or told in ([], 0) for told in value.values())


def class_name_of(thing: JsonObject) -> str | None:
    """Give what a thing is called."""
    found = (thing.get(key) for key in LABELS)
    return next((name.strip() for name in found if isinstance(name, str) and name.strip()), None)


def uses_percent(found: Iterable[JsonObject]) -> bool:
    """Whether an answer counts confidence in percent, and not from 0 to 1.

    One that goes no further than 10 may count points instead.
    """
    scores = [_score(thing) for thing in found]
    return any(_is_percent(told) or 10 < (read_number(told) or 0) <= 100 for told in scores)


def read_confidence(thing: JsonObject, percent: bool, warnings: list[str]) -> float | None:
    """Give how sure the model is, from 0 to 1; None for what is no number, or of another scale."""
    told = _score(thing)
    if told is None:
        return None
    sure = read_number(told)
    if sure is not None and percent:
        # Beside percent, 0.9 is hardly less than one.
        sure = None if 0 < sure < 1 and not _is_percent(told) else sure / 100
    if sure is None or not 0 <= sure <= 1:
        add_warning(
            warnings, f"the confidence {str(told)[:40]!r} is no number from 0 to 1: left out"
        )
        return None
    return round(sure, 4)


def read_number(value: Json) -> float | None:
    """Give a number of a sensible size, also of a text: "12.5", "12.5%", "12 px"."""
    if isinstance(value, str) and len(value) < 40:
        written = fullmatch(
            r"\s*([-+]?(?:\d{1,9}(?:\.\d{0,20})?|\.\d{1,20}))\s*(?:%|px)?\s*", value
        )
        return float(written[1]) if written else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) < 1e9 else None


def is_four_numbers(value: Json) -> bool:
    """Whether a value is a list of four numbers."""
    return (
        isinstance(value, list)
        and len(value) == 4
        and all(read_number(n) is not None for n in value)
    )


def match_name(name: str, names: Iterable[str]) -> str | None:
    """Find a name among those that were asked for, whatever its case, spaces and hyphens."""
    listed, key = list(names), _same(name)
    if name in listed:
        return name
    return next((one for one in listed if key and _same(one) == key), None)


def add_warning(warnings: list[str], told: str) -> None:
    """Add a warning, once."""
    if told not in warnings:
        warnings.append(told)


def _plain(value: JsonObject) -> JsonObject:
    """Write the keys of an object without case and punctuation; the first of two alike stands."""
    plain: JsonObject = {}
    for key, told in value.items():
        plain.setdefault(sub(r"[\W_]", "", str(key)).casefold(), told)
    return plain


def _by_class(name: str, told: Json, depth: int) -> list[JsonObject]:
    """List what an object tells under the name of a class: a confidence, a box, or several."""
    if told is None or told is False:
        return []
    if told is True:
        return [{"class": name}]
    if isinstance(told, dict | list):
        inner = [_plain(told)] if isinstance(told, dict) else list_entries(told, depth)
        return _labelled(name, inner)
    return [{"class": name, "confidence": told}]


def _labelled(name: str | None, found: list[JsonObject]) -> list[JsonObject]:
    """Give things without a name of their own that of what they stand in."""
    if name is None:
        return found
    return [one if class_name_of(one) is not None else {**one, "class": name} for one in found]


def _score(thing: JsonObject) -> Json:
    return next((thing[key] for key in SCORES if thing.get(key) is not None), None)


def _is_percent(value: Json) -> bool:
    return isinstance(value, str) and value.rstrip().endswith("%")


def _same(name: str) -> str:
    """Write a name without what does not tell names apart."""
    return sub(r"[\s_-]+", "", name.casefold()).strip("\"'`*.,:;!")
