"""`analyzeImages`: answers of a model, right and wrong, replayed by a server."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from PIL import Image

from openrouter_connector import Connector, FileStore, IncompleteError, Result
from support.images import written
from support.scripted_server import Scripted, completion, response, scripted

Looked = Callable[..., tuple[Result, Scripted]]
CLASSES = ["cat", "dog"]
HIDDEN = {"completion_tokens_details": {"reasoning_tokens": 500}}


@pytest.fixture
def looked(connector: Connector, store: FileStore) -> Looked:
    """Look at pictures of 200 × 100 pixels one after another, and get these answers."""
    image = written(Image.new("RGB", (200, 100)), "PNG")
    url = f"data:image/png;base64,{b64encode(image).decode()}"

    def run(task: str, *answers: Any, count: int = 1, **more: Any) -> tuple[Result, Scripted]:
        parameters = {"images": [url] * count, "model": "lab/one", "taskType": task, **more}
        bodies = [completion(one) if isinstance(one, str) else one for one in answers]
        with scripted(response({"data": []}), *map(response, bodies)) as server:
            # A key of its own: another server at the same port may have left its list behind.
            options: Any = {"base_url": server.base_url, "files": store, "token": uuid4().hex}
            one_by_one = {"maxConcurrentRequests": 1}
            return connector.run("analyzeImages", parameters | one_by_one, **options), server

    return run


def ended(reason: str, content: str | None = None, usage: Any = None, **message: Any) -> Any:
    """Give a completion that ended for a reason."""
    said = {"role": "assistant", "content": content, **message}
    choice = {"index": 0, "finish_reason": reason, "message": said}
    return completion(choices=[choice], usage={"cost": 0.25, **(usage or {})})


WRONG = [
    (
        "object-detection",
        '```json\n[{"label": "cat", "bbox": [20, 10, 60, 40]}, {"label": "d',
        {
            "boxes": [
                {
                    "class": "cat",
                    "confidence": None,
                    "pixels": {"x": 20, "y": 10, "width": 40, "height": 30},
                    "relative": {"x": 0.1, "y": 0.1, "width": 0.2, "height": 0.3},
                }
            ]
        },
        2,
    ),
    (
        "classification",
        "Of course! {'label': 'Cat', 'score': '87%',}",
        {"class": "cat", "confidence": 0.87},
        0,
    ),
    (
        "multi-label-classification",
        '["cat", "bird"]',
        {"classes": [{"class": "cat", "confidence": None}]},
        1,
    ),
    (
        "structured-answering",
        '[{"Total Sum": 12.5}]',
        {"total_sum": "12.5", "date": None},
        1,
    ),
    ("ocr", "```\nSTOP\n```", "STOP", 0),
    ("visual-question-answering", "**Answer:** two", "two", 0),
]
MORE: dict[str, Any] = {
    "classification": {"classes": CLASSES},
    "multi-label-classification": {"classes": CLASSES},
    "structured-answering": {"outputStructure": {"total_sum": "the sum", "date": "the day"}},
    "visual-question-answering": {"prompt": "How many?"},
}


@pytest.mark.parametrize(("task", "came", "answer", "warnings"), WRONG)
def test_a_wrong_answer_is_understood(
    looked: Looked, task: str, came: str, answer: Any, warnings: int
) -> None:
    result, server = looked(task, came, **MORE.get(task, {}))
    [row] = result.output
    assert (row["text"], row["answer"], row["error"]) == (came, answer, None)
    assert len(row["warnings"]) == warnings
    assert len(server.requests) == 2


def test_what_makes_no_sense_is_requested_once_more(looked: Looked) -> None:
    result, server = looked("classification", '{"class": "bird"}', '"cat"', classes=CLASSES)
    [row] = result.output
    assert row["answer"] == {"class": "cat", "confidence": None}
    assert row["cost"] == 0.5
    first, again = (request.json["messages"] for request in server.requests[1:])
    assert again[:1] == first
    assert again[1] == {"role": "assistant", "content": '{"class": "bird"}'}
    # The way out is for the user, and not for the model.
    assert "'bird' is not one of the classes cat, dog. Answer again" in again[2]["content"]


def test_boxes_without_a_class_are_requested_once_more(looked: Looked) -> None:
    second = '[{"class": "cat", "bbox": [20, 10, 60, 40]}]'
    result, server = looked("object-detection", "[[20, 10, 60, 40]]", second, classes=CLASSES)
    assert [box["class"] for box in result.output[0]["answer"]["boxes"]] == ["cat"]
    asked = server.requests[-1].json["messages"][-1]["content"]
    assert "the boxes have no class. Answer again" in asked


def test_the_schema_itself_is_no_answer_and_is_requested_once_more(looked: Looked) -> None:
    field = {"description": "the sum", "anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = json.dumps({"type": "object", "properties": {"total_sum": field, "date": field}})
    second = '{"total_sum": "5", "date": null}'
    result, server = looked("structured-answering", schema, second, **MORE["structured-answering"])
    assert result.output[0]["answer"] == {"total_sum": "5", "date": None}
    assert len(server.requests) == 3


def test_a_refusal_in_words_is_quoted(looked: Looked) -> None:
    with pytest.raises(IncompleteError, match=r"the answer was: .I'm sorry, but I can't\."):
        looked("object-detection", "I'm sorry, but I can't.")


def test_what_makes_no_sense_twice_is_an_error_that_keeps_the_text(looked: Looked) -> None:
    with pytest.raises(IncompleteError, match="not one of the classes cat, dog; add") as caught:
        looked("classification", "A bird.", "Still a bird.", classes=CLASSES)
    assert caught.value.partial == "Still a bird."


def test_one_image_that_fails_does_not_lose_the_others(looked: Looked) -> None:
    answers = "A cat.", ended("length", "A dog and"), "A bird."
    rows = looked("caption", *answers, count=3)[0].output
    assert [row["answer"] for row in rows] == ["A cat.", None, "A bird."]
    assert rows[1]["error"]["type"] == "IncompleteError"
    assert rows[1]["error"]["partial"] == "A dog and"
    assert "max_tokens" in rows[1]["error"]["message"]


THOUGHT_AWAY = [
    ended("length", reasoning="Let me see"),
    ended("length", "", reasoning="Let me see"),
    ended("length", reasoning_details=[{"type": "reasoning.encrypted", "data": "x"}]),
    ended("length", usage=HIDDEN),
]


@pytest.mark.parametrize("came", THOUGHT_AWAY)
def test_a_model_that_only_thought_is_reported_with_the_way_out(looked: Looked, came: Any) -> None:
    told = "spent all its tokens on thinking .* raise max_tokens, or lower reasoning"
    with pytest.raises(IncompleteError, match=told):
        looked("object-detection", came)


def test_nothing_said_is_not_requested_again(looked: Looked) -> None:
    second = "This would be paid for a second time."
    with pytest.raises(IncompleteError, match="no content"):
        looked("caption", "", second)
    with pytest.raises(IncompleteError, match="returned no answer"):
        looked("classification", "<think>Is it a cat? Is it", '"cat"', classes=CLASSES)
