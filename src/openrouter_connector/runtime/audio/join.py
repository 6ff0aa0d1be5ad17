"""Join audio files to one, without encoding them again."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Sequence
from functools import partial

from ...errors import FileError
from ...values import FileEntry, LoadedFile
from ..files import media_types
from ..files.store import FileStore
from ..optional import extra
from .seekable_file import SeekableFile, as_file_errors
from .worker import WorkerThread

# By extension: the format and the start of the codec in it, as FFmpeg names them.
_FORMATS = {
    "mp3": ("mp3", "mp3"),
    "wav": ("wav", "pcm_"),
    "aac": ("adts", "aac"),
    "ogg": ("ogg", "opus"),
}


def check_joinable(extension: str) -> None:
    """Raise FileError when such files cannot be joined, MissingExtraError without the extra."""
    if extension == "pcm":
        return
    if extension not in _FORMATS:
        raise FileError(f"{extension} files cannot be joined; use pcm, {', '.join(_FORMATS)}")
    with extra("audio", {"av", "numpy"}, "Joining audio"):
        from . import remux as remux


async def join_audio(
    files: Sequence[LoadedFile],
    store: FileStore,
    name: str,
    extension: str,
    *,
    rescued: list[str] | None = None,
) -> FileEntry:
    """Join files of one format (mp3, wav, pcm, aac, ogg), and store the result.

    A single file is stored unchanged. Of several, only the audio is kept and not their tags.
    FileError when there is no file, when one is no audio, when they differ in codec, rate or
    channels, or when files of this format cannot be joined. `rescued` as for `FileStore.put`.
    """
    if not files:
        raise FileError("there is no audio to join")
    put = partial(
        store.put, name=name, mime_type=media_types.mime_type(extension), extension=extension,
        rescued=rescued,
    )  # fmt: skip
    # Raw samples have no header, so they can be appended as bytes.
    if len(files) == 1 or extension == "pcm":
        return await put(_chunks(files))
    check_joinable(extension)
    from .remux import Remux

    with as_file_errors():
        joined = await to_thread(SeekableFile)
        remux = Remux(joined, *_FORMATS[extension])
        # One thread for all steps: FFmpeg keeps memory for each thread that used it.
        with WorkerThread(remux.close) as thread:
            for file in files:
                await thread.run(remux.add, await SeekableFile.of(file))
            await thread.run(remux.finish)
    return await put(joined.chunks())


async def _chunks(files: Sequence[LoadedFile]) -> AsyncIterator[bytes]:
    for file in files:
        async for chunk in file.open():
            yield chunk
