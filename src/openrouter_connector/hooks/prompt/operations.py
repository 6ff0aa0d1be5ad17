"""What an input can go through, by the names and parameters that Roboflow gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...values import Json, JsonObject, LoadedFile
from . import classifications, detections, plain_data
from .inputs import Unfit, collected, shown
from .parameters import Parameter, arguments


class Operation(NamedTuple):
    """What an operation does, in one line; what it may be told; and the function that does it."""

    does: str
    parameters: Mapping[str, Parameter]
    run: Callable[..., Json]


def performed(chain: list[JsonObject], value: Json) -> Json:
    """Give a value after operations that were checked. Unfit says which cannot take it, and why."""
    for index, step in enumerate(chain):
        operation = OPERATIONS[step["type"]]
        try:
            value = operation.run(value, **arguments(operation.parameters, step))
        except Unfit as unfit:
            raise Unfit(unfit.message, f"[{index}]{unfit.where}") from None
        except ArithmeticError:
            raise Unfit("the number becomes too large", f"[{index}]") from None
    return value


def applied(value: Json, operations: list[JsonObject]) -> list[Json]:
    """Perform operations on each item of a list."""

    def item_of(index: int, item: Json) -> Json:
        try:
            return performed(operations, item)
        except Unfit as unfit:
            raise Unfit(f"item {index}: {unfit.message}", f".operations{unfit.where}") from None

    return collected(item_of(index, item) for index, item in enumerate(plain_data.sequence(value)))


def picture_property(value: Json, property_name: str) -> int | float:
    """Give the size of a picture, as it was before it was made smaller."""
    if not isinstance(value, LoadedFile):
        raise Unfit(f"{shown(value)} is not a picture; SequenceApply goes through a list")
    if value.image is None:
        raise Unfit("the size of this picture is not known")
    width, height = value.image.width, value.image.height
    sizes = {"width": width, "height": height, "size": width * height}
    return sizes.get(property_name) or width / height


_NOTHING: Mapping[str, Parameter] = {}
_TABLE = {"lookup_table": Parameter("an object")}
_OTHER = {"other": Parameter("a number")}
_OF_DETECTION = {"property_name": Parameter("a text")}
_ORDERS = ("confidence", "x_min", "x_max", "y_min", "y_max", "size", "center_x", "center_y")

OPERATIONS: Mapping[str, Operation] = {
    "StringToLowerCase": Operation("A text in small letters.", _NOTHING, plain_data.lower),
    "StringToUpperCase": Operation("A text in capital letters.", _NOTHING, plain_data.upper),
    "StringSubSequence": Operation(
        "The characters from `start` up to, without, `end`; negative ones count from the end.",
        {"start": Parameter("a whole number", 0), "end": Parameter("a whole number", -1)},
        plain_data.part,
    ),
    "StringMatches": Operation(
        "Whether the regular expression is found in a text.",
        {"regex": Parameter("a text")},
        plain_data.matches,
    ),
    "LookupTable": Operation(
        "What the table has for the value; a number is looked up as it is written.",
        _TABLE,
        plain_data.looked_up,
    ),
    "ToString": Operation("The value as it stands in a prompt.", _NOTHING, plain_data.string),
    "ToNumber": Operation(
        "The number that a text says; `int` leaves out what follows the point.",
        {"cast_to": Parameter(("int", "float"))},
        plain_data.number,
    ),
    "ToBoolean": Operation(
        "False for 0, null and what is empty, true for all else: also for the text `false`.",
        _NOTHING,
        plain_data.boolean,
    ),
    "NumberRound": Operation(
        "A number, rounded.", {"decimal_digits": Parameter("a whole number")}, plain_data.rounded
    ),
    "Multiply": Operation("A number times another.", _OTHER, plain_data.times),
    "Divide": Operation("A number divided by another.", _OTHER, plain_data.divided),
    "RandomNumber": Operation(
        "A random number, whatever the value is.",
        {"min_value": Parameter("a number", 0.0), "max_value": Parameter("a number", 1.0)},
        plain_data.chance,
    ),
    "TimestampToISOFormat": Operation(
        "A time in ISO 8601: of seconds since 1970 (UTC), or of a text that says it so already.",
        _NOTHING,
        plain_data.moment,
    ),
    "SequenceMap": Operation("A list, each item looked up in a table.", _TABLE, plain_data.mapped),
    "SequenceApply": Operation(
        "A list, each item after operations of its own.",
        {"operations": Parameter("a list of operations")},
        applied,
    ),
    "SequenceLength": Operation(
        "The number of items, of detections, of members, or of characters.",
        _NOTHING,
        plain_data.length,
    ),
    "SequenceElementsCount": Operation("How often each item comes.", _NOTHING, plain_data.counted),
    "SequenceAggregate": Operation(
        "One item of a list.",
        {"mode": Parameter(("first", "last", "most_common", "least_common"))},
        plain_data.chosen,
    ),
    "NumericSequenceAggregate": Operation(
        "The smallest, the largest, or the sum of numbers; `neutral_value` if there are none.",
        {
            "function": Parameter(("min", "max", "sum")),
            "neutral_value": Parameter("anything", None),
        },
        plain_data.aggregated,
    ),
    "ConvertDictionaryToJSON": Operation("An object as JSON text.", _NOTHING, plain_data.json_text),
    "DetectionsPropertyExtract": Operation(
        "A property of each detection, as a list; points are rounded.",
        _OF_DETECTION,
        detections.properties,
    ),
    "ExtractDetectionProperty": Operation(
        "A property of one detection.", _OF_DETECTION, detections.own_property
    ),
    "DetectionsRename": Operation(
        "Detections with other names of classes; `strict` wants every class in the map.",
        {
            "class_map": Parameter("an object of texts"),
            "strict": Parameter("true or false", True),
            "new_classes_id_offset": Parameter("a whole number", 1024),
        },
        detections.renamed,
    ),
    "DetectionsSelection": Operation(
        "Detections, of which one is kept.",
        {"mode": Parameter(tuple(detections.SELECTIONS))},
        detections.selected,
    ),
    "SortDetections": Operation(
        "Detections in another order.",
        {"mode": Parameter(_ORDERS), "ascending": Parameter("true or false", True)},
        detections.in_order,
    ),
    "DetectionsOffset": Operation(
        "Detections with larger boxes, by half of it on each side, without `relative`.",
        {"offset_x": Parameter("a whole number"), "offset_y": Parameter("a whole number")},
        detections.larger,
    ),
    "DetectionsShift": Operation(
        "Detections with moved boxes, without `relative`.",
        {"shift_x": Parameter("a whole number"), "shift_y": Parameter("a whole number")},
        detections.shifted,
    ),
    "PickDetectionsByParentClass": Operation(
        "Detections of a class, and those whose centre lies in one of them.",
        {"parent_class": Parameter("a text")},
        detections.inside,
    ),
    "DetectionsToDictionary": Operation(
        "Detections as Roboflow's API answers.", _NOTHING, detections.as_response
    ),
    "ClassificationPropertyExtract": Operation(
        "The class, all classes, or their confidences, of what a classification gives.",
        {"property_name": Parameter(classifications.PROPERTIES)},
        classifications.class_property,
    ),
    "ExtractImageProperty": Operation(
        "The size of a picture in pixels, upright, before it was made smaller; `size` is its area.",
        {"property_name": Parameter(("size", "height", "width", "aspect_ratio"))},
        picture_property,
    ),
}

REFUSED: Mapping[str, str] = {
    "ConvertImageToJPEG": (
        "is not needed: a picture goes as it is, and longestSide makes it smaller; leave it out"
    ),
    "ConvertImageToBase64": (
        "is not needed: a picture goes as base64, in a part of its own; leave it out"
    ),
    "DetectionsFilter": (
        "needs statements of Roboflow's query language, which are not here; choose the detections "
        "before, or say in the prompt which of them count"
    ),
    "ExtractFrameMetadata": (
        "needs the frames of Roboflow's videos, which are no input here; give the number as an "
        "input of its own"
    ),
}
"""Operations of Roboflow's that are not here, with what to do instead."""
