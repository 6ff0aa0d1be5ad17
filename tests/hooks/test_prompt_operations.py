"""The operations of `prompt`, and what each gives."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from openrouter_connector.hooks.prompt import OPERATIONS, UNSUPPORTED
from openrouter_connector.hooks.prompt.parameters import REQUIRED, Parameter
from support.operations import (
    BOXES,
    EDGES,
    MULTI,
    OURS,
    OURS_MANY,
    ROBOFLOW,
    SINGLE,
    choose,
    classified,
    extract,
    look_up,
    number,
    own,
)
from support.prompt_calls import PATIENT, ROOT, build_prompt, image, step, transformed_text

Json = Any


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
    (image(width=40, height=30), [step("ExtractImageProperty", property_name="size")], 1200),
    (image(width=40, height=30), [step("ExtractImageProperty", property_name="height")], 30),
    (image(width=40, height=30), [step("ExtractImageProperty", property_name="aspect_ratio")],
     40 / 30),
    ([image(width=4), image(width=6)], [step("SequenceApply", operations=[
        step("ExtractImageProperty", property_name="width")])], [4, 6]),
    ([image(), image()], ["SequenceLength"], 2),
]  # fmt: skip


@pytest.mark.parametrize(("value", "operations", "result"), GIVES)
def test_an_operation_gives(value: Json, operations: list[Json], result: Json) -> None:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    assert transformed_text(value, *operations) == text


@PATIENT
@given(some.text(min_size=1).filter(str.strip))
def test_a_text_without_operations_stays_what_it_is(text: str) -> None:
    assert transformed_text(text) == transformed_text(text, "ToString") == text


@PATIENT
@given(some.floats(allow_nan=False, allow_infinity=False))
def test_a_number_survives_being_a_text(value: float) -> None:
    assert transformed_text(value, "ToString", number("float")) == json.dumps(value)


@PATIENT
@given(some.text(), some.integers(-20, 20), some.integers(-20, 20))
def test_a_part_of_a_text_is_what_python_takes_it_for(text: str, start: int, end: int) -> None:
    assert transformed_text(
        f"{text}.", step("StringSubSequence", start=start, end=end), "SequenceLength"
    ) == (str(len(f"{text}."[start:end])))


@PATIENT
@given(some.lists(some.integers(-(10**6), 10**6), min_size=1))
def test_numbers_are_summed_up(numbers: list[int]) -> None:
    aggregated = step("NumericSequenceAggregate", function="sum")
    assert transformed_text(numbers, aggregated) == str(sum(numbers))


def test_a_random_number_lies_between_its_bounds() -> None:
    found = [
        float(transformed_text("x", step("RandomNumber", min_value=5, max_value=6)))
        for _ in range(20)
    ]
    assert all(5 <= one <= 6 for one in found)
    assert 0 <= float(transformed_text("x", "RandomNumber")) <= 1


def test_a_time_is_read_back_as_the_time_it_was() -> None:
    assert (
        datetime.fromisoformat(transformed_text(1_700_000_000, "TimestampToISOFormat")).timestamp()
        == 1.7e9
    )


def test_what_a_user_gave_is_not_changed() -> None:
    before = json.dumps([BOXES, ROBOFLOW])
    shift, rename = (
        step("DetectionsShift", shift_x=1, shift_y=1),
        step("DetectionsRename", class_map={"cat": "a", "dog": "b"}),
    )
    inputs = {"a": BOXES, "b": ROBOFLOW}
    build_prompt("Hi", inputs, {"a": [shift, rename], "b": [rename, shift]})
    assert json.dumps([BOXES, ROBOFLOW]) == before


def test_every_operation_is_tried_here() -> None:
    assert set(OPERATIONS) == {kind(one) for _, chain, _ in GIVES for one in chain}


def test_the_operations_are_those_of_roboflows_block() -> None:
    assert {*OPERATIONS, *UNSUPPORTED} == set(ROBOFLOWS.split())
    assert not OPERATIONS.keys() & UNSUPPORTED.keys()


def test_the_page_lists_every_operation() -> None:
    page = (ROOT / "docs" / "openai-compatible.md").read_text("utf-8")
    rows = [
        f"| `{name}` | {one.description} | {', '.join(map(told, one.parameters.items()))} |"
        for name, one in OPERATIONS.items()
    ]
    assert "|---|---|---|\n" + "\n".join(rows) + "\n\n" in page
    assert all(f"`{name}`" in page for name in UNSUPPORTED)


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
