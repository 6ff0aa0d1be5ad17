"""Draw boxes on an image: each class in its own colour, with a label that names it.

The coloured line of a box has a thin dark edge on both sides, so that it is visible on any image.
It runs around the box, so that it hides nothing in it. Labels are drawn last, where they fit and
cover no other label.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, NamedTuple

from PIL import ImageDraw, ImageFont

from ...values import JsonObject
from .fonts import Font, font_for, without_accents
from .header import read_header
from .pixels import decode, encode, fit_size

LONGEST = 4096
"""The most pixels of the longer side of the copy."""

Colour = tuple[int, int, int]

_LONGEST_NAME = 60  # characters of a class
_DARK, _LIGHT = (18, 18, 22), (255, 255, 255)
# Far from each other in the colour space OKLab, and readable with dark or with light text:
# https://bottosson.github.io/posts/oklab
_MAIN_COLOURS: list[Colour] = [
    (136, 34, 68),
    (0, 0, 255),
    (255, 34, 255),
    (221, 153, 51),
    (0, 255, 0),
    (0, 170, 255),
    (0, 119, 0),
    (255, 187, 255),
]
# For images with many classes. These are closer to each other.
_MORE_COLOURS: list[Colour] = [
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
"""Left, top, right and bottom; right and bottom are the first pixels outside."""


@dataclass(frozen=True, slots=True)
class Label:
    """The text that names a box."""

    text: str
    font: Font
    undrawable: str | None = None
    """The name of the class, when no font on this machine can draw it."""


@dataclass(frozen=True, slots=True)
class LabelledBox:
    """A box with the line around it, in pixels of the copy."""

    outline: Rectangle
    label: Label
    colour: Colour


class DrawnImage(NamedTuple):
    """A copy with boxes, and what the user should know about it."""

    format: str
    content: bytes
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Widths:
    """The widths of lines and the height of text in pixels; they grow with the image."""

    line: int
    edge: int
    text: int

    @classmethod
    def of(cls, size: Size) -> Widths:
        """Return the widths for an image of this size."""
        side = math.sqrt(size[0] * size[1])
        line = max(2, round(side / 220))
        return cls(line, max(1, line // 3), max(11, round(side / 42)))


def draw_boxes(content: IO[bytes], boxes: Sequence[JsonObject], original: Size) -> DrawnImage:
    """Draw boxes on a copy of an image; their pixels are those of an image of size `original`."""
    header = read_header(content)
    image = decode(content, header, fit_size(header.upright, LONGEST))
    copy = image.convert("RGB") if image.mode == "L" else image
    widths = Widths.of(copy.size)
    labelled = list(_labelled(boxes, original, copy.size, widths))
    canvas = ImageDraw.Draw(copy)
    for box in sorted(labelled, key=_area, reverse=True):  # small boxes on top of large ones
        _draw_outline(canvas, box, widths)
    _draw_labels(canvas, labelled, widths, copy.size)
    name = "JPEG" if header.format == "JPEG" else "PNG"
    return DrawnImage(name, encode(copy, name), list(_notes(labelled)))


def choose_colours(names: Iterable[str]) -> dict[str, Colour]:
    """Return a colour for each class of an image, all different as long as there are colours.

    A class gets the same colour in every image and every run, unless a class before it in the
    alphabet has taken it; then it gets the next one.
    """
    chosen: dict[str, Colour] = {}
    for name in sorted(set(names)):
        # A hash of Python itself differs from run to run, and colours must not.
        first = sha256(name.encode("utf-8", "replace")).digest()[0] % len(_MAIN_COLOURS)
        preferred = [*_MAIN_COLOURS[first:], *_MAIN_COLOURS[:first], *_MORE_COLOURS]
        free = (colour for colour in preferred if colour not in chosen.values())
        chosen[name] = next(free, preferred[0])
    return chosen


def _labelled(
    boxes: Sequence[JsonObject], original: Size, size: Size, widths: Widths
) -> Iterator[LabelledBox]:
    names = [str(box["class"]).casefold() for box in boxes]
    colours = choose_colours(names)
    for number, (box, name) in enumerate(zip(boxes, names, strict=True), start=1):
        label = _label(box, number, widths.text)
        yield LabelledBox(_outline(box, original, size, widths), label, colours[name])


def _notes(boxes: Sequence[LabelledBox]) -> Iterator[str]:
    names = dict.fromkeys(box.label.undrawable for box in boxes if box.label.undrawable)
    if names:
        yield (
            f"no font on this machine can draw {', '.join(map(str, names))}: on the copy, these "
            "boxes have their numbers instead, from 1 in the order of the answer"
        )


def _label(box: JsonObject, number: int, size: int) -> Label:
    """Return the label of a box: its class, the class without accents, or else its number."""
    name = " ".join(str(box["class"]).encode("utf-8", "replace").decode().split())[:_LONGEST_NAME]
    confidence = box.get("confidence")
    tail = "" if confidence is None else f" {confidence:.0%}"
    for text in (name, without_accents(name)):
        if font := font_for(text + tail, size):
            return Label(text + tail, font)
    return Label(f"{number}{tail}", ImageFont.load_default(size), undrawable=name)


def _outline(box: JsonObject, original: Size, size: Size, widths: Widths) -> Rectangle:
    pixels, total = box["pixels"], widths.line + 2 * widths.edge
    left, right = _ends(pixels["x"], pixels["width"], size[0] / original[0], total, size[0])
    top, bottom = _ends(pixels["y"], pixels["height"], size[1] / original[1], total, size[1])
    return left, top, right, bottom


def _ends(start: float, length: float, scale: float, line: int, limit: int) -> tuple[int, int]:
    """Return both ends of an outline in one direction, in the image and at least a pixel apart."""
    first = min(max(0, math.floor(start * scale) - line), limit - 1)
    last = min(max(first + 1, math.ceil((start + length) * scale) + line), limit)
    return first, last


def _area(box: LabelledBox) -> int:
    left, top, right, bottom = box.outline
    return (right - left) * (bottom - top)


def _draw_outline(canvas: ImageDraw.ImageDraw, box: LabelledBox, widths: Widths) -> None:
    left, top, right, bottom = box.outline
    edge, total = widths.edge, widths.line + 2 * widths.edge
    canvas.rectangle((left, top, right - 1, bottom - 1), None, _DARK, total)
    inner = (left + edge, top + edge, right - 1 - edge, bottom - 1 - edge)
    if inner[0] <= inner[2] and inner[1] <= inner[3]:
        canvas.rectangle(inner, None, box.colour, widths.line)


def _draw_labels(
    canvas: ImageDraw.ImageDraw, boxes: Sequence[LabelledBox], widths: Widths, size: Size
) -> None:
    taken: list[Rectangle] = []
    for box in boxes:
        font = box.label.font
        _, top, _, bottom = font.getbbox(f"Ág{box.label.text}")
        padding = max(2, round(widths.text / 5))
        height = math.ceil(bottom - top) + 2 * padding
        text = _shorten(box.label, size[0] - 4 * padding)
        width = math.ceil(font.getlength(text)) + 4 * padding
        positions = list(_label_positions(box.outline, (width, height), size))
        if not text or not positions:
            continue
        free = (position for position in positions if not _overlaps_any(position, taken))
        left, above, right, below = position = next(free, positions[0])
        taken.append(position)
        canvas.rounded_rectangle((left, above, right - 1, below - 1), padding, box.colour)
        start = (left + 2 * padding, above + padding - top)
        canvas.text(start, text, _text_colour(box.colour), font)


def _shorten(label: Label, width: int) -> str:
    """Return the text of a label, cut to this width; empty when no character fits."""
    text, font = label.text, label.font
    if font.getlength(text) <= width:
        return text
    cuts = (f"{text[:count]}…" for count in range(len(text) - 1, 0, -1))
    return next((cut for cut in cuts if font.getlength(cut) <= width), "")


def _label_positions(box: Rectangle, label: Size, size: Size) -> Iterator[Rectangle]:
    """Yield the positions of a label that are inside the image, the best one first."""
    left, top, right, bottom = box
    width, height = label
    for y in (top - height, top, bottom, bottom - height):
        for x in (left, right - width):
            x = min(max(0, x), size[0] - width)
            if x >= 0 and 0 <= y <= size[1] - height:
                yield x, y, x + width, y + height


def _overlaps_any(rectangle: Rectangle, others: Iterable[Rectangle]) -> bool:
    left, top, right, bottom = rectangle
    return any(
        left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
        for other in others
    )


def _text_colour(background: Colour) -> Colour:
    """Return the text colour with the better contrast: dark or light."""
    red, green, blue = background
    return _DARK if 0.299 * red + 0.587 * green + 0.114 * blue > 125 else _LIGHT
