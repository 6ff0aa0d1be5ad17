"""FILE_ENTRY: the store that holds the bytes, and what may be read from elsewhere."""

from __future__ import annotations

import os
from asyncio import to_thread
from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import cached_property, partial
from hashlib import file_digest
from pathlib import Path
from re import fullmatch, sub
from tempfile import mkstemp
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from ..errors import FileError
from ..values import FileEntry, JsonObject, LoadedFile, OwnFile
from . import media
from .pieces import pieces

LARGEST_FILE = 512 * 1024 * 1024  # bytes
LARGEST_TEXT = 10 * 1024 * 1024  # bytes of a text file that goes into a prompt
_SMALL = 256 * 1024  # bytes, up to which a file is read when it is looked at
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

    async def put(
        self,
        source: Path | bytes | AsyncIterator[bytes],
        name: str,
        mime_type: str | None = None,
        *,
        extension: str | None = None,
        header: Callable[[int], bytes] | None = None,
    ) -> FileEntry:
        """Store a file and give its entry.

        `header(size)` makes what goes before the content, once the size of it is known; it has
        the same length for every size. FileError when it cannot be read or is too large.
        """
        extension = media.extension(extension, name, mime_type)
        label = Path(name).stem.strip(". ") or "file"
        stem = sub(r"[^\w.-]+", "-", label).strip(".-")[:50] or "file"
        async with self._spool() as (spool, path):
            space = len(header(0)) if header else 0
            await to_thread(spool.seek, space)
            size = await self._copy(source, spool)
            if header:
                await to_thread(spool.seek, 0)
                await to_thread(spool.write, header(size))
            await to_thread(spool.flush)
            digest = await to_thread(_digest, path)
            stored = f"{stem}-{digest}" + (f".{extension}" if extension else "")
            await to_thread(self._keep, path, stored)
        shown = f"{label}.{extension}" if extension else label
        mime_type = mime_type or media.mime_type(extension)
        return FileEntry(extension, mime_type, shown, f"{self._base}/{stored}")

    async def ready(self) -> None:
        """Raise FileError when nothing can be stored, before something is paid for."""
        async with self._spool():
            pass

    async def load(
        self, value: JsonObject, where: str, accept: tuple[str, ...], *, prompt: bool = False
    ) -> LoadedFile:
        """Make the bytes of a FILE_ENTRY readable: of this store, a `data:` or an http(s) URL.

        An `OwnFile` may lie anywhere. For a `prompt` a text file is read as well. FileError when
        it is elsewhere, gone, too large, or nothing that `accept` lists.
        """
        entry = media.normal(value)
        remote = entry.url.startswith(("http://", "https://")) and not entry.extension
        try:
            if not remote:
                _check_type(entry, accept)
            file = await self._locate(entry)
            if remote:  # only its server knew what it is
                _check_type(file.entry, accept)
        except FileError as error:
            raise FileError(f"{where}: {error.message}", where) from error
        if not (prompt and media.is_text(entry)):
            return file
        return replace(file, text=await _text(file, where))

    def path_of(self, entry: FileEntry) -> Path | None:
        """Give the path of a stored file, when the store is a folder of this machine."""
        key = self._key(entry.url)
        return Path(self._root, key) if key and self._local else None

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
        extension = media.extension(None, file_id, None)
        label = sub(r"-[0-9a-f]{32}(?=\.|$)", "", file_id)
        entry = FileEntry(extension, media.mime_type(extension), label, url)
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
        if entry.url.startswith("data:"):
            decoded = _decoded(entry.url)
            self._check_size(len(decoded))
            return LoadedFile.of_bytes(entry, decoded)
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
        path = Path(self._root, key) if self._local else None
        try:
            size, content = await to_thread(self._fetched, key)
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
            size, content = _readable(path)
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
        if not url.startswith(f"{self._base}/"):
            return None
        key = url[len(self._base) + 1 :]
        return key if fullmatch(r"[\w-][\w.-]*", key) else None

    def _size(self, key: str) -> int:
        return int(self._fs.info(f"{self._root}/{key}")["size"])

    def _fetched(self, key: str) -> tuple[int, bytes | None]:
        """Give the size of a stored file, and the content of a small one."""
        size, path = self._size(key), f"{self._root}/{key}"
        return size, bytes(self._fs.cat_file(path)) if size <= _SMALL else None

    async def _read(
        self, key: str, start: int = 0, size: int | None = None
    ) -> AsyncIterator[bytes]:
        opened = partial(self._fs.open, f"{self._root}/{key}", "rb")
        try:
            async for chunk in pieces(opened, start, size):
                yield chunk
        except OSError as error:
            raise FileError(f"{key} cannot be read: {error.strerror or error}") from error

    async def _copy(self, source: Path | bytes | AsyncIterator[bytes], spool: IO[bytes]) -> int:
        size = 0
        chunks = _chunks(source)
        async for chunk in chunks:
            size += len(chunk)
            self._check_size(size)
            await to_thread(spool.write, chunk)
        return size

    def _check_size(self, size: int) -> None:
        if size > self.largest:
            raise FileError(f"the file is larger than {self.largest // 1024**2} MB")

    @asynccontextmanager
    async def _spool(self) -> AsyncIterator[tuple[IO[bytes], str]]:
        """Open a file that is gone at the end, unless it was moved to its place."""
        try:
            if self._local:
                await to_thread(partial(self._fs.makedirs, self._root, exist_ok=True))
            handle, path = await to_thread(
                lambda: mkstemp(prefix=".incoming-", dir=self._root if self._local else None)
            )
        except OSError as error:
            raise _unwritable(error) from error
        try:
            with os.fdopen(handle, "wb") as spool:
                yield spool, path
        except OSError as error:
            raise _unwritable(error) from error
        finally:
            await to_thread(partial(Path(path).unlink, missing_ok=True))

    def _keep(self, path: str, name: str) -> None:
        target = f"{self._root}/{name}"
        if self._local:
            Path(path).replace(target)
            return
        try:
            if not self._fs.exists(target):
                self._fs.put_file(path, target)
        except Exception as error:  # each file system of fsspec has errors of its own
            raise FileError(f"the file store cannot be written: {error}") from error

    @cached_property
    def _place(self) -> tuple[Any, str]:
        # Imported here: many a call stores nothing.
        import fsspec
        from platformdirs import user_data_path

        default = user_data_path("openrouter-connector") / "files"
        url = self._url or os.environ.get("OPENROUTER_CONNECTOR_FILES") or str(default)
        if "://" not in url:
            url = str(Path(url).expanduser().absolute())
        try:
            return fsspec.core.url_to_fs(url, **self._options)  # type: ignore[no-any-return]
        except (ImportError, ValueError) as error:  # a package that is missing, or no protocol
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


