"""Values and steps to test the operations of `prompt` with: detections, classifications."""

from __future__ import annotations

from typing import Any

from support.prompt_calls import step

Json = Any

BOXES = [
    {
        "class": "cat",
        "confidence": 0.9,
        "pixels": {"x": 10, "y": 20, "width": 30, "height": 41},
        "relative": {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4},
    },
    {"class": "dog", "confidence": None, "pixels": {"x": 0, "y": 0, "width": 100, "height": 100}},
]
ROBOFLOW = {
    "image": {"width": 640, "height": 480},
    "predictions": [
        {"x": 50, "y": 60, "width": 20, "height": 10, "confidence": 0.4, "class": "dog",
         "class_id": 7, "tracker_id": 3},
        {"x": 25, "y": 60, "width": 20, "height": 10, "confidence": 0.8, "class": "cat",
         "class_id": 2},
        {"x": 90, "y": 10, "width": 5, "height": 5, "confidence": 0.8, "class": "dog",
         "class_id": 7},
    ],
}  # fmt: skip
EDGES = [{"class_name": "car", "x_min": 1.5, "y_min": 2, "x_max": 4.5, "y_max": 6}]
SINGLE = {
    "top": "cat",
    "confidence": 0.7,
    "predictions": [
        {"class": "cat", "confidence": 0.7, "class_id": 1},
        {"class": "dog", "confidence": 0.2, "class_id": 0},
    ],
}
MULTI = {
    "predicted_classes": ["wet", "cold"],
    "predictions": {
        "cold": {"confidence": 0.6, "class_id": 2},
        "dry": {"confidence": 0.1, "class_id": 0},
        "wet": {"confidence": 0.9, "class_id": 1},
    },
}
OURS = {"class": "cat", "confidence": None}
OURS_MANY = {"classes": [{"class": "wet", "confidence": 0.5}, {"class": "cold"}]}


def extract(name: str) -> Json:
    return step("DetectionsPropertyExtract", property_name=name)


def own(name: str) -> Json:
    return step("ExtractDetectionProperty", property_name=name)


def choose(mode: str) -> Json:
    return step("DetectionsSelection", mode=mode)


def classified(name: str) -> Json:
    return step("ClassificationPropertyExtract", property_name=name)


def number(cast_to: str) -> Json:
    return step("ToNumber", cast_to=cast_to)


def look_up(**table: Json) -> Json:
    return step("LookupTable", lookup_table=table)
