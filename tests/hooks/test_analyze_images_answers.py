"""What models say instead of what they were asked for, and what is made of it."""

from __future__ import annotations

import json
import sys
from typing import Any

import pytest

from openrouter_connector import IncompleteError
from openrouter_connector.hooks import analyze_images
from support.image_answers import asked, understood

CAT: dict[str, Any] = {"class": "cat", "confidence": None}
SURE: dict[str, Any] = {"class": "cat", "confidence": 0.87}
OFF = "the answer broke off; raise maxTokens; what came whole of it was used"


def one(came: str, *, told: str | None = None, **meant: Any) -> Any:
    return pytest.param(came, meant, [told] if told else [], id=came[:50])


CLASSIFIED = [
    one('{"class": "cat", "confidence": 0.87}', **SURE),
    one('```json\n{"class": "cat", "confidence": 0.87}\n```', **SURE),
    one('Sure! {"class": "cat", "confidence": 0.87} I hope it helps [1].', **SURE),
    one('<think>{"class": "dog"}? No.</think>\n{"class": "cat"}', **CAT),
    one('{"class": "dog"}? No.</think>{"class": "cat"}', **CAT),
    one('<|begin_of_box|>{"class": "cat"}<|end_of_box|>', **CAT),
    one('{"class": "cat", "confidence": 0.87, "data": {"source": "a photo"}}', **SURE),
    one('{"type": "classification", "result": {"class": "cat"}}', **CAT),
    one("cat", **CAT),
    one("**Cat.**", **CAT),
    one("Class: cat", **CAT),
    one("**Predicted class:** Cat", **CAT),
    one('"{\\"class\\": \\"cat\\", \\"confidence\\": 0.87}"', **SURE),
    one('```json\n"[{\\"class\\": \\"cat\\"}]"\n```', **CAT),
    one('"cat"', **CAT),
    one('["cat"]', **CAT),
    one('[{"label": "cat", "score": 0.87}]', **SURE),
    one('{"class_name": "cat", "probability": 0.87}', **SURE),
    one('{"className": "cat", "Confidence": 0.87}', **SURE),
    one('{"result": {"class": "cat", "confidence": 0.87}}', **SURE),
    one('{"predictions": [{"name": "cat", "confidence": 0.87}]}', **SURE),
    one('{"prediction": "cat"}', **CAT),
    one('{"classification": {"category": "cat"}}', **CAT),
    one('{"class": ["cat"]}', **CAT),
    one('{"cat": 0.87}', **SURE),
    one('{"class": "t shirt"}', **CAT | {"class": "T-Shirt"}),
    one('{"class": "T_SHIRT"}', **CAT | {"class": "T-Shirt"}),
    one('{"class": "cat", "confidence": "87%"}', **SURE),
    one('{"class": "cat", "confidence": "0.87"}', **SURE),
    one('{"class": "cat", "confidence": 87}', **SURE),
    one('{"class": "cat", "confidence": null}', **CAT),
    one(
        '{"class": "cat", "confidence": "high"}',
        told="the confidence 'high' is no number from 0 to 1: left out",
        **CAT,
    ),
    one(
        '{"class": "cat", "confidence": -0.2}',
        told="the confidence '-0.2' is no number from 0 to 1: left out",
        **CAT,
    ),
    one(
        '{"class": "cat", "confidence": true}',
        told="the confidence 'True' is no number from 0 to 1: left out",
        **CAT,
    ),
    one(
        '[{"class": "dog", "confidence": 0.1}, {"class": "cat", "confidence": 0.87}]',
        told="more than one class came, and the surest was taken",
        **SURE,
    ),
    one(
        '{"dog": 0.1, "cat": 0.87}',
        told="more than one class came, and the surest was taken",
        **SURE,
    ),
    one(
        '["bird", "cat"]',
        told="'bird' is none of the classes, and was left out",
        **CAT,
    ),
    one('{"class": "cat", "confi', told=OFF, **CAT),
    one("{'class': 'cat', 'confidence': None}", **CAT),
    one('{"class": "cat",}', **CAT),
    one('{\n  // the likeliest\n  "class": "cat" /* sure */\n}', **CAT),
    one('{class: "cat"}', **CAT),
    one("{“class”: “cat”}", **CAT),
    one('{"why": "a 5" screen", "class": "cat"}', **CAT),
]


