"""What can be seen in a picture without a model: its type and size, its colours, what stands out.

A glance reads the head of the file; a look decodes it, as small as it may be, and is kept.
"""

from __future__ import annotations

import binascii
import colorsys
import hashlib
import io
from collections import Counter, OrderedDict
from dataclasses import dataclass, field
from functools import cache, cached_property

from PIL import ExifTags, Image, ImageStat

from ..errors import Refusal, provider_refused
from .image_areas import Area, areas

FORMS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
NAMES = {"WEBP": "WebP"}
CARRIED = "Description"
HEADS = (2_048, 16_384, 131_072)
"""How much base64 may hold the head of a picture: plain, with a colour profile, with Exif."""
LARGEST_SIDE = 8000
LOOKED_AT = 128
"""The longer side, in pixels, of what is looked at: a JPEG of 1024 is decoded at an eighth."""
LOOKS_KEPT = 128
Colour = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Glance:
    """What the head of a picture says; `says` is the text that a picture of a sandbox carries."""

    form: str
    width: int
    height: int
    says: str | None = None

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {NAMES.get(self.form, self.form)} picture"


@dataclass(frozen=True)
class Look:
    """What a picture shows, found out when it is asked for; `small` is it in few pixels."""

    glance: Glance
    small: Image.Image = field(repr=False)
    digest: bytes = field(repr=False)

    @cached_property
    def colours(self) -> list[tuple[str, float]]:
        """The names of its colours, the most seen first, with their shares of 1."""
        found: Counter[str] = Counter()
        for many, colour in self.small.point(COARSE).getcolors(4096) or ():
            if isinstance(colour, tuple):
                found[named(colour)] += many
        whole = found.total()
        return [(name, many / whole) for name, many in found.most_common()]

    @cached_property
    def light(self) -> str:
        """Whether it is dark or light as a whole, as the end of a sentence."""
        mean = ImageStat.Stat(self.small.convert("L")).mean[0]
        if self.colours[0][0] in ("black", "white"):
            return ""
        return ", dark" if mean < 80 else ", light" if mean > 190 else ""

    @cached_property
    def areas(self) -> list[Area]:
        """What stands out in it."""
        return areas(self.small, named)

    def __str__(self) -> str:
        """Give a caption: `A 640×480 JPEG picture, mostly blue, with some red.`"""
        (first, share), *others = self.colours
        most = f"mostly {first}" if share > 0.5 else f"much {first}"
        some = " and ".join(name for name, part in others[:2] if part >= 0.02)
        text = f"A {self.glance}, {most}{f', with some {some}' if some else ''}{self.light}."
        says = " ".join((self.glance.says or "").split())
        return f"{text} It says: “{says}”" if says else text


def glance(url: str) -> Glance | None:
    """Read the head of a picture in a data URL; None for a link, which is not followed.

    Raises Refusal 400 for what no model would take.
    """
    if not url.startswith("data:"):
        return None
    start = url.find(",") + 1
    declared = url[5:start].partition(";")[0].lower()
    if declared not in {*FORMS.values(), "image/jpg"}:
        told = f"{declared} is not one of {', '.join(FORMS.values())}"
        raise provider_refused("unsupported_image_format", told)
    for end in (*(start + head for head in HEADS), len(url)):
        try:
            with _opened(binascii.a2b_base64(url[start:end])) as image:
                return _glance(image)
        except (OSError, SyntaxError, ValueError):
            continue  # the head may be longer
    raise _unreadable()


def look(url: str) -> Look | None:
    """Look at a picture in a data URL; None for a link. Raises Refusal 400."""
    if not url.startswith("data:"):
        return None
    encoded = url.partition(",")[2]
    digest = hashlib.sha256(encoded.encode()).digest()
    if (found := _looks.get(digest)) is None:
        try:
            found = _look(binascii.a2b_base64(encoded), digest)
        except (OSError, SyntaxError, ValueError):
            raise _unreadable() from None
        _looks[digest] = found
        while len(_looks) > LOOKS_KEPT:
            _looks.popitem(last=False)
    return found


_looks: OrderedDict[bytes, Look] = OrderedDict()


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=list(FORMS))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None


def _glance(image: Image.Image) -> Glance:
    width, height = image.size
    if max(width, height) > LARGEST_SIDE:
        raise _too_large()
    return Glance(str(image.format), width, height, _carried(image))


def _carried(image: Image.Image) -> str | None:
    """Give the text that a picture of a sandbox carries: in a chunk of a PNG, else as Exif."""
    if image.format == "PNG":
        text = image.info.get(CARRIED)
        return str(text) if text else None
    if "exif" not in image.info:
        return None
    text = image.getexif().get(ExifTags.Base.ImageDescription)
    try:
        return text.encode("latin-1").decode() if text else None  # Pillow reads Exif as Latin-1
    except ValueError:
        return None


def _look(data: bytes, digest: bytes) -> Look:
    with _opened(data) as image:
        seen = _glance(image)
        return Look(seen, _small(image), digest)


def _small(image: Image.Image) -> Image.Image:
    """Decode a picture as a small one on white ground; a JPEG is decoded at an eighth at once."""
    image.draft("RGB", (LOOKED_AT, LOOKED_AT))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        whole = image.convert("RGBA")
        whole.thumbnail((LOOKED_AT, LOOKED_AT))
        ground = Image.new("RGBA", whole.size, "white")
        return Image.alpha_composite(ground, whole).convert("RGB")
    small = image.convert("RGB")
    small.thumbnail((LOOKED_AT, LOOKED_AT))
    return small


COARSE = [level // 32 * 32 + 16 for level in range(256)] * 3
"""Eight levels of each channel, so that there are few colours to name."""


def named(colour: Colour) -> str:
    """Give the everyday name of a colour."""
    red, green, blue = colour
    return _coarsely_named((COARSE[red], COARSE[green], COARSE[blue]))


@cache
def _coarsely_named(colour: Colour) -> str:
    red, green, blue = (part / 255 for part in colour)
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.2:
        return "black"
    if saturation < 0.16:
        return "white" if value > 0.8 else "grey"
    degrees = hue * 360
    if 15 <= degrees < 48 and value < 0.65:
        return "brown"
    return next(name for end, name in HUES if degrees < end)


HUES = (
    *((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (195, "turquoise")),
    *((255, "blue"), (290, "purple"), (345, "pink"), (361, "red")),
)


def _unreadable() -> Refusal:
    return provider_refused("invalid_image", "could not process an image: it is none, or broken")


def _too_large() -> Refusal:
    told = f"an image has more than the {LARGEST_SIDE} pixels that a side may have"
    return provider_refused("image_too_large", told)
