"""Read the rows of a table as a stream: CSV, TSV, JSON Lines, JSON, Parquet, lines of text.

A row that cannot be read is yielded with its fault, so that all of them can be listed together.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import TextIOWrapper
from itertools import chain
from typing import Any, BinaryIO

from ...errors import FileError, InputError, Problem
from ...runtime.optional import extra
from ...values import Json

_LONGEST_FIELD = 64 * 1024 * 1024  # characters of one field of CSV
_ROWS_AT_ONCE = 256  # of Parquet
# One thread and little memory: rows are pulled slower than it reads. No extension is loaded.
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "threads": 1,
    "memory_limit": "128MB",
    "autoload_known_extensions": False,
}
_DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Read:
    """A row, or why there is none, and where it is in its file."""

    place: str
    value: Json = None
    fault: str = ""


Reader = Callable[[BinaryIO, str], Iterator[Read]]


def read_csv(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield the rows of CSV with a header; all values are texts."""
    with _text(file, newline="") as text:
        first = text.readline()
        yield from _delimited(chain([first], text), name, _delimiter(first))


def read_tsv(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield the rows of tab-separated values with a header."""
    with _text(file, newline="") as text:
        yield from _delimited(text, name, "\t")


def read_jsonl(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield the value of each line that is not empty."""
    with _text(file) as text:
        for number, line in enumerate(text, 1):
            if line.strip():
                yield _json_row(line, f"line {number}")


def read_json(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield the items of a list, which is read whole. InputError for anything else."""
    try:
        with _text(file) as text:
            found = json.load(text, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise InputError([Problem(name, f"is not JSON: {error}")]) from error
    if not isinstance(found, list):
        raise InputError([Problem(name, "must be a list of rows; of JSON Lines say jsonl")])
    yield from (Read(f"item {index}", value) for index, value in enumerate(found))


def read_lines(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield each line that is not empty, as `{text}`."""
    with _text(file) as text:
        for number, line in enumerate(text, 1):
            if stripped := line.rstrip("\r\n"):
                fault = "" if _is_text(stripped) else "is not UTF-8 text"
                yield Read(f"line {number}", {"text": stripped}, fault)


def read_parquet(file: BinaryIO, name: str) -> Iterator[Read]:
    """Yield the rows of Parquet. MissingExtraError without the extra `parquet`."""
    with extra("parquet", {"duckdb"}, "reading Parquet"):
        import duckdb
    try:
        with duckdb.connect(config=dict(_SETTINGS)) as database:
            path = re.sub(r"([*?\[])", r"[\1]", str(file.name))
            found = database.execute("SELECT * FROM read_parquet(?)", [path])
            names = [column[0] for column in found.description or ()]
            number = 0
            while rows := found.fetchmany(_ROWS_AT_ONCE):
                for row in rows:
                    yield Read(f"row {number}", dict(zip(names, map(_plain, row), strict=True)))
                    number += 1
    except duckdb.Error as error:
        message = str(error).splitlines()[0][:200]
        raise FileError(f"{name} is no Parquet that can be read: {message}") from error


READERS: dict[str, Reader] = {
    "csv": read_csv,
    "tsv": read_tsv,
    "jsonl": read_jsonl,
    "json": read_json,
    "parquet": read_parquet,
    "lines": read_lines,
}
"""The readers by the name of the format."""


@contextmanager
def _text(file: BinaryIO, newline: str | None = None) -> Iterator[TextIOWrapper]:
    # -sig: spreadsheets begin a file with a byte order mark. What is no UTF-8 is a row's fault.
    text = TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline=newline)
    try:
        yield text
    finally:
        text.detach()  # the file belongs to the caller


def _json_row(line: str, place: str) -> Read:
    if not _is_text(line):
        return Read(place, fault="is not UTF-8 text")
    try:
        return Read(place, json.loads(line, parse_constant=_refuse))
    except (ValueError, RecursionError) as error:
        return Read(place, fault=f"is not JSON: {error}")


def _refuse(constant: str) -> Json:
    # Python reads NaN and Infinity, which no JSON has, and no request could hold.
    raise ValueError(f"it has no {constant}")


def _delimiter(header: str) -> str:
    """Return the delimiter of a header: spreadsheets of many countries write semicolons."""
    counted = {mark: header.count(mark) for mark in _DELIMITERS}
    return max(counted, key=lambda mark: counted[mark]) if any(counted.values()) else ","


def _delimited(lines: Iterable[str], name: str, delimiter: str) -> Iterator[Read]:
    csv.field_size_limit(_LONGEST_FIELD)
    ended = False

    def until_the_end() -> Iterator[str]:
        nonlocal ended
        yield from lines
        ended = True

    table = csv.reader(until_the_end(), delimiter=delimiter)
    try:
        header = [column.strip() for column in next(table, [])]
        _check_header(header, name, closed=not ended)
        first = table.line_num + 1
        for fields in table:
            # The end of the file is met inside a row only if a quote is open. `strict` would
            # notice it too, and refuse what many programs write, such as "a" b.
            if ended:
                yield Read(f"line {first}", fault="has a quote that is never closed")
            elif fields:
                yield _csv_row(header, fields, f"line {first}")
            first = table.line_num + 1
    except csv.Error as error:
        raise InputError([Problem(f"{name} line {table.line_num}", str(error))]) from error


def _check_header(header: Sequence[str], name: str, *, closed: bool) -> None:
    twice = sorted({column for column in header if header.count(column) > 1})
    if not header:
        raise InputError([Problem(name, "is empty; its first line must name the columns")])
    if not closed:
        raise InputError([Problem(f"{name} line 1", "has a quote that is never closed")])
    if not all(map(_is_text, header)):
        message = "has column names that are not UTF-8 text; save the table as UTF-8"
        raise InputError([Problem(name, message)])
    if twice:
        raise InputError([Problem(name, f"has two columns of one name: {', '.join(twice)}")])


def _csv_row(header: Sequence[str], fields: Sequence[str], place: str) -> Read:
    if len(fields) != len(header):
        return Read(place, fault=f"has {len(fields)} fields, and the header {len(header)}")
    if not all(map(_is_text, fields)):
        return Read(place, fault="is not UTF-8 text")
    return Read(place, dict(zip(header, fields, strict=True)))


def _is_text(field: str) -> bool:
    return field.isascii() or not any("\udc80" <= character <= "\udcff" for character in field)


def _plain(value: Any) -> Json:
    """Return a value of Parquet as JSON has it."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
