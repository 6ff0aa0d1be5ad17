"""Boxes on a picture: a colour for each class, lines around what was found, plates that name it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops

from openrouter_connector import FileEntry, FileError, FileStore
from openrouter_connector.runtime.pictures import draw
from openrouter_connector.values import JsonObject, LoadedFile
from pictured import content, loaded, noise, ramp, ready, written

Drawn = Callable[..., Image.Image]


def box(
    name: str, x: int, y: int, width: int, height: int, confidence: float | None = 0.87
) -> JsonObject:
    """Give a box as a model's answer is read."""
    place = {"x": x, "y": y, "width": width, "height": height}
    return {"class": name, "confidence": confidence, "pixels": place}


def stored(file: LoadedFile, boxes: Sequence[JsonObject], store: FileStore) -> FileEntry:
    """Draw, and give the entry of the copy."""
    return asyncio.run(draw(file, boxes, store, "found"))


@pytest.fixture
def drawn(store: FileStore) -> Drawn:
    """Draw, and open the copy."""

    def made(file: LoadedFile, *boxes: JsonObject) -> Image.Image:
        path = store.path_of(stored(file, boxes, store))
        assert path
        with Image.open(path) as image:
            image.load()
        return image

    return made


def blank(width: int = 640, height: int = 480, colour: str = "white") -> LoadedFile:
    """Give an empty picture, made ready."""
    return ready(written(Image.new("RGB", (width, height), colour), "PNG"))


def colours(image: Image.Image, place: tuple[int, int, int, int] | None = None) -> set[Any]:
    """Give the colours of a part of a picture."""
    part = image.convert("RGB").crop(place) if place else image.convert("RGB")
    return {colour for _, colour in part.getcolors(part.width * part.height) or []}


def line_of(image: Image.Image) -> Any:
    """Give the colour of the line around a box at (100, 100), 200 × 100."""
    left_of_it = colours(image, (90, 150, 100, 151)) - {(255, 255, 255), (0, 0, 0)}
    return max(left_of_it, key=lambda colour: max(colour) - min(colour))


@pytest.mark.parametrize(
    ("kind", "extension"), [("JPEG", "jpg"), ("PNG", "png"), ("WEBP", "png"), ("GIF", "png")]
)
def test_a_copy_is_stored_and_a_jpeg_stays_one(kind: str, extension: str, store: FileStore) -> None:
    file = ready(written(ramp(64, 48), kind))
    before = content(file)
    entry = stored(file, [box("dog", 10, 10, 20, 20)], store)
    kinds = {"jpg": "image/jpeg", "png": "image/png"}
    assert (entry.extension, entry.mime_type) == (extension, kinds[extension])
    assert entry.name == f"found.{extension}"
    assert content(file) == before


def test_the_line_goes_around_its_box_and_hides_nothing_of_it(drawn: Drawn) -> None:
    file = ready(written(noise(640, 480), "PNG"))
    plain, marked = drawn(file), drawn(file, box("dog", 100, 100, 200, 100))
    inside = (100, 100, 300, 200)
    assert marked.crop(inside).tobytes() == plain.crop(inside).tobytes()
    changed = ImageChops.difference(plain, marked).getbbox()
    assert changed
    assert changed[0] >= 90 and changed[2] <= 310 and changed[3] <= 210
    for x, y in ((98, 150), (301, 150), (200, 98), (200, 201)):
        assert marked.getpixel((x, y)) != plain.getpixel((x, y))


def test_a_class_has_the_same_colour_on_every_picture(drawn: Drawn) -> None:
    light = drawn(blank(), box("dog", 100, 100, 200, 100), box("cat", 400, 300, 50, 50))
    dark = drawn(blank(colour="black"), box("Dog", 100, 100, 200, 100, None))
    other = drawn(blank(), box("cat", 100, 100, 200, 100))
    assert line_of(light) == line_of(dark) != line_of(other)


