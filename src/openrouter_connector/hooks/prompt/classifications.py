"""Operations on the result of a classification, with one class or several."""

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
    """The top class of a single-label result, the chosen ones of a multi-label result, and all."""

    top: Json
    confidence: Json
    chosen: list[Json]
    all: list[Json]


def classification_property(value: Json, property_name: str) -> Json:
    """Return the class, all classes, or their confidences."""
    found = _classes(value)
    match property_name:
        case "top_class":
            return found.top if found.top is not None else [row["class"] for row in found.chosen]
        case "all_classes":
            return [row["class"] for row in found.all]
        case "all_confidences":
            return [row.get("confidence") for row in found.all]
    if found.top is not None:
        return found.confidence
    confidences = [row.get("confidence") for row in found.chosen]
    if property_name == "top_class_confidence":
        return confidences
    return max((value for value in confidences if value is not None), default=0.0)


def _classes(value: Json) -> Classification:
    """Read the two formats of Roboflow, and the two of `analyzeImages`."""
    match value:
        case {"top": top, "predictions": list() as rows}:
            return Classification(top, value.get("confidence"), [], _with_classes(rows))
        case {"predicted_classes": list() as chosen, "predictions": dict() as every}:
            rows = [{"class": name, **row} for name, row in every.items() if isinstance(row, dict)]
            rows.sort(key=lambda row: row.get("class_id", 0))
            return Classification(None, None, [row for row in rows if row["class"] in chosen], rows)
        case {"class": str() as top}:
            return Classification(top, value.get("confidence"), [], [value])
        case {"classes": list() as chosen}:
            return Classification(None, None, _with_classes(chosen), _with_classes(chosen))
    raise InvalidInput(f"{shorten(value)} is not the result of a classification")


def _with_classes(rows: list[Json]) -> list[Json]:
    for row in rows:
        if not isinstance(row, dict) or "class" not in row:
            raise InvalidInput(f"{shorten(row)} has no class")
    return rows
