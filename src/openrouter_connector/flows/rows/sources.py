"""Find the rows that a person names: tables, patterns of file names, or stdin.

    rows.csv           a row for each line, `${row.column}`
    images/*.jpg       a row for each file, `${file}`
    -                  stdin

Rows are read one after the other, so a table of any length needs the memory of a few rows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob
from pathlib import Path
from typing import BinaryIO

from ...errors import FileError, InputError, Problem
from ...suggest import did_you_mean
from ...values import FileEntry, Json, OwnFile
from .readers import READERS

FORMATS = (*READERS, "files")
"""How rows can be written; `files` is a row for each file."""
_ENDINGS = {
    ".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".json": "json", ".parquet": "parquet", ".txt": "lines",
}  # fmt: skip
STDIN = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it was read."""

    place: str
    """Where it is, for people: `rows.csv line 5`, or the name of a file."""
    value: Json = None
    """An object by the names of columns; of JSON Lines any value."""
    file: Path | None = None
    """The file that is the row."""
    fault: str = ""
    """Why it cannot be used; empty if it can."""


@dataclass(frozen=True, slots=True)
class RowSource:
    """Where rows come from. It can be read once if it is stdin, else any number of times."""

    format: str
    paths: tuple[str, ...]
    """Absolute paths, or `-`."""
    stdin: BinaryIO | None = None
    values: tuple[Json, ...] = ()
    """Rows that are in memory, in place of paths."""
    name: str = ""
    """What it is called, if not by its paths."""
    parameter: str = "over"
    """What it was named with: `over`, or `rows` and `file` of a request."""

    def __iter__(self) -> Iterator[Row]:
        """Yield the rows in their order. FileError for a file that cannot be read."""
        for index, value in enumerate(self.values):
            yield Row(f"item {index}", value)
        for path in self.paths:
            if self.format == "files":
                yield _file_row(Path(path))
            else:
                yield from self._rows_of(path)

    @property
    def label(self) -> str:
        """What it is, for people: `rows.csv`, or `12 files`."""
        if self.name:
            return self.name
        if self.format == "files":
            return "1 file" if len(self.paths) == 1 else f"{len(self.paths):,} files"
        first = "stdin" if self.paths[0] == STDIN else Path(self.paths[0]).name
        return first if len(self.paths) == 1 else f"{first} and {len(self.paths) - 1} more"

    def _rows_of(self, path: str) -> Iterator[Row]:
        name = self.name or ("stdin" if path == STDIN else Path(path).name)
        try:
            if path == STDIN:
                assert self.stdin is not None  # noqa: S101 - `open_source` refuses it
                yield from self._read(self.stdin, name)
                return
            with Path(path).open("rb") as file:
                yield from self._read(file, name)
        except OSError as error:
            raise FileError(f"{name} cannot be read: {error.strerror or error}") from error

    def _read(self, file: BinaryIO, name: str) -> Iterator[Row]:
        for read in READERS[self.format](file, name):
            yield Row((read.place and f"{name} {read.place}") or name, read.value, fault=read.fault)


def file_entry_of(path: Path) -> FileEntry:
    """Return the FILE_ENTRY of a file of this machine, which is read in place."""
    return FileEntry("", "", path.name, OwnFile(path))


def source_of(values: Sequence[Json]) -> RowSource:
    """Return a source of rows that are in memory."""
    name = "1 row" if len(values) == 1 else f"{len(values):,} rows"
    return RowSource("json", (), values=tuple(values), name=name, parameter="rows")


def open_source(
    over: Sequence[str], format: str | None = None, stdin: BinaryIO | None = None
) -> RowSource:
    """Return the source that these names and patterns mean.

    `format` overrides what the endings of the names say. InputError and FileError say what is
    missing or does not fit together.
    """
    if format is not None and format not in FORMATS:
        hint = did_you_mean(format, FORMATS) or f"; it can be {', '.join(FORMATS)}"
        raise InputError([Problem("format", f"{format!r} is no format of rows{hint}")])
    if STDIN in over:
        return _of_stdin(over, format, stdin)
    paths = [path for name in over for path in _expanded(name)]
    if not paths:
        raise InputError([Problem("over", "names no rows: give a table or files")])
    kinds = {format or _ENDINGS.get(path.suffix.lower(), "files") for path in paths}
    if len(kinds) > 1:
        message = f"mixes {' and '.join(sorted(kinds))}; say which one with --format"
        raise InputError([Problem("over", message)])
    return RowSource(kinds.pop(), tuple(str(path.absolute()) for path in paths))


def _of_stdin(over: Sequence[str], format: str | None, stdin: BinaryIO | None) -> RowSource:
    if len(over) > 1:
        raise InputError([Problem("over", "- stands for stdin, and is given alone")])
    if stdin is None:
        raise InputError([Problem("over", "there is no stdin here")])
    if format in ("files", "parquet"):
        raise InputError([Problem("format", f"{format} cannot be read from stdin")])
    return RowSource(format or "jsonl", (STDIN,), stdin)


def _expanded(name: str) -> list[Path]:
    """Return the files of a name, or of a pattern that the shell left as it is."""
    path = Path(name).expanduser()
    if path.is_dir():
        message = f"is a folder; name its files, such as '{name.rstrip('/')}/*.jpg'"
        raise InputError([Problem("over", f"{name} {message}")])
    if path.exists():
        return [path]
    if any(mark in name for mark in "*?["):
        found = sorted(Path(one) for one in glob(str(path), recursive=True))  # noqa: PTH207 - a pattern may be absolute
        if files := [one for one in found if one.is_file()]:
            return files
        raise FileError(f"no file is named like {name}", "over")
    raise FileError(f"{name} does not exist", "over")


def _file_row(path: Path) -> Row:
    if not path.is_file():
        return Row(path.name, fault="is no file any more")
    return Row(path.name, {"name": path.name}, path)
