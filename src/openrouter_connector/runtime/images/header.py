"""Read what an image is from its header and its last bytes, without decoding pixels."""

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

from .gps import has_gps
from .unsupported import UnsupportedImage, describe_unsupported

LARGEST = {"JPEG": 200_000_000, "PNG": 100_000_000, "GIF": 100_000_000, "WebP": 64_000_000}
"""The most pixels of an image. A JPEG is decoded at a fraction of its size. The others take up to
1 GB of memory at these limits; a WebP takes 15 bytes per pixel."""

# Opened by class and not by Image.open, which warns about large images by a limit of the whole
# process, and which reads on in a JPEG that is followed by another one.
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
_EXIF_KEYS = ("exif", "xmp", "Raw profile type exif")  # where Pillow finds an orientation
_TAIL = 4096  # bytes of padding that a file may have after its end


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the header says; `size` is (width, height) in pixels, as the file stores them."""

    format: str
    mode: str
    """The kind of its pixels, as Pillow names it."""
    size: tuple[int, int]
    orientation: int
    """The orientation as EXIF numbers it; 1 is upright."""
    has_gps: bool
    """Whether it contains the place where it was taken."""
    frames: int
    complete: bool
    """Whether it surely ends where it should. Otherwise only decoding shows that."""

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height as a person sees the image."""
        return self.size[::-1] if self.orientation > 4 else self.size


def read_header(content: IO[bytes]) -> ImageHeader:
    """Return what an image is.

    UnsupportedImage when it is in no supported format, damaged, or has too many pixels.
    """
    name = _format(content)
    image = open_image(content, name)
    width, height = image.size
    # A PNG of 100 kB may hold a billion pixels, which would fill the memory.
    if width * height > LARGEST[name]:
        raise UnsupportedImage(f"has {width} × {height} pixels; {_limit(name)}")
    try:
        frames: int = getattr(image, "n_frames", 1)
    except Exception as error:  # a GIF counts them by reading the file
        raise UnsupportedImage(f"is a damaged {name}: its frames cannot be read") from error
    orientation, gps = _orientation(image), has_gps(content, image, name)
    complete = _is_complete(content, name)
    return ImageHeader(name, image.mode, image.size, orientation, gps, frames, complete)


def open_image(content: IO[bytes], name: str) -> ImageFile:
    """Read the header of an image in this format. UnsupportedImage when it is damaged."""
    content.seek(0)
    try:
        return _FORMATS[name](content)
    except DecompressionBombError as error:  # a WebP allocates memory for all frames at once
        raise UnsupportedImage(f"has too many pixels; {_limit(name)}") from error
    except Exception as error:  # of any class: Pillow's plugins trust what they read
        raise UnsupportedImage(
            f"is a damaged {name}: its header cannot be read ({error})"
        ) from error


def _limit(name: str) -> str:
    return f"the limit for {name} is {LARGEST[name] // 10**6} million"


def _format(content: IO[bytes]) -> str:
    content.seek(0)
    head = content.read(512)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "WebP"
    for start, name in _STARTS.items():
        if head.startswith(start):
            return name
    raise UnsupportedImage(describe_unsupported(head))


def _orientation(image: ImageFile) -> int:
    if image.info.keys().isdisjoint(_EXIF_KEYS):
        return 1
    value = None
    with suppress(Exception):  # an image with unreadable EXIF is taken as upright
        # Not image.getexif(): that of a PNG decodes the pixels to find EXIF after them.
        value = Image.getexif(image).get(_ORIENTATION)
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _is_complete(content: IO[bytes], name: str) -> bool:
    size = content.seek(0, SEEK_END)
    if name == "WebP":
        content.seek(4)
        declared = 8 + int.from_bytes(content.read(4), "little")
        return declared <= size <= declared + 1
    # Some files are padded after their end, with zeros or line breaks.
    content.seek(max(0, size - _TAIL))
    return content.read().rstrip(b"\0\r\n ").endswith(_ENDS[name])
