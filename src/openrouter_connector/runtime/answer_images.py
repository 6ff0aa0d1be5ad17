"""Images beside an answer: those that a model put into it, and a copy with what was found on one.

The answer itself was paid for, and is not lost when such an image cannot be stored: a warning says
so.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import FileError
from ..values import Drawing, FileEntry, JsonObject
from .files.store import FileStore
from .save import store_image


async def store_images(
    urls: Sequence[str], store: FileStore, warnings: list[str]
) -> tuple[FileEntry, ...]:
    """Store the images at these URLs, and return those that could be stored."""
    files = []
    for place, url in enumerate(urls):
        try:
            files.append(await store_image(url, store))
        except FileError as error:
            link = "" if url.startswith("data:") else f" ({url[:300]})"
            warnings.append(f"image {place + 1} could not be stored: {error}{link}")
    if files:
        warnings.append(f"the answer contains images ({len(files)}), listed in metadata.files")
    return tuple(files)


async def drawn(
    drawing: Drawing, output: JsonObject, store: FileStore, warnings: list[str]
) -> tuple[JsonObject, tuple[FileEntry, ...]]:
    """Draw the boxes on a copy of the image; return the output with the copy, and the copy."""
    from .images import draw  # Pillow is heavy, and an extra

    name = f"{Path(drawing.image.entry.name).stem} boxes"
    try:
        copy = await draw(drawing.image, drawing.boxes, store, name, warnings)
    except FileError as error:
        warnings.append(f"the boxes could not be drawn: {error.message}")
        return output, ()
    return {**output, drawing.key: copy.to_json()}, (copy,)
