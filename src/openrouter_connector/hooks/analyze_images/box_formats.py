"""The formats in which models write boxes: which one to request, and which one was used.

A model keeps writing the format it was trained on, whatever the prompt says. So each model family
is asked for its own format, and an answer in any other format is understood too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from re import findall, search

from ...values import ImageInfo, Json, JsonObject
from .labels import BOXES, add_warning, is_four_numbers, read_number


class Unit(Enum):
    """The unit of a coordinate; the value is its description for people."""

    FRACTION = "fractions of the width and height"
    PERCENT = "percent of the width and height"
    THOUSANDTH = "thousandths of the width and height"
    PIXEL = "pixels of the image as it was sent"


@dataclass(frozen=True, slots=True)
class BoxFormat:
    """How a model family writes a box."""

    key: str
    unit: Unit
    y_first: bool = False

    @property
    def words(self) -> str:
        """The four coordinates in their order, for a prompt."""
        x, y = ("y", "x") if self.y_first else ("x", "y")
        return f"[{x}_min, {y}_min, {x}_max, {y}_max]"


# Most models that know boxes were trained on thousandths, x first (GLM-V, InternVL, Qwen2-VL,
# Qwen3-VL). Thousandths also do not depend on how far a provider scales an image down.
_DEFAULT = BoxFormat("box", Unit.THOUSANDTH)
# The first pattern that matches the model's name wins. Servers spell names in different ways:
# `qwen2.5vl:7b`, `Qwen2_5-VL-7B`, `qwen2p5-vl-32b`, `glm4v:9b`.
_BY_FAMILY = (
    # https://ai.google.dev/gemini-api/docs/image-understanding
    ("gemini", BoxFormat("box_2d", Unit.THOUSANDTH, y_first=True)),
    # https://github.com/QwenLM/Qwen3-VL/issues/866 and /issues/1741: pixels in 2.5 alone
    (r"qwen[-_]?2[._p]?5[-_]?vl|ui[-_]tars", BoxFormat("bbox_2d", Unit.PIXEL)),
    (r"qwen|glm.*v|internvl", BoxFormat("bbox_2d", Unit.THOUSANDTH)),
)


def box_format_of(model: str) -> BoxFormat:
    """Return the format to request from a model."""
    name = model.casefold()
    return next((known for pattern, known in _BY_FAMILY if search(pattern, name)), _DEFAULT)


@dataclass(frozen=True, slots=True)
class RawBox:
    """A box as the model wrote it: under which key, with corners in a unit not known yet."""

    key: str
    corners: tuple[float, float, float, float]
    percent: bool = False
    """Whether it is marked as percent."""

    @property
    def has_area(self) -> bool:
        """Whether its width and height are above 0."""
        left, top, right, bottom = self.corners
        return left < right and top < bottom


@dataclass(frozen=True, slots=True)
class LocatedBox:
    """A box inside an image, in whole pixels of the upright original and relative to it."""

    pixels: tuple[int, int, int, int]
    relative: tuple[float, float, float, float]

    def to_json(self) -> JsonObject:
        """Return `pixels` and `relative`, each `{x, y, width, height}` from the top left corner."""
        return {"pixels": _with_size(*self.pixels), "relative": _with_size(*self.relative)}


def find_boxes(entry: JsonObject, box_format: BoxFormat) -> list[RawBox]:
    """Return the boxes of an entry, under its least ambiguous key; swapped corners are fixed."""
    sides = {name: value for name, value in entry.items() if name in _SIDES}
    candidates = [(key, entry[key]) for key in BOXES if key in entry] + [("", sides)]
    for key, value in candidates:
        if boxes := list(_corners(value, key, box_format)):
            percent = "%" in str(value)
            return [RawBox(key, _in_order(*corners), percent) for corners in boxes]
    return []


def detect_unit(boxes: Sequence[RawBox], box_format: BoxFormat, image: ImageInfo) -> Unit:
    """Return the unit of an answer, the same for all its boxes.

    1. Boxes marked as percent are percent. Numbers up to 1 are fractions: other units are larger.
    2. Numbers up to 100 with decimals are percent: the other units use whole numbers.
    3. The key decides: `box_2d` means thousandths, `bbox` and `bbox_2d` mean pixels, unless the
       model's family is known to write something else. Any other key means the requested unit.
    4. If boxes then lie outside of the image, and inside of it with the other unit, that unit.
    """
    boxes = [box for box in boxes if box.has_area]
    numbers = [number for box in boxes for number in box.corners]
    if not numbers:
        return box_format.unit
    if any(box.percent for box in boxes):
        return Unit.PERCENT
    if max(numbers) <= _FRACTIONS_END:
        return Unit.FRACTION
    if max(numbers) <= 100 and any(number % 1 for number in numbers):
        return Unit.PERCENT
    expected = _unit_by_key(boxes[0].key, box_format)
    other = Unit.THOUSANDTH if expected is Unit.PIXEL else Unit.PIXEL
    if _extent(boxes, expected, image) > _MAX_EXTENT >= _extent(boxes, other, image):
        return other
    return expected


# Models overshoot the edges a little, in any unit.
_FRACTIONS_END, _MAX_EXTENT = 1.5, 1.05
_TOLERANCE = 0.005
"""The share of the image that a box may exceed without a warning."""


def locate_boxes(
    boxes: Sequence[RawBox], box_format: BoxFormat, image: ImageInfo, warnings: list[str]
) -> list[LocatedBox | None]:
    """Return the boxes clipped to the image; None for one outside of it, or without area."""
    if not boxes:
        return []
    unit = detect_unit(boxes, box_format, image)
    if unit is not box_format.unit:
        add_warning(warnings, f"the boxes were read as {unit.value}, judging by their values")
    width, height = _size(unit, image)
    found: list[LocatedBox | None] = []
    for box in boxes:
        left, top, right, bottom = box.corners
        relative = (left / width, top / height, right / width, bottom / height)
        found.append(_clip(relative, image))
        if found[-1] and (min(relative) < -_TOLERANCE or max(relative) > 1 + _TOLERANCE):
            add_warning(warnings, "boxes that reach beyond the image were clipped")
    return found


def _unit_by_key(key: str, box_format: BoxFormat) -> Unit:
    if key == "box2d":
        return Unit.THOUSANDTH
    if key in ("bbox", "bbox2d") and box_format is _DEFAULT:
        return Unit.PIXEL
    return box_format.unit


def _extent(boxes: Sequence[RawBox], unit: Unit, image: ImageInfo) -> float:
    """Return how far right and down the boxes extend; 1 is the edge of the image."""
    width, height = _size(unit, image)
    return max(max(box.corners[2] / width, box.corners[3] / height) for box in boxes)


def _size(unit: Unit, image: ImageInfo) -> tuple[int, int]:
    """Return the width and height of the image in a unit."""
    if unit is Unit.PIXEL:
        return image.sent
    return {Unit.FRACTION: (1, 1), Unit.PERCENT: (100, 100), Unit.THOUSANDTH: (1000, 1000)}[unit]


def _clip(corners: tuple[float, ...], image: ImageInfo) -> LocatedBox | None:
    """Clip and round a box. Corners are rounded, not sizes: those could reach outside."""
    left, top, right, bottom = (min(max(corner, 0.0), 1.0) for corner in corners)
    wide, high = image.width, image.height
    pixels = (round(left * wide), round(top * high), round(right * wide), round(bottom * high))
    relative = (round(left, 4), round(top, 4), round(right, 4), round(bottom, 4))
    has_area = all(a < c and b < d for a, b, c, d in (pixels, relative))
    return LocatedBox(pixels, relative) if has_area else None


def _with_size(left: float, top: float, right: float, bottom: float) -> JsonObject:
    width, height = round(right - left, 4), round(bottom - top, 4)
    return {"x": left, "y": top, "width": width, "height": height}


def _corners(value: Json, key: str, box_format: BoxFormat) -> Iterator[tuple[float, ...]]:
    """Yield the corners of boxes given as four numbers, as two or more points, or as sides."""
    if isinstance(value, str):
        value = findall(r"-?\d+(?:\.\d+)?", value[:200])
    if isinstance(value, dict):
        yield from _by_sides({str(k).replace("_", "").casefold(): v for k, v in value.items()})
    elif is_four_numbers(value):
        a, b, c, d = (read_number(n) or 0.0 for n in value)
        yield (b, a, d, c) if key == "box2d" or box_format.y_first else (a, b, c, d)
    elif isinstance(value, list):
        points = [
            tuple(read_number(n) for n in point) for point in value if isinstance(point, list)
        ]
        if len(value) == len(points) > 1 and all(len(p) == 2 and None not in p for p in points):
            yield from _around(points, key == "box2d" or box_format.y_first)
        else:
            yield from (
                four
                for inner in value
                if is_four_numbers(inner)
                for four in _corners(inner, key, box_format)
            )


def _around(points: Sequence[Sequence[Json]], y_first: bool) -> Iterator[tuple[float, ...]]:
    """Yield the box around points."""
    first, second = zip(*points, strict=True)
    xs, ys = (second, first) if y_first else (first, second)
    yield min(xs), min(ys), max(xs), max(ys)


# The normalized names of sides, the more specific ones first, and what they measure.
_SIDE_NAMES = (
    ("corner", "xmin", "ymin", "xmax", "ymax"),
    ("corner", "left", "top", "right", "bottom"),
    ("corner", "x1", "y1", "x2", "y2"),
    ("corner", "x0", "y0", "x1", "y1"),
    ("corner", "minx", "miny", "maxx", "maxy"),
    ("corner", "xstart", "ystart", "xend", "yend"),
    ("size", "left", "top", "width", "height"),
    ("size", "x", "y", "width", "height"),
    ("size", "x", "y", "w", "h"),
    ("size", "xmin", "ymin", "width", "height"),
    ("centre", "xcenter", "ycenter", "width", "height"),
    ("centre", "centerx", "centery", "width", "height"),
    ("centre", "cx", "cy", "w", "h"),
)
_SIDES = {name for _, *names in _SIDE_NAMES for name in names}


def _by_sides(entry: JsonObject) -> Iterator[tuple[float, ...]]:
    for kind, *names in _SIDE_NAMES:
        found = [n for n in (read_number(entry.get(name)) for name in names) if n is not None]
        if len(found) == 4:
            a, b, c, d = found
            yield {
                "corner": (a, b, c, d),
                "size": (a, b, a + c, b + d),
                "centre": (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
            }[kind]
            return


def _in_order(a: float, b: float, c: float, d: float) -> tuple[float, float, float, float]:
    return min(a, c), min(b, d), max(a, c), max(b, d)
