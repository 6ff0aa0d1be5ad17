"""The conventions in which models write boxes: which is asked for, and which was meant.

What a model was trained to write it goes on writing, whatever it is asked. So each family is asked
for its own convention, and the others are understood.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from re import findall, search

from ...values import ImageInfo, Json, JsonObject
from .labels import BOXES, add_warning, is_four_numbers, read_number


class Unit(Enum):
    """What a coordinate counts; the value says it to people."""

    FRACTION = "fractions of the width and height"
    PERCENT = "percent of the width and height"
    THOUSANDTH = "thousandths of the width and height"
    PIXEL = "pixels of the picture as it was sent"


@dataclass(frozen=True, slots=True)
class BoxFormat:
    """How a family of models writes a box."""

    key: str
    unit: Unit
    y_first: bool = False

    @property
    def words(self) -> str:
        """Name the four coordinates in their order."""
        x, y = ("y", "x") if self.y_first else ("x", "y")
        return f"[{x}_min, {y}_min, {x}_max, {y}_max]"


# Thousandths, with x first, are what most models were trained on that know boxes at all (GLM-V,
# InternVL, Qwen2-VL and Qwen3-VL), and need no knowledge of how far a provider shrinks a picture.
_USUAL = BoxFormat("box", Unit.THOUSANDTH)
# Found in the name of a model; the first that is found holds. Other servers spell it in their own
# ways: `qwen2.5vl:7b`, `Qwen2_5-VL-7B`, `qwen2p5-vl-32b`, `glm4v:9b`.
_TRAINED = (
    # https://ai.google.dev/gemini-api/docs/image-understanding
    ("gemini", BoxFormat("box_2d", Unit.THOUSANDTH, y_first=True)),
    # https://github.com/QwenLM/Qwen3-VL/issues/866 and /issues/1741: pixels in 2.5 alone
    (r"qwen[-_]?2[._p]?5[-_]?vl|ui[-_]tars", BoxFormat("bbox_2d", Unit.PIXEL)),
    (r"qwen|glm.*v|internvl", BoxFormat("bbox_2d", Unit.THOUSANDTH)),
)


def box_format_of(model: str) -> BoxFormat:
    """Give the convention that a model is asked for."""
    found = (one for slug, one in _TRAINED if search(slug, model.casefold()))
    return next(found, _USUAL)


@dataclass(frozen=True, slots=True)
class RawBox:
    """A box as it was written: where, its corners in a unit that is not known yet."""

    key: str
    corners: tuple[float, float, float, float]
    percent: bool = False
    """Whether it says so itself."""

    @property
    def has_area(self) -> bool:
        """Whether it is wider and higher than nothing."""
        left, top, right, bottom = self.corners
        return left < right and top < bottom


@dataclass(frozen=True, slots=True)
class LocatedBox:
    """A box inside a picture, in whole pixels of the upright original and relative to it."""

    pixels: tuple[int, int, int, int]
    relative: tuple[float, float, float, float]

    def to_json(self) -> JsonObject:
        """Give `pixels` and `relative`, each `{x, y, width, height}` from the upper left corner."""
        return {"pixels": _sized(*self.pixels), "relative": _sized(*self.relative)}


def find_boxes(thing: JsonObject, convention: BoxFormat) -> list[RawBox]:
    """Find the boxes of a thing by the clearest of its keys, with swapped corners put right."""
    sides = {name: told for name, told in thing.items() if name in _SIDES}
    held = [(key, thing[key]) for key in BOXES if key in thing] + [("", sides)]
    for key, value in held:
        if corners := list(_corners(value, key, convention)):
            percent = "%" in str(value)
            return [RawBox(key, _upright(*four), percent) for four in corners]
    return []


def detect_unit(boxes: Sequence[RawBox], convention: BoxFormat, image: ImageInfo) -> Unit:
    """Judge the unit of an answer, once for all its boxes.

    1. What says percent is percent. What never exceeds 1 is a fraction: no other unit is as small.
    2. Numbers up to 100 with decimals are percent, since the others are whole numbers.
    3. The key tells: `box_2d` thousandths, and `bbox` or `bbox_2d` pixels, if the model is of no
       family that is known to write otherwise. Any other key is believed to follow what was asked.
    4. Unless only the other of those two units lets the boxes lie within the picture.
    """
    boxes = [box for box in boxes if box.has_area]
    numbers = [n for box in boxes for n in box.corners]
    if not numbers:
        return convention.unit
    if any(box.percent for box in boxes):
        return Unit.PERCENT
    if max(numbers) <= _FRACTIONS_END:
        return Unit.FRACTION
    if max(numbers) <= 100 and any(n % 1 for n in numbers):
        return Unit.PERCENT
    told = _told_by(boxes[0].key, convention)
    other = Unit.THOUSANDTH if told is Unit.PIXEL else Unit.PIXEL
    if _reach(boxes, told, image) > _BEYOND >= _reach(boxes, other, image):
        return other
    return told


# A fraction may overshoot a little, and so may a box of any unit.
_FRACTIONS_END, _BEYOND = 1.5, 1.05
_NOTICED = 0.005
"""What share of the picture a box may reach beyond it without a word."""


def locate_boxes(
    boxes: Sequence[RawBox], convention: BoxFormat, image: ImageInfo, warnings: list[str]
) -> list[LocatedBox | None]:
    """Put boxes into the picture, clipped; None for one outside, or without area."""
    if not boxes:
        return []
    unit = detect_unit(boxes, convention, image)
    if unit is not convention.unit:
        add_warning(warnings, f"the boxes were read as {unit.value}, by how they were written")
    width, height = _size(unit, image)
    found: list[LocatedBox | None] = []
    for box in boxes:
        left, top, right, bottom = box.corners
        wanted = (left / width, top / height, right / width, bottom / height)
        found.append(_box(wanted, image))
        if found[-1] and (min(wanted) < -_NOTICED or max(wanted) > 1 + _NOTICED):
            add_warning(warnings, "what of a box lay outside the picture was clipped")
    return found


def _told_by(key: str, convention: BoxFormat) -> Unit:
    if key == "box2d":
        return Unit.THOUSANDTH
    if key in ("bbox", "bbox2d") and convention is _USUAL:
        return Unit.PIXEL
    return convention.unit


def _reach(boxes: Sequence[RawBox], unit: Unit, image: ImageInfo) -> float:
    """Give how far to the right and down the boxes reach, 1 being the edge."""
    width, height = _size(unit, image)
    return max(max(box.corners[2] / width, box.corners[3] / height) for box in boxes)


def _size(unit: Unit, image: ImageInfo) -> tuple[int, int]:
    """Give the width and height of the picture in a unit."""
    if unit is Unit.PIXEL:
        return image.sent
    return {Unit.FRACTION: (1, 1), Unit.PERCENT: (100, 100), Unit.THOUSANDTH: (1000, 1000)}[unit]


def _box(wanted: tuple[float, ...], image: ImageInfo) -> LocatedBox | None:
    """Round a box, each corner by itself, so that both of its faces lie inside and agree."""
    left, top, right, bottom = (min(max(one, 0.0), 1.0) for one in wanted)
    wide, high = image.width, image.height
    pixels = (round(left * wide), round(top * high), round(right * wide), round(bottom * high))
    relative = (round(left, 4), round(top, 4), round(right, 4), round(bottom, 4))
    has_area = all(a < c and b < d for a, b, c, d in (pixels, relative))
    return LocatedBox(pixels, relative) if has_area else None


def _sized(left: float, top: float, right: float, bottom: float) -> JsonObject:
    width, height = round(right - left, 4), round(bottom - top, 4)
    return {"x": left, "y": top, "width": width, "height": height}


def _corners(value: Json, key: str, convention: BoxFormat) -> Iterator[tuple[float, ...]]:
    """Give the corners of one box or of several: four numbers, two points or more, named sides."""
    if isinstance(value, str):
        value = findall(r"-?\d+(?:\.\d+)?", value[:200])
    if isinstance(value, dict):
        yield from _named({str(k).replace("_", "").casefold(): v for k, v in value.items()})
    elif is_four_numbers(value):
        a, b, c, d = (read_number(n) or 0.0 for n in value)
        yield (b, a, d, c) if key == "box2d" or convention.y_first else (a, b, c, d)
    elif isinstance(value, list):
        points = [
            tuple(read_number(n) for n in point) for point in value if isinstance(point, list)
        ]
        if len(value) == len(points) > 1 and all(len(p) == 2 and None not in p for p in points):
            yield from _around(points, key == "box2d" or convention.y_first)
        else:
            yield from (
                four
                for inner in value
                if is_four_numbers(inner)
                for four in _corners(inner, key, convention)
            )


def _around(points: Sequence[Sequence[Json]], y_first: bool) -> Iterator[tuple[float, ...]]:
    """Give the box around points."""
    first, second = zip(*points, strict=True)
    xs, ys = (second, first) if y_first else (first, second)
    yield min(xs), min(ys), max(xs), max(ys)


# Names of sides, normalised, the fuller ones first: what the first two say, what the others.
_FORMS = (
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
_SIDES = {name for _, *names in _FORMS for name in names}


def _named(thing: JsonObject) -> Iterator[tuple[float, ...]]:
    for form, *names in _FORMS:
        found = [n for n in (read_number(thing.get(name)) for name in names) if n is not None]
        if len(found) == 4:
            a, b, c, d = found
            yield {
                "corner": (a, b, c, d),
                "size": (a, b, a + c, b + d),
                "centre": (a - c / 2, b - d / 2, a + c / 2, b + d / 2),
            }[form]
            return


def _upright(a: float, b: float, c: float, d: float) -> tuple[float, float, float, float]:
    return min(a, c), min(b, d), max(a, c), max(b, d)
