"""Read answers with the hook of `analyzeImages`, without a model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from openrouter_connector.hooks import analyze_images
from openrouter_connector.values import ImageInfo, JsonObject
from support.planned_calls import file

WIDE = ImageInfo(1000, 500, (1000, 500))
CLASSES = ["cat", "dog", "T-Shirt"]
FIELDS = {"invoice_number": "the number of the invoice", "total": "what is to be paid"}


def task_values(task: str, image: ImageInfo = WIDE, **more: Any) -> JsonObject:
    """Return the values of a task, as the hook receives them."""
    loaded = replace(file("a.png", "image/png"), image=image)
    classes = {"classes": CLASSES} if "class" in task else {}
    parameters = {"prompt": "Why?", "outputStructure": FIELDS} | classes
    return {"images": [loaded], "taskType": task, "model": "lab/one", **parameters, **more}


def read_answer(task: str, text: str | None, image: ImageInfo = WIDE, **more: Any) -> JsonObject:
    """Return `{text, answer, warnings}` of an answer."""
    return analyze_images.output(text, task_values(task, image, **more))


def boxes_of(text: str, image: ImageInfo = WIDE, **more: Any) -> list[tuple[Any, ...]]:
    """Return class, confidence and pixels (x, y, width, height) of each box in an answer."""
    answer = read_answer("object-detection", text, image, **more)["answer"]
    return [(b["class"], b["confidence"], *b["pixels"].values()) for b in answer["boxes"]]
