"""Find connections among the files of a folder.

A file is named after the first name of its connection, and keeps that file name. A connection is
found by the name inside the file, so renaming one replaces a single file.
"""

from __future__ import annotations

from os import path
from pathlib import Path

from ..errors import FileError
from .connection_file import ConnectionRecord, file_name, name_key, read_record

Records = dict[Path, ConnectionRecord | ValueError]
"""The records by file; a ValueError says why a file cannot be used."""


class ConnectionFolder:
    """The connection files of a folder, readable or not."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read_all(self) -> Records:
        """Read all files. A second file with the same name inside gets a ValueError."""
        records = {file: _try_read(file) for file in self._files()}
        readable = {
            file: record for file, record in records.items() if isinstance(record, ConnectionRecord)
        }
        # A file that somebody copied by hand has a foreign file name: the original comes first.
        original_first = sorted(
            readable, key=lambda file: file.name != file_name(readable[file].name)
        )
        owners: dict[str, Path] = {}
        for file in original_first:
            owners.setdefault(name_key(readable[file].name), file)
        return {
            file: record
            if isinstance(record, ValueError) or owners[name_key(record.name)] == file
            else ValueError(f"its file {file} has the name of another connection")
            for file, record in records.items()
        }

    def find_file(self, name: str) -> Path | None:
        """Find the file of a connection; an unreadable one is found by its file name."""
        records = self.read_all()
        for file, record in records.items():
            if isinstance(record, ConnectionRecord) and name_key(record.name) == name_key(name):
                return file
        damaged = [file for file, record in records.items() if isinstance(record, ValueError)]
        # A damaged file cannot say its name; the name of the file is the next best.
        named_after = (file for file in damaged if file.name == file_name(name))
        return next(named_after, None) or next(
            (file for file in damaged if file.stem == name), None
        )

    def new_file(self, name: str) -> Path:
        """Return a file path for a new connection that is not taken yet."""
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


def _try_read(file: Path) -> ConnectionRecord | ValueError:
    try:
        return read_record(file)
    except ValueError as error:
        return error
