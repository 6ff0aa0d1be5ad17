"""Images for tests: encoded by Pillow, and loaded as an action loads them."""

from __future__ import annotations

import asyncio
import struct
from base64 import b64encode
from io import BytesIO
from typing import Any
from zlib import crc32

from PIL import Image

from openrouter_connector import FileStore
from openrouter_connector.runtime.images import prepare
from openrouter_connector.values import ImageInfo, LoadedFile

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
"""A PNG of one pixel, in base64."""
WHERE = "images[0]"
ORIENTATION = 0x0112
TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "GIF": "image/gif"}


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return an image that cannot be compressed."""
    bands = [Image.effect_noise((width, height), 90) for _ in Image.new(mode, (1, 1)).getbands()]
    return Image.merge(mode, bands)


def ramp(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return an image whose four corners differ."""
    down = Image.linear_gradient("L").resize((width, height))
    right = Image.linear_gradient("L").rotate(90).resize((width, height))
    return Image.merge("RGB", (down, right, Image.new("L", (width, height), 90))).convert(mode)


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", crc32(name + data))


def segment(kind: int, data: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, kind, len(data) + 2) + data


def turned(orientation: int) -> Image.Exif:
    """Return EXIF with this orientation."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def written(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """Return an image as the bytes of a file."""
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def loaded(content: bytes, name: str = "", mime_type: str = "", extension: str = "") -> LoadedFile:
    """Load a file as it is in the parameters of an action."""
    url = f"data:{mime_type};base64,{b64encode(content).decode()}"
    entry = {"extension": extension, "mimeType": mime_type, "name": name, "url": url}
    return asyncio.run(FileStore().load(entry, WHERE, ()))


def ready(content: bytes, longest: int = 2048, **called: str) -> LoadedFile:
    """Load an image and prepare it."""
    return asyncio.run(prepare(loaded(content, **called), longest, WHERE))


def content(file: LoadedFile) -> bytes:
    """Read a file."""

    async def read() -> bytes:
        return b"".join([chunk async for chunk in file.open()])

    return asyncio.run(read())


def pixels(file: LoadedFile) -> Image.Image:
    """Decode what is sent, all of it."""
    image = Image.open(BytesIO(content(file)))
    image.load()
    return image


def known(file: LoadedFile) -> ImageInfo:
    """Return what is known of a prepared image."""
    assert file.image is not None
    return file.image
