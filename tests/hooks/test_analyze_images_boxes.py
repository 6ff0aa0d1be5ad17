"""Boxes in every dialect that models write, and what a box that comes out may be relied on for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import IncompleteError
from openrouter_connector.hooks import analyze_images
from openrouter_connector.values import Call, ImageInfo, ModelInfo
from support.image_answers import WIDE, boxes_of, read_answer, task_values

DETECT = "object-detection"
CAT = ("cat", None, 100, 100, 200, 100)
"""Thousandths 100, 200, 300, 400 of the image, which is 1000 × 500."""
SHRUNK = ImageInfo(4000, 2000, (1000, 500))
LARGE = ImageInfo(2000, 1000, (2000, 1000))


def read_as(unit: str) -> str:
    return f"the boxes were read as {unit}, judging by their values"


FRACTIONS = read_as("fractions of the width and height")
PERCENT = read_as("percent of the width and height")
THOUSANDTHS = read_as("thousandths of the width and height")
PIXELS = read_as("pixels of the image as it was sent")


def one(came: str, *told: str, **more: Any) -> Any:
    model = more.get("model", "")
    return pytest.param(came, list(told), more, id=f"{model} {came}"[:70].strip())


DIALECTS = [
    one('{"boxes": [{"class": "cat", "box": [100, 200, 300, 400]}]}'),
    one('[{"class": "cat", "box": [100, 200, 300, 400]}]'),
    one('{"class": "cat", "box": [100, 200, 300, 400]}'),
    one('```json\n[{"label": "cat", "box": [100, 200, 300, 400]}]\n```'),
    one('Here they are: [{"label": "cat", "box": [100, 200, 300, 400]}]. Anything else?'),
    one('{"detections": [{"class_name": "cat", "box": [100, 200, 300, 400]}]}'),
    one('{"result": {"objects": [{"name": "cat", "box": [100, 200, 300, 400]}]}}'),
    one('{"title": "A room", "predictions": [{"label": "cat", "box": [100, 200, 300, 400]}]}'),
    one('{"cat": [100, 200, 300, 400]}'),
    one('{"cat": [[100, 200, 300, 400]], "dog": []}'),
    one('{"cat": {"box": [100, 200, 300, 400]}}'),
    one('{"label": "cat", "boxes": [[100, 200, 300, 400]]}'),
    one('{"label": "cat", "box": [[100, 200, 300, 400]]}'),
    one('{"label": "cat", "box": [[100, 200], [300, 400]]}'),
    one('{"label": "cat", "box": [[100, 200], [300, 200], [300, 400], [100, 400]]}'),
    one('{"label": "cat", "box": "(100, 200), (300, 400)"}'),
    one('{"label": "cat", "box": ["100", "200", "300 ", 400.0]}'),
    one('{"label": "cat", "box": [300, 400, 100, 200]}'),
    one('{"label": "cat", "box": [300, 200, 100, 400]}'),
    one('{"label": "cat", "box": {"x_min": 100, "y_min": 200, "x_max": 300, "y_max": 400}}'),
    one('{"label": "cat", "xmin": 100, "ymin": 200, "xmax": 300, "ymax": 400}'),
    one('{"label": "cat", "x1": 100, "y1": 200, "x2": 300, "y2": 400}'),
    one('{"label": "cat", "x0": 100, "y0": 200, "x1": 300, "y1": 400}'),
    one('{"label": "cat", "position": {"left": 100, "top": 200, "right": 300, "bottom": 400}}'),
    one('{"label": "cat", "x": 100, "y": 200, "width": 200, "height": 200}'),
    one('{"label": "cat", "x_center": 200, "y_center": 300, "width": 200, "height": 200}'),
    one('{"label": "cat", "xMin": 0.1, "yMin": 0.2, "xMax": 0.3, "yMax": 0.4}', FRACTIONS),
    one('{"label": "cat", "x": 0.1, "y": 0.2, "width": 0.2, "height": 0.2}', FRACTIONS),
    one('{"label": "cat", "bbox": [0.1, 0.2, 0.3, 0.4]}', FRACTIONS),
    one('{"label": "cat", "box": ["10%", "20%", "30%", "40%"]}', PERCENT),
    one('{"label": "cat", "x": "10%", "y": "20%", "width": "20%", "height": "20%"}', PERCENT),
    one('[{"label":"cat","box":[10,20,30,40]},{"label":"d","box":[9.5,1,1,9]}]', PERCENT),
    # Rows first, by the name of the key; and by the model, which writes them so under any key.
    one('[{"box_2d": [200, 100, 400, 300], "label": "cat"}]'),
    one('[{"box_2d": [200, 100, 400, 300], "label": "cat"}]', model="google/gemini-2.5-flash"),
    one('[{"box": [200, 100, 400, 300], "label": "cat"}]', model="google/gemini-2.5-flash"),
    # Pixels of the picture as it was sent, by the name of the key or by the model.
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', PIXELS),
    one('[{"bbox": [100, 100, 300, 200], "label": "cat"}]', PIXELS),
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="qwen/qwen-2.5-vl-7b"),
    one('[{"box": [100, 100, 300, 200], "label": "cat"}]', model="qwen/qwen2.5-vl-72b-instruct"),
    # The same model by the names that other servers have for it.
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="qwen2.5vl:7b"),
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="qwen2.5vl-72b-awq"),
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="Qwen/Qwen2_5-VL-7B"),
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="models/qwen2p5-vl-32b"),
    one('[{"bbox_2d": [100, 100, 300, 200], "label": "cat"}]', model="UI_TARS-1.5-7B"),
    # Later Qwen and GLM give their bbox_2d in thousandths.
    one('[{"bbox_2d": [100, 200, 300, 400], "label": "cat"}]', model="qwen/qwen3-vl-8b-instruct"),
    one('[{"bbox_2d": [100, 200, 300, 400], "label": "cat"}]', model="z-ai/glm-4.6v"),
    one('[{"bbox_2d": [100, 200, 300, 400], "label": "cat"}]', model="qwen3vl:8b"),
    one('[{"bbox_2d": [100, 200, 300, 400], "label": "cat"}]', model="glm4v:9b"),
    # Marks of Qwen-VL, InternVL and GLM-V.
    one("<ref>cat</ref><box>[[100, 200, 300, 400]]</box>"),
    one("I see <ref>cat</ref><box>(100,200),(300,400)</box> there."),
    one("<ref>a dog</ref><box>(1,2),(3,4)</box><box>(5,6),(7,8)</box>\n"
        "<ref> cat </ref><box>(100,200),(300,400)</box>"),
    one("<|object_ref_start|>cat<|object_ref_end|><|box_start|>(100,200),(300,400)<|box_end|>"),
    one("<box>(100,200),(300,400)</box>", classes=["cat"]),
    one('[{"label": "cat", "box": "<box>(100,200),(300,400)</box>"}]'),
    one('<|begin_of_box|>[{"label": "cat", "box": [100, 200, 300, 400]}]<|end_of_box|>'),
    one("<|begin_of_box|>[[100, 200, 300, 400]]<|end_of_box|>", classes=["cat"]),
    # Moondream names no class, since it is asked for one.
    one('{"objects": [{"x_min": 0.1, "y_min": 0.2, "x_max": 0.3, "y_max": 0.4}]}', FRACTIONS,
        classes=["cat"]),
]  # fmt: skip


@pytest.mark.parametrize(("came", "told", "more"), DIALECTS)
def test_a_box_is_understood_in_any_dialect(came: str, told: list[str], more: Any) -> None:
    found = read_answer(DETECT, came, **more)
    assert [box for box in boxes_of(came, **more) if box[0] == "cat"] == [CAT]
    assert found["warnings"] == told


def test_pixels_are_those_of_the_upright_original() -> None:
    came = '[{"class": "cat", "box": [100, 200, 300, 400], "confidence": 0.5}]'
    assert read_answer(DETECT, came, SHRUNK)["answer"]["boxes"] == [
        {
            "class": "cat",
            "confidence": 0.5,
            "pixels": {"x": 400, "y": 400, "width": 800, "height": 400},
            "relative": {"x": 0.1, "y": 0.2, "width": 0.2, "height": 0.2},
        }
    ]
    as_sent = '[{"class": "cat", "bbox_2d": [100, 100, 300, 200]}]'
    assert boxes_of(as_sent, SHRUNK) == [("cat", None, 400, 400, 800, 400)]


def test_what_is_too_large_for_thousandths_is_pixels() -> None:
    came = '[{"class": "cat", "box": [100, 100, 1900, 200]}]'
    assert boxes_of(came, LARGE) == [("cat", None, 100, 100, 1800, 100)]
    assert read_answer(DETECT, came, LARGE)["warnings"] == [PIXELS]


def test_what_is_too_large_for_the_picture_is_thousandths() -> None:
    came = '[{"class": "cat", "bbox": [100, 200, 300, 900]}]'
    assert boxes_of(came) == [("cat", None, 100, 100, 200, 350)]
    assert read_answer(DETECT, came)["warnings"] == []
    qwen = read_answer(DETECT, came, model="qwen/qwen2.5-vl-72b-instruct")
    assert qwen["warnings"] == [THOUSANDTHS]


def test_the_unit_is_judged_once_for_all_boxes() -> None:
    small, large = '{"label": "a", "box": [0, 0, 1, 1]}', '{"label": "b", "box": [0, 0, 900, 900]}'
    assert boxes_of(f"[{small}]") == [("a", None, 0, 0, 1000, 500)]
    both = [("a", None, 0, 0, 2, 1), ("b", None, 0, 0, 1800, 900)]
    assert boxes_of(f"[{small}, {large}]", LARGE) == both


def test_a_small_box_in_the_corner_is_not_taken_for_percent() -> None:
    assert boxes_of('[{"label": "cat", "box": [10, 20, 60, 80]}]') == [
        ("cat", None, 10, 10, 50, 30)
    ]


OUTSIDE = [
    ("[900, 900, 1040, 1200]", [("cat", None, 900, 450, 100, 50)], "clipped"),
    ("[-50, 200, 300, 400]", [("cat", None, 0, 100, 300, 100)], "clipped"),
    ("[998, 200, 1001, 400]", [("cat", None, 998, 100, 2, 100)], None),
    ("[1010, 200, 1030, 400]", [], "outside of the image or without area were left out"),
    ("[100, 200, 100, 400]", [], "without area"),
    ("[0, 0, 0, 0]", [], "without area"),
]


@pytest.mark.parametrize(("box", "meant", "told"), OUTSIDE)
def test_a_box_is_kept_inside_the_picture(box: str, meant: Any, told: str | None) -> None:
    came = f'[{{"class": "cat", "box": {box}}}, {{"class": "dog", "box": [1, 2, 500, 600]}}]'
    assert boxes_of(came, ImageInfo(1000, 500, (300, 150)))[:-1] == meant
    warnings = read_answer(DETECT, came, ImageInfo(1000, 500, (300, 150)))["warnings"]
    assert [told in warning for warning in warnings] == ([True] if told else [])


def test_the_same_box_over_and_over_is_one() -> None:
    came = json.dumps([{"class": "cat", "box": [100, 200, 300, 400]}] * 40)
    assert boxes_of(came) == [CAT]
    two = '[{"class": "cat", "box": [1, 2, 90, 90]}, {"class": "dog", "box": [1, 2, 90, 90]}]'
    assert len(boxes_of(two)) == 2


def test_only_classes_that_were_asked_for_are_kept() -> None:
    came = '[{"class": "Cat", "box": [100, 200, 300, 400]}, {"class": "sofa", "box": [1, 1, 9, 9]}]'
    found = read_answer(DETECT, came, classes=["cat", "dog"])
    assert [box["class"] for box in found["answer"]["boxes"]] == ["cat"]
    assert found["warnings"] == ["'sofa' is not one of the classes and was left out"]
    nothing = read_answer(DETECT, came, classes=["dog"])
    assert nothing["answer"] == {"boxes": []} and len(nothing["warnings"]) == 2


def test_only_classes_that_were_asked_for_are_sought() -> None:
    image = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
    call = Call("POST", "/chat/completions", body={"messages": [{"content": [image]}]})
    model_info = ModelInfo("models", {"supported_parameters": ["structured_outputs"]})
    body = analyze_images.build(call, task_values(DETECT, classes=["cat", "dog"]), model_info).body
    assert body
    told, shown = body["messages"][0]["content"]
    assert shown == image
    assert 'of these classes in the image, and nothing else.\n\n- "cat"\n- "dog"' in told["text"]
    item = body["response_format"]["json_schema"]["schema"]["properties"]["boxes"]["items"]
    assert item["properties"]["class"]["enum"] == ["cat", "dog"]


def test_a_box_without_a_name_is_of_the_only_class_that_was_asked_for() -> None:
    came = "[[100, 200, 300, 400]]"
    assert boxes_of(came) == [("object", *CAT[1:])]
    assert boxes_of(came, classes=["cat"]) == [CAT]


@pytest.mark.parametrize(
    "came",
    [
        "[[100, 200, 300, 400]]",
        '{"boxes": [{"box": [100, 200, 300, 400], "class": null}]}',
        "<box>(100,200),(300,400)</box>",
        '[{"box": [100, 200, 300, 400]}, {"class": "sofa", "box": [1, 1, 9, 9]}]',
    ],
)
def test_boxes_without_a_class_are_no_answer_where_none_is_left(came: str) -> None:
    told = "the boxes have no class; request a single class, or choose"
    with pytest.raises(IncompleteError, match=told):
        read_answer(DETECT, came, classes=["cat", "dog"])


def test_a_box_without_a_class_is_left_out_beside_one_that_has_one() -> None:
    came = '[{"class": "cat", "box": [100, 200, 300, 400]}, {"box": [1, 1, 9, 9]}]'
    assert boxes_of(came, classes=["cat", "dog"]) == [CAT]
    found = read_answer(DETECT, came, classes=["cat", "dog"])
    assert found["warnings"] == ["an entry without a class was left out"]


def test_of_marks_that_were_cut_off_the_whole_ones_are_used() -> None:
    came = "<ref>cat</ref><box>(100,200),(300,400)</box><ref>dog</ref><box>(1,"
    assert boxes_of(came) == [CAT]
    assert "was cut off" in read_answer(DETECT, came)["warnings"][0]


def test_entries_without_a_box_are_told() -> None:
    came = '[{"class": "cat", "box": [100, 200, 300, 400]}, {"class": "dog", "box": null}]'
    assert boxes_of(came) == [CAT]
    assert read_answer(DETECT, came)["warnings"] == [
        "1 of 2 entries have no box and were left out"
    ]  # fmt: skip


@pytest.mark.parametrize("came", ["[]", '{"boxes": []}', '{"detections": null}', '{"cat": []}'])
def test_nothing_to_be_found_is_an_answer(came: str) -> None:
    found = read_answer(DETECT, came)
    assert (found["answer"], found["warnings"]) == ({"boxes": []}, [])


KEYS = ["class", "label", "box", "box_2d", "bbox", "boxes", "x", "y", "width", "height", "x1", "y1",
        "x2", "y2", "score", "confidence", "result", "coordinates", "cat", "total"]  # fmt: skip
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-50, 1500)
    | st.floats()
    | st.sampled_from(["cat", "dog", "87%", "high", "12", "", "1, 2, 3, 4"])
    | st.text(max_size=5)
)
fours = st.lists(st.integers(-100, 2500) | st.floats(0, 1), min_size=4, max_size=4)
data = st.recursive(
    scalars | fours,
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6)
    ),
    max_leaves=25,
)
images = st.builds(
    ImageInfo,
    st.integers(1, 20_000),
    st.integers(1, 20_000),
    st.tuples(st.integers(1, 2048), st.integers(1, 2048)),
)
MODELS = ["lab/one", "google/gemini-2.5-pro", "qwen/qwen2.5-vl-72b-instruct", "z-ai/glm-4.6v"]
models = st.sampled_from(MODELS)


@st.composite
def rubbish(draw: st.DrawFn) -> str:
    """Write something like JSON, damaged here and there."""
    text = json.dumps(draw(data))
    for _ in range(draw(st.integers(0, 3))):
        at, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        put = draw(st.text(alphabet="{}[]\"',:0.-%/*#` \n\\ae", max_size=3))
        text = text[:at] + put + text[draw(st.sampled_from([at, end])) :]
    return text


@given(rubbish(), images, models, st.sampled_from([None, ["cat", "dog"], ["cat"]]))
@settings(deadline=None, max_examples=100)
def test_every_box_lies_in_its_picture_has_an_area_and_is_the_same_in_both_units(
    came: str, image: ImageInfo, model: str, classes: list[str] | None
) -> None:
    try:
        found = read_answer(DETECT, came, image, model=model, classes=classes)
    except IncompleteError as error:
        assert error.partial == (came or None)
        return
    json.dumps(found, allow_nan=False)
    for box in found["answer"]["boxes"]:
        assert not classes or box["class"] in classes
        assert box["confidence"] is None or 0 <= box["confidence"] <= 1
        pixels, relative = box["pixels"], box["relative"]
        assert all(isinstance(number, int) for number in pixels.values())
        for start, size, whole in (("x", "width", image.width), ("y", "height", image.height)):
            assert pixels[start] >= 0 and pixels[size] > 0 and relative[size] > 0
            assert pixels[start] + pixels[size] <= whole
            near = 0.5 + whole * 0.00005 + 1e-6
            assert abs(relative[start] * whole - pixels[start]) <= near
            end = relative[start] + relative[size]
            assert 0 <= relative[start] < end <= 1
            assert abs(end * whole - pixels[start] - pixels[size]) <= near


TASKS = ["classification", "multi-label-classification", DETECT, "structured-answering", "ocr",
         "caption", "visual-question-answering", "detailed-caption", "unconstrained"]  # fmt: skip


@given(rubbish() | st.text(), st.sampled_from(TASKS))
@settings(deadline=None, max_examples=100)
def test_whatever_comes_is_an_answer_or_an_incomplete_one(came: str, task: str) -> None:
    try:
        found = read_answer(task, came)
    except IncompleteError as error:
        assert error.partial == (came or None) and error.message
    else:
        assert found["text"] == came
        json.dumps(found, allow_nan=False)


corners = st.tuples(
    st.integers(0, 600), st.integers(0, 600), st.integers(200, 400), st.integers(200, 400)
)
WRITTEN: dict[str, Callable[..., Any]] = {
    "box": lambda x, y, w, h: {"box": [x, y, x + w, y + h]},
    "box_2d": lambda x, y, w, h: {"box_2d": [y, x, y + h, x + w]},
    "bbox_2d": lambda x, y, w, h: {"bbox_2d": [x, y / 2, x + w, (y + h) / 2]},
    "fractions": lambda x, y, w, h: {
        "x": x / 1000, "y": y / 1000, "width": w / 1000, "height": h / 1000
    },
    "percent": lambda x, y, w, h: {
        "left": f"{x / 10}%", "top": f"{y / 10}%", "right": f"{(x + w) / 10}%",
        "bottom": f"{(y + h) / 10}%"
    },
}  # fmt: skip


@given(st.lists(corners, min_size=1, max_size=8, unique=True), st.sampled_from(list(WRITTEN)))
@settings(deadline=None)
def test_all_dialects_say_the_same(corners: list[tuple[int, ...]], dialect: str) -> None:
    image = ImageInfo(2000, 1000, WIDE.sent)
    came = json.dumps([{"label": "cat", **WRITTEN[dialect](*four)} for four in corners])
    meant = [("cat", None, 2 * x, y, 2 * w, h) for x, y, w, h in corners]
    assert boxes_of(came, image) == meant


@given(
    st.lists(corners, min_size=1, max_size=6, unique=True), st.sampled_from([None, 1]), st.data()
)
@settings(deadline=None)
def test_of_what_was_cut_off_the_boxes_that_came_whole_are_used(
    corners: list[tuple[int, ...]], indent: int | None, data: st.DataObject
) -> None:
    listed = [{"class": "cat", "box": [x, y, x + w, y + h]} for x, y, w, h in corners]
    whole = json.dumps({"boxes": listed}, indent=indent)
    came = whole[: data.draw(st.integers(0, len(whole) - 1))]
    count = came.count("}")
    if not count:
        with pytest.raises(IncompleteError):
            boxes_of(came)
        return
    assert boxes_of(came) == boxes_of(whole)[:count]
    assert "was cut off" in read_answer(DETECT, came)["warnings"][0]
