"""Boxes drawn on a picture: each class in its own colour, with a plate that names it.

A line of the colour lies between two dark hairs, so that it is seen on any ground, and around its
box, so that it hides nothing of it. Plates come last, where they fit and cover no other plate.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from PIL import ImageDraw, ImageFont

from ...values import JsonObject
from .look import look
from .pixels import decoded, encoded, fitted

LONGEST = 4096
"""Pixels of the longer side of the copy."""

_LONGEST_NAME = 60  # letters of a class
_DARK, _LIGHT = (18, 18, 22), (255, 255, 255)

Colour = tuple[int, int, int]
Size = tuple[int, int]
Rectangle = tuple[int, int, int, int]
"""Left, top, right and bottom; the last two are the first pixels outside."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A box with the line around it, in pixels of the copy."""

    place: Rectangle
    label: str
    colour: Colour


@dataclass(frozen=True, slots=True)
class Pen:
    """The measures of what is drawn, in pixels; they follow the size of the picture."""

    line: int
    hair: int
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont

    @classmethod
    def of(cls, size: Size) -> Pen:
        """Give the measures for a picture of this size."""
        side = math.sqrt(size[0] * size[1])
        line = max(2, round(side / 220))
        return cls(line, max(1, line // 3), ImageFont.load_default(max(11, round(side / 42))))


def drawn(content: IO[bytes], boxes: Sequence[JsonObject], original: Size) -> tuple[str, bytes]:
    """Give the format and the bytes of a copy with boxes, which are in pixels of the `original`."""
    seen = look(content)
    image = decoded(content, seen, fitted(seen.upright, LONGEST))
    canvas = image.convert("RGB") if image.mode == "L" else image
    pen = Pen.of(canvas.size)
    marks = [_mark(box, original, canvas.size, pen) for box in boxes]
    on = ImageDraw.Draw(canvas)
    for mark in sorted(marks, key=_area, reverse=True):  # the small ones above the large
        _outline(on, mark, pen)
    _plates(on, marks, pen, canvas.size)
    kind = "JPEG" if seen.format == "JPEG" else "PNG"
    return kind, encoded(canvas, kind)


def colour_of(name: str) -> Colour:
    """Give the colour of a class, which is the same on each picture and in each run."""
    digest = sha256(name.casefold().encode("utf-8", "replace")).digest()
    hue = int.from_bytes(digest[:2], "big") / 65536 * math.tau
    return _rgb((0.6, 0.71, 0.82)[digest[2] % 3], 0.17, hue)


def _rgb(light: float, chroma: float, hue: float) -> Colour:
    """Give a colour of OKLCh, in which equal steps look equal: https://bottosson.github.io/posts/oklab"""
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short
    return _byte(red), _byte(green), _byte(blue)


def _byte(linear: float) -> int:
    """Give a part of light as sRGB writes it."""
    part = min(max(0.0, linear), 1.0)
    return round(255 * (12.92 * part if part < 0.0031308 else 1.055 * part ** (1 / 2.4) - 0.055))


def _mark(box: JsonObject, original: Size, size: Size, pen: Pen) -> Mark:
    pixels, name, confidence = box["pixels"], str(box["class"]), box.get("confidence")
    reach = pen.line + 2 * pen.hair
    left, right = _ends(pixels["x"], pixels["width"], size[0] / original[0], reach, size[0])
    top, bottom = _ends(pixels["y"], pixels["height"], size[1] / original[1], reach, size[1])
    words = " ".join(name.encode("utf-8", "replace").decode().split())[:_LONGEST_NAME]
    label = words if confidence is None else f"{words} {confidence:.0%}"
    return Mark((left, top, right, bottom), label, colour_of(name))


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
    _, top, _, bottom = pen.font.getbbox("Ág")
    pad = max(2, round((bottom - top) / 5))
    height = math.ceil(bottom - top) + 2 * pad
    taken: list[Rectangle] = []
    for mark in marks:
        words = _shortened(mark.label, pen, size[0] - 4 * pad)
        width = math.ceil(pen.font.getlength(words)) + 4 * pad
        places = list(_places(mark.place, (width, height), size))
        if not words or not places:
            continue
        free = (place for place in places if not any(_meet(place, other) for other in taken))
        place = next(free, places[0])
        taken.append(place)
        corners = (place[0], place[1], place[2] - 1, place[3] - 1)
        on.rounded_rectangle(corners, pad, mark.colour)
        ink = _ink(mark.colour)
        on.text((place[0] + 2 * pad, place[1] + pad - top), words, ink, pen.font)


def _shortened(words: str, pen: Pen, room: int) -> str:
    """Cut a label that is wider than the picture; to nothing when no letter fits."""
    if pen.font.getlength(words) <= room:
        return words
    cuts = (f"{words[:count]}…" for count in range(len(words) - 1, 0, -1))
    return next((cut for cut in cuts if pen.font.getlength(cut) <= room), "")


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
