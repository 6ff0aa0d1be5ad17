"""`analyzeImages`: run one task on one image, and read the answer.

tasks ─▶ build ─▶ (sent) ─▶ output: box_tags, lenient_json ─▶ labels ─▶ box_formats ─▶ answers
"""

from __future__ import annotations

from dataclasses import replace

from ...errors import IncompleteError, InputError, Problem
from ...values import Call, Drawing, Json, JsonObject, LoadedFile, ModelInfo, an_object
from .. import structured
from . import answers, tasks


def build(call: Call, values: JsonObject, model_info: ModelInfo | None) -> Call:
    """Add the task before the image, and for data the response format."""
    if values["taskType"] == "structured-answering" and not values["outputStructure"]:
        raise InputError([Problem("outputStructure", "names no field; add at least one")])
    body, text = call.body or {}, tasks.instruction(values)
    response_format: JsonObject = {}
    if schema := tasks.schema(values):
        response_format, instruction, _ = structured.request_format(schema, model_info)
        text = f"{text}\n\n{instruction}" if instruction else text
    *before, last = body["messages"]
    parts = [{"type": "text", "text": text}, *last["content"]]
    messages = [*before, {**last, "content": parts}]
    return replace(call, body={**response_format, **body, "messages": messages})


def output(output: Json, values: JsonObject) -> JsonObject:
    """Return `{text, answer, warnings}`; raise IncompleteError if the answer is not usable."""
    return answers.read_answer(output if isinstance(output, str) else "", values)


def drawing(output: JsonObject, values: JsonObject) -> Drawing | None:
    """Return the boxes that were found, to be drawn on the image, unless that is not wanted."""
    image: LoadedFile = values["images"][0]
    boxes = an_object(output["answer"]).get("boxes")
    return Drawing(image, boxes, "annotated") if boxes and values.get("drawBoxes", True) else None


def rescue(error: IncompleteError, values: JsonObject) -> JsonObject:
    """Return the usable part of data that was cut off, as `output` does; else raise the error.

    Text that was cut off stays an error: nobody could see that its end is missing.
    """
    if not error.partial or tasks.schema(values) is None:
        raise error
    try:
        return answers.read_answer(error.partial, values, error.message)
    except IncompleteError:
        raise error from None


def repair(call: Call, error: IncompleteError) -> Call:
    """Ask the model to correct its data, unless it returned nothing at all."""
    if not answers.answer_text(error.partial or ""):
        raise error
    fault = error.message.partition("; ")[0]  # the rest is advice for the user
    return structured.repair(call, IncompleteError(fault, partial=error.partial))
