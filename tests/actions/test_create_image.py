"""`createImage`: one prompt of several, the right endpoint, and files that are pictures."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector, FileEntry, FileStore, InputError, Result
from openrouter_connector.sandbox import Sandbox

Draw = Callable[..., Result]
Sent = Callable[[], Any]
Count = Callable[[], int]
Stored = Callable[[Any], bytes]


@pytest.fixture
def draw(perform: Callable[..., Result]) -> Draw:
    """Draw with the painter."""

    def drawn(*prompts: str, **parameters: Any) -> Result:
        messages = [{"content": prompt} for prompt in prompts or ["A lighthouse"]]
        asked = {"model": "sandbox/painter", "imageMessages": messages, **parameters}
        return perform("createImage", asked)

    return drawn


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "start.png"
    Image.new("RGB", (8, 8), "red").save(path)
    return path


def test_an_image_of_the_requested_size_is_stored(draw: Draw, sent: Sent, stored: Stored) -> None:
    result = draw("A {lighthouse}", aspectRatio="16:9", size="1K")
    assert sent() == {
        "model": "sandbox/painter",
        "prompt": "A {lighthouse}",
        "aspect_ratio": "16:9",
        "resolution": "1K",
    }
    assert isinstance(result.output, FileEntry)
    assert (result.output.extension, result.output.mime_type) == ("png", "image/png")
    assert result.output.name == "image.png"
    width, height = Image.open(io.BytesIO(stored(result.output))).size
    assert round(width / height, 1) == 1.8
    assert result.metadata.cost == 0.02
    assert result.metadata.files == (result.output,)


def test_the_form_defaults_are_not_sent_unasked(draw: Draw, sent: Sent) -> None:
    draw()
    assert sent().keys() == {"model", "prompt"}


def test_all_prompts_are_used_and_a_weight_is_written_in_the_text(
    perform: Callable[..., Result], sent: Sent
) -> None:
    messages = [
        {"content": "A harbour"},
        {"content": "at dusk", "weight": 1},
        {"content": "gulls", "weight": 0.5},
        {"content": "people", "weight": -1},
    ]
    perform("createImage", {"model": "sandbox/painter", "imageMessages": messages})
    assert sent()["prompt"] == (
        "A harbour\n\nat dusk\n\ngulls (importance 0.5, 1 is normal)\n\nAvoid: people"
    )


def test_half_a_k_is_sent_as_the_api_calls_it(draw: Draw, sent: Sent, stored: Stored) -> None:
    result = draw(size="0.5K")
    assert sent()["resolution"] == "512"
    assert max(Image.open(io.BytesIO(stored(result.output))).size) == 512


def test_images_to_start_from_are_references_and_texts_belong_to_the_prompt(
    draw: Draw, sent: Sent, image: Path, tmp_path: Path
) -> None:
    (tmp_path / "style.txt").write_text("in oil")
    draw("A boat", attachments=[image, tmp_path / "style.txt"])
    body = sent()
    assert body["prompt"] == "A boat\n\nstyle.txt:\n\nin oil"
    (reference,) = body["input_references"]
    assert reference["type"] == "image_url"
    assert reference["image_url"]["url"].startswith("data:image/png;base64,")


@pytest.mark.parametrize(
    ("parameters", "path"),
    [
        ({"model": "sandbox/painter-one", "size": "4K"}, "size"),
        ({"model": "sandbox/painter", "aspectRatio": "1:8"}, "aspectRatio"),
        ({"size": "8K"}, "size"),
        ({"aspectRatio": "7:5"}, "aspectRatio"),
    ],
)
def test_what_the_model_does_not_take_is_refused_before_paying(
    draw: Draw, count: Count, parameters: Any, path: str
) -> None:
    before = count()
    with pytest.raises(InputError) as caught:
        draw(**parameters)
    assert [problem.path for problem in caught.value.problems] == [path]
    assert count() == before


def test_a_shape_for_a_model_with_none_is_not_sent_and_is_reported(draw: Draw, sent: Sent) -> None:
    result = draw(model="sandbox/painter-one", aspectRatio="16:9")
    assert "aspect_ratio" not in sent()
    assert any("aspectRatio" in told for told in result.metadata.warnings)


def test_too_many_images_are_refused_before_paying(draw: Draw, count: Count, image: Path) -> None:
    before = count()
    with pytest.raises(InputError, match="9 images are more than this model's 8"):
        draw(attachments=[image] * 9)
    with pytest.raises(InputError, match="accepts no input images"):
        draw(model="sandbox/painter-one", attachments=[image])
    assert count() == before


def test_a_model_that_writes_as_well_draws_through_chat(
    draw: Draw, played: Any, sent: Sent, image: Path, stored: Stored
) -> None:
    result = draw(
        "A {boat}", model="sandbox/illustrator", aspectRatio="16:9", size="1K",
        attachments=[image],
    )  # fmt: skip
    assert played.requests[-1].path.endswith("/chat/completions")
    body = sent()
    assert sorted(body["modalities"]) == ["image", "text"]
    assert body["image_config"] == {"aspect_ratio": "16:9", "image_size": "1K"}
    assert [part["type"] for part in body["messages"][0]["content"]] == ["text", "image_url"]
    assert body["messages"][0]["content"][0]["text"] == "A {boat}"
    assert body.keys() == {"model", "messages", "modalities", "image_config"}
    assert Image.open(io.BytesIO(stored(result.output))).format == "PNG"
    assert result.metadata.finish_reason == "stop"


def test_a_model_that_only_draws_is_asked_for_images_alone(draw: Draw, sent: Sent) -> None:
    result = draw(model="sandbox/sketcher")
    assert sent()["modalities"] == ["image"]
    assert sent().keys() == {"model", "messages", "modalities"}
    assert result.output.mime_type == "image/png"


def test_the_user_is_named_in_both_ways(draw: Draw, sent: Sent) -> None:
    for model in ("sandbox/illustrator", "sandbox/painter"):
        draw(model=model, user="u-1")
        assert sent()["user"] == "u-1"


def test_the_catalogue_is_requested_once(played: Sandbox, store: FileStore) -> None:
    async def twice() -> None:
        options: dict[str, Any] = {"base_url": played.base_url, "files": store}
        async with Connector.load(cache=False).connect(played.token, **options) as session:
            for _ in range(2):
                asked = {"model": "sandbox/painter", "imageMessages": [{"content": "A sea"}]}
                await session.perform("createImage", asked)

    asyncio.run(twice())
    paths = [request.path.removeprefix("/api/v1") for request in played.requests[-3:]]
    assert paths == ["/images/models", "/images", "/images"]


def test_the_same_picture_is_stored_once(draw: Draw) -> None:
    assert draw("Twice").output == draw("Twice").output
