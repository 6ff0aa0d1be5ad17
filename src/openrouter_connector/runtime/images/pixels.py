"""The pixels of a picture: decoded no larger than they are needed, upright, and written again."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import IO

from PIL import Image

from .header import Look, opened
from .jpeg_segments import without_told
from .unsupported import UnfitError

LARGEST_PNG = 3_750_000
"""Bytes, from which an opaque PNG becomes a JPEG: some providers take 5 MB of base64 a picture."""

_QUALITY = 90  # of a JPEG
_GAP = 2.0  # times the wanted size, which Pillow may come down to by a coarse step first
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def fitted(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Give the size in the same proportions whose longer side is at most `longest`."""
    scale = min(1.0, longest / max(size))
    width, height = (max(1, round(side * scale)) for side in size)
    return width, height


def changes(seen: Look, size: tuple[int, int]) -> Iterator[str]:
    """Say why a picture cannot be sent as it is, at this size; nothing when it can."""
    yield from _redrawings(seen, size)
    if seen.located:
        yield "its place (GPS) was taken out"


def _redrawings(seen: Look, size: tuple[int, int]) -> Iterator[str]:
    """Say why the pixels of a picture cannot stay what they are."""
    if seen.frames > 1:
        left = seen.frames - 1
        yield f"it is animated: the first frame is sent, and {left} left out"
    if seen.orientation > 1:
        yield "it lies on its side or is mirrored (EXIF): turned upright"
    if seen.mode == "CMYK":
        yield "its colours are CMYK: made RGB"
    if seen.mode.startswith("I"):
        yield "its greys have 16 bits: made 8"
    if size != seen.upright:
        yield "made smaller: {} × {} pixels are sent of {} × {}".format(*size, *seen.upright)
    if not seen.whole:
        yield f"it does not end as a {seen.format} does: written anew"


def decoded(content: IO[bytes], seen: Look, size: tuple[int, int]) -> Image.Image:
    """Give a picture upright in this size, as L, RGB or RGBA. UnfitError when it is damaged."""
    image: Image.Image = opened(content, seen.format)
    width, height = size if seen.orientation < 5 else size[::-1]
    try:
        # A JPEG is decoded at a half, a quarter or an eighth: less time, and less memory.
        drafted = image.draft(None, (round(width * _GAP), round(height * _GAP)))
        image = _plain(image)
        box = drafted[1] if drafted else None
        image = image.resize((width, height), Image.Resampling.LANCZOS, box, _GAP)
    except Exception as error:  # of many kinds: Pillow's plugins trust what they read
        told = f"is a damaged {seen.format}: its pixels cannot be read ({error})"
        raise UnfitError(told) from error
    if image.mode == "RGBA" and image.getchannel("A").getextrema() == (255, 255):
        image = image.convert("RGB")
    # Pillow would write what else it finds there: comments, a transparent colour.
    profile = image.info.get("icc_profile")  # which a text of a PNG may be called as well
    image.info = {"icc_profile": profile} if isinstance(profile, bytes) else {}
    turn = _TURNS.get(seen.orientation)
    return image if turn is None else image.transpose(turn)


def encoded(image: Image.Image, name: str) -> bytes:
    """Write a picture as JPEG or PNG, with its colour profile and nothing else of its file."""
    out = BytesIO()
    profile = image.info.get("icc_profile")
    if name == "JPEG":
        image.save(out, "JPEG", quality=_QUALITY, icc_profile=profile)
    else:
        image.save(out, "PNG", compress_level=3, icc_profile=profile)
    return out.getvalue()


def rewritten(content: IO[bytes], seen: Look, size: tuple[int, int]) -> tuple[str, bytes]:
    """Give the format and the bytes of a picture in this size: a JPEG stays one, others are PNG."""
    if seen.format == "JPEG" and not any(_redrawings(seen, size)):
        content.seek(0)
        if told_less := without_told(content.read()):
            return "JPEG", told_less
    image = decoded(content, seen, size)
    if seen.format == "JPEG":
        return "JPEG", encoded(image, "JPEG")
    written = encoded(image, "PNG")
    if len(written) > LARGEST_PNG and image.mode != "RGBA":
        return "JPEG", encoded(image, "JPEG")
    return "PNG", written


def _plain(image: Image.Image) -> Image.Image:
    """Decode the pixels, and give them 8 bits a channel, without a palette."""
    image.load()
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda grey: grey / 256).convert("L")
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "CMYK":
        image.info.pop("icc_profile", None)  # that of a printer
    return image.convert("L" if image.mode == "1" else "RGB")
