"""The operations on prompt inputs, with the names and parameters of Roboflow's.

`OPERATIONS` is the table: description, parameters and function of each. The functions are in
`plain_data`, `detections` and `classifications`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from ...values import Json, JsonObject, LoadedFile
from . import classifications, detections, plain_data
from .inputs import InvalidInput, collect, shorten
from .parameters import Parameter, bind_arguments


class Operation(NamedTuple):
    """An operation: a description of its result, its parameters, and its function."""

    description: str
    parameters: Mapping[str, Parameter]
    run: Callable[..., Json]


def run_operations(pipeline: list[JsonObject], value: Json) -> Json:
    """Return a value after checked operations; raise InvalidInput with the one that fails."""
    for index, step in enumerate(pipeline):
        operation = OPERATIONS[step["type"]]
        try:
            value = operation.run(value, **bind_arguments(operation.parameters, step))
        except InvalidInput as error:
            raise InvalidInput(error.message, f"[{index}]{error.where}") from None
        except ArithmeticError:
            raise InvalidInput("the result is too large a number", f"[{index}]") from None
    return value


def apply_to_items(value: Json, operations: list[JsonObject]) -> list[Json]:
    """Run operations on each item of a list."""

    def transform(index: int, item: Json) -> Json:
        try:
            return run_operations(operations, item)
        except InvalidInput as error:
            raise InvalidInput(
                f"item {index}: {error.message}", f".operations{error.where}"
            ) from None

    items = plain_data.require_list(value)
    return collect(transform(index, item) for index, item in enumerate(items))


def image_property(value: Json, property_name: str) -> int | float:
    """Return a size of an image, as it was before it was scaled down."""
    if not isinstance(value, LoadedFile):
        raise InvalidInput(f"{shorten(value)} is not an image; for a list, use SequenceApply")
    if value.image is None:
        raise InvalidInput("the size of this image is unknown")
    width, height = value.image.width, value.image.height
    sizes = {"width": width, "height": height, "size": width * height}
    return sizes.get(property_name) or width / height


_NO_PARAMETERS: Mapping[str, Parameter] = {}
_TABLE = {"lookup_table": Parameter("an object")}
_OTHER = {"other": Parameter("a number")}
_OF_DETECTION = {"property_name": Parameter("a text")}
_ORDERS = ("confidence", "x_min", "x_max", "y_min", "y_max", "size", "center_x", "center_y")

OPERATIONS: Mapping[str, Operation] = {
    "StringToLowerCase": Operation(
        "The text in lower case.", _NO_PARAMETERS, plain_data.to_lower_case
    ),
    "StringToUpperCase": Operation(
        "The text in upper case.", _NO_PARAMETERS, plain_data.to_upper_case
    ),
    "StringSubSequence": Operation(
        "The characters from `start` to before `end`; negative numbers count from the end.",
        {"start": Parameter("a whole number", 0), "end": Parameter("a whole number", -1)},
        plain_data.substring,
    ),
    "StringMatches": Operation(
        "Whether the regular expression matches anywhere in the text.",
        {"regex": Parameter("a text")},
        plain_data.matches_regex,
    ),
    "LookupTable": Operation(
        "The table's value for the input; a number is looked up as text.",
        _TABLE,
        plain_data.look_up,
    ),
    "ToString": Operation(
        "The value as text, as it would appear in a prompt.", _NO_PARAMETERS, plain_data.to_string
    ),
    "ToNumber": Operation(
        "The number in a text; `int` drops the decimals.",
        {"cast_to": Parameter(("int", "float"))},
        plain_data.to_number,
    ),
    "ToBoolean": Operation(
        "False for 0, null and empty values, else true, also for the text `false`.",
        _NO_PARAMETERS,
        plain_data.to_boolean,
    ),
    "NumberRound": Operation(
        "The number, rounded.",
        {"decimal_digits": Parameter("a whole number")},
        plain_data.round_number,
    ),
    "Multiply": Operation("The number multiplied by another.", _OTHER, plain_data.multiply),
    "Divide": Operation("The number divided by another.", _OTHER, plain_data.divide),
    "RandomNumber": Operation(
        "A random number; the input is ignored.",
        {"min_value": Parameter("a number", 0.0), "max_value": Parameter("a number", 1.0)},
        plain_data.random_number,
    ),
    "TimestampToISOFormat": Operation(
        "A time in ISO 8601, from seconds since 1970 (UTC) or from an ISO 8601 text.",
        _NO_PARAMETERS,
        plain_data.to_iso_time,
    ),
    "SequenceMap": Operation(
        "The list, with each item looked up in a table.", _TABLE, plain_data.map_items
    ),
    "SequenceApply": Operation(
        "The list, with operations run on each item.",
        {"operations": Parameter("a list of operations")},
        apply_to_items,
    ),
    "SequenceLength": Operation(
        "The number of items, detections, object members or characters.",
        _NO_PARAMETERS,
        plain_data.count_items,
    ),
    "SequenceElementsCount": Operation(
        "How often each item occurs.", _NO_PARAMETERS, plain_data.count_each_item
    ),
    "SequenceAggregate": Operation(
        "One item of the list.",
        {"mode": Parameter(("first", "last", "most_common", "least_common"))},
        plain_data.pick_item,
    ),
    "NumericSequenceAggregate": Operation(
        "The minimum, maximum or sum of the numbers; `neutral_value` for an empty list.",
        {
            "function": Parameter(("min", "max", "sum")),
            "neutral_value": Parameter("anything", None),
        },
        plain_data.aggregate_numbers,
    ),
    "ConvertDictionaryToJSON": Operation(
        "The object as JSON text.", _NO_PARAMETERS, plain_data.to_json_text
    ),
    "DetectionsPropertyExtract": Operation(
        "A property of each detection, as a list; points are rounded to pixels.",
        _OF_DETECTION,
        detections.detections_property,
    ),
    "ExtractDetectionProperty": Operation(
        "A property of one detection.", _OF_DETECTION, detections.detection_property
    ),
    "DetectionsRename": Operation(
        "The detections with renamed classes; `strict` requires every class in the map.",
        {
            "class_map": Parameter("an object of texts"),
            "strict": Parameter("true or false", True),
            "new_classes_id_offset": Parameter("a whole number", 1024),
        },
        detections.rename_classes,
    ),
    "DetectionsSelection": Operation(
        "The selected detection only.",
        {"mode": Parameter(tuple(detections.SELECTIONS))},
        detections.select_detection,
    ),
    "SortDetections": Operation(
        "The detections, sorted.",
        {"mode": Parameter(_ORDERS), "ascending": Parameter("true or false", True)},
        detections.sort_detections,
    ),
    "DetectionsOffset": Operation(
        "The detections with larger boxes, half of the offset on each side; without `relative`.",
        {"offset_x": Parameter("a whole number"), "offset_y": Parameter("a whole number")},
        detections.grow_boxes,
    ),
    "DetectionsShift": Operation(
        "The detections with shifted boxes; without `relative`.",
        {"shift_x": Parameter("a whole number"), "shift_y": Parameter("a whole number")},
        detections.shift_boxes,
    ),
    "PickDetectionsByParentClass": Operation(
        "The detections of a class, and those whose center lies inside one of them.",
        {"parent_class": Parameter("a text")},
        detections.keep_in_parent_class,
    ),
    "DetectionsToDictionary": Operation(
        "The detections in the format of Roboflow's API.",
        _NO_PARAMETERS,
        detections.to_roboflow_response,
    ),
    "ClassificationPropertyExtract": Operation(
        "The class, all classes, or the confidences of a classification.",
        {"property_name": Parameter(classifications.PROPERTIES)},
        classifications.classification_property,
    ),
    "ExtractImageProperty": Operation(
        "The size in pixels of the upright image, before scaling; `size` is its area.",
        {"property_name": Parameter(("size", "height", "width", "aspect_ratio"))},
        image_property,
    ),
}

UNSUPPORTED: Mapping[str, str] = {
    "ConvertImageToJPEG": (
        "is not needed: images are sent as they are, and longestSide scales them; remove it"
    ),
    "ConvertImageToBase64": ("is not needed: images are always sent as base64; remove it"),
    "DetectionsFilter": (
        "needs Roboflow's query language, which is not supported; filter the detections before, or "
        "describe in the prompt which of them count"
    ),
    "ExtractFrameMetadata": (
        "needs the frames of Roboflow's videos, which are not supported; add the frame number as "
        "an input of its own"
    ),
}
"""Roboflow's operations that are not supported, with what to do instead."""
