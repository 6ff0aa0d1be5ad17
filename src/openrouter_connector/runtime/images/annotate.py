"""Store a copy of an image with the boxes of an answer drawn on it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...errors import FileError
from ...values import FileEntry, JsonObject, LoadedFile
from ..files.store import FileStore
from ..optional import extra
from .prepare import TYPES, open_seekable, run_decoding
from .unsupported import UnsupportedImage


async def draw(
    file: LoadedFile,
    boxes: Sequence[JsonObject],
    store: FileStore,
    name: str,
    notes: list[str] | None = None,
) -> FileEntry:
    """Store a copy of an image with boxes: a JPEG as JPEG, any other as PNG.

    `file` is what `prepare` returned; the copy is at most 4096 pixels wide and high. A box is
    `{class, confidence, pixels: {x, y, width, height}}`: the confidence is 0 to 1 or None,
    the pixels are those of the upright original. `notes` collects what the user should know about
    the copy. FileError when the image is damaged or the copy cannot be stored.
    """
    image = file.image
    if image is None:
        raise ValueError("an image must be prepared before boxes are drawn on it")
    with extra("vision", {"PIL"}, "Drawing on an image"):
        from .draw_boxes import draw_boxes
    try:
        async with open_seekable(file) as content:
            work = partial(draw_boxes, content, boxes, (image.width, image.height))
            copy = await run_decoding(work, image.sent)
    except UnsupportedImage as error:
        raise FileError(f"{file.entry.name or 'the image'} {error}") from error
    if notes is not None:
        notes += copy.notes
    extension, mime_type = TYPES[copy.format]
    return await store.put(copy.content, name, mime_type, extension=extension, rescued=notes)
