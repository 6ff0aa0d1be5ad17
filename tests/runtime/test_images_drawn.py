"""Boxes drawn on an image: a colour for each class, lines around the boxes, labels with names."""

from __future__ import annotations

import asyncio
import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, features

from openrouter_connector import FileEntry, FileError, FileStore
from openrouter_connector.runtime.images import draw
from openrouter_connector.values import JsonObject, LoadedFile
from support.images import content, loaded, noise, ramp, ready, written

Drawn = Callable[..., Image.Image]


def box(
    name: str, x: int, y: int, width: int, height: int, confidence: float | None = 0.87
) -> JsonObject:
    """Return a box as it is read from an answer."""
    place = {"x": x, "y": y, "width": width, "height": height}
    return {"class": name, "confidence": confidence, "pixels": place}


def stored(file: LoadedFile, boxes: Sequence[JsonObject], store: FileStore) -> FileEntry:
    """Draw boxes, and return the entry of the copy."""
    return asyncio.run(draw(file, boxes, store, "found"))


@pytest.fixture
def drawn(store: FileStore) -> Drawn:
    """Draw boxes, and open the copy."""

    def made(file: LoadedFile, *boxes: JsonObject) -> Image.Image:
        path = store.path_of(stored(file, boxes, store))
        assert path
        with Image.open(path) as image:
            image.load()
        return image

    return made


def blank(width: int = 640, height: int = 480, colour: str = "white") -> LoadedFile:
    """Return an empty image, prepared."""
    return ready(written(Image.new("RGB", (width, height), colour), "PNG"))


def colours(image: Image.Image, place: tuple[int, int, int, int] | None = None) -> set[Any]:
    """Return the colours in a part of an image."""
    part = image.convert("RGB").crop(place) if place else image.convert("RGB")
    return {colour for _, colour in part.getcolors(part.width * part.height) or []}


def line_of(image: Image.Image) -> Any:
    """Return the colour of the line around a box at (100, 100), 200 × 100."""
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


def test_the_line_goes_around_its_box_and_hides_nothing_in_it(drawn: Drawn) -> None:
    file = ready(written(noise(640, 480), "PNG"))
    plain, marked = drawn(file), drawn(file, box("dog", 100, 100, 200, 100))
    inside = (100, 100, 300, 200)
    assert marked.crop(inside).tobytes() == plain.crop(inside).tobytes()
    changed = ImageChops.difference(plain, marked).getbbox()
    assert changed
    assert changed[0] >= 90 and changed[2] <= 310 and changed[3] <= 210
    for x, y in ((98, 150), (301, 150), (200, 98), (200, 201)):
        assert marked.getpixel((x, y)) != plain.getpixel((x, y))


def test_a_class_has_the_same_colour_in_every_image(drawn: Drawn) -> None:
    light = drawn(blank(), box("dog", 100, 100, 200, 100), box("cat", 400, 300, 50, 50))
    dark = drawn(blank(colour="black"), box("Dog", 100, 100, 200, 100, None))
    other = drawn(blank(), box("cat", 100, 100, 200, 100))
    assert line_of(light) == line_of(dark) != line_of(other)


def test_a_label_shows_the_class_and_its_confidence(drawn: Drawn) -> None:
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


CLASSES = ["car", "truck", "bus", "person", "dog", "cat", "tree", "bird"]
CLASSES += ["bottle", "chair", "table", "boat", "ball", "cup", "plane", "sheep"]


def test_classes_of_one_image_have_clearly_different_colours(drawn: Drawn) -> None:
    places = {name: 100 + 115 * i for i, name in enumerate(CLASSES)}

    def lines(*names: str) -> dict[str, Any]:
        boxes = [box(name, 100, places[name], 200, 60) for name in names]
        image = drawn(blank(400, 2000), *boxes)
        return {n: line_of(image.crop((0, places[n] - 100, 400, places[n] + 120))) for n in names}

    found = lines(*CLASSES)
    assert min(math.dist(one, other) for one, other in combinations(found.values(), 2)) > 60
    assert lines(*CLASSES[::-1], *CLASSES) == found  # whatever their order is


def test_text_is_readable_on_every_colour(drawn: Drawn) -> None:
    for name in CLASSES:
        image = drawn(blank(colour="grey"), box(name, 100, 100, 200, 100))
        ground = line_of(image)
        plate = colours(image, (92, 72, 200, 88)) - {ground}
        assert max(_contrast(ground, ink) for ink in plate) > 4.5


