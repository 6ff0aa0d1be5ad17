"""FILE_ENTRY: the store that holds the bytes, and what may be read from elsewhere."""

from __future__ import annotations

import os
from asyncio import to_thread
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from re import fullmatch, sub
from typing import IO, Any

from ...errors import FileError, StoreError
from ...values import FileEntry, JsonObject, LoadedFile, OwnFile
from . import media_types
from .chunks import SMALL, pieces, readable, regular_file
from .data_url import decoded
from .fallback_writer import Folder, Writing
from .recognize import fitting
from .unfinished import is_own, sweep, temporary_folder, temporary_path

LARGEST_FILE = 512 * 1024 * 1024  # bytes
_ID = r".+-[0-9a-f]{32}(\.[\w.-]+)?"


class FileStore:
    """Files by their content, in a folder or at any URL that fsspec knows (`s3://bucket/prefix`).

    A file is called `name-<hash>.extension`, so the same content is stored once, and the URL of
    one tells where it came from. It appears whole or not at all.
    """

    def __init__(
        self,
        url: str | Path | None = None,
        *,
        largest: int = LARGEST_FILE,
        allow_private: bool = False,
        **options: Any,
    ) -> None:
        """Use this place, by default the user's data folder.

        `allow_private` lets http(s) URLs of files lead into private networks; `options` go to
        fsspec.
        """
        self._url = str(url) if url is not None else ""
        self._options = options
        self.largest = largest
        self._allow_private = allow_private
        self._swept = False

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
        """Store a file and give its entry.

        `header(size)` makes what goes before the content, once the size of it is known; it has
        the same length for every size. With `rescued`, for what was paid for, a file that the store
        does not take is kept elsewhere, and this list says where. FileError when the source cannot
        be read or is too large, StoreError when nothing takes the file.
        """
        extension = media_types.extension(extension, name, mime_type)
        label = Path(name).stem.strip(". ") or "file"
        stem = sub(r"[^\w.-]+", "-", label).strip(".-")[:50] or "file"
        places = self._places(elsewhere=rescued is not None)
        try:
            async with aclosing(_chunks(source)) as chunks, Writing(places) as writing:
                await self._copy(chunks, header, writing)
                _, url = await writing.keep(
                    lambda digest: f"{stem}-{digest}" + (f".{extension}" if extension else "")
                )
        except OSError as error:
            raise self._unwritable(error) from error
        shown = f"{label}.{extension}" if extension else label
        kind = mime_type or media_types.mime_type(extension)
        if url.startswith("data:;"):
            url = f"data:{kind}{url.removeprefix('data:')}"
        entry = FileEntry(extension, kind, shown, url)
        if rescued is not None and writing.fault and not url.startswith(f"{self._base}/"):
            rescued.append(f"{self._unwritable(writing.fault).message}; {_kept(entry)}")
        return entry

    async def ready(self) -> None:
        """Raise StoreError when nothing can be stored, before something is paid for."""
        try:
            async with Writing(self._places()) as writing:
                await writing.write(b"\0")  # a full disk still takes names
        except OSError as error:
            raise self._unwritable(error) from error

    async def load(
        self, value: JsonObject, where: str, accept: tuple[str, ...], *, prompt: bool = False
    ) -> LoadedFile:
        """Make the bytes of a FILE_ENTRY readable: of this store, a `data:` or an http(s) URL.

        An `OwnFile` may lie anywhere. With `accept` or for a `prompt` its content says what a file
        is, before its name and type; for a `prompt` a text file is read as well. FileError when it
        is elsewhere, gone, too large, and then also when it is empty, or nothing that is accepted.
        """
        try:
            file = await self._locate(media_types.normal(value))
            return await fitting(file, accept, prompt=prompt) if accept or prompt else file
        except FileError as error:
            raise FileError(f"{where}: {error.message}", where) from error

    def path_of(self, entry: FileEntry) -> Path | None:
        """Give the path of a stored file, when the store is a folder of this machine."""
        key = self._key(entry.url)
        return self._path(key) if key else None

    def id_of(self, url: str) -> str | None:
        """Give the id of a file that this store made, from its URL; None for any other URL."""
        key = self._key(url)
        return key if key and fullmatch(_ID, key) else None

    def url_of(self, file_id: str) -> str | None:
        """Give the URL of a file by its id; None when nothing here can have that id."""
        url = f"{self._base}/{file_id}"
        return url if self.id_of(url) else None

    async def find(self, file_id: str) -> LoadedFile | None:
        """Give a file that this store made, by its id; None when there is none."""
        url = self.url_of(file_id)
        if url is None:
            return None
        extension = media_types.extension(None, file_id, None)
        label = sub(r"-[0-9a-f]{32}(?=\.|$)", "", file_id)
        entry = FileEntry(extension, media_types.mime_type(extension), label, url)
        try:
            size = await to_thread(self._size, file_id)
        except OSError:
            return None
        return LoadedFile(entry, size, partial(self._read, file_id))

    def read(self, file_id: str, start: int, size: int) -> AsyncIterator[bytes]:
        """Give a part of a file that `find` gave, from a byte on, in pieces."""
        return self._read(file_id, start, size)

    async def _locate(self, entry: FileEntry) -> LoadedFile:
        if isinstance(entry.url, OwnFile):
            return await self._in_place(entry, Path(entry.url))
        if entry.url[:5].lower() == "data:":
            raw = decoded(entry.url)
            self._check_size(len(raw))
            return LoadedFile.of_bytes(entry, raw)
        if entry.url.startswith(("http://", "https://")) and not self._key(entry.url):
            from .download import download  # aiohttp is heavy, and few files come this way

            private = self._allow_private
            async with download(entry.url, largest=self.largest, allow_private=private) as found:
                kind = entry.mime_type if entry.extension else found.mime_type
                name = entry.name or "download"
                stored = await self.put(found.chunks, name, kind, extension=entry.extension)
            return await self._locate(stored)
        key = self._key(entry.url)
        if key is None:
            shown = entry.url if len(entry.url) < 100 else f"{entry.url[:100]}…"
            raise FileError(
                f"{shown!r} is not in the file store; give a stored file, a data: URL or a "
                "public http(s) URL (on the command line: -p name=@path)"
            )
        try:
            path, size, content = await to_thread(self._fetched, key)
        except FileNotFoundError as error:
            raise FileError(f"{entry.name or key} is not in the file store (any more)") from error
        except OSError as error:
            raise FileError(f"the file store cannot be read: {error.strerror or error}") from error
        self._check_size(size)
        if content is not None:
            return LoadedFile.of_bytes(entry, content, path=path)
        return LoadedFile(entry, size, partial(self._read, key), path=path)

    async def _in_place(self, entry: FileEntry, path: Path) -> LoadedFile:
        try:
            # Not in another thread, which takes longer to be asked than so little to be read; what
            # the caller gave himself keeps nobody waiting but him.
            size, content = readable(path)
        except OSError as error:
            raise _unreadable(path, error) from error
        if size is None:
            # A pipe can be read once only, and goes into the store; what is no file is refused.
            stored = await self.put(path, entry.name, entry.mime_type, extension=entry.extension)
            return await self._locate(replace(entry, url=stored.url))
        self._check_size(size)
        if content is not None:
            return LoadedFile.of_bytes(entry, content, path=path)
        return LoadedFile(entry, size, partial(_chunks, path), path=path)

    def _key(self, url: str) -> str | None:
        """Give the name in the store that a URL stands for; None when it points elsewhere."""
        base, slash, key = url.rpartition("/")
        if not slash or not fullmatch(r"[\w-][\w.-]*", key):
            return None
        return key if base == self._base or base == _temporary_base() else None

    def _path(self, key: str) -> Path | None:
        """Give where a file lies on this machine; None for one in a bucket.

        What the store could not take lies in the folder for temporary files.
        """
        stored = Path(self._root, key) if self._local else None
        if stored is None or not os.path.lexists(stored):
            with suppress(OSError):
                rescued = temporary_path() / key
                return rescued if os.path.lexists(rescued) and is_own(rescued.parent) else stored
        return stored

    def _size(self, key: str) -> int:
        if path := self._path(key):
            with regular_file(path) as file:
                return os.fstat(file.fileno()).st_size
        return int(self._fs.info(f"{self._root}/{key}")["size"])

    def _open(self, key: str) -> IO[bytes]:
        """Open a stored file. OSError when it is none, such as a link that leads elsewhere."""
        path = self._path(key)
        opened: IO[bytes] = (
            regular_file(path) if path else self._fs.open(f"{self._root}/{key}", "rb")
        )
        return opened

    def _fetched(self, key: str) -> tuple[Path | None, int, bytes | None]:
        """Give the path and size of a stored file, and the content of a small one."""
        path, size = self._path(key), self._size(key)
        if size > SMALL:
            return path, size, None
        with self._open(key) as file:
            return path, size, file.read()

    async def _read(
        self, key: str, start: int = 0, size: int | None = None
    ) -> AsyncIterator[bytes]:
        try:
            async with aclosing(pieces(partial(self._open, key), start, size)) as chunks:
                async for chunk in chunks:
                    yield chunk
        except OSError as error:
            raise FileError(f"{key} cannot be read: {error.strerror or error}") from error

    async def _copy(
        self,
        chunks: AsyncIterator[bytes],
        header: Callable[[int], bytes] | None,
        writing: Writing,
    ) -> None:
        if header:
            await writing.write(header(0))
        size = 0
        async for chunk in chunks:
            size += len(chunk)
            self._check_size(size)
            await writing.write(chunk)
        if header:
            await writing.write(header(size), at=0)

    def _check_size(self, size: int) -> None:
        if size > self.largest:
            raise FileError(f"the file is larger than {self.largest // 1024**2} MB")

    def _places(self, *, elsewhere: bool = False) -> Iterator[Folder]:
        """Give the places of a new file: the store, and for what must not be lost others."""
        if self._local:
            yield Folder.folder(self._folder)
            yield Folder.folder(self._folder)  # which somebody may have deleted meanwhile
        else:
            yield replace(Folder.folder(self._folder), keep=self._upload)
        if elsewhere:
            yield Folder.folder(temporary_folder)
            yield Folder.memory()

    def _folder(self) -> Path:
        """Make the folder that files are written in, without what killed processes left there."""
        if self._local:
            folder = Path(self._root)
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = temporary_folder()
        if not self._swept:
            self._swept = True
            sweep(folder)
        return folder

    def _upload(self, file: Any, name: str) -> str:
        target = f"{self._root}/{name}"
        try:
            if not self._fs.exists(target):
                self._fs.put_file(str(file.path), target)
        except Exception as error:  # each file system of fsspec has errors of its own
            raise OSError(str(error)) from error
        file.discard()
        return f"{self._base}/{name}"

    def _unwritable(self, error: OSError) -> StoreError:
        why = error.strerror or error
        return StoreError(
            f"the file store cannot be written: {self._root}: {why}; make room, or name another "
            "place with --output-dir, OPENROUTER_CONNECTOR_FILES or `files`"
        )

    @cached_property
    def _place(self) -> tuple[Any, str]:
        # Imported here: many a call stores nothing.
        import fsspec
        from platformdirs import user_data_path

        default = user_data_path("openrouter-connector") / "files"
        url = self._url or os.environ.get("OPENROUTER_CONNECTOR_FILES") or str(default)
        try:
            if "://" not in url:
                url = str(Path(url).expanduser().absolute())
            return fsspec.core.url_to_fs(url, **self._options)  # type: ignore[no-any-return]
        # A package that is missing, no protocol, or a working folder that is gone.
        except (ImportError, ValueError, OSError, RuntimeError) as error:
            raise FileError(f"the file store {url} cannot be used: {error}") from error

    @property
    def _fs(self) -> Any:
        return self._place[0]

    @cached_property
    def _root(self) -> str:
        return str(self._place[1]).rstrip("/")

    @cached_property
    def _local(self) -> bool:
        return "file" in self._fs.protocol

    @cached_property
    def _base(self) -> str:
        return Path(self._root).as_uri() if self._local else self._fs.unstrip_protocol(self._root)


def _kept(entry: FileEntry) -> str:
    """Say where a file is that the store did not take."""
    if entry.url.startswith("data:"):
        return f"{entry.name} is in the result itself, as a data: URL; save it"
    return f"{entry.name} is kept in the folder for temporary files ({entry.url}); move it"


def _temporary_base() -> str | None:
    try:
        return temporary_path().as_uri()
    except OSError:
        return None


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read: {error.strerror or error}")


async def _chunks(source: Path | bytes | AsyncIterator[bytes]) -> AsyncGenerator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        try:
            async with aclosing(pieces(lambda: source.open("rb"))) as chunks:
                async for chunk in chunks:
                    yield chunk
        except OSError as error:
            raise _unreadable(source, error) from error
    else:
        try:
            async for chunk in source:
                yield chunk
        except OSError as error:
            raise FileError(f"the source cannot be read: {error.strerror or error}") from error