def test_a_plate_names_the_class_and_its_confidence(drawn: Drawn) -> None:
    def plate(name: str, confidence: float | None) -> Image.Image:
        image = drawn(blank(), box(name, 100, 100, 200, 100, confidence))
        return image.crop((0, 0, 640, 90))

    named, surer, alone = plate("dog", 0.87), plate("dog", 0.93), plate("dog", None)
    assert named.tobytes() != surer.tobytes()
    assert _width(alone) < _width(named) < _width(plate("guide dog", 0.87))
    assert plate("dog", 0.874).tobytes() == named.tobytes()


def _width(image: Image.Image) -> int:
    painted = ImageChops.difference(image, Image.new("RGB", image.size, "white")).getbbox()
    assert painted
    return painted[2] - painted[0]


def test_plates_do_not_cover_each_other(drawn: Drawn) -> None:
    same = [100, 100, 200, 100]
    apart = drawn(blank(), *(box(name, *same) for name in ("dog", "cat", "cow")))
    for name in ("dog", "cat", "cow"):
        alone = drawn(blank(), box(name, *same))
        assert line_of(alone) in colours(apart)


def test_boxes_are_in_pixels_of_the_original(drawn: Drawn) -> None:
    whole = written(Image.new("RGB", (2560, 1920), "white"), "PNG")
    marked = drawn(ready(whole, 640), box("dog", 400, 400, 800, 400))
    assert marked.size == (640, 480)
    assert colours(marked, (100, 100, 300, 200)) == {(255, 255, 255)}
    assert line_of(marked) == line_of(drawn(blank(), box("dog", 100, 100, 200, 100)))


def test_a_huge_picture_is_drawn_smaller(drawn: Drawn) -> None:
    file = ready(written(Image.new("L", (8192, 400), 255), "PNG"), 10_000)
    marked = drawn(file, box("dog", 2000, 100, 4000, 200))
    assert marked.size == (4096, 200)
    assert colours(marked, (1000, 50, 3000, 150)) == {(255, 255, 255)}
    assert len(colours(marked, (980, 60, 1000, 61))) > 1


def test_what_is_seen_through_stays_so(drawn: Drawn) -> None:
    whole = written(Image.new("RGBA", (640, 480)), "PNG")
    marked = drawn(ready(whole), box("dog", 100, 100, 200, 100))
    assert marked.getpixel((200, 150)) == (0, 0, 0, 0)
    assert marked.getpixel((98, 150)) != (0, 0, 0, 0)


@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300)),
    st.lists(
        st.builds(
            box,
            st.text() | st.sampled_from(["собака", "犬", "كلب", "🐕", "\ud800", "a\nb", "x" * 999]),
            *[st.integers(-400, 800)] * 4,
            st.none() | st.floats(0, 1),
        ),
        max_size=6,
    ),
    st.sampled_from(["JPEG", "PNG"]),
)
@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_box_can_be_drawn(
    drawn: Drawn, size: tuple[int, int], boxes: list[JsonObject], kind: str
) -> None:
    marked = drawn(ready(written(Image.new("RGB", size, "white"), kind)), *boxes)
    assert marked.size == size


@pytest.mark.parametrize("place", [(0, 0), (620, 0), (0, 440), (620, 440), (-500, 9999)])
def test_plates_stay_inside_the_picture(place: tuple[int, int], drawn: Drawn) -> None:
    def letters(x: int, y: int) -> int:
        """Count what is white, which here only the letters are."""
        found = drawn(blank(colour="black"), box("person", x, y, 20, 40)).getcolors(9999)
        return next(count for count, colour in found or [] if colour == (255, 255, 255))

    assert letters(*place) == letters(300, 200)


def test_a_picture_that_is_damaged_is_told_when_it_is_drawn_on(store: FileStore) -> None:
    whole = bytearray(written(noise(64, 64), "PNG"))
    whole[len(whole) // 2] ^= 0xFF
    with pytest.raises(FileError, match=r"a\.png is a damaged PNG"):
        stored(ready(bytes(whole), name="a.png"), [], store)


def test_a_picture_is_made_ready_first(store: FileStore) -> None:
    with pytest.raises(ValueError, match="made ready"):
        stored(loaded(written(ramp(8, 8))), [], store)


def test_nothing_is_stored_where_nothing_can_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        stored(blank(), [], FileStore(tmp_path / "file" / "store"))
