"""Operations on what a classification gives: one class, or several at once."""

from __future__ import annotations

from typing import NamedTuple

from ...values import Json
from .inputs import InvalidInput, shorten

PROPERTIES = (
    "top_class",
    "top_class_confidence",
    "top_class_confidence_single",
    "all_classes",
    "all_confidences",
)


class Classification(NamedTuple):
    """The class that was chosen, if it is one, those that were, and all that there are."""

    top: Json
    confidence: Json
    chosen: list[Json]
    all: list[Json]


def classification_property(value: Json, property_name: str) -> Json:
    """Give the class, all classes, or their confidences."""
    found = _classes(value)
    match property_name:
        case "top_class":
            return found.top if found.top is not None else [one["class"] for one in found.chosen]
        case "all_classes":
            return [one["class"] for one in found.all]
        case "all_confidences":
            return [one.get("confidence") for one in found.all]
    if found.top is not None:
        return found.confidence
    confidences = [one.get("confidence") for one in found.chosen]
    if property_name == "top_class_confidence":
        return confidences
    return max((one for one in confidences if one is not None), default=0.0)


def _classes(value: Json) -> Classification:
    """Read Roboflow's two shapes, and the two of `analyzeImages`."""
    match value:
        case {"top": top, "predictions": list() as every}:
            return Classification(top, value.get("confidence"), [], _named(every))
        case {"predicted_classes": list() as chosen, "predictions": dict() as every}:
            rows = [{"class": name, **row} for name, row in every.items() if isinstance(row, dict)]
            rows.sort(key=lambda row: row.get("class_id", 0))
            return Classification(None, None, [row for row in rows if row["class"] in chosen], rows)
        case {"class": str() as top}:
            return Classification(top, value.get("confidence"), [], [value])
        case {"classes": list() as chosen}:
            return Classification(None, None, _named(chosen), _named(chosen))
    raise InvalidInput(f"{shorten(value)} is not what a classification gives")


def _named(rows: list[Json]) -> list[Json]:
    for row in rows:
        if not isinstance(row, dict) or "class" not in row:
            raise InvalidInput(f"{shorten(row)} has no class")
    return rows
