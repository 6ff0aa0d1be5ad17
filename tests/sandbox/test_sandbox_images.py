"""Generated images: size, format, number, price, and what is refused."""

from __future__ import annotations

import base64
import io
from typing import Any

import httpx
import pytest
from PIL import Image


def generate(client: httpx.Client, **more: Any) -> dict[str, Any]:
    body = {"model": "sandbox/painter", "prompt": "A lighthouse", "resolution": "512"} | more
    response = client.post("/images", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def opened(data: dict[str, Any]) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(data["b64_json"], validate=True)))
    image.load()
    return image


def only(response: dict[str, Any]) -> Image.Image:
    (data,) = response["data"]
    return opened(data)


@pytest.mark.parametrize(
    ("params", "size"),
    [
        ({"resolution": None}, (1024, 1024)),
        ({"resolution": "512"}, (512, 512)),
        ({"resolution": "1K", "aspect_ratio": "16:9"}, (1024, 576)),
        ({"resolution": "2K", "aspect_ratio": "9:16"}, (1152, 2048)),
        ({"resolution": "4K", "aspect_ratio": "21:9"}, (4096, 1755)),
        ({"resolution": None, "size": "2K"}, (2048, 2048)),
        ({"resolution": None, "size": "300x200"}, (300, 200)),
        ({"aspect_ratio": "auto"}, None),
    ],
    ids=str,
)
def test_an_image_has_the_requested_size(
    client: httpx.Client, params: dict[str, Any], size: tuple[int, int] | None
) -> None:
    if size is None:
        response = client.post(
            "/images",
            json={"model": "sandbox/painter-one", "prompt": "x", "resolution": "512"} | params,
        )
        assert only(response.json()).size == (512, 512)
    else:
        assert only(generate(client, **params)).size == size


@pytest.mark.parametrize(
    ("params", "form", "kind"),
    [("png", "PNG", "image/png"), ("jpeg", "JPEG", "image/jpeg"), ("webp", "WEBP", "image/webp")],
)
def test_an_image_has_the_requested_format(
    client: httpx.Client, params: str, form: str, kind: str
) -> None:
    response = generate(client, output_format=params, output_compression=50)
    assert only(response).format == form
    assert response["data"][0]["media_type"] == kind


def test_images_depend_on_the_request_and_the_seed_only(
    client: httpx.Client,
) -> None:
    one = generate(client, seed=1)["data"]
    assert generate(client, seed=1)["data"] == one
    assert generate(client, seed=2)["data"] != one
    assert generate(client, prompt="A harbour", seed=1)["data"] != one


def test_several_images_differ_and_each_costs(client: httpx.Client) -> None:
    one, three = generate(client), generate(client, n=3)
    assert len({data["b64_json"] for data in three["data"]}) == 3
    assert three["usage"]["cost"] == pytest.approx(3 * one["usage"]["cost"])


def test_a_larger_image_costs_more(client: httpx.Client) -> None:
    assert generate(client)["usage"]["cost"] == 0.01
    assert generate(client, resolution="2K")["usage"]["cost"] == 0.03
    assert generate(client, resolution=None, size="2K")["usage"]["cost"] == 0.03


def test_a_transparent_background_is_transparent(client: httpx.Client) -> None:
    image = only(generate(client, background="transparent"))
    assert (image.mode, image.getpixel((0, 0))) == ("RGBA", (255, 255, 255, 0))


def test_references_are_shown(client: httpx.Client) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 30), (255, 0, 0)).save(out, "PNG")
    url = "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()
    parts = [
        {"type": "image_url", "image_url": {"url": address}}
        for address in (url, "https://example.com/a.png", "data:image/png;base64,AAAA")
    ]
    colours = only(generate(client, input_references=parts)).convert("RGB").getcolors(1 << 20)
    found = {colour for _, colour in colours or ()}
    assert {(255, 0, 0), (128, 128, 128)} <= found


@pytest.mark.parametrize("prompt", ["x", "word " * 900, "unbroken" * 300, "Grüße, 你好 ✓\n\n{x}"])
def test_any_prompt_can_be_drawn(client: httpx.Client, prompt: str) -> None:
    assert only(generate(client, prompt=prompt)).size == (512, 512)
    assert only(generate(client, prompt=prompt, resolution=None, size="2000x20")).size == (2000, 20)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"prompt": ""}, "prompt:"),
        ({"n": 0}, "n:"),
        ({"n": 5}, "n: 5 is not supported by sandbox/painter"),
        ({"aspect_ratio": "7:3"}, "aspect_ratio:"),
        ({"aspect_ratio": "1:8"}, "aspect_ratio: 1:8 is not supported"),
        ({"resolution": "3K"}, "resolution:"),
        ({"size": "big"}, "size:"),
        ({"size": "64x64"}, "size in pixels contradicts"),
        ({"output_format": "svg"}, "output_format: svg is not supported"),
        ({"background": "transparent", "output_format": "jpeg"}, "background:"),
        ({"input_references": ["https://example.com/a.png"]}, "input_references[0]:"),
        ({"model": "sandbox/painter-one", "n": 2}, "sandbox/painter-one does not support"),
        ({"model": "sandbox/painter-one", "aspect_ratio": "3:2"}, "sandbox/painter-one does not"),
        ({"model": "sandbox/painter-one", "resolution": "4K"}, "resolution: 4K"),
        ({"model": "sandbox/sketcher"}, "sandbox/sketcher does not serve /images"),
        ({"model": "no/such"}, "no/such is not a valid model ID"),
    ],
    ids=str,
)
def test_unsupported_image_parameters_are_refused(
    client: httpx.Client, body: dict[str, Any], message: str
) -> None:
    params = {"model": "sandbox/painter", "prompt": "x", "resolution": "512"} | body
    response = client.post("/images", json=params)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(message)


def test_the_list_shows_what_each_model_supports(client: httpx.Client) -> None:
    rows = {row["id"]: row for row in client.get("/images/models").json()["data"]}
    assert set(rows) == {"sandbox/painter", "sandbox/painter-one"}
    kinds = {d["type"] for d in rows["sandbox/painter"]["supported_parameters"].values()}
    assert kinds == {"enum", "range", "boolean"}
    path = client.base_url.join(rows["sandbox/painter"]["endpoints"])
    prices = client.get(path).json()["endpoints"][0]["pricing"]
    assert [(p["variant"], p["cost_usd"]) for p in prices][:2] == [("512", 0.01), ("1K", 0.02)]
