"""`analyzeImages`: what a model is asked, in words and by a schema."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from openrouter_connector import Connector, FileStore, InputError, Problem
from support.images import written
from support.scripted_server import completion, response, scripted

Asked = Callable[..., Any]
CLASSES = ["cat", 'a "dog"', "cat"]
STRUCTURE = {"colour": "the main colour", "count": "how many there are"}
DATA: dict[str, Any] = {
    "classification": {"classes": CLASSES},
    "multi-label-classification": {"classes": CLASSES},
    "object-detection": {},
    "structured-answering": {"outputStructure": STRUCTURE},
}
TEXT: dict[str, Any] = {
    "unconstrained": {"prompt": "Why {so}?"},
    "ocr": {},
    "visual-question-answering": {"prompt": "Why {so}?"},
    "caption": {},
    "detailed-caption": {},
}
ANSWERS = {
    "classification": '"cat"',
    "multi-label-classification": "[]",
    "object-detection": "[]",
    "structured-answering": '{"colour": null, "count": "2"}',
}
JSON = {"type": "json_object"}
SCHEMAS = ("structured_outputs", "response_format")


@pytest.fixture
def asked(connector: Connector, store: FileStore) -> Asked:
    """Look at a picture of 60 × 40 pixels, and give what was sent."""
    url = f"data:image/png;base64,{b64encode(written(Image.new('RGB', (60, 40)), 'PNG')).decode()}"

    def sent(task: str, supported: Any = SCHEMAS, model: str = "lab/one", **more: Any) -> Any:
        row = {"id": model, "name": model, "supported_parameters": supported and list(supported)}
        answers = (
            response({"data": [row]}),
            response(completion(ANSWERS.get(task, "Yes."))),
        )
        parameters = {"images": [url], "model": model, "taskType": task, **more}
        with scripted(*answers) as server:
            # A key of its own: another server at the same port may have left its list behind.
            token, base_url = uuid4().hex, server.base_url
            connector.run("analyzeImages", parameters, token, base_url=base_url, files=store)
        return server.requests[-1].json

    return sent


def words(body: Any) -> str:
    """Give the words that stand in front of the picture."""
    [message] = body["messages"]
    text, image = message["content"]
    assert (message["role"], text["type"], image["type"]) == ("user", "text", "image_url")
    return str(text["text"])


def schema(body: Any) -> Any:
    return body["response_format"]["json_schema"]["schema"]


@pytest.mark.parametrize("task", DATA)
def test_a_model_that_can_is_held_to_a_schema(asked: Asked, task: str) -> None:
    body = asked(task, **DATA[task])
    described = body["response_format"]["json_schema"]
    assert (body["response_format"]["type"], described["strict"]) == ("json_schema", True)
    Draft202012Validator.check_schema(described["schema"])
    assert "JSON Schema" not in words(body)


@pytest.mark.parametrize("task", DATA)
def test_no_schema_has_bounds_which_anthropic_refuses(asked: Asked, task: str) -> None:
    sent = json.dumps(schema(asked(task, **DATA[task])))
    assert not any(
        word in sent for word in ("minimum", "maximum", "minItems", "maxItems", "Length")
    )


@pytest.mark.parametrize(
    ("supported", "wanted"),
    [(["response_format"], JSON), (["temperature"], None)],
)
def test_other_models_get_the_schema_in_words(asked: Asked, supported: Any, wanted: Any) -> None:
    body = asked("classification", supported, classes=CLASSES)
    assert body.get("response_format") == wanted
    told = words(body).partition("JSON Schema:\n")[2]
    assert json.loads(told)["properties"]["class"]["enum"] == ["cat", 'a "dog"']


def test_a_server_that_lists_no_parameters_gets_the_schema_both_ways(asked: Asked) -> None:
    body = asked("classification", None, classes=CLASSES)
    assert schema(body)["properties"]["class"]["enum"] == ["cat", 'a "dog"']
    assert "JSON Schema:" in words(body)


@pytest.mark.parametrize("task", TEXT)
def test_a_text_is_requested_in_words_alone(asked: Asked, task: str) -> None:
    body = asked(task, **TEXT[task])
    assert "response_format" not in body
    assert ("Why {so}?" in words(body)) == ("prompt" in TEXT[task])


def test_an_open_prompt_is_sent_as_it_is(asked: Asked) -> None:
    assert words(asked("unconstrained", prompt=' {"Why"}\n')) == ' {"Why"}\n'


def test_classes_are_the_only_choice(asked: Asked) -> None:
    one = asked("classification", classes=CLASSES)
    assert schema(one)["properties"]["class"]["enum"] == ["cat", 'a "dog"']
    assert '- "cat"\n- "a \\"dog\\""' in words(one)
    many = asked("multi-label-classification", classes=CLASSES)
    item = schema(many)["properties"]["classes"]["items"]
    assert item["properties"]["class"]["enum"] == ["cat", 'a "dog"']
    assert "none" in words(many)


def test_fields_are_named_described_and_can_be_null(asked: Asked) -> None:
    body = asked("structured-answering", outputStructure=STRUCTURE)
    assert '- "colour": the main colour\n- "count": how many there are' in words(body)
    found = schema(body)
    assert found["required"] == ["colour", "count"]
    assert found["properties"]["count"]["anyOf"] == [{"type": "string"}, {"type": "null"}]


def test_without_a_field_nothing_is_asked(connector: Connector, store: FileStore) -> None:
    url = f"data:image/png;base64,{b64encode(written(Image.new('RGB', (60, 40)), 'PNG')).decode()}"
    parameters = {"images": [url, url], "model": "lab/one", "outputStructure": {}}
    parameters["taskType"] = "structured-answering"
    problem = Problem("outputStructure", "names no field; add at least one")
    assert connector.check("analyzeImages", parameters).problems == (problem,)
    with (
        scripted(response({"data": []})) as server,
        pytest.raises(InputError, match="outputStructure: names no field"),
    ):
        options: Any = {"base_url": server.base_url, "files": store}
        connector.run("analyzeImages", parameters, token=uuid4().hex, **options)
    assert [request.method for request in server.requests] == ["GET"]


CONVENTIONS = [
    ("lab/one", "box", "[x_min, y_min, x_max, y_max]", "0 to 1000"),
    ("google/gemini-2.5-flash", "box_2d", "[y_min, x_min, y_max, x_max]", "0 to 1000"),
    ("~google/gemini-flash-latest", "box_2d", "[y_min, x_min, y_max, x_max]", "0 to 1000"),
    ("qwen/qwen3-vl-8b-instruct", "bbox_2d", "[x_min, y_min, x_max, y_max]", "0 to 1000"),
    ("z-ai/glm-4.6v", "bbox_2d", "[x_min, y_min, x_max, y_max]", "0 to 1000"),
    ("qwen/qwen-2.5-vl-7b-instruct", "bbox_2d", "[x_min, y_min, x_max, y_max]", "60 pixels wide"),
]


@pytest.mark.parametrize(("model", "key", "order", "unit"), CONVENTIONS)
def test_boxes_are_requested_as_the_model_was_trained_to_write_them(
    asked: Asked, model: str, key: str, order: str, unit: str
) -> None:
    body = asked("object-detection", model=model)
    item = schema(body)["properties"]["boxes"]["items"]
    assert item["required"] == ["class", key, "confidence"]
    assert f"`{key}` is {order}" in words(body) and unit in words(body)
    assert order in item["properties"][key]["description"]


def test_without_classes_the_prominent_objects_are_sought(asked: Asked) -> None:
    body = asked("object-detection")
    item = schema(body)["properties"]["boxes"]["items"]
    assert item["properties"]["class"] == {"type": "string"}
    assert "prominent objects" in words(body)


def test_what_the_user_puts_into_the_body_wins(asked: Asked) -> None:
    body = asked("classification", classes=CLASSES, extraBody={"response_format": {"type": "text"}})
    assert body["response_format"] == {"type": "text"}


def test_what_a_server_does_not_know_can_be_taken_out(asked: Asked) -> None:
    body = asked("object-detection", extraBody={"provider": None, "response_format": None})
    assert body.keys() == {"model", "messages", "max_tokens"}
