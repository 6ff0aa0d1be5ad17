"""`prompt`: placeholders, pictures, and what is wrong with them, told before anything is sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as some

from openrouter_connector import InputError
from support.prompt_calls import (
    PATIENT,
    build_prompt,
    content_of,
    filled_text,
    image,
    problems_of,
    step,
)

Json = Any
PLAIN = some.text().filter(lambda text: "$parameters" not in text and text.strip())
BRACES = some.text(alphabet="{}$ .xparmetsX\n%").filter(lambda text: text.strip())


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Grüße, {name}!", "Grüße, {name}!"),
        ("", ""),
        (3, "3"),
        (0, "0"),
        (0.5, "0.5"),
        (1e30, "1e+30"),
        (True, "true"),
        (False, "false"),
        ([1, "zwei", None], '[1, "zwei", null]'),
        ([], "[]"),
        ({"größe": {"a": [True]}}, '{"größe": {"a": [true]}}'),
        ({}, "{}"),
    ],
)
def test_an_input_stands_where_it_is_named(value: Json, text: str) -> None:
    assert filled_text("<{{ $parameters.x }}>", x=value) == f"<{text}>"


@pytest.mark.parametrize(
    "placeholder",
    [
        "{{ $parameters.x }}",
        "{{$parameters.x}}",
        "{{  $parameters.x   }}",
        "{{\t$parameters.x\n}}",
    ],
)
def test_spaces_around_the_name_are_free(placeholder: str) -> None:
    assert filled_text(f"a{placeholder}b{placeholder}", x="-") == "a-b-"


@pytest.mark.parametrize(
    "text",
    [
        "{{ parameters.x }}",
        "{ $parameters.x }",
        "{{ $parameters x }}",
        "{{ $parameters. }}",
        "{{ $inputs.x }}",
        "$parameters.x",
        "{{ $ parameters.x }}",
        "{{ $parameters.x }",
        "{{ $Parameters.x }}",
        "%(x)s ${x} {x} {{x}} \\{{x\\}} {% x %}",
    ],
)
def test_nothing_else_is_a_placeholder(text: str) -> None:
    assert filled_text(text, x="?") == text


def test_further_braces_stay() -> None:
    assert filled_text("{{{ $parameters.x }}}", x="v") == "{v}"
    assert filled_text("{{ {{ $parameters.x }} }}", x="v") == "{{ v }}"


@PATIENT
@given(PLAIN)
@example("{{ }} {} }{ {{{")
@example("  spaces kept \r\n")
@example("\ud800\x00")
def test_a_prompt_without_placeholders_arrives_unchanged(text: str) -> None:
    assert filled_text(text, unused=1) == text


@PATIENT
@given(BRACES)
def test_braces_of_any_kind_arrive_unchanged(text: str) -> None:
    assert filled_text(text, unused=1) == text


@PATIENT
@given(some.text(), some.text(), some.text())
@example("a", "{{ $parameters.x }}", "b")
@example("a", r"\1 \g<0>", "b")
def test_a_value_arrives_unchanged_and_is_not_read_again(
    before: str, value: str, behind: str
) -> None:
    before, behind = (text.replace("$parameters", "") for text in (before, behind))
    assert (
        filled_text(f".{before}{{{{ $parameters.x }}}}{behind}", x=value)
        == f".{before}{value}{behind}"
    )


@PATIENT
@given(some.recursive(some.none() | some.booleans() | some.integers() | some.text(), some.lists))
def test_what_is_written_of_data_can_be_read_again(value: Json) -> None:
    assert json.loads(filled_text("{{ $parameters.x }}", x=[value])) == [value]


def test_a_value_that_names_another_input_is_not_expanded() -> None:
    text = filled_text(
        "{{ $parameters.a }}{{ $parameters.b }}", a="{{ $parameters.b }}", b="{{ $parameters.a }}"
    )
    assert text == "{{ $parameters.b }}{{ $parameters.a }}"


@pytest.mark.parametrize("name", ["my-photo", "größe", "product name", "a.b", "0", "$", "x|upper"])
def test_any_name_without_braces_can_be_named(name: str) -> None:
    assert filled_text(f"{{{{ $parameters.{name} }}}}", **{name: "v"}) == "v"


def test_the_system_prompt_names_inputs_too() -> None:
    call = build_prompt("Hi", {"tone": "dry"}, systemPrompt="Be {{ $parameters.tone }}. {}")
    assert (content_of(call, "system"), content_of(call), call.warnings) == ("Be dry. {}", "Hi", ())


def test_a_prompt_without_inputs_goes_as_it_is() -> None:
    call = build_prompt("Hi", systemPrompt="Be short")
    assert call.body == {
        "messages": [
            {"role": "system", "content": "Be short"},
            {"role": "user", "content": "Hi"},
        ],
        "model": "a/b",
    }


def test_an_input_that_is_not_named_is_told() -> None:
    call = build_prompt("Hi {{ $parameters.a }}", {"a": 1, "b": 2, "c": [3]})
    assert call.warnings == (
        "promptParameters.b is not used in the prompt and was not sent",
        "promptParameters.c is not used in the prompt and was not sent",
    )


def test_all_placeholders_that_name_nothing_are_listed() -> None:
    found = problems_of(
        "{{ $parameters.detecions }} {{ $parameters.photo }}",
        {"detections": [], "photo": "x"},
        systemPrompt="{{ $parameters.tone }}",
    )
    assert found == {
        "prompt": "{{ $parameters.detecions }} names no input; there are detections, photo; "
        "did you mean 'detections'?",
        "systemPrompt": "{{ $parameters.tone }} names no input; there are detections, photo",
    }


def test_each_of_several_wrong_names_is_a_problem_of_its_own() -> None:
    with pytest.raises(InputError, match="promptParameters is empty") as caught:
        build_prompt("{{ $parameters.a }}{{ $parameters.b }}{{ $parameters.a }}")
    assert [problem.path for problem in caught.value.problems] == ["prompt", "prompt"]


def test_wrong_names_and_wrong_operations_are_told_at_once() -> None:
    found = problems_of(
        "{{ $parameters.nothing }}",
        {"x": "abc", "y": "1", "z": 1},
        {
            "x": [step("ToNumber", cast_to="int")],
            "y": [step("StringToUpperCas"), step("ToNumber", cast_to="text", also=1)],
            "other": [step("ToString")],
        },
    )
    assert sorted(found) == [
        "prompt",
        "promptParametersOperations.other",
        "promptParametersOperations.x[0]",
        "promptParametersOperations.y[0]",
        "promptParametersOperations.y[1].also",
        "promptParametersOperations.y[1].cast_to",
    ]


def test_a_picture_travels_beside_the_text_and_leaves_it() -> None:
    one, two = image("one.png"), image("two.jpg", "image/jpeg")
    call = build_prompt("Compare {{ $parameters.pair }}: {{ $parameters.how }}", {
        "how": "briefly", "pair": [one, two],
    })  # fmt: skip
    text, *images = content_of(call)
    assert text == {"type": "text", "text": "Compare : briefly"}
    assert [part["image_url"]["url"].file for part in images] == [one, two]
    assert images[1]["image_url"]["url"].prefix == "data:image/jpeg;base64,"
    assert call.warnings == ()


def test_a_picture_goes_along_when_it_is_not_named() -> None:
    call = build_prompt("Describe it", {"photo": image()})
    assert [part["type"] for part in content_of(call)] == ["text", "image_url"]
    assert call.warnings == ()


def test_pictures_go_in_the_order_of_the_inputs() -> None:
    files = [image(f"{n}.png") for n in range(4)]
    inputs = {"b": files[0], "text": "?", "a": [files[1], files[2]], "c": files[3]}
    call = build_prompt("{{ $parameters.c }}{{ $parameters.text }}{{ $parameters.a }}", inputs)
    assert content_of(call)[0]["text"] == "?"
    assert [part["image_url"]["url"].file for part in content_of(call)[1:]] == files


def test_a_prompt_of_pictures_alone_has_no_text_part() -> None:
    call = build_prompt(" {{ $parameters.photo }} ", {"photo": image()})
    assert [part["type"] for part in content_of(call)] == ["image_url"]


def test_a_picture_in_the_system_prompt_leaves_it() -> None:
    call = build_prompt("Hi", {"photo": image()}, systemPrompt="{{ $parameters.photo }}")
    assert call.body and [one["role"] for one in call.body["messages"]] == ["user"]
    assert [part["type"] for part in content_of(call)] == ["text", "image_url"]


@pytest.mark.parametrize("value", ["", "  \n"])
def test_a_prompt_that_says_nothing_is_refused(value: str) -> None:
    found = problems_of("{{ $parameters.x }}", {"x": value})
    assert "is empty after its placeholders are filled" in found["prompt"]


@pytest.mark.parametrize(
    "value",
    [
        [image(), "and a text"],
        {"photo": image(), "of": "a cat"},
        {"photo": image()},
        [image(), {"extension": "png", "mimeType": "image/png", "name": "a", "url": "data:,"}, 1],
    ],
)
def test_pictures_among_other_values_want_a_name_of_their_own(value: Json) -> None:
    for prompt in ("Hi", "{{ $parameters.x }}"):
        found = problems_of(prompt, {"x": value})
        assert found == {
            "promptParameters.x": "mixes images with other values; put the images into an input of "
            "their own"
        }


def test_the_size_of_a_picture_stands_in_the_text_and_the_picture_under_its_other_name() -> None:
    photo = image(width=1600, height=900)
    wide = [step("ExtractImageProperty", property_name="width")]
    call = build_prompt(
        "{{ $parameters.width }} px", {"photo": photo, "width": image()}, {"width": wide}
    )
    text, part = content_of(call)
    assert (text["text"], part["image_url"]["url"].file) == ("640 px", photo)
    alone = build_prompt("{{ $parameters.photo }} px", {"photo": photo}, {"photo": wide})
    assert content_of(alone) == "1600 px"
    assert alone.warnings == (
        "promptParameters.photo is not an image after its operations, so no image was sent for it; "
        "to send it too, add it under a second name",
    )


def test_one_of_several_pictures_can_be_chosen() -> None:
    files = [image(f"{n}.png") for n in range(3)]
    chosen = {"frames": [step("SequenceAggregate", mode="last")]}
    call = build_prompt("Describe it", {"frames": files}, chosen)
    assert [part["image_url"]["url"].file for part in content_of(call)[1:]] == [files[2]]
    assert call.warnings == ()


def test_a_text_that_would_burst_is_refused() -> None:
    found = problems_of("{{ $parameters.x }}" * 200, {"x": "x" * 100_000})
    assert found == {
        "prompt": "is longer than 10,000,000 characters with its inputs; name them less often"
    }


def test_messages_of_the_users_own_go_as_they_are() -> None:
    own = {"messages": [{"role": "tool", "content": "{{ $parameters.x }}"}], "top_k": 1}
    call = build_prompt("Hi", {"x": 1}, extraBody=own)
    assert call.body == {"model": "a/b", **own}