def _contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the contrast of two colours as WCAG defines it."""
    dark, light = sorted(
        sum(
            share * (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
            for share, part in zip((0.2126, 0.7152, 0.0722), (c / 255 for c in colour), strict=True)
        )
        for colour in (one, other)
    )
    return (light + 0.05) / (dark + 0.05)


def letters(image: Image.Image) -> set[tuple[int, int]]:
    """Return the pixels of the text in the label of a box at (100, 100) on grey."""
    plate, colour = image.convert("RGB").crop((92, 60, 640, 90)), line_of(image)
    content, grey = plate.tobytes(), (128, 128, 128)
    shades = [tuple(content[at : at + 3]) for at in range(0, len(content), 3)]
    far = {
        (at % plate.width, at // plate.width): math.dist(shade, colour)
        for at, shade in enumerate(shades)
        if shade != grey
    }
    return {place for place, distance in far.items() if distance > max(far.values()) / 2}


NOWHERE = "\U000f0001\U000f0002"
"""Private-use characters, which no font has."""


def test_a_class_that_no_font_can_draw_is_labelled_with_the_number_of_its_box(
    store: FileStore,
) -> None:
    notes: list[str] = []
    boxes = [box("dog", 400, 300, 50, 50), box(NOWHERE, 100, 100, 200, 100)]
    entry = asyncio.run(draw(blank(colour="grey"), boxes, store, "found", notes))
    numbered = asyncio.run(
        draw(blank(colour="grey"), [boxes[0], {**boxes[1], "class": "2"}], store, "found")
    )

    shown, wanted = (Image.open(store.path_of(one) or "") for one in (entry, numbered))
    assert letters(shown) == letters(wanted) != set()
    assert notes == [
        f"no font on this machine can draw {NOWHERE}: on the copy, these boxes have their "
        "numbers instead, from 1 in the order of the answer"
    ]


@pytest.mark.parametrize("names", [("кот", "кит"), ("猫", "犬"), ("قط", "قم"), ("Öl", "Äl")])
def test_a_name_in_any_script_is_not_drawn_as_empty_boxes(
    names: tuple[str, str], store: FileStore
) -> None:
    shown: list[set[tuple[int, int]]] = []
    notes: list[str] = []
    for name in names:
        entry = asyncio.run(
            draw(blank(colour="grey"), [box(name, 100, 100, 200, 100)], store, "found", notes)
        )
        shown.append(letters(Image.open(store.path_of(entry) or "")))

    # Depends on the fonts of this machine: both are drawn, or both have the number 1 and a note.
    assert (shown[0] == shown[1], len(notes)) in [(False, 0), (True, 2)]


def test_right_to_left_text_needs_the_raqm_library(
    store: FileStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(features, "check", lambda name: name != "raqm")
    notes: list[str] = []
    boxes = [box("قط", 100, 100, 200, 100)]
    asyncio.run(draw(blank(), boxes, store, "found", notes))
    assert notes and "no font on this machine can draw قط" in notes[0]


@pytest.mark.skipif(sys.platform != "linux", reason="fonts cannot be hidden here")
def test_without_fonts_accents_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "blank.png").write_bytes(content(blank(colour="grey")))
    script = f"""
from io import BytesIO
from pathlib import Path
from openrouter_connector.runtime.images.draw_boxes import draw_boxes
folder = Path({str(tmp_path)!r})
for name in ("café", "cafe", "кот"):
    boxes = [{box("", 100, 100, 200, 100)} | {{"class": name}}]
    copy = draw_boxes(BytesIO((folder / "blank.png").read_bytes()), boxes, (640, 480))
    (folder / name).write_bytes(copy.content)
    print(len(copy.notes))
"""
    nowhere = {"XDG_DATA_HOME": str(tmp_path), "XDG_DATA_DIRS": str(tmp_path)}
    ended = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | nowhere, capture_output=True, text=True
    )
    assert ended.stdout.split() == ["0", "0", "1"], ended.stderr
    accented, plain = (Image.open(tmp_path / name) for name in ("café", "cafe"))
    assert letters(accented) == letters(plain) != set()


def test_labels_do_not_cover_each_other(drawn: Drawn) -> None:
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


def test_a_huge_image_is_drawn_smaller(drawn: Drawn) -> None:
    file = ready(written(Image.new("L", (8192, 400), 255), "PNG"), 10_000)
    marked = drawn(file, box("dog", 2000, 100, 4000, 200))
    assert marked.size == (4096, 200)
    assert colours(marked, (1000, 50, 3000, 150)) == {(255, 255, 255)}
    assert len(colours(marked, (980, 60, 1000, 61))) > 1


def test_transparent_pixels_stay_transparent(drawn: Drawn) -> None:
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
def test_labels_stay_inside_the_image(place: tuple[int, int], drawn: Drawn) -> None:
    def letters(x: int, y: int) -> int:
        """Count the white pixels; only the text is white here."""
        found = drawn(blank(colour="black"), box("person", x, y, 20, 40)).getcolors(9999)
        return next(count for count, colour in found or [] if colour == (255, 255, 255))

    assert letters(*place) == letters(300, 200)


def test_drawing_on_a_damaged_image_is_an_error(store: FileStore) -> None:
    whole = bytearray(written(noise(64, 64), "PNG"))
    whole[len(whole) // 2] ^= 0xFF
    with pytest.raises(FileError, match=r"a\.png is a damaged PNG"):
        stored(ready(bytes(whole), name="a.png"), [], store)


def test_an_image_must_be_prepared_first(store: FileStore) -> None:
    with pytest.raises(ValueError, match="must be prepared"):
        stored(loaded(written(ramp(8, 8))), [], store)


def test_a_copy_that_cannot_be_stored_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"):
        stored(blank(), [], FileStore(tmp_path / "file" / "store"))
