"""`analyzeImages`: one task for one picture, in words and with a schema, and the answer understood.

tasks ──▶ build ──▶ (asked) ──▶ output: marks, json_like ─▶ things ─▶ boxes ─▶ answers
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import IncompleteError, InputError, Problem
from ...values import Call, Drawing, Json, JsonObject, LoadedFile, ModelInfo, an_object
from .. import structured
from . import answers, tasks


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Put the task in front of the picture, and for data what holds the model to its shape."""
    if values["taskType"] == "structured-answering" and not values["outputStructure"]:
        raise InputError([Problem("outputStructure", "names no field; name one at least")])
    body, text = call.body or {}, tasks.instruction(values)
    wanted: JsonObject = {}
    if schema := tasks.schema(values):
        wanted, words, _ = structured.asked(schema, model_info)
        text = f"{text}\n\n{words}" if words else text
    *before, last = body["messages"]
    parts = [{"type": "text", "text": text}, *last["content"]]
    messages = [*before, {**last, "content": parts}]
    return replace(call, body={**wanted, **body, "messages": messages})


def output(output: Json, values: JsonObject) -> JsonObject:
    """Give `{text, answer, warnings}`; IncompleteError for what is not what was asked for."""
    return answers.read(output if isinstance(output, str) else "", values)


def drawing(output: JsonObject, values: JsonObject) -> Drawing | None:
    """Return the boxes that were found, to be drawn on the image, unless that is not wanted."""
    image: LoadedFile = values["images"][0]
    boxes = an_object(output["answer"]).get("boxes")
    return Drawing(image, boxes, "annotated") if boxes and values.get("drawBoxes", True) else None


def rescue(error: IncompleteError, values: JsonObject) -> JsonObject:
    """Give what can be used of data that was cut off, as `output` does; the error if there is none.

    A text that was cut off stays an error: nobody sees where it ends.
    """
    if not error.partial or tasks.schema(values) is None:
        raise error
    try:
        return answers.read(error.partial, values, error.message)
    except IncompleteError:
        raise error from None


def repair(call: Call, error: IncompleteError) -> Call:
    """Ask once more for data that was not right, but not where nothing was said at all."""
    if not answers.spoken(error.partial or ""):
        raise error
    fault = error.message.partition("; ")[0]  # what follows is the way out, for the user
    return structured.repair(call, IncompleteError(fault, partial=error.partial))
