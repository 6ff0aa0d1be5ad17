"""Find the areas of an image that differ from its background, with their boxes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from PIL import Image, ImageChops, ImageFilter

MAX_AREAS = 3
DIFFERENCE = 40
"""By how much a colour channel (0 to 255) must differ from the background."""
JOIN_DISTANCE = 5
"""The size of the filter that joins areas which nearly touch."""
MIN_SHARE = 0.001
"""The share of the image that the box of an area must have."""
RUN = re.compile(rb"\xff+")  # the regex finds runs of set pixels in C, and not pixel by pixel
Colour = tuple[int, int, int]
Pixels = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Area:
    """An area: left, top, right and bottom as shares of 1, and the name of its colour."""

    box: tuple[float, float, float, float]
    colour: str


def find_areas(image: Image.Image, colour_name: Callable[[Colour], str]) -> list[Area]:
    """Return up to three areas that differ from the background of an RGB image, largest first."""
    mask = _difference_mask(image)
    width, height = image.size
    joined = mask.filter(ImageFilter.MaxFilter(JOIN_DISTANCE))
    boxes = [_tighten(box, mask) for box in _boxes(joined)]
    min_size = MIN_SHARE * width * height
    large = sorted((box for box in boxes if _size(box) >= min_size), key=_size, reverse=True)
    return [
        Area(
            (box[0] / width, box[1] / height, box[2] / width, box[3] / height),
            colour_name(_median_colour(image.crop(box), mask.crop(box))),
        )
        for box in large[:MAX_AREAS]
    ]


def _difference_mask(image: Image.Image) -> Image.Image:
    """Return the mask of the pixels that differ from the median colour of the image's edge."""
    edge = Image.new("L", image.size, 255)
    width, height = image.size
    edge.paste(0, (1, 1, max(2, width - 1), max(2, height - 1)))
    background = Image.new("RGB", image.size, _median_colour(image, edge))
    red, green, blue = ImageChops.difference(image, background).split()
    largest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return largest.point([0] * DIFFERENCE + [255] * (256 - DIFFERENCE))


def _median_colour(image: Image.Image, mask: Image.Image) -> Colour:
    """Return the median of each channel under the mask."""
    levels = image.histogram(mask)
    red, green, blue = (_median(levels[start : start + 256]) for start in (0, 256, 512))
    return red, green, blue


def _median(histogram: list[int]) -> int:
    half = sum(histogram) / 2
    return next(level for level, count in enumerate(accumulate(histogram)) if count >= half)


def _boxes(mask: Image.Image) -> Iterator[Pixels]:
    """Yield the boxes of connected areas: union-find over the runs of pixels of each row."""
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
    """Join two areas, and return the label of the joined one."""
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


def _tighten(box: Pixels, mask: Image.Image) -> Pixels:
    """Shrink a box to the original mask, without the margin that the filter has added."""
    left, top, _, _ = box
    inner = mask.crop(box).getbbox() or (0, 0, 0, 0)
    return left + inner[0], top + inner[1], left + inner[2], top + inner[3]


def _size(box: Pixels) -> int:
    return (box[2] - box[0]) * (box[3] - box[1])
