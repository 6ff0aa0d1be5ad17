"""A picture with what was found on it, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from ...errors import FileError
from ...values import FileEntry, JsonObject, LoadedFile
from ..files.store import FileStore
from ..optional import extra
from .prepare import TYPES, decoding, spooled
from .unsupported import UnfitError


async def draw(
    file: LoadedFile,
    boxes: Sequence[JsonObject],
    store: FileStore,
    name: str,
    notes: list[str] | None = None,
) -> FileEntry:
    """Store a copy of a picture with boxes on it: a JPEG as JPEG, any other as PNG.

    `file` is what `prepare` returned, and the copy is of that, at most `LONGEST` pixels wide and
    high. A box is `{class, confidence, pixels: {x, y, width, height}}`: the confidence 0 to 1 or
    None, the pixels those of the upright original. What the user should know of the copy is added
    to `notes`. FileError when the picture is damaged or the copy cannot be stored.
    """
    image = file.image
    if image is None:
        raise ValueError("a picture is made ready before something is drawn on it")
    with extra("vision", {"PIL"}, "Drawing on a picture"):
        from .draw_boxes import drawn
    try:
        async with spooled(file) as content:
            work = partial(drawn, content, boxes, (image.width, image.height))
            copy = await decoding(work, image.sent)
    except UnfitError as error:
        raise FileError(f"{file.entry.name or 'the picture'} {error}") from error
    if notes is not None:
        notes += copy.notes
    extension, mime_type = TYPES[copy.format]
    return await store.put(copy.content, name, mime_type, extension=extension, rescued=notes)
