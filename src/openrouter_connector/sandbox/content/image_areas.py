"""What stands out in a picture: the areas that differ from its ground, with their boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from PIL import Image, ImageChops, ImageFilter

MOST = 3
DIFFERS = 40
"""How far a channel must be from that of the ground, of 255."""
NEAR = 5
"""Areas no farther apart than this many pixels less one are one area."""
SMALLEST = 0.001
"""The share of the picture that the box of an area must have."""
RUN = re.compile(rb"\xff+")
Colour = tuple[int, int, int]
Pixels = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a picture: left, top, right and bottom as shares of 1, and its colour by name."""

    box: tuple[float, float, float, float]
    colour: str


def areas(picture: Image.Image, named: Callable[[Colour], str]) -> list[Area]:
    """Find up to three areas that differ from the ground of an RGB picture, the largest first."""
    mask = _differs(picture)
    width, height = picture.size
    near = mask.filter(ImageFilter.MaxFilter(NEAR))
    boxes = [_tightened(box, mask) for box in _boxes(near)]
    least = SMALLEST * width * height
    large = sorted((box for box in boxes if _size(box) >= least), key=_size, reverse=True)
    return [
        Area(
            (box[0] / width, box[1] / height, box[2] / width, box[3] / height),
            named(_middle(picture.crop(box), mask.crop(box))),
        )
        for box in large[:MOST]
    ]


def _differs(picture: Image.Image) -> Image.Image:
    """Give the mask of what differs from the colour that the edge of the picture has."""
    edge = Image.new("L", picture.size, 255)
    width, height = picture.size
    edge.paste(0, (1, 1, max(2, width - 1), max(2, height - 1)))
    ground = Image.new("RGB", picture.size, _middle(picture, edge))
    red, green, blue = ImageChops.difference(picture, ground).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([0] * DIFFERS + [255] * (256 - DIFFERS))


def _middle(picture: Image.Image, mask: Image.Image) -> Colour:
    """Give the median of each channel where the mask is set."""
    levels = picture.histogram(mask)
    red, green, blue = (_median(levels[start : start + 256]) for start in (0, 256, 512))
    return red, green, blue


def _median(histogram: list[int]) -> int:
    half = sum(histogram) / 2
    return next(level for level, many in enumerate(accumulate(histogram)) if many >= half)


def _boxes(mask: Image.Image) -> Iterator[Pixels]:
    """Join the runs of set pixels that touch from one row to the next, and give their boxes."""
    width, height = mask.size
    data = mask.tobytes()
    boxes: list[Pixels] = []
    parents: list[int] = []
    above: list[tuple[int, int, int]] = []
    for row in range(height):
        runs = []
        for run in RUN.finditer(data, row * width, (row + 1) * width):
            left, right = run.start() - row * width, run.end() - row * width
            label = len(boxes)
            boxes.append((left, row, right, row + 1))
            parents.append(label)
            for start, end, other in above:
                if start <= right and left <= end:
                    label = _join(label, other, boxes, parents)
            runs.append((left, right, label))
        above = runs
    return (box for label, box in enumerate(boxes) if parents[label] == label)


def _join(one: int, other: int, boxes: list[Pixels], parents: list[int]) -> int:
    """Make two areas one, and give its label."""
    one, other = _root(one, parents), _root(other, parents)
    if one != other:
        a, b = boxes[one], boxes[other]
        boxes[other] = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
        parents[one] = other
    return other


def _root(label: int, parents: list[int]) -> int:
    while parents[label] != label:
        parents[label] = label = parents[parents[label]]
    return label


def _tightened(box: Pixels, mask: Image.Image) -> Pixels:
    """Take off what the search for what is near has added around."""
    left, top, _, _ = box
    inner = mask.crop(box).getbbox() or (0, 0, 0, 0)
    return left + inner[0], top + inner[1], left + inner[2], top + inner[3]


def _size(box: Pixels) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
