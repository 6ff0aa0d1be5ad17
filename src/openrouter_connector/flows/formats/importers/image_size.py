"""Sizes of images in pixels, as other APIs take them: here they are an aspect ratio."""

from __future__ import annotations

import re

from ....values import Json
from ..expressions.template import read_template
from .parameters import Parameters

_TIERS = ("0.5K", "1K", "2K", "4K")
_RATIOS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9")
_PIXELS = re.compile(r"(?:\w*_)?(\d{1,6})x(\d{1,6})")  # also ByteChef's DALL_E_3_1792x1024


def read_size(size: Json, parameters: Parameters) -> None:
    """Add the aspect ratio, or the tier, of a size such as `1792x1024`; report any other."""
    pixels = _PIXELS.fullmatch(size) if isinstance(size, str) else None
    if size in (None, "", "auto"):
        if size is not None:
            parameters.note_converted("size", "the size is the model's own, as by default")
    elif size in _TIERS:
        parameters.values["size"] = size
        parameters.fixes.kept(parameters.source_of("size"), parameters.at("size"), "size")
    elif pixels and int(pixels[1]) and int(pixels[2]):
        _add_ratio(int(pixels[1]), int(pixels[2]), "size", parameters)
    else:
        _leave("size", f"the size {size!r}", size, parameters)


def read_width_and_height(width: Json, height: Json, parameters: Parameters) -> None:
    """Add the aspect ratio of two numbers of pixels; report them if one is missing or no number."""
    across, down = _number(width), _number(height)
    if across and down:
        _add_ratio(across, down, "width", parameters)
        return
    for name, value in (("width", width), ("height", height)):
        if value is not None:
            _leave(name, f"the {name} {value!r}", value, parameters)


def _add_ratio(width: int, height: int, source: str, parameters: Parameters) -> None:
    ratio = _nearest_ratio(width, height)
    parameters.values["aspectRatio"] = ratio
    parameters.converted("aspectRatio", f"{width}x{height} is now {ratio}", source)


def _leave(name: str, what: str, value: Json, parameters: Parameters) -> None:
    is_dynamic = isinstance(value, str) and read_template(value).is_dynamic
    why = "is known only when the flow runs" if is_dynamic else "is no size in pixels"
    if name != "size" and not is_dynamic:
        why = "alone makes no size"
    parameters.choose("aspectRatio", f"{what} {why}; choose an aspect ratio", name)


def _number(value: Json) -> int:
    """Return a number of pixels; 0 for any other value."""
    if isinstance(value, int) and not isinstance(value, bool):
        return max(value, 0)
    return int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,6}", value) else 0


def _nearest_ratio(width: int, height: int) -> str:
    """Return the aspect ratio of the form that is nearest to a size in pixels."""

    def distance(ratio: str) -> float:
        across, down = map(int, ratio.split(":"))
        return abs(width / height - across / down)

    return min(_RATIOS, key=distance)
