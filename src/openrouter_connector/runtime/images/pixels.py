"""Decode the pixels of an image, no larger than needed and upright, and encode them again."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO

from PIL import Image

from .header import ImageHeader, open_image
from .jpeg_segments import strip_metadata
from .unsupported import UnsupportedImage

LARGEST_PNG = 3_750_000
"""Bytes above which an opaque PNG becomes a JPEG: some providers limit it to 5 MB of base64."""

_QUALITY = 90  # of a JPEG
_REDUCING_GAP = 2.0  # times the target size, down to which Pillow may scale coarsely and fast
_TRANSPOSITIONS = {  # by EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def fit_size(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return a size of the same proportions whose longer side is at most `longest`."""
    scale = min(1.0, longest / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    return width, height


def list_changes(header: ImageHeader, size: tuple[int, int]) -> Iterator[str]:
    """Yield what must change to send an image at this size; nothing if it is sent unchanged."""
    yield from _pixel_changes(header, size)
    if header.has_gps:
        yield "its place (GPS) was removed"


def _pixel_changes(header: ImageHeader, size: tuple[int, int]) -> Iterator[str]:
    """Yield what must change in the pixels."""
    if header.frames > 1:
        skipped = header.frames - 1
        yield f"it is animated: only the first frame is sent, and {skipped} are left out"
    if header.orientation > 1:
        yield "it is rotated or mirrored (EXIF): turned upright"
    if header.mode == "CMYK":
        yield "its colours are CMYK: converted to RGB"
    if header.mode.startswith("I"):
        yield "it has 16 bits per pixel: reduced to 8"
    if size != header.upright:
        yield "reduced from {} × {} to {} × {} pixels".format(*header.upright, *size)
    if not header.complete:
        yield f"it has no regular {header.format} end: encoded again"


def decode(content: IO[bytes], header: ImageHeader, size: tuple[int, int]) -> Image.Image:
    """Return an image upright, at this size, as L, RGB or RGBA. Raises UnsupportedImage."""
    image: Image.Image = open_image(content, header.format)
    width, height = size if header.orientation < 5 else size[::-1]
    try:
        # A JPEG can be decoded at 1/2, 1/4 or 1/8 of its size, in less time and memory.
        drafted = image.draft(None, (round(width * _REDUCING_GAP), round(height * _REDUCING_GAP)))
        image = _to_8_bits(image)
        box = drafted[1] if drafted else None
        # Scaled before it is turned: fewer pixels move.
        image = image.resize((width, height), Image.Resampling.LANCZOS, box, _REDUCING_GAP)
    except Exception as error:  # of any class: Pillow's plugins trust what they read
        message = f"is a damaged {header.format}: its pixels cannot be read ({error})"
        raise UnsupportedImage(message) from error
    # A channel that hides nothing would make it a PNG, several times the size of a JPEG.
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    # Everything else in `info` would be written too: comments, a transparent colour.
    profile = image.info.get("icc_profile")  # a text chunk of a PNG can have this name too
    image.info = {"icc_profile": profile} if isinstance(profile, bytes) else {}
    transposition = _TRANSPOSITIONS.get(header.orientation)
    return image if transposition is None else image.transpose(transposition)


def encode(image: Image.Image, name: str) -> bytes:
    """Return an image as JPEG or PNG, with its colour profile and no other metadata."""
    out = BytesIO()
    profile = image.info.get("icc_profile")
    if name == "JPEG":
        image.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        image.save(out, "PNG", compress_level=3, icc_profile=profile)
    return out.getvalue()


def rewrite(content: IO[bytes], header: ImageHeader, size: tuple[int, int]) -> tuple[str, bytes]:
    """Return the format and bytes of an image at this size.

    A JPEG stays a JPEG; others become PNG, or JPEG if that would be too large.
    """
    if header.format == "JPEG" and not any(_pixel_changes(header, size)):
        content.seek(0)
        if stripped := strip_metadata(content.read()):
            return "JPEG", stripped
    image = decode(content, header, size)
    if header.format == "JPEG":
        return "JPEG", encode(image, "JPEG")
    png = encode(image, "PNG")
    if len(png) > LARGEST_PNG and image.mode != "RGBA":
        return "JPEG", encode(image, "JPEG")
    return "PNG", png


def _to_8_bits(image: Image.Image) -> Image.Image:
    """Decode the pixels to 8 bits per channel, without a palette."""
    image.load()
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "CMYK":
        image.info.pop("icc_profile", None)  # a printer's, useless for RGB
    return image.convert("L" if image.mode == "1" else "RGB")
