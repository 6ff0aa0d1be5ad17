"""How the sandbox's models describe images, and which images they refuse."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
import jsonschema
import pytest
from PIL import Image, ImageDraw

RED, BLUE = (100, 120, 300, 360), (400, 60, 480, 150)
CLASS = {"class": {"type": "string", "enum": ["cat", "blue", "lighthouse"]}}
SURE = {"confidence": {"type": "number", "description": "From 0 to 1."}}
FOUR = {"type": "array", "items": {"type": "integer"}, "description": "Four numbers."}


def data(image: Image.Image, form: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, form)
    return out.getvalue()


def two_rectangles(form: str = "PNG") -> bytes:
    image = Image.new("RGB", (640, 480), "white")
    draw = ImageDraw.Draw(image)
    for box, colour in ((RED, "red"), (BLUE, "blue")):
        draw.rectangle((*box[:2], box[2] - 1, box[3] - 1), colour)
    return data(image, form)


def url(content: bytes, kind: str = "image/png") -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def generate_image(client: httpx.Client, prompt: str, form: str = "png") -> str:
    body = {"model": "sandbox/painter", "prompt": prompt, "resolution": "512"}
    (found,) = client.post("/images", json=body | {"output_format": form}).json()["data"]
    return f"data:{found['media_type']};base64,{found['b64_json']}"


def ask(
    client: httpx.Client, *urls: str, prompt: str = "Look", model: str = "vision", **more: Any
) -> httpx.Response:
    parts = [{"type": "image_url", "image_url": {"url": address}} for address in urls]
    message = {"role": "user", "content": [{"type": "text", "text": prompt}, *parts]}
    body = {"model": f"sandbox/{model}", "messages": [message]} | more
    return client.post("/chat/completions", json=body)


def answer_text(client: httpx.Client, *urls: str, **more: Any) -> str:
    response = ask(client, *urls, **more)
    assert response.status_code == 200, response.text
    text: str = response.json()["choices"][0]["message"]["content"]
    return text


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def json_answer(client: httpx.Client, address: str, schema: Any, **more: Any) -> Any:
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    answer = json.loads(answer_text(client, address, response_format=form, **more))
    jsonschema.validate(answer, schema)
    return answer


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_is_described(client: httpx.Client, form: str) -> None:
    name = {"WEBP": "WebP"}.get(form, form)
    text = answer_text(client, url(two_rectangles(form), f"image/{form.lower()}"))
    assert text == f"[sandbox] A 640×480 {name} image, mostly white, with some red and blue."


def test_transparent_images_are_inspected_on_white(client: httpx.Client) -> None:
    clear = url(data(Image.new("RGBA", (20, 20), (255, 0, 0, 0))))
    assert "mostly white" in answer_text(client, clear)
    dark = url(data(Image.new("RGB", (20, 20), (0, 0, 90))))
    assert "mostly blue, dark." in answer_text(client, dark)


def test_several_images_are_described_one_by_one(client: httpx.Client) -> None:
    one = url(data(Image.new("RGB", (8, 8), "green")))
    lines = answer_text(
        client, one, "https://example.com/a.png", url(two_rectangles())
    ).splitlines()
    assert lines[1:3] == [
        "1. A 8×8 PNG image, mostly green, dark.",
        "2. by link, which I do not follow",
    ]
    assert lines[3].startswith("3. A 640×480 PNG image")


def test_without_an_image_it_answers_as_echo_does(client: httpx.Client) -> None:
    assert "You said: Look" in answer_text(client)
    assert "1 image (https://example.com/a.png, by link)" in answer_text(
        client, "https://example.com/a.png"
    )


@pytest.mark.parametrize("form", ["png", "jpeg", "webp"])
def test_the_prompt_of_a_generated_image_can_be_read(client: httpx.Client, form: str) -> None:
    poster = generate_image(client, "A lighthouse — Leuchtturm 灯台", form)
    assert "It says: “A lighthouse — Leuchtturm 灯台”" in answer_text(client, poster)
    read = answer_text(client, poster, prompt="Transcribe all text in the image.")
    assert read == "A lighthouse — Leuchtturm 灯台"


def test_an_image_without_text_gets_the_requested_reply(client: httpx.Client) -> None:
    plain, ocr = url(two_rectangles()), "Read the text in the picture."
    assert answer_text(client, plain, prompt=ocr) == "[sandbox] No readable text."
    assert (
        answer_text(client, plain, prompt=f"{ocr} If there is none, answer [no text]")
        == "[no text]"
    )


def test_a_class_is_chosen_by_the_image(client: httpx.Client) -> None:
    schema = an_object(**CLASS, **SURE)
    chosen = json_answer(client, url(two_rectangles()), schema)
    assert chosen["class"] == "blue"
    assert 0 <= chosen["confidence"] <= 1
    assert (
        json_answer(client, generate_image(client, "My lighthouse"), schema)["class"]
        == "lighthouse"
    )


def test_a_guessed_class_is_always_the_same(client: httpx.Client) -> None:
    schema = an_object(**{"class": {"enum": ["a1", "b2", "c3", "d4", "e5"]}})
    images = [url(data(Image.new("RGB", (9, size), "grey"))) for size in range(1, 9)]
    first = [json_answer(client, image, schema)["class"] for image in images]
    assert [json_answer(client, image, schema)["class"] for image in images] == first
    assert len(set(first)) > 1


def test_each_class_in_the_image_is_listed(client: httpx.Client) -> None:
    one = an_object(**{"class": {"enum": ["dog", "red", "blue", "green"]}}, **SURE)
    schema = an_object(classes={"type": "array", "items": one})
    answer = json_answer(client, url(two_rectangles()), schema)
    assert [item["class"] for item in answer["classes"]] == ["red", "blue"]


@pytest.mark.parametrize(
    ("box", "order"),
    [
        ({"box": FOUR}, (0, 1, 2, 3)),
        ({"box_2d": FOUR}, (1, 0, 3, 2)),
        ({"bbox_2d": FOUR | {"description": "[y_min, x_min, y_max, x_max]"}}, (1, 0, 3, 2)),
    ],
    ids=["x-first", "by-custom", "by-description"],
)
def test_boxes_surround_the_areas_that_stand_out(
    client: httpx.Client, box: dict[str, Any], order: tuple[int, ...]
) -> None:
    one = an_object(**{"class": {"type": "string"}}, **box, **SURE)
    schema = an_object(boxes={"type": "array", "items": {"$ref": "#/$defs/one"}})
    answer = json_answer(client, url(two_rectangles("JPEG")), schema | {"$defs": {"one": one}})
    (name,) = box
    assert [item["class"] for item in answer["boxes"]] == ["red area", "blue area"]
    for item, (left, top, right, bottom) in zip(answer["boxes"], (RED, BLUE), strict=True):
        exact = [left / 0.640, top / 0.480, right / 0.640, bottom / 0.480]
        assert item[name] == pytest.approx([exact[place] for place in order], abs=15)


def test_without_areas_a_box_is_guessed(
    client: httpx.Client,
) -> None:
    side = {"type": "number", "minimum": 0, "maximum": 1}
    box = {"type": "array", "items": side, "minItems": 4, "maxItems": 4}
    one = an_object(**{"class": {"enum": ["sky"]}}, box=box, **SURE)
    schema = an_object(boxes={"type": "array", "items": one, "minItems": 2})
    answer = json_answer(client, url(data(Image.new("RGB", (30, 20), "blue"))), schema)
    first = answer["boxes"][0]
    assert (first["class"], first["confidence"] < 0.5) == ("sky", True)
    left, top, right, bottom = first["box"]
    assert left < right
    assert top < bottom


def test_fields_describe_the_image(client: httpx.Client) -> None:
    text = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = an_object(
        mainColour=text,
        sign=text | {"description": "the text on it"},
        subject=text,
        short={"type": "string", "maxLength": 12},
        tags={"type": "array", "items": {"type": "string"}},
        count={"type": "integer"},
        width={"type": "integer"},
        isBlue={"type": "boolean"},
        isGreen={"type": "boolean"},
    )
    answer = json_answer(client, url(two_rectangles()), schema)
    assert (answer["mainColour"], answer["tags"]) == ("white", ["white", "red", "blue"])
    assert answer["sign"] == "[sandbox] No readable text."
    assert answer["subject"].startswith("[sandbox] A 640×480 PNG image")
    assert (answer["count"], answer["width"]) == (2, 640)
    assert (answer["isBlue"], answer["isGreen"]) == (True, False)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": True, "minItems": 1},
        an_object(box={"type": "array", "items": {"type": "string"}}),
        an_object(box={"type": "string"}, confidence={"type": "string"}),
        an_object(score={"type": "number", "minimum": 3, "multipleOf": 1}),
        an_object(boxes={"type": "array", "maxItems": 0, "items": an_object(box=FOUR)}),
        {"type": "array", "prefixItems": [{"enum": [1, 2]}, {"const": None}]},
        an_object(x={"enum": [1, None, [], {"a": 1}]}),
    ],
    ids=str,
)
def test_an_odd_schema_is_followed_as_well(client: httpx.Client, schema: Any) -> None:
    json_answer(client, url(two_rectangles()), schema)


def test_a_schema_in_the_prompt_is_followed(client: httpx.Client) -> None:
    prompt = f"Classify it. Answer as JSON that fits this schema:\n{json.dumps(an_object(**CLASS))}"
    form = {"response_format": {"type": "json_object"}}
    fenced = answer_text(client, url(two_rectangles()), prompt=prompt, model="no-schema", **form)
    assert json.loads(fenced.removeprefix("```json").removesuffix("```")) == {"class": "blue"}


def test_an_image_is_described_in_every_dialect(client: httpx.Client) -> None:
    content = base64.b64encode(two_rectangles()).decode()
    source = {"type": "base64", "media_type": "image/png", "data": content}
    body = {"model": "sandbox/vision", "max_tokens": 200}
    turn = {"role": "user", "content": [{"type": "image", "source": source}]}
    response = client.post("/messages", json=body | {"messages": [turn]})
    assert "mostly white" in response.json()["content"][0]["text"]
    part = {
        "type": "input_image",
        "detail": "auto",
        "image_url": f"data:image/png;base64,{content}",
    }
    item = {"role": "user", "content": [part]}
    response = client.post("/responses", json={"model": "sandbox/vision", "input": [item]})
    assert "mostly white" in response.json()["output"][0]["content"][0]["text"]


@pytest.mark.parametrize("model", ["vision", "echo"])
@pytest.mark.parametrize(
    ("content", "kind", "error_type"),
    [
        (b"no picture at all", "image/png", "invalid_image"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "image/png", "invalid_image"),
        (data(Image.new("L", (9, 9)), "BMP"), "image/png", "invalid_image"),
        (data(Image.new("L", (9, 9)), "BMP"), "image/bmp", "unsupported_image_format"),
        (b"<svg/>", "image/svg+xml", "unsupported_image_format"),
        (data(Image.new("1", (8001, 1))), "image/png", "image_too_large"),
        (data(Image.new("1", (14_000, 14_000))), "image/png", "image_too_large"),
    ],
    ids=["text", "broken", "bmp", "bmp-by-name", "svg", "wide", "bomb"],
)
def test_invalid_images_are_refused(
    client: httpx.Client, model: str, content: bytes, kind: str, error_type: str
) -> None:
    response = ask(client, url(content, kind), model=model)
    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["message"], error["metadata"]["error_type"]) == (
        "Provider returned error",
        error_type,
    )
    assert json.loads(error["metadata"]["raw"])["error"]["message"]


def test_a_truncated_image_is_refused_when_it_is_decoded(client: httpx.Client) -> None:
    half = two_rectangles("JPEG")[:2000]
    assert ask(client, url(half, "image/jpeg"), model="echo").status_code == 200
    response = ask(client, url(half, "image/jpeg"))
    assert response.json()["error"]["metadata"]["error_type"] == "invalid_image"


def test_an_image_with_a_long_header_is_read(client: httpx.Client) -> None:
    exif = Image.Exif()
    exif[270] = "x" * 60_000
    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "JPEG", exif=exif)
    assert "A 30×20 JPEG image, mostly red" in answer_text(
        client, url(out.getvalue(), "image/jpeg")
    )


def test_a_model_without_image_input_refuses_even_invalid_images(client: httpx.Client) -> None:
    response = ask(client, url(b"x"), model="text-only")
    assert response.status_code == 404
    assert "image input" in response.json()["error"]["message"]


DETECTION = an_object(
    boxes={
        "type": "array",
        "items": an_object(**{"class": {"enum": ["red", "blue"]}}, box=FOUR, **SURE),
    }
)
WANTED = {"type": "json_schema", "json_schema": {"name": "x", "schema": DETECTION}}


def test_fenced_json_is_valid_inside_its_prose(client: httpx.Client) -> None:
    image = url(two_rectangles())
    text = answer_text(client, image, model="fenced-json", response_format=WANTED)
    before, fenced, _ = text.split("```")
    assert before.startswith("Sure!")
    assert json.loads(fenced.removeprefix("json")) == json_answer(client, image, DETECTION)
    assert "mostly white" in answer_text(client, image, model="fenced-json")


def test_stray_boxes_leave_the_image_and_the_classes(client: httpx.Client) -> None:
    image = url(two_rectangles())
    answer = json.loads(answer_text(client, image, model="stray-boxes", response_format=WANTED))
    assert [item["class"] for item in answer["boxes"]] == ["red", "something unasked-for"]
    for item in answer["boxes"]:
        left, _, right, bottom = item["box"]
        assert left < 0 < right < 1000 < bottom
    alone = url(data(Image.new("RGB", (9, 9), "red")))
    answer = json.loads(answer_text(client, alone, model="stray-boxes", response_format=WANTED))
    assert len(answer["boxes"]) == 2


def test_every_other_image_fails_and_always_the_same(client: httpx.Client) -> None:
    images = [url(data(Image.new("RGB", (9, size), "red"))) for size in range(1, 21)]
    first = [ask(client, image, model="every-other").status_code for image in images]
    assert [ask(client, image, model="every-other").status_code for image in images] == first
    assert set(first) == {200, 500}
    assert "You said: Look" in answer_text(client, model="every-other")


def test_reasoning_leaves_no_description_of_an_image(client: httpx.Client) -> None:
    response = ask(client, url(two_rectangles()), model="thinks-too-long", response_format=WANTED)
    choice = response.json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == (None, "length")