@pytest.mark.parametrize(("came", "meant", "told"), CLASSIFIED)
def test_one_class(came: str, meant: Any, told: list[str]) -> None:
    found = understood("classification", came)
    assert found == {"text": came, "answer": meant, "warnings": told}


def many(came: str, *meant: Any, told: str | None = None) -> Any:
    return pytest.param(came, list(meant), [told] if told else [], id=came[:50])


DOG = {"class": "dog", "confidence": None}
LABELLED = [
    many('{"classes": [{"class": "cat", "confidence": 0.87}]}', SURE),
    many('["cat", "Dog"]', CAT, DOG),
    many('["cat", "cat"]', CAT),
    many('{"labels": ["cat"]}', CAT),
    many('{"class": "cat"}', CAT),
    many('{"class": "cat"}\n{"class": "dog"}', CAT, DOG),
    many('1. {"class": "cat"}\n2. {"class": "dog"}', CAT, DOG),
    many("cat, dog", CAT, DOG),
    many("- cat\n- dog", CAT, DOG),
    many('{"cat": true, "dog": false}', CAT),
    many('{"cat": 0.87, "dog": 0}', SURE),
    many('{"classes": {"cat": "87%", "dog": null}}', SURE),
    many("[]"),
    many('{"classes": []}'),
    many('{"classes": null}'),
    many('{"result": {"classes": []}}'),
    many('{"cat": false, "dog": false}'),
    many("none"),
    many("None of them."),
    many("None of the classes apply."),
    many('{"classes": ["none"]}'),
    many("Answer: none"),
    many("Classes: cat, dog", CAT, DOG),
    many('["cat", "bird"]', CAT, told="'bird' is none of the classes, and was left out"),
    many('{"classes": [{"class": "cat", "confidence": 0.87}, {"class": "do', SURE, told=OFF),
    many('```json\n["cat", "do', CAT, told=OFF),
]


@pytest.mark.parametrize(("came", "meant", "told"), LABELLED)
def test_all_classes_that_apply(came: str, meant: Any, told: list[str]) -> None:
    found = understood("multi-label-classification", came)
    assert found == {"text": came, "answer": {"classes": meant}, "warnings": told}


STRUCTURED = [
    one('{"invoice_number": "A1", "total": "12.50"}', invoice_number="A1", total="12.50"),
    one('{"invoice_number": "A1", "total": null}', invoice_number="A1", total=None),
    one('{"invoice_number": "A1", "total": "null"}', invoice_number="A1", total=None),
    one('{"invoice_number": 17, "total": 12.5}', invoice_number="17", total="12.5"),
    one('{"Invoice Number": "A1", "TOTAL": ""}', invoice_number="A1", total=""),
    one('[{"invoice_number": "A1", "total": "1"}]', invoice_number="A1", total="1"),
    one('{"result": {"invoice_number": "A1", "total": "1"}}', invoice_number="A1", total="1"),
    one('{"invoice_number": ["A", "é"], "total": "1"}', invoice_number='["A", "é"]', total="1"),
    one('{"total": "1", "invoice_number": "A1", "note": "x"}', invoice_number="A1", total="1"),
    one("{'invoice_number': \"the 'A1'\", 'total': None,}", invoice_number="the 'A1'", total=None),
    one(
        '{"type": "object", "properties": {"invoice_number": "A1", "total": "1"}}',
        invoice_number="A1",
        total="1",
    ),
    one(
        '{"invoice_number": "A1"}',
        told="the answer says nothing of total",
        invoice_number="A1",
        total=None,
    ),
]


# What was said, and what was meant by it; the first that is no number from 0 to 1 is told.
SCALES = [
    ([0.9, 0.2, 1, 0], [0.9, 0.2, 1.0, 0.0], None),
    ([100, 1, 0], [1.0, 0.01, 0.0], None),
    ([87, 5.5], [0.87, 0.055], None),
    (["87%", 5], [0.87, 0.05], None),
    (["87%", "0.5%"], [0.87, 0.005], None),
    ([0.9, 1.5], [0.9, None], "1.5"),
    ([9, 0.3], [None, 0.3], "9"),
    ([87, 0.9], [0.87, None], "0.9"),
    ([250, 0.9], [None, 0.9], "250"),
]


