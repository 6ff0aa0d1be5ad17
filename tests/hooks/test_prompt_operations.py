"""The operations of `prompt`: what each gives, and what it does not take."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from openrouter_connector.hooks.prompt import OPERATIONS, REFUSED
from openrouter_connector.hooks.prompt.parameters import REQUIRED, Parameter
from prompting import PATIENT, ROOT, after, called, picture, step, unfit, wrong

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


GIVES: list[tuple[Json, list[Json], Json]] = [
    ("Äpfel", ["StringToUpperCase"], "ÄPFEL"),
    ("ÄPFEL", ["StringToLowerCase"], "äpfel"),
    ("abcdef", [step("StringSubSequence")], "abcde"),
    ("abcdef", [step("StringSubSequence", start=1, end=3)], "bc"),
    ("abcdef", [step("StringSubSequence", start=-2, end=100)], "ef"),
    ("abc 12", [step("StringMatches", regex=r"\d+$")], True),
    ("abc", [step("StringMatches", regex="^b")], False),
    ("ABC", [step("StringMatches", regex="(?i)b")], True),
    ("", [step("StringMatches", regex="")], True),
    ("a\ud800b", [step("StringMatches", regex="^a.b$")], True),
    ("cat", [look_up(cat="Katze")], "Katze"),
    (1, [look_up(**{"1": "eins"})], "eins"),
    (True, [look_up(true=[1, 2])], [1, 2]),
    (3, ["ToString", "StringToUpperCase"], "3"),
    (True, ["ToString"], "true"),
    ([1, "a"], ["ToString"], '[1, "a"]'),
    ("12", [number("int")], 12),
    (" -12 ", [number("int")], -12),
    ("3.99", [number("int")], 3),
    (-3.99, [number("int")], -3),
    ("123456789012345678901", [number("int")], 123456789012345678901),
    ("2", [number("float")], 2.0),
    ("1e3", [number("float")], 1000.0),
    (True, [number("int")], 1),
    (0, ["ToBoolean"], False),
    ("", ["ToBoolean"], False),
    ([], ["ToBoolean"], False),
    ("false", ["ToBoolean"], True),
    (0.1, ["ToBoolean"], True),
    (2.567, [step("NumberRound", decimal_digits=1)], 2.6),
    (2.5, [step("NumberRound", decimal_digits=0)], 2.0),
    (1234, [step("NumberRound", decimal_digits=-2)], 1200),
    (3, [step("Multiply", other=0.5)], 1.5),
    (3, [step("Divide", other=2)], 1.5),
    ("x", [step("RandomNumber", min_value=2, max_value=2)], 2.0),
    (0, ["TimestampToISOFormat"], "1970-01-01T00:00:00+00:00"),
    (1767225600.5, ["TimestampToISOFormat"], "2026-01-01T00:00:00.500000+00:00"),
    ("2026-01-01 12:00", ["TimestampToISOFormat"], "2026-01-01T12:00:00"),
    (["a", "b"], [step("SequenceMap", lookup_table={"a": 1, "b": None})], [1, None]),
    ([], [step("SequenceMap", lookup_table={})], []),
    (["a", "b"], [step("SequenceApply", operations=[step("StringToUpperCase")])], ["A", "B"]),
    (["a"], [step("SequenceApply", operations=[])], ["a"]),
    ([["1"], ["2", "3"]], [step("SequenceApply", operations=[
        step("SequenceApply", operations=[number("int")]),
        step("NumericSequenceAggregate", function="sum"),
    ])], [1, 5]),
    ([1, 2, 3], ["SequenceLength"], 3),
    ({"a": 1}, ["SequenceLength"], 1),
    ("four", ["SequenceLength"], 4),
    (ROBOFLOW, ["SequenceLength"], 3),
    ({"boxes": BOXES}, ["SequenceLength"], 2),
    (["b", "a", "b", 1, True], ["SequenceElementsCount"], {"b": 2, "a": 1, "1": 1, "true": 1}),
    ([3, 1, 2], [step("SequenceAggregate", mode="first")], 3),
    ([3, 1, 2], [step("SequenceAggregate", mode="last")], 2),
    (["a", "b", "b"], [step("SequenceAggregate", mode="most_common")], "b"),
    (["a", "a", "b"], [step("SequenceAggregate", mode="least_common")], "b"),
    ([{"k": 1}, {"k": 1}, {}], [step("SequenceAggregate", mode="most_common")], {"k": 1}),
    ([3, 1.5], [step("NumericSequenceAggregate", function="min")], 1.5),
    ([3, 1.5], [step("NumericSequenceAggregate", function="max")], 3),
    ([3, 1.5], [step("NumericSequenceAggregate", function="sum")], 4.5),
    ([], [step("NumericSequenceAggregate", function="max")], None),
    ([], [step("NumericSequenceAggregate", function="max", neutral_value=0)], 0),
    ({"ä": [1]}, ["ConvertDictionaryToJSON"], '{"ä": [1]}'),
    (BOXES, [extract("class_name")], ["cat", "dog"]),
    (BOXES, [extract("confidence")], [0.9, None]),
    (BOXES, [extract("x_min")], [10, 0]),
    (BOXES, [extract("x_max")], [40, 100]),
    (BOXES, [extract("y_min")], [20, 0]),
    (BOXES, [extract("y_max")], [61, 100]),
    (BOXES, [extract("size")], [1230, 10000]),
    (BOXES, [extract("center")], [[25, 40], [50, 50]]),
    (BOXES, [extract("top_left")], [[10, 20], [0, 0]]),
    (BOXES, [extract("top_right")], [[40, 20], [100, 0]]),
    (BOXES, [extract("bottom_left")], [[10, 61], [0, 100]]),
    (BOXES, [extract("bottom_right")], [[40, 61], [100, 100]]),
    (ROBOFLOW, [extract("tracker_id")], [3, None, None]),
    (ROBOFLOW, [extract("class_id")], [7, 2, 7]),
    (ROBOFLOW, [extract("x_min")], [40, 15, 87.5]),
    (EDGES, [extract("class_name")], ["car"]),
    (EDGES, [extract("center")], [[3, 4]]),
    ([], [extract("class_name")], []),
    ({"predictions": []}, [extract("anything")], []),
    (BOXES[0], [own("center")], [25, 40.5]),
    (BOXES[0], [own("class_name")], "cat"),
    (BOXES, [step("SequenceApply", operations=[own("x_max")])], [40, 100]),
    (ROBOFLOW, [choose("left_most"), extract("class_id")], [2]),
    (ROBOFLOW, [choose("right_most"), extract("x_min")], [87.5]),
    (ROBOFLOW, [choose("top_confidence"), extract("class_name")], ["cat"]),
    (ROBOFLOW, [choose("first"), extract("class_id")], [7]),
    (ROBOFLOW, [choose("last"), extract("x_max")], [92.5]),
    (ROBOFLOW, [choose("first"), "SequenceLength"], 1),
    ([], [choose("left_most")], []),
    (ROBOFLOW, [step("SortDetections", mode="confidence"), extract("class_name")],
     ["dog", "cat", "dog"]),
    (ROBOFLOW, [step("SortDetections", mode="size", ascending=False), extract("x_min")],
     [40, 15, 87.5]),
    (ROBOFLOW, [step("SortDetections", mode="center_x"), extract("center")],
     [[25, 60], [50, 60], [90, 10]]),
    ([], [step("SortDetections", mode="x_min")], []),
    (ROBOFLOW, [step("PickDetectionsByParentClass", parent_class="bird")],
     {**ROBOFLOW, "predictions": []}),
    (BOXES, [step("PickDetectionsByParentClass", parent_class="dog"), extract("class_name")],
     ["dog", "cat"]),
    (BOXES, [step("PickDetectionsByParentClass", parent_class="cat"), extract("class_name")],
     ["cat"]),
    (BOXES, [step("DetectionsShift", shift_x=5, shift_y=-20)], [
        {"class": "cat", "confidence": 0.9, "pixels": {"x": 15, "y": 0, "width": 30, "height": 41}},
        {"class": "dog", "confidence": None,
         "pixels": {"x": 5, "y": -20, "width": 100, "height": 100}},
    ]),
    (EDGES, [step("DetectionsOffset", offset_x=3, offset_y=2)],
     [{"class_name": "car", "x_min": 0, "y_min": 1, "x_max": 6, "y_max": 7}]),
    (ROBOFLOW, [choose("last"), step("DetectionsOffset", offset_x=1, offset_y=2)],
     {**ROBOFLOW, "predictions": [{"x": 90, "y": 10, "width": 6, "height": 7, "confidence": 0.8,
                                   "class": "dog", "class_id": 7}]}),
    (BOXES, [step("DetectionsRename", class_map={"cat": "Katze", "dog": "Hund"}),
             extract("class_name")], ["Katze", "Hund"]),
    (ROBOFLOW, [step("DetectionsRename", class_map={"cat": "pet", "dog": "beast"}),
                extract("class_id")], [0, 1, 0]),
    (ROBOFLOW, [step("DetectionsRename", class_map={"cat": "lion"}, strict=False),
                extract("class_id")], [7, 1024, 7]),
    (ROBOFLOW, [step("DetectionsRename", class_map={"cat": "lion", "bird": "dog"}, strict=False,
                     new_classes_id_offset=9), extract("class_id")], [7, 9, 7]),
    ([], ["DetectionsToDictionary"],
     {"image": {"width": None, "height": None}, "predictions": []}),
    (BOXES[:1], ["DetectionsToDictionary"], {
        "image": {"width": None, "height": None},
        "predictions": [{"x": 25, "y": 40.5, "width": 30, "height": 41, "class": "cat",
                         "confidence": 0.9}],
    }),
    (ROBOFLOW, ["DetectionsToDictionary"], ROBOFLOW),
    (SINGLE, [classified("top_class")], "cat"),
    (SINGLE, [classified("top_class_confidence")], 0.7),
    (SINGLE, [classified("top_class_confidence_single")], 0.7),
    (SINGLE, [classified("all_classes")], ["cat", "dog"]),
    (SINGLE, [classified("all_confidences")], [0.7, 0.2]),
    (MULTI, [classified("top_class")], ["wet", "cold"]),
    (MULTI, [classified("top_class_confidence")], [0.9, 0.6]),
    (MULTI, [classified("top_class_confidence_single")], 0.9),
    (MULTI, [classified("all_classes")], ["dry", "wet", "cold"]),
    (MULTI, [classified("all_confidences")], [0.1, 0.9, 0.6]),
    ({**MULTI, "predicted_classes": []}, [classified("top_class_confidence_single")], 0.0),
    (OURS, [classified("top_class")], "cat"),
    (OURS, [classified("top_class_confidence")], None),
    (OURS_MANY, [classified("top_class")], ["wet", "cold"]),
    (OURS_MANY, [classified("top_class_confidence_single")], 0.5),
    (picture(width=40, height=30), [step("ExtractImageProperty", property_name="size")], 1200),
    (picture(width=40, height=30), [step("ExtractImageProperty", property_name="height")], 30),
    (picture(width=40, height=30), [step("ExtractImageProperty", property_name="aspect_ratio")],
     40 / 30),
    ([picture(width=4), picture(width=6)], [step("SequenceApply", operations=[
        step("ExtractImageProperty", property_name="width")])], [4, 6]),
    ([picture(), picture()], ["SequenceLength"], 2),
]  # fmt: skip


@pytest.mark.parametrize(("value", "operations", "result"), GIVES)
def test_an_operation_gives(value: Json, operations: list[Json], result: Json) -> None:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    assert after(value, *operations) == text


@PATIENT
@given(some.text(min_size=1).filter(str.strip))
def test_a_text_without_operations_stays_what_it_is(text: str) -> None:
    assert after(text) == after(text, "ToString") == text


@PATIENT
@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_a_text(value: float) -> None:
    assert after(value, "ToString", number("float")) == json.dumps(value)


@PATIENT
@given(some.text(), some.integers(-20, 20), some.integers(-20, 20))
def test_a_part_of_a_text_is_what_python_takes_it_for(text: str, start: int, end: int) -> None:
    assert after(f"{text}.", step("StringSubSequence", start=start, end=end), "SequenceLength") == (
        str(len(f"{text}."[start:end]))
    )


@PATIENT
@given(some.lists(some.integers(-(10**6), 10**6), min_size=1))
def test_numbers_are_summed_up(numbers: list[int]) -> None:
    aggregated = step("NumericSequenceAggregate", function="sum")
    assert after(numbers, aggregated) == str(sum(numbers))


def test_a_random_number_lies_between_its_bounds() -> None:
    found = [float(after("x", step("RandomNumber", min_value=5, max_value=6))) for _ in range(20)]
    assert all(5 <= one <= 6 for one in found)
    assert 0 <= float(after("x", "RandomNumber")) <= 1


def test_a_time_is_read_back_as_the_time_it_was() -> None:
    assert datetime.fromisoformat(after(1_700_000_000, "TimestampToISOFormat")).timestamp() == 1.7e9


UNFIT: list[tuple[Json, list[Json], str, str]] = [
    (1, ["StringToUpperCase"], "x[0]", "1 is not a text; ToString makes one of it"),
    (1, ["StringToLowerCase"], "x[0]", "1 is not a text"),
    ([1], [step("StringSubSequence")], "x[0]", "[1] is not a text"),
    ("a", [look_up(b=1, c=2)], "x[0]", 'the table has no "a"; it has b, c'),
    ("a", [look_up()], "x[0]", "it has nothing"),
    ([1], [look_up(b=1)], "x[0]", "[1] is nothing to look up"),
    ("abc", [number("float")], "x[0]", '"abc" is not a number'),
    ("", [number("int")], "x[0]", '"" is not a number'),
    ("1e999", [number("int")], "x[0]", "is not a number"),
    ("nan", [number("float")], "x[0]", "is not a number"),
    ("9" * 5000, [number("int")], "x[0]", "is not a number"),
    ([1], [number("int")], "x[0]", "[1] is not a number"),
    ("1", [step("NumberRound", decimal_digits=1)], "x[0]", "ToNumber may make one of it"),
    (1, [step("NumberRound", decimal_digits=-(10**9))], "x[0]", "are more than 300"),
    (True, [step("Multiply", other=2)], "x[0]", "true is not a number"),
    (1e308, [step("Multiply", other=10)], "x[0]", "too large"),
    (10**300, [step("Multiply", other=10**300)], "x[0]", "too large"),
    (10**400, [step("Multiply", other=0.5)], "x[0]", "too large"),
    (1, [step("Divide", other=0)], "x[0]", "nothing can be divided by 0"),
    (1e308, [step("Divide", other=1e-9)], "x[0]", "too large"),
    (10**400, [step("Divide", other=3)], "x[0]", "too large"),
    ("soon", ["TimestampToISOFormat"], "x[0]", "neither seconds since 1970 nor ISO 8601"),
    (1e20, ["TimestampToISOFormat"], "x[0]", "neither seconds"),
    ("abc", [step("SequenceMap", lookup_table={})], "x[0]", '"abc" is not a list'),
    (["a"], [step("SequenceMap", lookup_table={"b": 1})], "x[0]", 'the table has no "a"'),
    ({"a": 1}, [step("SequenceApply", operations=[])], "x[0]", "is not a list"),
    (["1", "b"], ["SequenceLength", "SequenceLength"], "x[1]", "2 has no length"),
    (["1", "b"], [step("SequenceApply", operations=["?"])], "x[0].operations[0]",
     "is not an operation"),
    (["1", "b"], [step("SequenceApply", operations=[step("ToString"), number("int")])],
     "x[0].operations[1]", 'item 1: "b" is not a number'),
    ([1, "b"], [step("NumericSequenceAggregate", function="max")], "x[0]", '"b" is not a number'),
    ([1e308, 1e308], [step("NumericSequenceAggregate", function="sum")], "x[0]", "too large"),
    ([], [step("SequenceAggregate", mode="first")], "x[0]", "is an empty list"),
    ("a", ["SequenceElementsCount"], "x[0]", '"a" is not a list'),
    ([1], ["ConvertDictionaryToJSON"], "x[0]", "[1] is not an object"),
    ("a", [extract("class_name")], "x[0]", '"a" is not a list'),
    ([1], [extract("class_name")], "x[0]", "1 is not a detection"),
    (BOXES, [extract("klass")], "x[0]", "the detections have no klass; they have class, "),
    (BOXES, [extract("confidenc")], "x[0]", "did you mean 'confidence'?"),
    ([{"class": "a"}], [extract("x_min")], "x[0]", "has no box"),
    ([{"pixels": {"x": "1", "y": 1, "width": 1, "height": 1}}], [extract("x_min")], "x[0]",
     '"1" is not a number'),
    (5, [own("x_min")], "x[0]", "5 is not a detection"),
    (BOXES, [choose("top_confidence")], "x[0]", "null is not a number"),
    (BOXES, [step("SortDetections", mode="confidence")], "x[0]", "null is not a number"),
    (BOXES, [step("DetectionsRename", class_map={"cat": "x"})], "x[0]",
     "class_map has no dog; `strict: false` leaves such as they are"),
    ([{"a": 1}], [step("DetectionsRename", class_map={})], "x[0]", "have no class_name"),
    ("cat", [classified("top_class")], "x[0]", "is not what a classification gives"),
    ({"classes": ["a"]}, [classified("top_class")], "x[0]", '"a" has no class'),
    ("cat", [step("ExtractImageProperty", property_name="width")], "x[0]", "is not a picture"),
    ([picture()], [step("ExtractImageProperty", property_name="width")], "x[0]",
     "a list with pictures is not a picture; SequenceApply goes through a list"),
    (replace(picture(), picture=None), [step("ExtractImageProperty", property_name="width")],
     "x[0]", "the size of this picture is not known"),
    (picture(), ["ToString"], "x[0]", "a picture is not plain data"),
    (picture(), ["StringToUpperCase"], "x[0]", "a picture is not a text"),
    (picture(), ["ToBoolean"], "x[0]", "a picture is not plain data"),
    (picture(), [look_up(a=1)], "x[0]", "a picture is nothing to look up"),
    ([picture()], ["SequenceElementsCount"], "x[0]", "a picture is not plain data"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "operations", "path", "told"), UNFIT)
def test_an_operation_does_not_take(
    value: Json, operations: list[Json], path: str, told: str
) -> None:
    ((found, message),) = unfit(value, *operations).items()
    assert found == path
    assert told in message


MISUSED: list[tuple[Json, str, str]] = [
    (step("Nothing"), "x[0]", "there is no operation 'Nothing'; there are StringToLowerCase, "),
    (step("stringtouppercase"), "x[0]", "did you mean 'StringToUpperCase'?"),
    (step("SortDetection"), "x[0]", "did you mean 'SortDetections'?"),
    ({"type": 1}, "x[0]", 'is not an operation such as {"type": "ToString"}'),
    ({}, "x[0]", "is not an operation"),
    (5, "x[0]", "is not an operation"),
    ("ToString", "x[0]", "is not an operation"),
    (step("ToNumber"), "x[0].cast_to", "is missing: one of int, float"),
    (step("ToNumber", cast_to="integer"), "x[0].cast_to", '"integer" is not one of int, float; '),
    (step("ToString", digits=1), "x[0].digits", "there is no such parameter; there are none"),
    (step("LookupTable", lookup="x", lookup_table={}), "x[0].lookup",
     "there are lookup_table; did you mean 'lookup_table'?"),
    (step("LookupTable", lookup_table=[1]), "x[0].lookup_table", "[1] is not an object"),
    (step("NumberRound", decimal_digits=1.5), "x[0].decimal_digits", "1.5 is not a whole number"),
    (step("NumberRound", decimal_digits=True), "x[0].decimal_digits", "is not a whole number"),
    (step("Multiply", other="2"), "x[0].other", '"2" is not a number'),
    (step("StringMatches", regex=1), "x[0].regex", "1 is not a text"),
    (step("SortDetections", mode="x_min", ascending=1), "x[0].ascending", "is not true or false"),
    (step("SortDetections", mode="center"), "x[0].mode", "is not one of confidence, "),
    (step("DetectionsRename", class_map={"a": 1}), "x[0].class_map", "is not an object of texts"),
    (step("SequenceApply", operations={}), "x[0].operations", "{} is not a list of operations"),
    (step("SequenceApply", operations=[step("No")]), "x[0].operations[0]", "there is no operation"),
    (step("ConvertImageToJPEG"), "x[0]", "a picture goes as it is"),
    (step("ConvertImageToBase64"), "x[0]", "in a part of its own; leave it out"),
    (step("DetectionsFilter", filter_operation={}), "x[0]", "Roboflow's query language"),
    (step("ExtractFrameMetadata", property_name="frame_number"), "x[0]", "Roboflow's videos"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "path", "told"), MISUSED)
def test_an_operation_that_is_no_such_is_told(operation: Json, path: str, told: str) -> None:
    found = wrong("{{ $parameters.x }}", {"x": "1"}, {"x": [operation]})
    assert list(found) == [f"promptParametersOperations.{path}"]
    assert told in next(iter(found.values()))


def test_operations_that_are_no_list_are_told() -> None:
    found = wrong("{{ $parameters.x }}", {"x": "1"}, {"x": step("ToString")})
    assert "is not a list of operations" in found["promptParametersOperations.x"]


def test_operations_of_an_input_that_there_is_not_are_told() -> None:
    told = wrong("Hi {{ $parameters.photo }}", {"photo": "x"}, {"foto": []})
    assert told == {
        "promptParametersOperations.foto": "there is no input of this name; there are photo; "
        "did you mean 'photo'?"
    }
    assert (
        "promptParameters is empty" in wrong("Hi", None, {"x": []})["promptParametersOperations.x"]
    )


def test_nesting_ends_somewhere() -> None:
    chain: Json = [step("ToString")]
    for _ in range(9):
        chain = [step("SequenceApply", operations=chain)]
    (told,) = unfit([], *chain).values()
    assert told == "is nested more than 8 deep"


def test_what_grows_without_end_is_refused() -> None:
    mapped = step("SequenceMap", lookup_table={"a": "x" * 100_000})
    assert unfit(["a"] * 200, mapped) == {"x[0]": "becomes longer than 10,000,000 characters"}
    widen = step("LookupTable", lookup_table={"a": ["a"] * 2000})
    inner = step("SequenceApply", operations=[widen])
    outer = step("SequenceApply", operations=[inner])
    chain = [inner, outer, step("SequenceApply", operations=[outer])]
    (told,) = unfit(["a"] * 2000, *chain).values()
    assert "becomes longer than 10,000,000 characters" in told


@pytest.mark.parametrize(
    ("regex", "text"),
    [
        ("(a+)+$", "a" * 50_000 + "b"),
        ("(a|a)*c", "a" * 50_000),
        ("(x+x+)+y", "x" * 50_000),
        ("(.*a){20}b", "a" * 20_000),
        ("a?" * 60 + "a" * 60 + "$", "a" * 59 + "b"),
    ],
)
def test_no_regular_expression_hangs(regex: str, text: str) -> None:
    # Python's own engine would take longer than there is time.
    assert after(text, step("StringMatches", regex=regex)) == "false"


@pytest.mark.parametrize(
    ("regex", "told"),
    [
        ("(?=a)", "look-around"),
        (r"(a)\1", "backreferences are not supported"),
        ("[", "unclosed character class"),
        ("(a{1000}){1000}", "size limit"),
        ("a" * 1001, "regex has 1,001 characters, and may have 1,000"),
    ],
)
def test_a_regular_expression_that_does_not_work_is_told(regex: str, told: str) -> None:
    (message,) = unfit("a", step("StringMatches", regex=regex)).values()
    assert told in message


def test_a_text_too_long_to_be_searched_is_told() -> None:
    (message,) = unfit("a" * 100_001, step("StringMatches", regex="a")).values()
    assert message == "has 100,001 characters, and may have 100,000"


def test_operations_run_for_inputs_that_are_not_named() -> None:
    found = wrong("Hi", {"x": "abc"}, {"x": [number("int")]})
    assert list(found) == ["promptParametersOperations.x[0]"]


def test_what_a_user_gave_is_not_changed() -> None:
    before = json.dumps([BOXES, ROBOFLOW])
    shift, rename = (
        step("DetectionsShift", shift_x=1, shift_y=1),
        step("DetectionsRename", class_map={"cat": "a", "dog": "b"}),
    )
    inputs = {"a": BOXES, "b": ROBOFLOW}
    called("Hi", inputs, {"a": [shift, rename], "b": [rename, shift]})
    assert json.dumps([BOXES, ROBOFLOW]) == before


def test_every_operation_is_tried_here() -> None:
    assert set(OPERATIONS) == {kind(one) for _, chain, _ in GIVES for one in chain}
    assert set(REFUSED) <= {kind(one) for one, *_ in MISUSED if isinstance(one, dict)}


def test_the_operations_are_those_of_roboflows_block() -> None:
    assert {*OPERATIONS, *REFUSED} == set(ROBOFLOWS.split())
    assert not OPERATIONS.keys() & REFUSED.keys()


def test_the_page_lists_every_operation() -> None:
    page = (ROOT / "docs" / "openai-compatible.md").read_text("utf-8")
    rows = [
        f"| `{name}` | {one.does} | {', '.join(map(told, one.parameters.items()))} |"
        for name, one in OPERATIONS.items()
    ]
    assert "|---|---|---|\n" + "\n".join(rows) + "\n\n" in page
    assert all(f"`{name}`" in page for name in REFUSED)


def told(item: tuple[str, Parameter]) -> str:
    """Write a parameter of an operation as the page does."""
    name, (chosen_from, default) = item
    choices = [f"`{one}`" for one in chosen_from] if isinstance(chosen_from, tuple) else []
    listed = f" ({', '.join(choices)})" if choices else ""
    return f"`{name}`{listed}" + ("" if default is REQUIRED else f" = `{json.dumps(default)}`")


def kind(operation: Json) -> str:
    return operation if isinstance(operation, str) else str(operation.get("type"))


ROBOFLOWS = """
    ClassificationPropertyExtract ConvertDictionaryToJSON ConvertImageToBase64 ConvertImageToJPEG
    DetectionsFilter DetectionsOffset DetectionsPropertyExtract DetectionsRename
    DetectionsSelection DetectionsShift DetectionsToDictionary Divide ExtractDetectionProperty
    ExtractFrameMetadata ExtractImageProperty LookupTable Multiply NumberRound
    NumericSequenceAggregate PickDetectionsByParentClass RandomNumber SequenceAggregate
    SequenceApply SequenceElementsCount SequenceLength SequenceMap SortDetections StringMatches
    StringSubSequence StringToLowerCase StringToUpperCase TimestampToISOFormat ToBoolean ToNumber
    ToString
"""
