"""What an input can go through, by the names and parameters that Roboflow gave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...values import Json, JsonObject, LoadedFile
from . import classifications, detections, plain_data
from .inputs import InvalidInput, collect, shorten
from .parameters import Parameter, bind_arguments


class Operation(NamedTuple):
    """What an operation does, in one line; what it may be told; and the function that does it."""

    does: str
    parameters: Mapping[str, Parameter]
    run: Callable[..., Json]


def run_operations(chain: list[JsonObject], value: Json) -> Json:
    """Give a value after operations that were checked. Unfit says which cannot take it, and why."""
    for index, step in enumerate(chain):
        operation = OPERATIONS[step["type"]]
        try:
            value = operation.run(value, **bind_arguments(operation.parameters, step))
        except InvalidInput as unfit:
            raise InvalidInput(unfit.message, f"[{index}]{unfit.where}") from None
        except ArithmeticError:
            raise InvalidInput("the number becomes too large", f"[{index}]") from None
    return value


def apply_to_items(value: Json, operations: list[JsonObject]) -> list[Json]:
    """Perform operations on each item of a list."""

    def item_of(index: int, item: Json) -> Json:
        try:
            return run_operations(operations, item)
        except InvalidInput as unfit:
            raise InvalidInput(
                f"item {index}: {unfit.message}", f".operations{unfit.where}"
            ) from None

    return collect(
        item_of(index, item) for index, item in enumerate(plain_data.require_list(value))
    )


def image_property(value: Json, property_name: str) -> int | float:
    """Give the size of a picture, as it was before it was made smaller."""
    if not isinstance(value, LoadedFile):
        raise InvalidInput(f"{shorten(value)} is not a picture; SequenceApply goes through a list")
    if value.image is None:
        raise InvalidInput("the size of this picture is not known")
    width, height = value.image.width, value.image.height
    sizes = {"width": width, "height": height, "size": width * height}
    return sizes.get(property_name) or width / height


_NOTHING: Mapping[str, Parameter] = {}
_TABLE = {"lookup_table": Parameter("an object")}
_OTHER = {"other": Parameter("a number")}
_OF_DETECTION = {"property_name": Parameter("a text")}
_ORDERS = ("confidence", "x_min", "x_max", "y_min", "y_max", "size", "center_x", "center_y")

OPERATIONS: Mapping[str, Operation] = {
    "StringToLowerCase": Operation("A text in small letters.", _NOTHING, plain_data.to_lower_case),
    "StringToUpperCase": Operation(
        "A text in capital letters.", _NOTHING, plain_data.to_upper_case
    ),
    "StringSubSequence": Operation(
        "The characters from `start` up to, without, `end`; negative ones count from the end.",
        {"start": Parameter("a whole number", 0), "end": Parameter("a whole number", -1)},
        plain_data.substring,
    ),
    "StringMatches": Operation(
        "Whether the regular expression is found in a text.",
        {"regex": Parameter("a text")},
        plain_data.matches_regex,
    ),
    "LookupTable": Operation(
        "What the table has for the value; a number is looked up as it is written.",
        _TABLE,
        plain_data.look_up,
    ),
    "ToString": Operation("The value as it stands in a prompt.", _NOTHING, plain_data.to_string),
    "ToNumber": Operation(
        "The number that a text says; `int` leaves out what follows the point.",
        {"cast_to": Parameter(("int", "float"))},
        plain_data.to_number,
    ),
    "ToBoolean": Operation(
        "False for 0, null and what is empty, true for all else: also for the text `false`.",
        _NOTHING,
        plain_data.to_boolean,
    ),
    "NumberRound": Operation(
        "A number, rounded.",
        {"decimal_digits": Parameter("a whole number")},
        plain_data.round_number,
    ),
    "Multiply": Operation("A number times another.", _OTHER, plain_data.multiply),
    "Divide": Operation("A number divided by another.", _OTHER, plain_data.divide),
    "RandomNumber": Operation(
        "A random number, whatever the value is.",
        {"min_value": Parameter("a number", 0.0), "max_value": Parameter("a number", 1.0)},
        plain_data.random_number,
    ),
    "TimestampToISOFormat": Operation(
        "A time in ISO 8601: of seconds since 1970 (UTC), or of a text that says it so already.",
        _NOTHING,
        plain_data.to_iso_time,
    ),
    "SequenceMap": Operation(
        "A list, each item looked up in a table.", _TABLE, plain_data.map_items
    ),
    "SequenceApply": Operation(
        "A list, each item after operations of its own.",
        {"operations": Parameter("a list of operations")},
        apply_to_items,
    ),
    "SequenceLength": Operation(
        "The number of items, of detections, of members, or of characters.",
        _NOTHING,
        plain_data.count_items,
    ),
    "SequenceElementsCount": Operation(
        "How often each item comes.", _NOTHING, plain_data.count_each_item
    ),
    "SequenceAggregate": Operation(
        "One item of a list.",
        {"mode": Parameter(("first", "last", "most_common", "least_common"))},
        plain_data.pick_item,
    ),
    "NumericSequenceAggregate": Operation(
        "The smallest, the largest, or the sum of numbers; `neutral_value` if there are none.",
        {
            "function": Parameter(("min", "max", "sum")),
            "neutral_value": Parameter("anything", None),
        },
        plain_data.aggregate_numbers,
    ),
    "ConvertDictionaryToJSON": Operation(
        "An object as JSON text.", _NOTHING, plain_data.to_json_text
    ),
    "DetectionsPropertyExtract": Operation(
        "A property of each detection, as a list; points are rounded.",
        _OF_DETECTION,
        detections.detections_property,
    ),
    "ExtractDetectionProperty": Operation(
        "A property of one detection.", _OF_DETECTION, detections.detection_property
    ),
    "DetectionsRename": Operation(
        "Detections with other names of classes; `strict` wants every class in the map.",
        {
            "class_map": Parameter("an object of texts"),
            "strict": Parameter("true or false", True),
            "new_classes_id_offset": Parameter("a whole number", 1024),
        },
        detections.rename_classes,
    ),
    "DetectionsSelection": Operation(
        "Detections, of which one is kept.",
        {"mode": Parameter(tuple(detections.SELECTIONS))},
        detections.select_detection,
    ),
    "SortDetections": Operation(
        "Detections in another order.",
        {"mode": Parameter(_ORDERS), "ascending": Parameter("true or false", True)},
        detections.sort_detections,
    ),
    "DetectionsOffset": Operation(
        "Detections with larger boxes, by half of it on each side, without `relative`.",
        {"offset_x": Parameter("a whole number"), "offset_y": Parameter("a whole number")},
        detections.grow_boxes,
    ),
    "DetectionsShift": Operation(
        "Detections with moved boxes, without `relative`.",
        {"shift_x": Parameter("a whole number"), "shift_y": Parameter("a whole number")},
        detections.shift_boxes,
    ),
    "PickDetectionsByParentClass": Operation(
        "Detections of a class, and those whose centre lies in one of them.",
        {"parent_class": Parameter("a text")},
        detections.keep_in_parent_class,
    ),
    "DetectionsToDictionary": Operation(
        "Detections as Roboflow's API answers.", _NOTHING, detections.to_roboflow_response
    ),
    "ClassificationPropertyExtract": Operation(
        "The class, all classes, or their confidences, of what a classification gives.",
        {"property_name": Parameter(classifications.PROPERTIES)},
        classifications.classification_property,
    ),
    "ExtractImageProperty": Operation(
        "The size of a picture in pixels, upright, before it was made smaller; `size` is its area.",
        {"property_name": Parameter(("size", "height", "width", "aspect_ratio"))},
        image_property,
    ),
}

UNSUPPORTED: Mapping[str, str] = {
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
