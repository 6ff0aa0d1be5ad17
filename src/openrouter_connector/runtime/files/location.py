"""The place where a file store keeps its files: a folder, or any URL that fsspec supports.

Maps the URLs of stored files to keys, paths and open files, and back.
"""

from __future__ import annotations

import os
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from re import fullmatch
from typing import IO, Any

from ...errors import FileError
from .chunks import SMALL_FILE, open_regular_file
from .temporary_folder import is_private, temporary_folder, temporary_path, temporary_url
from .unfinished import UnfinishedFile, sweep

_ID = r".+-[0-9a-f]{32}(\.[\w.-]+)?"


class StoreLocation:
    """A folder on this machine, or a bucket. A key is the name of a file in it."""

    def __init__(self, url: str, options: dict[str, Any]) -> None:
        """Use this URL or path, by default the user's data folder; `options` go to fsspec."""
        self._url = url
        self._options = options
        self._swept = False

    @cached_property
    def root(self) -> str:
        """The path of the folder, or the bucket with its prefix."""
        return str(self._filesystem_and_path[1]).rstrip("/")

    @cached_property
    def is_local(self) -> bool:
        """Whether the files are in a folder on this machine."""
        return "file" in self._filesystem.protocol

    @cached_property
    def base_url(self) -> str:
        """What the URL of every stored file starts with, without the last slash."""
        if self.is_local:
            return Path(self.root).as_uri()
        url: str = self._filesystem.unstrip_protocol(self.root)
        return url

    def key_of(self, url: str) -> str | None:
        """Return the key of the file that a URL names; None for a URL outside this location."""
        base, slash, key = url.rpartition("/")
        if not slash or not fullmatch(r"[\w-][\w.-]*", key):
            return None
        return key if base == self.base_url or base == temporary_url() else None

    def id_of(self, url: str) -> str | None:
        """Return the key of a file that a store wrote, with its hash; None for any other URL."""
        key = self.key_of(url)
        return key if key and fullmatch(_ID, key) else None

    def path_of(self, key: str) -> Path | None:
        """Return the path of a file on this machine; None for a file in a bucket.

        A file that the store could not take is in the folder for temporary files.
        """
        stored = Path(self.root, key) if self.is_local else None
        if stored is None or not os.path.lexists(stored):
            with suppress(OSError):
                rescued = temporary_path() / key
                # Any user can create the temporary folder first, and offer files in it.
                return (
                    rescued if os.path.lexists(rescued) and is_private(rescued.parent) else stored
                )
        return stored

    def size(self, key: str) -> int:
        """Return the size of a file in bytes. Raises OSError."""
        if path := self.path_of(key):
            with open_regular_file(path) as file:
                return os.fstat(file.fileno()).st_size
        return int(self._filesystem.info(f"{self.root}/{key}")["size"])

    def delete(self, key: str) -> None:
        """Delete a file, if it exists. Raises OSError."""
        if path := self.path_of(key):
            path.unlink(missing_ok=True)
            return
        with suppress(FileNotFoundError):
            self._filesystem.rm_file(f"{self.root}/{key}")

    def open(self, key: str) -> IO[bytes]:
        """Open a file. OSError when it is no regular file, such as a link that leads elsewhere."""
        path = self.path_of(key)
        opened: IO[bytes] = (
            open_regular_file(path) if path else self._filesystem.open(f"{self.root}/{key}", "rb")
        )
        return opened

    def read_small(self, key: str) -> tuple[Path | None, int, bytes | None]:
        """Return the path and size of a file, and the content if it is small. Raises OSError."""
        path, size = self.path_of(key), self.size(key)
        if size > SMALL_FILE:
            return path, size, None
        with self.open(key) as file:
            return path, size, file.read()

    def writable_folder(self) -> Path:
        """Create the folder in which new files are written, and sweep it once.

        A file for a bucket is written to the temporary folder first.
        """
        if self.is_local:
            folder = Path(self.root)
            folder.mkdir(parents=True, exist_ok=True)
        else:
            folder = temporary_folder()
        if not self._swept:
            self._swept = True
            sweep(folder)
        return folder

    def upload(self, file: UnfinishedFile, key: str) -> str:
        """Copy a file to the bucket, and return its URL. Raises OSError."""
        target = f"{self.root}/{key}"
        try:
            if not self._filesystem.exists(target):  # the key contains the hash of the content
                self._filesystem.put_file(str(file.path), target)
        except Exception as error:  # every fsspec filesystem has its own exceptions
            raise OSError(str(error)) from error
        file.discard()
        return f"{self.base_url}/{key}"

    @property
    def _filesystem(self) -> Any:
        return self._filesystem_and_path[0]

    @cached_property
    def _filesystem_and_path(self) -> tuple[Any, str]:
        # Imported here, since many calls store nothing.
        import fsspec
        from platformdirs import user_data_path

        default = user_data_path("openrouter-connector") / "files"
        url = self._url or os.environ.get("OPENROUTER_CONNECTOR_FILES") or str(default)
        try:
            if "://" not in url:
                url = str(Path(url).expanduser().absolute())
            return fsspec.core.url_to_fs(url, **self._options)  # type: ignore[no-any-return]
        # A missing package, an unknown protocol, or a deleted working directory.
        except (ImportError, ValueError, OSError, RuntimeError) as error:
            raise FileError(f"the file store {url} cannot be used: {error}") from error