def _unwritable(error: OSError) -> FileError:
    return FileError(f"the file store cannot be written: {error.strerror or error}")


def _unreadable(path: Path, error: OSError) -> FileError:
    return FileError(f"{path} cannot be read: {error.strerror or error}")


def _readable(path: Path) -> tuple[int | None, bytes | None]:
    """Give the size of a file that can be read, and the content of a small one.

    None, None for what is no file, such as a pipe.
    """
    if not path.is_file():
        return None, None
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        content = file.read(_SMALL + 1) if size <= _SMALL else b""
        # What grows meanwhile is read like any large file.
        return size, content if size <= _SMALL and len(content) <= _SMALL else None


def _digest(path: str) -> str:
    with Path(path).open("rb") as file:
        return file_digest(file, "sha256").hexdigest()[:32]


async def _chunks(source: Path | bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(source, bytes):
        yield source
    elif isinstance(source, Path):
        try:
            async for chunk in pieces(lambda: source.open("rb")):
                yield chunk
        except OSError as error:
            raise _unreadable(source, error) from error
    else:
        async for chunk in source:
            yield chunk


def _check_type(entry: FileEntry, accept: tuple[str, ...]) -> None:
    if accept and not media.accepted(entry, accept):
        known = f"{entry.name or 'the file'} ({entry.mime_type or entry.extension or '?'})"
        raise FileError(f"{known} is not one of {', '.join(accept)}")


async def _text(file: LoadedFile, where: str) -> str:
    if file.size > LARGEST_TEXT:
        most = LARGEST_TEXT // 1024**2
        raise FileError(f"{where}: a text file may have {most} MB in a prompt", where)
    content = b"".join([chunk async for chunk in file.open()])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileError(f"{where}: {file.entry.name} is not UTF-8 text", where) from error


def _decoded(url: str) -> bytes:
    head, comma, data = url.partition(",")
    try:
        if not comma:
            raise ValueError(url)
        raw = unquote_to_bytes(data)
        return b64decode(raw, validate=True) if head.endswith(";base64") else raw
    except (ValueError, Base64Error) as error:
        raise FileError("the data: URL is broken") from error
