"""The rows of a run as they are stored: one line of JSON each, read in chunks.

    source ──prepare──▶ checked rows in a file ──store──▶ file store ──read_chunk──▶ rows

All rows are checked before one of them is paid for, and the run reads these lines: a table that
changes later changes nothing.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from ....definition.form import Form
from ....errors import FileError, InputError, Problem
from ....runtime.files.store import FileStore
from ....values import JsonObject
from ...rows import Row, RowSource
from ...rows.sources import file_entry_of
from ..run_copies import copy_name
from .template import RowTemplate, StoredRow

CHUNK = 64
"""Rows that are one item of the queue."""
_MOST_LISTED = 50  # rows whose problems are listed
_NO_FILE = "the rows of this run were kept in {}, which is gone"


@dataclass(frozen=True, slots=True)
class PreparedRows:
    """Rows that were checked, in a file that nobody else knows."""

    path: Path
    count: int
    offsets: tuple[int, ...]
    """Where each chunk begins in the file, and where the last one ends; bytes."""
    digest: str
    """Of all rows; of files by their size and time."""
    names_files: bool
    """Whether rows are files of this machine."""

    def discard(self) -> None:
        """Delete the file."""
        with suppress(OSError):
            self.path.unlink()


@dataclass(frozen=True, slots=True)
class RowsPlan:
    """What a run knows of its rows."""

    file: str
    """The URL of the stored rows."""
    count: int
    offsets: tuple[int, ...]
    digest: str
    label: str
    """What the rows are, for people: `rows.csv`."""
    concurrency: int
    host: str = ""
    """The machine whose files the rows are; empty if they are no files."""
    models: tuple[str, ...] = ()
    """The models that are compared; each row is sent to all of them."""
    via: str = ""
    """`api` for rows that are sent in one call of the API."""
    attempt: int = 1
    """How often the run was begun."""

    def to_json(self) -> JsonObject:
        """Return the fields by their names."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in asdict(self).items()}

    @classmethod
    def of_json(cls, plan: JsonObject) -> RowsPlan:
        """Read what `to_json` wrote."""
        lists = {name: tuple(plan[name]) for name in ("offsets", "models")}
        return cls(**{**plan, **lists})

    @property
    def unit(self) -> str:
        """What is counted: rows, or the answers of several models for each row."""
        return "answers" if self.models else "rows"

    def place_of(self, index: int) -> tuple[int, str]:
        """Return the row of the table that an item of the run is, and its model if of several."""
        if not self.models:
            return index, ""
        row, model = divmod(index, len(self.models))
        return row, self.models[model]

    @property
    def chunks(self) -> int:
        """How many chunks there are."""
        return len(self.offsets) - 1


def prepare(
    source: RowSource,
    template: RowTemplate,
    form: Form,
    *,
    models: Sequence[str] = (),
    limit: int | None = None,
) -> PreparedRows:
    """Check all rows, and write them to a file of their own. Blocks for long tables.

    InputError lists the rows that cannot be sent; FileError for a source that cannot be read.
    """
    if problems := list(template.problems()):
        raise InputError(problems)
    handle, name = tempfile.mkstemp(prefix="rows-", suffix=".jsonl")
    try:
        with os.fdopen(handle, "wb") as file:
            writing = _Writing(file, Path(name), template, form, models, source.parameter)
            return writing.write(islice(source, limit))
    except BaseException:
        Path(name).unlink()
        raise


class _Writing:
    """Writes the rows, and collects what is wrong with them."""

    def __init__(
        self,
        file: BinaryIO,
        path: Path,
        template: RowTemplate,
        form: Form,
        models: Sequence[str],
        parameter: str,
    ) -> None:
        self._file, self._path, self._template, self._form = file, path, template, form
        self._variants: list[JsonObject | None] = [{"model": model} for model in models] or [None]
        self._parameter = parameter
        self._digest = sha256()
        self._offsets = [0]
        self._size = self._count = self._bad = 0
        self._problems: list[Problem] = []
        self._names_files = False

    def write(self, rows: Iterator[Row]) -> PreparedRows:
        read = 0
        for read, row in enumerate(rows, 1):
            self._add(row, read - 1)
        if self._problems:
            raise InputError([*self._heading(read), *self._problems])
        if not read:
            raise InputError([Problem(self._parameter, "there are no rows")])
        if self._offsets[-1] != self._size:
            self._offsets.append(self._size)
        self._file.flush()
        digest = self._digest.hexdigest()
        offsets = tuple(self._offsets)
        return PreparedRows(self._path, self._count, offsets, digest, self._names_files)

    def _add(self, row: Row, source: int) -> None:
        problems = [Problem("", row.fault)] if row.fault else []
        stored = _stored_form(row)
        for more in [] if row.fault else self._variants:
            line = {**stored, **({"with": more, "of": source} if more else {})}
            problems += self._template.row_problems(
                StoredRow.of_json(self._count, line), self._form
            )
            self._write_line(line)
        if problems:
            self._bad += 1
            if self._bad <= _MOST_LISTED:
                where = f"row {source} ({row.place})"
                self._problems += [
                    Problem(f"{where}{f' {one.path}' if one.path else ''}", one.message)
                    for one in dict.fromkeys(problems)
                ]

    def _write_line(self, line: JsonObject) -> None:
        self._names_files = self._names_files or "file" in line
        # Escaped: a lone surrogate of JSON would be no UTF-8.
        text = json.dumps(line, separators=(",", ":")).encode() + b"\n"
        self._file.write(text)
        self._digest.update(text)
        self._size += len(text)
        self._count += 1
        if self._count % CHUNK == 0:
            self._offsets.append(self._size)

    def _heading(self, read: int) -> Iterator[Problem]:
        if self._bad > _MOST_LISTED:
            listed = f"the first {_MOST_LISTED} are listed"
            yield Problem("", f"{self._bad:,} of {read:,} rows cannot be used; {listed}")


def _stored_form(row: Row) -> JsonObject:
    stored: JsonObject = {"row": row.value}
    if row.file is not None and not row.fault:
        status = row.file.stat()
        stored["file"] = file_entry_of(row.file).to_json()
        stored["stat"] = [status.st_size, status.st_mtime_ns]
    return stored


def prepared_rows(prepared: PreparedRows) -> Iterator[StoredRow]:
    """Yield the rows of a file that was prepared, in their order."""
    with prepared.path.open("rb") as file:
        for index, line in enumerate(file):
            yield StoredRow.of_json(index, json.loads(line))


async def store_rows(prepared: PreparedRows, run: str, files: FileStore) -> str:
    """Copy prepared rows to the file store, and return their URL."""
    entry = await files.put(prepared.path, copy_name(run, "rows.jsonl"), "application/jsonl")
    return entry.url


async def read_chunk(plan: RowsPlan, number: int, files: FileStore) -> list[StoredRow]:
    """Return the rows of a chunk. FileError if the stored rows are gone."""
    start, end = plan.offsets[number], plan.offsets[number + 1]
    file_id = files.id_of(plan.file)
    if file_id is None:
        raise FileError(_NO_FILE.format(plan.file))
    try:
        content = b"".join([part async for part in files.read(file_id, start, end - start)])
    except (OSError, FileError) as error:
        raise FileError(_NO_FILE.format(plan.file)) from error
    first = number * CHUNK
    return [
        StoredRow.of_json(first + index, json.loads(line))
        for index, line in enumerate(content.splitlines())
    ]
