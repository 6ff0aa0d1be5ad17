"""What a picture is, told from its header and its last bytes; no pixel is decoded."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from io import SEEK_END
from typing import IO

from PIL.GifImagePlugin import GifImageFile
from PIL.Image import DecompressionBombError, Image
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from .gps import is_located
from .unsupported import UnfitError, refusal

LARGEST = {"JPEG": 200_000_000, "PNG": 100_000_000, "GIF": 100_000_000, "WebP": 64_000_000}
"""Pixels that a picture may have. A JPEG is decoded at a part of its size; each of the others
takes up to 1 GB at its most, a WebP 15 bytes a pixel."""

# Opened by class, not by Image.open: that one warns about the size of large pictures, by a limit
# that belongs to the whole process, and reads on in a JPEG that has another one behind it.
_FORMATS: dict[str, type[ImageFile]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "GIF": GifImageFile,
}
_STARTS = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
_ENDS = {"JPEG": b"\xff\xd9", "PNG": b"\0\0\0\0IEND\xaeB`\x82", "GIF": b"\0;"}
_ORIENTATION = 0x0112
_TURNING = ("exif", "xmp", "Raw profile type exif")  # by Pillow's names of what it found
_TAIL = 4096  # bytes of padding that a file may have


@dataclass(frozen=True, slots=True)
class Look:
    """A picture by its header; `size` is (width, height) in pixels, as the file stores it."""

    format: str
    mode: str
    """The kind of its pixels, as Pillow calls it."""
    size: tuple[int, int]
    orientation: int
    """How it is to be turned, as EXIF numbers it: 1 is upright."""
    located: bool
    """Whether it tells where it was taken."""
    frames: int
    whole: bool
    """Whether it surely ends where it should; only decoding tells of the others."""

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height of the picture as a person sees it."""
        return self.size[::-1] if self.orientation > 4 else self.size


def look(content: IO[bytes]) -> Look:
    """Tell what a picture is. UnfitError when it is none, is broken, or has too many pixels."""
    name = _format(content)
    image = opened(content, name)
    width, height = image.size
    if width * height > LARGEST[name]:
        raise UnfitError(f"has {width} × {height} pixels; {_most(name)}")
    try:
        frames: int = getattr(image, "n_frames", 1)
    except Exception as error:  # a GIF counts them by reading on
        raise UnfitError(f"is a damaged {name}: its frames cannot be read") from error
    whole = _is_whole(content, name)
    located = is_located(content, image, name)
    return Look(name, image.mode, image.size, _orientation(image), located, frames, whole)


def opened(content: IO[bytes], name: str) -> ImageFile:
    """Read the header of a picture of this format. UnfitError when it is damaged."""
    content.seek(0)
    try:
        return _FORMATS[name](content)
    except DecompressionBombError as error:  # a WebP makes room for all frames at once
        raise UnfitError(f"has too many pixels; {_most(name)}") from error
    except Exception as error:  # of many kinds: Pillow's plugins trust what they read
        raise UnfitError(f"is a damaged {name}: its header cannot be read ({error})") from error


def _most(name: str) -> str:
    return f"{LARGEST[name] // 10**6} million are taken of a {name}"


def _format(content: IO[bytes]) -> str:
    content.seek(0)
    head = content.read(512)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    raise UnfitError(refusal(head))


def _orientation(image: ImageFile) -> int:
    if image.info.keys().isdisjoint(_TURNING):
        return 1
    turned = None
    with suppress(Exception):  # what cannot be read does not turn a picture
        # That of a PNG itself would decode the picture to look behind it.
        turned = Image.getexif(image).get(_ORIENTATION)
    return turned if isinstance(turned, int) and 1 <= turned <= 8 else 1


def _is_whole(content: IO[bytes], name: str) -> bool:
    size = content.seek(0, SEEK_END)
    if name == "WebP":
        content.seek(4)
        said = 8 + int.from_bytes(content.read(4), "little")
        return said <= size <= said + 1
    content.seek(max(0, size - _TAIL))
    return content.read().rstrip(b"\0\r\n ").endswith(_ENDS[name])
