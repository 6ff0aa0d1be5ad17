"""Sounds put together to one file, without encoding them again."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Sequence
from functools import partial

from ...errors import FileError
from ...values import FileEntry, LoadedFile
from ..files import media_types
from ..files.store import FileStore
from ..optional import extra
from .seekable_file import Spool, told
from .worker import Thread

# By extension: the format and the codec in it, as FFmpeg calls them.
_FORMS = {
    "mp3": ("mp3", "mp3"),
    "wav": ("wav", "pcm_"),
    "aac": ("adts", "aac"),
    "ogg": ("ogg", "opus"),
}


def check_joinable(extension: str) -> None:
    """Raise FileError when such files cannot be joined, MissingExtraError without the extra."""
    if extension == "pcm":
        return
    if extension not in _FORMS:
        raise FileError(f"{extension} files cannot be joined; take pcm, {', '.join(_FORMS)}")
    with extra("audio", {"av", "numpy"}, "Joining sounds"):
        from . import remux as remux


async def joined(
    files: Sequence[LoadedFile],
    store: FileStore,
    name: str,
    extension: str,
    *,
    rescued: list[str] | None = None,
) -> FileEntry:
    """Store sounds of one kind (mp3, wav, pcm, aac, ogg) as one that plays them in turn.

    A single one is stored as it is, tags and all; of several only the sound is kept. FileError
    when there is none, when one of them is no sound, when they differ in codec, rate or channels,
    or when files of this kind cannot be joined. `rescued` as for `FileStore.put`.
    """
    if not files:
        raise FileError("there is no sound to join")
    put = partial(
        store.put, name=name, mime_type=media_types.mime_type(extension), extension=extension,
        rescued=rescued,
    )  # fmt: skip
    if len(files) == 1 or extension == "pcm":
        return await put(_chunks(files))
    check_joinable(extension)
    from .remux import Remux

    with told():
        whole = await to_thread(Spool)
        remux = Remux(whole, *_FORMS[extension])
        with Thread(remux.close) as thread:
            for file in files:
                await thread.do(remux.add, await Spool.of(file))
            await thread.do(remux.finish)
    return await put(whole.chunks())


async def _chunks(files: Sequence[LoadedFile]) -> AsyncIterator[bytes]:
    for file in files:
        async for chunk in file.open():
            yield chunk
