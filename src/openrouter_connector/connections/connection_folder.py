"""The files of the connections: each has its name from the first name of its connection, and keeps
it; a connection is found by the name inside. So to rename one is to replace one file."""

from __future__ import annotations

from os import path
from pathlib import Path

from ..errors import FileError
from .connection_file import ConnectionRecord, file_name, name_key, read_record

Found = dict[Path, ConnectionRecord | ValueError]


class ConnectionFolder:
    """The connections of a folder, and the files that should be some."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self) -> Found:
        """Read all files; of one that is no connection, or a second one of its name, the reason."""
        read_now = {file: _read(file) for file in self._files()}
        named = {file: one for file, one in read_now.items() if isinstance(one, ConnectionRecord)}
        first: dict[str, Path] = {}
        for file in sorted(named, key=lambda file: file.name != file_name(named[file].name)):
            first.setdefault(name_key(named[file].name), file)
        return {
            file: one
            if isinstance(one, ValueError) or first[name_key(one.name)] == file
            else ValueError(f"its file {file} has the name of another connection")
            for file, one in read_now.items()
        }

    def find_file(self, name: str) -> Path | None:
        """Find the file of a connection; one that cannot be read goes by the name of its file."""
        found = self.read_all()
        for file, one in found.items():
            if isinstance(one, ConnectionRecord) and name_key(one.name) == name_key(name):
                return file
        damaged = [file for file, one in found.items() if isinstance(one, ValueError)]
        own = (file for file in damaged if file.name == file_name(name))
        return next(own, None) or next((file for file in damaged if file.stem == name), None)

    def new_file(self, name: str) -> Path:
        """Give a file for a new connection."""
        file, number = self._folder / file_name(name), 2
        while path.lexists(file):
            file = file.with_name(f"{Path(file_name(name)).stem}-{number}.json")
            number += 1
        return file

    def _files(self) -> list[Path]:
        try:
            return sorted(file for file in self._folder.iterdir() if file.suffix == ".json")
        except FileNotFoundError:
            return []
        except OSError as error:
            raise FileError(f"{self._folder} cannot be read: {error.strerror}") from error


def _read(file: Path) -> ConnectionRecord | ValueError:
    try:
        return read_record(file)
    except ValueError as error:
        return error
