"""FILE_ENTRY: the store that keeps files, and opens those that parameters name.

FileStore ─┬─ StoreWriter ── FallbackWriter ── UnfinishedFile
           ├─ StoreReader ── download
           └─ StoreLocation: a folder or a bucket
"""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import AsyncIterator, Callable
from functools import partial
from io import BytesIO
from pathlib import Path
from re import sub
from typing import IO, Any

from ...errors import FileError
from ...values import FileEntry, JsonObject, LoadedFile
from . import media_types
from .data_url import decode_data_url
from .location import StoreLocation
from .recognize import recognize
from .store_reader import StoreReader
from .store_writer import StoreWriter

LARGEST_FILE = 512 * 1024 * 1024  # bytes


class FileStore:
    """Files by their content, in a folder or at any URL that fsspec supports (`s3://bucket/prefix`).

    A file is named `name-<hash>.extension`, so the same content is stored once. A file appears
    when it is complete, or not at all.
    """

    def __init__(
        self,
        url: str | Path | None = None,
        *,
        largest: int = LARGEST_FILE,
        allow_private: bool = False,
        **options: Any,
    ) -> None:
        """Use this folder or URL, by default the user's data folder.

        `allow_private` permits http(s) URLs of files in private networks; `options` go to fsspec.
        """
        self.largest = largest
        self.location = StoreLocation(str(url) if url is not None else "", options)
        self._writer = StoreWriter(self.location, largest)
        self._reader = StoreReader(self.location, self._writer, largest, allow_private)

    async def put(
        self,
        source: Path | bytes | AsyncIterator[bytes],
        name: str,
        mime_type: str | None = None,
        *,
        extension: str | None = None,
        header: Callable[[int], bytes] | None = None,
        rescued: list[str] | None = None,
    ) -> FileEntry:
        """Store a file and return its entry.

        `header(size)` returns the bytes that go before the content, once its size is known; they
        must be equally many for every size. Pass a list as `rescued` for a file that was paid for:
        when the store cannot take it, it is kept elsewhere, and a warning that says where is added
        to the list. FileError when the source cannot be read or is too large, StoreError when the
        file could not be kept anywhere.
        """
        entry = await self._writer.put(
            source, name, mime_type, extension=extension, header=header, rescued=rescued
        )
        return entry.kept_in(self)

    async def ready(self) -> None:
        """Raise StoreError when nothing can be stored, before anything is paid for."""
        await self._writer.check()

    async def load(
        self, value: JsonObject, where: str, accept: tuple[str, ...], *, prompt: bool = False
    ) -> LoadedFile:
        """Open a FILE_ENTRY: from this store, a `data:` URL or an http(s) URL.

        An `OwnFile` may be anywhere on this machine. With `accept` or `prompt` the type comes from
        the content first, then from name and MIME type; with `prompt` the text of a text file is
        read too. FileError at `where` when the file is elsewhere, missing or too large, or has a
        type that `accept` does not list. An empty file has no type, so the caller must check that.
        """
        try:
            file = await self._reader.open(media_types.complete_entry(value))
            return await recognize(file, accept, prompt=prompt) if accept or prompt else file
        except FileError as error:
            raise FileError(f"{where}: {error.message}", where) from error

    def entry(self, value: JsonObject | FileEntry) -> FileEntry:
        """Return an entry that knows this store, of the JSON of a FILE_ENTRY."""
        entry = value if isinstance(value, FileEntry) else media_types.complete_entry(value)
        return entry.kept_in(self)

    def open(self, entry: FileEntry) -> IO[bytes]:
        """Open a file that this store wrote, or a `data:` URL. FileError for any other."""
        if entry.url[:5].lower() == "data:":
            return BytesIO(decode_data_url(entry.url))
        key = self.location.key_of(entry.url)
        if key is None:
            raise FileError(f"{entry.name or entry.url} is not in the file store")
        try:
            return self.location.open(key)
        except OSError as error:
            reason = error.strerror or error
            raise FileError(f"{entry.name or key} cannot be read: {reason}") from error

    def path_of(self, entry: FileEntry) -> Path | None:
        """Return the path of a stored file, when the store is a folder on this machine."""
        key = self.location.key_of(entry.url)
        return self.location.path_of(key) if key else None

    def id_of(self, url: str) -> str | None:
        """Return the id of a file that this store wrote; None for any other URL."""
        return self.location.id_of(url)

    def url_of(self, file_id: str) -> str | None:
        """Return the URL of a file by its id; None for an id that no file here can have."""
        # Checked through `id_of`: an id such as `../x` would lead out of the store.
        url = f"{self.location.base_url}/{file_id}"
        return url if self.id_of(url) else None

    async def find(self, file_id: str) -> LoadedFile | None:
        """Return a file that this store wrote, by its id; None when it does not exist."""
        url = self.url_of(file_id)
        if url is None:
            return None
        extension = media_types.extension(None, file_id, None)
        label = sub(r"-[0-9a-f]{32}(?=\.|$)", "", file_id)
        entry = FileEntry(extension, media_types.mime_type(extension), label, url).kept_in(self)
        try:
            size = await to_thread(self.location.size, file_id)
        except OSError:
            return None
        return LoadedFile(entry, size, partial(self._reader.read, file_id))

    async def delete(self, file_id: str) -> None:
        """Delete a file that this store wrote, by its id. FileError if that is not possible."""
        if self.url_of(file_id) is None:
            return
        try:
            await to_thread(self.location.delete, file_id)
        except OSError as error:
            raise FileError(f"{file_id} cannot be deleted: {error.strerror or error}") from error

    def read(self, file_id: str, start: int, size: int) -> AsyncIterator[bytes]:
        """Yield `size` bytes of a file that `find` returned, from a byte on, in chunks."""
        return self._reader.read(file_id, start, size)
