"""Open the file that a FILE_ENTRY names: in the store, on this machine, inline or on the web."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from functools import partial
from pathlib import Path

from ...errors import FileError
from ...values import FileEntry, LoadedFile, OwnFile
from .chunks import read_chunks, read_small_file
from .data_url import decode_data_url
from .location import StoreLocation
from .store_writer import StoreWriter, source_chunks, unreadable


class StoreReader:
    """Opens files. What can be read only once is stored first: a download, a pipe."""

    def __init__(
        self, location: StoreLocation, writer: StoreWriter, largest: int, allow_private: bool
    ) -> None:
        """Open files of at most `largest` bytes; `allow_private` permits private addresses."""
        self._location = location
        self._writer = writer
        self._largest = largest
        self._allow_private = allow_private

    async def open(self, entry: FileEntry) -> LoadedFile:
        """Return a file that can be read. Raises FileError."""
        if isinstance(entry.url, OwnFile):
            return await self._open_own(entry, Path(entry.url))
        # The scheme of a URL has no case.
        if entry.url[:5].lower() == "data:":
            content = decode_data_url(entry.url)
            self._writer.check_size(len(content))
            return LoadedFile.of_bytes(entry, content)
        if key := self._location.key_of(entry.url):
            return await self._open_stored(entry, key)
        if entry.url.startswith(("http://", "https://")):
            return await self._download(entry)
        shown = entry.url if len(entry.url) < 100 else f"{entry.url[:100]}…"
        raise FileError(
            f"{shown!r} is not in the file store; use a stored file, a data: URL or a "
            "public http(s) URL (on the command line: -p name=@path)"
        )

    async def read(self, key: str, start: int = 0, size: int | None = None) -> AsyncIterator[bytes]:
        """Yield a stored file in chunks, from a byte on. Raises FileError."""
        try:
            opener = partial(self._location.open, key)
            async with aclosing(read_chunks(opener, start, size)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except OSError as error:
            raise FileError(f"{key} cannot be read: {error.strerror or error}") from error

    async def _open_stored(self, entry: FileEntry, key: str) -> LoadedFile:
        try:
            path, size, content = await to_thread(self._location.read_small, key)
        except FileNotFoundError as error:
            shown = entry.name or key
            raise FileError(f"{shown} is not in the file store, or not any more") from error
        except OSError as error:
            raise FileError(f"the file store cannot be read: {error.strerror or error}") from error
        self._writer.check_size(size)
        if content is not None:
            return LoadedFile.of_bytes(entry, content, path=path)
        return LoadedFile(entry, size, partial(self.read, key), path=path)

    async def _open_own(self, entry: FileEntry, path: Path) -> LoadedFile:
        try:
            # Read inline: a thread hop costs more than this small read, and a slow disk delays
            # only the caller who named the file.
            size, content = read_small_file(path)
        except OSError as error:
            raise unreadable(path, error) from error
        if size is None:
            # A pipe can be read only once, so it is stored first. Anything else fails there.
            stored = await self._put(path, entry, entry.name, entry.mime_type)
            return await self.open(replace(entry, url=stored.url))
        self._writer.check_size(size)
        if content is not None:
            return LoadedFile.of_bytes(entry, content, path=path)
        return LoadedFile(entry, size, partial(source_chunks, path), path=path)

    async def _download(self, entry: FileEntry) -> LoadedFile:
        from .download import download  # aiohttp is slow to import, and few files are links

        private = self._allow_private
        async with download(entry.url, largest=self._largest, allow_private=private) as found:
            kind = entry.mime_type if entry.extension else found.mime_type
            stored = await self._put(found.chunks, entry, entry.name or "download", kind)
        return await self.open(stored)

    async def _put(
        self, source: Path | AsyncIterator[bytes], entry: FileEntry, name: str, kind: str
    ) -> FileEntry:
        return await self._writer.put(
            source, name, kind, extension=entry.extension, header=None, rescued=None
        )
