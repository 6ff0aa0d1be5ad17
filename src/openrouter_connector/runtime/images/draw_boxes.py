"""Boxes drawn on a picture: each class in its own colour, with a plate that names it.

A line of the colour lies between two dark hairs, so that it is seen on any ground, and around its
box, so that it hides nothing of it. Plates come last, where they fit and cover no other plate.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, NamedTuple

from PIL import ImageDraw, ImageFont

from ...values import JsonObject
from .fonts import Font, font_for, unaccented
from .header import look
from .pixels import decoded, encoded, fitted

LONGEST = 4096
"""Pixels of the longer side of the copy."""

Colour = tuple[int, int, int]

_LONGEST_NAME = 60  # letters of a class
_DARK, _LIGHT = (18, 18, 22), (255, 255, 255)
# Far from each other by their distance in OKLab, and read well with dark or with light letters:
# https://bottosson.github.io/posts/oklab
_FIRST: list[Colour] = [
    (136, 34, 68),
    (0, 0, 255),
    (255, 34, 255),
    (221, 153, 51),
    (0, 255, 0),
    (0, 170, 255),
    (0, 119, 0),
    (255, 187, 255),
]
# They come closer, when there are many classes.
_FURTHER: list[Colour] = [
    (136, 85, 204),
    (102, 238, 221),
    (238, 0, 0),
    (34, 187, 85),
    (221, 119, 170),
    (255, 221, 0),
    (0, 85, 153),
    (153, 102, 17),
]

Size = tuple[int, int]
Rectangle = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are the first pixels outside."""


@dataclass(frozen=True, slots=True)
class Label:
    """What is written on the plate of a box."""

    words: str
    font: Font
    unwritten: str | None = None
    """The name of a class that no font here can write."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box with the line around it, in pixels of the copy."""

    place: Rectangle
    label: Label
    colour: Colour


