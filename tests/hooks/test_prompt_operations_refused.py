"""What the operations of `prompt` do not take, and what is no operation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from openrouter_connector.hooks.prompt import UNSUPPORTED
from support.operations import BOXES, choose, classified, extract, look_up, number, own
from support.prompt_calls import image, operation_problems, problems_of, step, transformed_text

Json = Any


UNFIT: list[tuple[Json, list[Json], str, str]] = [
    (1, ["StringToUpperCase"], "x[0]", "1 is not a text; convert it with ToString"),
    (1, ["StringToLowerCase"], "x[0]", "1 is not a text"),
    ([1], [step("StringSubSequence")], "x[0]", "[1] is not a text"),
    ("a", [look_up(b=1, c=2)], "x[0]", 'the table has no "a"; it has b, c'),
    ("a", [look_up()], "x[0]", "it has nothing"),
    ([1], [look_up(b=1)], "x[0]", "[1] cannot be looked up"),
    ("abc", [number("float")], "x[0]", '"abc" is not a number'),
    ("", [number("int")], "x[0]", '"" is not a number'),
    ("1e999", [number("int")], "x[0]", "is not a number"),
    ("nan", [number("float")], "x[0]", "is not a number"),
    ("9" * 5000, [number("int")], "x[0]", "is not a number"),
    ([1], [number("int")], "x[0]", "[1] is not a number"),
    ("1", [step("NumberRound", decimal_digits=1)], "x[0]", "convert it with ToNumber"),
    (1, [step("NumberRound", decimal_digits=-(10**9))], "x[0]",
     "are too many; at most 300 are allowed"),
    (True, [step("Multiply", other=2)], "x[0]", "true is not a number"),
    (1e308, [step("Multiply", other=10)], "x[0]", "too large"),
    (10**300, [step("Multiply", other=10**300)], "x[0]", "too large"),
    (10**400, [step("Multiply", other=0.5)], "x[0]", "too large"),
    (1, [step("Divide", other=0)], "x[0]", "division by 0"),
    (1e308, [step("Divide", other=1e-9)], "x[0]", "too large"),
    (10**400, [step("Divide", other=3)], "x[0]", "too large"),
    ("soon", ["TimestampToISOFormat"], "x[0]", "use seconds since 1970 or ISO 8601"),
    (1e20, ["TimestampToISOFormat"], "x[0]", "use seconds since 1970"),
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
     "class_map has no dog; add it, or set `strict: false` to keep such"),
    ([{"a": 1}], [step("DetectionsRename", class_map={})], "x[0]", "have no class_name"),
    ("cat", [classified("top_class")], "x[0]", "is not the result of a classification"),
    ({"classes": ["a"]}, [classified("top_class")], "x[0]", '"a" has no class'),
    ("cat", [step("ExtractImageProperty", property_name="width")], "x[0]", "is not an image"),
    ([image()], [step("ExtractImageProperty", property_name="width")], "x[0]",
     "a list with images is not an image; for a list, use SequenceApply"),
    (replace(image(), image=None), [step("ExtractImageProperty", property_name="width")],
     "x[0]", "the size of this image is unknown"),
    (image(), ["ToString"], "x[0]", "an image is not plain data"),
    (image(), ["StringToUpperCase"], "x[0]", "an image is not a text"),
    (image(), ["ToBoolean"], "x[0]", "an image is not plain data"),
    (image(), [look_up(a=1)], "x[0]", "an image cannot be looked up"),
    ([image()], ["SequenceElementsCount"], "x[0]", "an image is not plain data"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "operations", "path", "told"), UNFIT)
def test_an_operation_does_not_take(
    value: Json, operations: list[Json], path: str, told: str
) -> None:
    ((found, message),) = operation_problems(value, *operations).items()
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
    (step("ConvertImageToJPEG"), "x[0]", "images are sent as they are"),
    (step("ConvertImageToBase64"), "x[0]", "images are always sent as base64; remove it"),
    (step("DetectionsFilter", filter_operation={}), "x[0]", "Roboflow's query language"),
    (step("ExtractFrameMetadata", property_name="frame_number"), "x[0]", "Roboflow's videos"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "path", "told"), MISUSED)
def test_an_operation_that_is_no_such_is_told(operation: Json, path: str, told: str) -> None:
    found = problems_of("{{ $parameters.x }}", {"x": "1"}, {"x": [operation]})
    assert list(found) == [f"promptParametersOperations.{path}"]
    assert told in next(iter(found.values()))


def test_operations_that_are_no_list_are_told() -> None:
    found = problems_of("{{ $parameters.x }}", {"x": "1"}, {"x": step("ToString")})
    assert "is not a list of operations" in found["promptParametersOperations.x"]


def test_operations_of_an_input_that_there_is_not_are_told() -> None:
    told = problems_of("Hi {{ $parameters.photo }}", {"photo": "x"}, {"foto": []})
    assert told == {
        "promptParametersOperations.foto": "there is no input of this name; there are photo; "
        "did you mean 'photo'?"
    }
    assert (
        "promptParameters is empty"
        in problems_of("Hi", None, {"x": []})["promptParametersOperations.x"]
    )


def test_nesting_ends_somewhere() -> None:
    chain: Json = [step("ToString")]
    for _ in range(9):
        chain = [step("SequenceApply", operations=chain)]
    (told,) = operation_problems([], *chain).values()
    assert told == "is nested more than 8 deep"


def test_what_grows_without_end_is_refused() -> None:
    mapped = step("SequenceMap", lookup_table={"a": "x" * 100_000})
    assert operation_problems(["a"] * 200, mapped) == {
        "x[0]": "becomes longer than 10,000,000 characters"
    }
    widen = step("LookupTable", lookup_table={"a": ["a"] * 2000})
    inner = step("SequenceApply", operations=[widen])
    outer = step("SequenceApply", operations=[inner])
    chain = [inner, outer, step("SequenceApply", operations=[outer])]
    (told,) = operation_problems(["a"] * 2000, *chain).values()
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
    assert transformed_text(text, step("StringMatches", regex=regex)) == "false"


@pytest.mark.parametrize(
    ("regex", "told"),
    [
        ("(?=a)", "look-around"),
        (r"(a)\1", "backreferences are not supported"),
        ("[", "unclosed character class"),
        ("(a{1000}){1000}", "size limit"),
        ("a" * 1001, "regex has 1,001 characters, and at most 1,000 are allowed"),
    ],
)
def test_a_regular_expression_that_does_not_work_is_told(regex: str, told: str) -> None:
    (message,) = operation_problems("a", step("StringMatches", regex=regex)).values()
    assert told in message


def test_a_text_too_long_to_be_searched_is_told() -> None:
    (message,) = operation_problems("a" * 100_001, step("StringMatches", regex="a")).values()
    assert message == "has 100,001 characters, and at most 100,000 are allowed"


def test_operations_run_for_inputs_that_are_not_named() -> None:
    found = problems_of("Hi", {"x": "abc"}, {"x": [number("int")]})
    assert list(found) == ["promptParametersOperations.x[0]"]


def test_every_operation_that_is_refused_is_tried_here() -> None:
    assert set(UNSUPPORTED) <= {one.get("type") for one, *_ in MISUSED if isinstance(one, dict)}
