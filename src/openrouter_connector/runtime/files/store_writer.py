"""Write files to the store: under the hash of their content, complete or not at all."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from pathlib import Path
from re import sub
from typing import Any

from ...errors import FileError, StoreError
from ...values import FileEntry
from . import media_types
from .chunks import read_chunks
from .fallback_writer import Destination, FallbackWriter
from .location import StoreLocation
from .temporary_folder import temporary_folder


class StoreWriter:
    """Writes files to one location; when that fails, files that must be kept go elsewhere."""

    def __init__(self, location: StoreLocation, largest: int) -> None:
        """Write to this location, and refuse files of more than `largest` bytes."""
        self._location = location
        self._largest = largest

    async def put(
        self,
        source: Path | bytes | AsyncIterator[bytes],
        name: str,
        mime_type: str | None,
        *,
        extension: str | None,
        header: Callable[[int], bytes] | None,
        rescued: list[str] | None,
    ) -> FileEntry:
        """Store a file, as `FileStore.put` describes."""
        extension = media_types.extension(extension, name, mime_type)
        # A name of dots alone would be a hidden file, or the folder above.
        label = Path(name).stem.strip(". ") or "file"
        # The name comes from outside, and becomes part of a path and of a URL.
        stem = sub(r"[^\w.-]+", "-", label).strip(".-")[:50] or "file"
        destinations = self._destinations(elsewhere=rescued is not None)
        try:
            async with (
                aclosing(source_chunks(source)) as chunks,
                FallbackWriter(destinations) as writer,
            ):
                await self._copy(chunks, header, writer)
                _, url = await writer.keep(
                    lambda digest: f"{stem}-{digest}" + (f".{extension}" if extension else "")
                )
        except OSError as error:
            raise self._store_error(error) from error
        kind = mime_type or media_types.mime_type(extension)
        # The destination in memory knows the bytes and not their type.
        if url.startswith("data:;"):
            url = f"data:{kind}{url.removeprefix('data:')}"
        shown = f"{label}.{extension}" if extension else label
        entry = FileEntry(extension, kind, shown, url)
        elsewhere = not url.startswith(f"{self._location.base_url}/")
        if rescued is not None and writer.fault and elsewhere:
            rescued.append(f"{self._store_error(writer.fault).message}; {_where_kept(entry)}")
        return entry

    async def check(self) -> None:
        """Raise StoreError when the store cannot be written."""
        try:
            async with FallbackWriter(self._destinations()) as writer:
                await writer.write(b"\0")  # a full disk still creates empty files
        except OSError as error:
            raise self._store_error(error) from error

    def check_size(self, size: int) -> None:
        """Raise FileError for a file of more bytes than the store takes."""
        if size > self._largest:
            raise FileError(f"the file is larger than {self._largest // 1024**2} MB")

    async def _copy(
        self,
        chunks: AsyncIterator[bytes],
        header: Callable[[int], bytes] | None,
        writer: FallbackWriter,
    ) -> None:
        if header:
            await writer.write(header(0))  # reserves its bytes: the size is known at the end only
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            self.check_size(size)
            await writer.write(chunk)
        if header:
            await writer.write(header(size), offset=0)

    def _destinations(self, *, elsewhere: bool = False) -> Iterator[Destination]:
        """Yield where a new file can go: the store, then other places for what must be kept."""
        store = Destination.folder(self._location.writable_folder)
        if self._location.is_local:
            yield store
            yield store  # creates the folder again if it was deleted while the file was written
        else:
            yield Destination(store.create, self._upload)
        if elsewhere:
            yield Destination.folder(temporary_folder)
            yield Destination.memory()

    def _upload(self, file: Any, name: str) -> str:
        return self._location.upload(file, name)

    def _store_error(self, error: OSError) -> StoreError:
        reason = error.strerror or error
        return StoreError(
            f"the file store cannot be written: {self._location.root}: {reason}; free some space, "
            "or choose another place with --output DIR, OPENROUTER_CONNECTOR_FILES or `files`"
        )


async def source_chunks(source: Path | bytes | AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    """Yield the bytes of a source in chunks. Raises FileError when it cannot be read."""
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        try:
            async with aclosing(read_chunks(lambda: source.open("rb"))) as chunks:
                async for chunk in chunks:
                    yield chunk
        except OSError as error:
            raise unreadable(source, error) from error
    else:
        try:
            async for chunk in source:
                yield chunk
        except OSError as error:
            raise FileError(f"the source cannot be read: {error.strerror or error}") from error


def unreadable(path: Path, error: OSError) -> FileError:
    """Return the error for a file of the user that cannot be read."""
    return FileError(f"{path} cannot be read: {error.strerror or error}")


def _where_kept(entry: FileEntry) -> str:
    """Describe where a file is that the store could not take."""
    if entry.url.startswith("data:"):
        return f"{entry.name} is in the result itself, as a data: URL; save it"
    return f"{entry.name} was saved in the temporary folder instead ({entry.url}); move it"