@pytest.mark.parametrize(("came", "meant", "told"), SCALES)
def test_all_confidences_of_an_answer_are_of_one_scale(came: Any, meant: Any, told: Any) -> None:
    box = {"class": "cat", "box": [100, 200, 300, 400]}
    text = json.dumps([{**box, "class": str(n), "confidence": c} for n, c in enumerate(came)])
    found = understood("object-detection", text)
    assert [one["confidence"] for one in found["answer"]["boxes"]] == meant
    left_out = [f"the confidence {told!r} is no number from 0 to 1: left out"] if told else []
    assert found["warnings"] == left_out
    names = [str(n) for n in range(len(came))]
    labelled = understood("multi-label-classification", text, classes=names)
    kept = [one for one in meant if one != 0]
    assert [one["confidence"] for one in labelled["answer"]["classes"]] == kept
    assert labelled["warnings"] == left_out


@pytest.mark.parametrize(("came", "meant", "told"), STRUCTURED)
def test_fields(came: str, meant: Any, told: list[str]) -> None:
    found = understood("structured-answering", came)
    assert found == {"text": came, "answer": meant, "warnings": told}
    assert list(found["answer"]) == ["invoice_number", "total"]


TEXTS = [
    ("ocr", "STOP\n  ahead", "STOP\n  ahead"),
    ("ocr", "```\n  STOP\nahead\n```", "  STOP\nahead"),
    ("ocr", "Here is the text in the image:\n\n```text\nSTOP\n```", "STOP"),
    ("ocr", "```\none\n```\n```\ntwo\n```", "```\none\n```\n```\ntwo\n```"),
    ("ocr", 'Answer: "yes"', 'Answer: "yes"'),
    ("ocr", "[no text]", ""),
    ("ocr", "", ""),
    ("caption", '"A cat on a mat."', "A cat on a mat."),
    ("caption", "**Caption:** A cat.", "A cat."),
    ("caption", "A cat says “no” and “yes”.", "A cat says “no” and “yes”."),
    ("detailed-caption", "Description: Two cats.\n\nOne is black.", "Two cats.\n\nOne is black."),
    ("visual-question-answering", "Answer: 3", "3"),
    ("visual-question-answering", "<think>one, two, three</think>\n\n3", "3"),
    ("visual-question-answering", "It says: no", "It says: no"),
    ("visual-question-answering", "Hm. <|begin_of_box|>3<|end_of_box|>", "3"),
    ("unconstrained", "Answer: {3}", "Answer: {3}"),
]


@pytest.mark.parametrize(("task", "came", "meant"), TEXTS)
def test_a_text_is_the_text_alone(task: str, came: str, meant: str) -> None:
    assert understood(task, came) == {"text": came, "answer": meant, "warnings": []}


NO_CLASS = "none of the classes cat, dog, T-Shirt; add what is missing"
NO_FIELD = "none of the fields invoice_number, total; choose a model that lists structured_outputs"
SORRY = "I'm sorry, but I can't help with identifying what is in this picture;\nask me another."
SAID = "I'm sorry, but I can't help with identifying what is in this picture; ask me an…"
ECHOED = """{"title": "fields", "type": "object", "properties": {
    "invoice_number": {"description": "the number", "anyOf": [{"type": "string"}]},
    "total": {"type": "string"}}, "required": ["invoice_number", "total"]}"""
