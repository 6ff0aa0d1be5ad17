"""Inspect an image without a model: type and size, colours, the areas that stand out.

`read_header` reads the start of the file only; `inspect_image` decodes it, as small as possible,
and caches the result.
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

from ..errors import RefusedRequest, provider_error
from .image_areas import Area, find_areas

MEDIA_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
FORMAT_NAMES = {"WEBP": "WebP"}
TEXT_KEY = "Description"
HEADER_SIZES = (2_048, 16_384, 131_072)
"""Sizes of base64 that usually contain the header: plain, with a colour profile, with Exif.

Decoding the start only is much faster, and most requests need no more than the image's size.
"""
MAX_SIDE = 8000
SMALL_SIDE = 128
"""The longer side of the image that is inspected: a JPEG is decoded at a fraction of its size."""
CACHE_SIZE = 128
Colour = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """The format and the size of an image, and the text that a sandbox embedded in it."""

    format: str
    width: int
    height: int
    text: str | None = None

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {FORMAT_NAMES.get(self.format, self.format)} image"


@dataclass(frozen=True)
class InspectedImage:
    """A decoded image; `small` has few pixels, and what it shows is computed when it is needed."""

    header: ImageHeader
    small: Image.Image = field(repr=False)
    digest: bytes = field(repr=False)

    @cached_property
    def colours(self) -> list[tuple[str, float]]:
        """The names of its colours, the most frequent first, with their shares of 1."""
        counts: Counter[str] = Counter()
        for count, colour in self.small.point(COARSE).getcolors(4096) or ():
            if isinstance(colour, tuple):
                counts[colour_name(colour)] += count
        total = counts.total()
        return [(name, count / total) for name, count in counts.most_common()]

    @cached_property
    def brightness(self) -> str:
        """Whether it is dark or light as a whole, as the end of a sentence."""
        mean = ImageStat.Stat(self.small.convert("L")).mean[0]
        if self.colours[0][0] in ("black", "white"):
            return ""
        return ", dark" if mean < 80 else ", light" if mean > 190 else ""

    @cached_property
    def areas(self) -> list[Area]:
        """The areas that stand out."""
        return find_areas(self.small, colour_name)

    def __str__(self) -> str:
        """Return a caption: `A 640×480 JPEG image, mostly blue, with some red.`"""
        (first, share), *others = self.colours
        most = f"mostly {first}" if share > 0.5 else f"much {first}"
        some = " and ".join(name for name, part in others[:2] if part >= 0.02)
        caption = (
            f"A {self.header}, {most}{f', with some {some}' if some else ''}{self.brightness}."
        )
        text = " ".join((self.header.text or "").split())
        return f"{caption} It says: “{text}”" if text else caption


def read_header(url: str) -> ImageHeader | None:
    """Read the header of an image in a data URL; return None for a link, which is not followed.

    Raises RefusedRequest 400 for an image that real providers refuse too.
    """
    if not url.startswith("data:"):
        return None
    start = url.find(",") + 1
    declared = url[5:start].partition(";")[0].lower()
    if declared not in {*MEDIA_TYPES.values(), "image/jpg"}:
        message = f"{declared} is not one of {', '.join(MEDIA_TYPES.values())}"
        raise provider_error("unsupported_image_format", message)
    for end in (*(start + size for size in HEADER_SIZES), len(url)):
        try:
            with _open(binascii.a2b_base64(url[start:end])) as image:
                return _header(image)
        except (OSError, SyntaxError, ValueError):
            continue  # the header may be longer
    raise _unreadable()


def inspect_image(url: str) -> InspectedImage | None:
    """Inspect an image in a data URL; return None for a link. Raises RefusedRequest 400."""
    if not url.startswith("data:"):
        return None
    encoded = url.partition(",")[2]
    # The digest is the key of the cache, and chooses the guesses in `image_answers`.
    digest = hashlib.sha256(encoded.encode()).digest()
    if (image := _cache.get(digest)) is None:
        try:
            image = _inspect(binascii.a2b_base64(encoded), digest)
        except (OSError, SyntaxError, ValueError):
            raise _unreadable() from None
        _cache[digest] = image
        while len(_cache) > CACHE_SIZE:
            _cache.popitem(last=False)
    return image


_cache: OrderedDict[bytes, InspectedImage] = OrderedDict()


def _open(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=list(MEDIA_TYPES))
    # Pillow warns about images that unpack to gigabytes; real providers refuse them as too large.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large() from None


def _header(image: Image.Image) -> ImageHeader:
    width, height = image.size
    if max(width, height) > MAX_SIDE:
        raise _too_large()
    return ImageHeader(str(image.format), width, height, _embedded_text(image))


def _embedded_text(image: Image.Image) -> str | None:
    """Return the text that a sandbox embedded: in a chunk of a PNG, else as Exif."""
    if image.format == "PNG":
        text = image.info.get(TEXT_KEY)
        return str(text) if text else None
    if "exif" not in image.info:
        return None
    text = image.getexif().get(ExifTags.Base.ImageDescription)
    try:
        return text.encode("latin-1").decode() if text else None  # Pillow reads Exif as Latin-1
    except ValueError:
        return None


def _inspect(data: bytes, digest: bytes) -> InspectedImage:
    with _open(data) as image:
        header = _header(image)
        return InspectedImage(header, _shrink(image), digest)


def _shrink(image: Image.Image) -> Image.Image:
    """Decode an image as a small one on white; a JPEG is decoded small at once."""
    image.draft("RGB", (SMALL_SIDE, SMALL_SIDE))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        layer.thumbnail((SMALL_SIDE, SMALL_SIDE))
        background = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(background, layer).convert("RGB")
    small = image.convert("RGB")
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return small


COARSE = [level // 32 * 32 + 16 for level in range(256)] * 3
"""Maps each channel to eight levels, so that there are few colours to name."""


def colour_name(colour: Colour) -> str:
    """Return the everyday name of a colour."""
    red, green, blue = colour
    return _coarse_name((COARSE[red], COARSE[green], COARSE[blue]))


@cache
def _coarse_name(colour: Colour) -> str:
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


def _unreadable() -> RefusedRequest:
    return provider_error("invalid_image", "could not process an image: it is invalid or broken")


def _too_large() -> RefusedRequest:
    message = f"an image has a side of more than {MAX_SIDE} pixels"
    return provider_error("image_too_large", message)