class Drawn(NamedTuple):
    """A copy with boxes, and what the user should know of it."""

    format: str
    content: bytes
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Pen:
    """The measures of what is drawn, in pixels; they follow the size of the picture."""

    line: int
    hair: int
    letters: int

    @classmethod
    def of(cls, size: Size) -> Pen:
        """Give the measures for a picture of this size."""
        side = math.sqrt(size[0] * size[1])
        line = max(2, round(side / 220))
        return cls(line, max(1, line // 3), max(11, round(side / 42)))


def drawn(content: IO[bytes], boxes: Sequence[JsonObject], original: Size) -> Drawn:
    """Draw boxes on a copy of a picture; they are in pixels of the `original`."""
    seen = look(content)
    image = decoded(content, seen, fitted(seen.upright, LONGEST))
    canvas = image.convert("RGB") if image.mode == "L" else image
    pen = Pen.of(canvas.size)
    marks = list(_marks(boxes, original, canvas.size, pen))
    on = ImageDraw.Draw(canvas)
    for mark in sorted(marks, key=_area, reverse=True):  # the small ones above the large
        _outline(on, mark, pen)
    _plates(on, marks, pen, canvas.size)
    kind = "JPEG" if seen.format == "JPEG" else "PNG"
    return Drawn(kind, encoded(canvas, kind), list(_notes(marks)))


def colours_of(names: Iterable[str]) -> dict[str, Colour]:
    """Give each class of a picture a colour of its own, as long as there are colours.

    A class wishes for the same one on each picture and in each run; who comes first by the
    alphabet gets it, and another one the next that is free.
    """
    found: dict[str, Colour] = {}
    for name in sorted(set(names)):
        wish = sha256(name.encode("utf-8", "replace")).digest()[0] % len(_FIRST)
        wishes = [*_FIRST[wish:], *_FIRST[:wish], *_FURTHER]
        found[name] = next((one for one in wishes if one not in found.values()), wishes[0])
    return found


def _marks(boxes: Sequence[JsonObject], original: Size, size: Size, pen: Pen) -> Iterator[Mark]:
    names = [str(box["class"]).casefold() for box in boxes]
    colours = colours_of(names)
    for number, (box, name) in enumerate(zip(boxes, names, strict=True), start=1):
        label = _label(box, number, pen.letters)
        yield Mark(_place(box, original, size, pen), label, colours[name])


def _notes(marks: Sequence[Mark]) -> Iterator[str]:
    names = dict.fromkeys(mark.label.unwritten for mark in marks if mark.label.unwritten)
    if names:
        yield (
            f"no font of this machine can write {', '.join(map(str, names))}: on the copy these "
            "boxes bear their numbers, from 1 in the order of the answer"
        )


def _label(box: JsonObject, number: int, size: int) -> Label:
    """Give what can be written of a class: its name, that without accents, or the box's number."""
    name = " ".join(str(box["class"]).encode("utf-8", "replace").decode().split())[:_LONGEST_NAME]
    confidence = box.get("confidence")
    tail = "" if confidence is None else f" {confidence:.0%}"
    for words in (name, unaccented(name)):
        if font := font_for(words + tail, size):
            return Label(words + tail, font)
    return Label(f"{number}{tail}", ImageFont.load_default(size), unwritten=name)


def _place(box: JsonObject, original: Size, size: Size, pen: Pen) -> Rectangle:
    pixels, reach = box["pixels"], pen.line + 2 * pen.hair
    left, right = _ends(pixels["x"], pixels["width"], size[0] / original[0], reach, size[0])
    top, bottom = _ends(pixels["y"], pixels["height"], size[1] / original[1], reach, size[1])
    return left, top, right, bottom


def _ends(start: float, length: float, scale: float, reach: int, most: int) -> tuple[int, int]:
    """Give both ends of a line around a box, inside the picture and at least a pixel apart."""
    first = min(max(0, math.floor(start * scale) - reach), most - 1)
    last = min(max(first + 1, math.ceil((start + length) * scale) + reach), most)
    return first, last


def _area(mark: Mark) -> int:
    left, top, right, bottom = mark.place
    return (right - left) * (bottom - top)


def _outline(on: ImageDraw.ImageDraw, mark: Mark, pen: Pen) -> None:
    left, top, right, bottom = mark.place
    on.rectangle((left, top, right - 1, bottom - 1), None, _DARK, pen.line + 2 * pen.hair)
    inner = (left + pen.hair, top + pen.hair, right - 1 - pen.hair, bottom - 1 - pen.hair)
    if inner[0] <= inner[2] and inner[1] <= inner[3]:
        on.rectangle(inner, None, mark.colour, pen.line)


def _plates(on: ImageDraw.ImageDraw, marks: Sequence[Mark], pen: Pen, size: Size) -> None:
    taken: list[Rectangle] = []
    for mark in marks:
        font = mark.label.font
        _, top, _, bottom = font.getbbox(f"Ág{mark.label.words}")
        pad = max(2, round(pen.letters / 5))
        height = math.ceil(bottom - top) + 2 * pad
        words = _shortened(mark.label, size[0] - 4 * pad)
        width = math.ceil(font.getlength(words)) + 4 * pad
        places = list(_places(mark.place, (width, height), size))
        if not words or not places:
            continue
        free = (place for place in places if not any(_meet(place, other) for other in taken))
        place = next(free, places[0])
        taken.append(place)
        corners = (place[0], place[1], place[2] - 1, place[3] - 1)
        on.rounded_rectangle(corners, pad, mark.colour)
        ink = _ink(mark.colour)
        on.text((place[0] + 2 * pad, place[1] + pad - top), words, ink, font)


def _shortened(label: Label, room: int) -> str:
    """Cut a label that is wider than the picture; to nothing when no letter fits."""
    words, font = label.words, label.font
    if font.getlength(words) <= room:
        return words
    cuts = (f"{words[:count]}…" for count in range(len(words) - 1, 0, -1))
    return next((cut for cut in cuts if font.getlength(cut) <= room), "")


def _places(box: Rectangle, plate: Size, size: Size) -> Iterator[Rectangle]:
    """Give the places of a plate that are inside the picture, the best first."""
    left, top, right, bottom = box
    width, height = plate
    for y in (top - height, top, bottom, bottom - height):
        for x in (left, right - width):
            x = min(max(0, x), size[0] - width)
            if x >= 0 and 0 <= y <= size[1] - height:
                yield x, y, x + width, y + height


def _meet(one: Rectangle, other: Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _ink(ground: Colour) -> Colour:
    """Give the colour of letters that are read best on a ground."""
    red, green, blue = ground
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 125 else _LIGHT