NONSENSE = [
    ("classification", SORRY, f'names {NO_CLASS}, or choose another model; it said: "{SAID}"$'),
    ("multi-label-classification", SORRY, f'names {NO_CLASS}, .*; it said: "{SAID}"$'),
    ("structured-answering", SORRY, f'{NO_FIELD}; it said: "{SAID}"$'),
    ("object-detection", SORRY, f'choose a model that can locate objects; it said: "{SAID}"$'),
    ("object-detection", '{"message": "none"}', 'objects; it said: \'{"message": "none"}\'$'),
    ("structured-answering", ECHOED, NO_FIELD),
    ("classification", '{"class": "bird"}', f"'bird' is {NO_CLASS}"),
    ("classification", "The image shows a cat, not a dog.", NO_CLASS),
    ("classification", "I'm sorry, I can't help with that.", NO_CLASS),
    ("classification", "[see figure 1] shows a {cat}", NO_CLASS),
    ("classification", "{}", f"the answer names {NO_CLASS}"),
    ("classification", "[]", f"the answer names {NO_CLASS}"),
    ("classification", "[1]", f"the answer names {NO_CLASS}"),
    ("classification", '{"cl', "broke off; raise maxTokens"),
    ("classification", '{"confidence": 0.9}', f"the answer names {NO_CLASS}"),
    ("classification", "{" * 5000, NO_CLASS),
    ("classification", "[" * 5000, NO_CLASS),
    ("multi-label-classification", '["bird"]', f"'bird' is {NO_CLASS}"),
    ("multi-label-classification", "cat and others", NO_CLASS),
    ("multi-label-classification", "{}", NO_CLASS),
    ("structured-answering", "The total is 5.", NO_FIELD),
    ("structured-answering", '{"foo": 1}', NO_FIELD),
    ("structured-answering", '{"invoice_number": "A1", "tot', "nothing came of total; raise"),
    ("object-detection", "I see a cat on the left.", "holds no boxes; choose a model that can"),
    ("object-detection", '["cat", "dog"]', "holds no boxes"),
    ("object-detection", "<box>1, 2</box><box>3, 4</box>", "holds no boxes"),
    ("object-detection", '{"message": "no objects"}', "holds no boxes"),
    ("object-detection", '[{"class": "cat", "box": [1, 2, 3]}]', "holds no boxes"),
    ("object-detection", '[{"class": "cat", "box": [1, 2', "broke off"),
    ("visual-question-answering", "", "said nothing; raise maxTokens"),
    ("caption", " \n", "said nothing"),
    ("unconstrained", "<think>And so on, and", "said nothing; .* lower its reasoning"),
    ("ocr", "<think>And so on, and", "said nothing"),
]


@pytest.mark.parametrize(("task", "came", "told"), NONSENSE)
def test_what_makes_no_sense_says_why_and_keeps_the_text(task: str, came: str, told: str) -> None:
    with pytest.raises(IncompleteError, match=told) as caught:
        understood(task, came)
    assert (caught.value.partial, caught.value.status) == (came or None, 200)


def test_no_content_is_no_answer() -> None:
    with pytest.raises(IncompleteError, match="said nothing"):
        understood("caption", None)


def test_classes_that_differ_in_more_than_case_are_told_apart() -> None:
    classes = ["+", "-", "Cat", "cat"]
    for name in classes:
        found = understood("classification", f'{{"class": "{name}"}}', classes=classes)
        assert found["answer"]["class"] == name
    with pytest.raises(IncompleteError):
        understood("classification", '{"class": "*"}', classes=classes)


def test_a_class_may_be_called_as_what_stands_around_an_answer() -> None:
    classes = ["none", "Class: A", "big, red"]
    for name in classes:
        one = understood("classification", name, classes=classes)
        assert one["answer"]["class"] == name
        several = understood("multi-label-classification", name, classes=classes)
        assert [found["class"] for found in several["answer"]["classes"]] == [name]


def test_many_classes_are_not_all_told() -> None:
    with pytest.raises(IncompleteError, match=r"classes 0, 1, .*, 19, …; add"):
        understood("classification", "bird", classes=[str(n) for n in range(100)])


def cut(came: str | None, told: str = "the answer was cut off; raise maxTokens") -> Any:
    return IncompleteError(told, status=200, partial=came)


def test_of_data_that_was_cut_off_what_came_whole_is_rescued() -> None:
    error = cut('{"classes": [{"class": "cat", "confidence": 0.87}, {"class": "do')
    found = analyze_images.rescue(error, asked("multi-label-classification"))
    assert found["answer"] == {"classes": [SURE]}
    assert found["warnings"] == [f"{error.message}; what came whole of it was used"]


@pytest.mark.parametrize(
    ("task", "came"),
    [
        ("ocr", "STOP\nahe"),
        ("caption", "A cat on a"),
        ("multi-label-classification", '{"classes": [{"cl'),
        ("classification", "Let me look closely at the"),
        ("classification", None),
    ],
)
def test_what_is_of_no_use_is_not_rescued(task: str, came: str | None) -> None:
    error = cut(came)
    with pytest.raises(IncompleteError) as caught:
        analyze_images.rescue(error, asked(task))
    assert caught.value is error


def test_without_the_library_that_mends_json_only_json_is_understood(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "json_repair", None)
    assert understood("classification", '{"class": "cat"}')["answer"] == CAT
    with pytest.raises(IncompleteError):
        understood("classification", '{"class": "cat",}')
