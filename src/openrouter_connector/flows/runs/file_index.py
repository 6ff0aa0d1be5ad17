"""Which run names which file of the store, so that a run is deleted with the files only it names.

Each text that may name a file is indexed in the transaction that writes it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

import sqlalchemy as sa

from . import database
from .insert_new import insert_all_new
from .record_batch import Record

_MARK = re.compile(r"-[0-9a-f]{32}(?:\.[\w.-]*\w)?")
"""The end of an id: its digest, and the extension."""
_LONGEST = 64  # characters before the digest; the store writes at most 50
_CHUNK = 500  # ids of one statement
_table = database.files


def file_ids(text: str | None) -> Iterator[str]:
    """Yield the ids of files that a text names."""
    # From the digest backwards: forwards, a long text of letters would be read again and again.
    for mark in _MARK.finditer(text or ""):
        start = mark.start()
        while mark.start() - start < _LONGEST and start and _is_of_name(mark.string[start - 1]):
            start -= 1
        yield mark.string[start : mark.end()]


def index_files(connection: sa.Connection, texts: Iterable[tuple[str, str | None]]) -> None:
    """Note the files that texts of runs name: pairs of a run and a text."""
    named = {(run, file) for run, text in texts for file in file_ids(text)}
    if named:
        rows: list[Record] = [{"run": run, "file": file} for run, file in sorted(named)]
        insert_all_new(connection, _table, rows)


def files_of(connection: sa.Connection, run: str) -> set[str]:
    """Return the files that a run names."""
    return set(connection.execute(sa.select(_table.c.file).where(_table.c.run == run)).scalars())


def forget_files(connection: sa.Connection, run: str, files: Collection[str]) -> set[str]:
    """Forget that a run names these files, and return those that no other run names."""
    listed, used = sorted(files), set[str]()
    for start in range(0, len(listed), _CHUNK):
        some = _table.c.file.in_(listed[start : start + _CHUNK])
        connection.execute(_table.delete().where(_table.c.run == run, some))
        used.update(connection.execute(sa.select(_table.c.file).where(some)).scalars())
    return set(files) - used


def index_all(connection: sa.Connection) -> None:
    """Note the files of all runs of a database that an earlier program wrote."""
    texts = {
        database.runs.c.id: [database.runs.c[name] for name in _OF_RUN],
        database.events.c.run: [database.events.c.event],
        database.requests.c.run: [database.requests.c.answer],
    }
    for run, columns in texts.items():
        # Of the statement: as options of the connection they would hold for each that follows.
        chosen = sa.select(run, *columns).execution_options(yield_per=_CHUNK)
        for some in connection.execute(chosen).partitions():
            index_files(connection, [(row[0], text) for row in some for text in row[1:]])


_OF_RUN = ("document", "inputs", "options", "outcome")


def _is_of_name(character: str) -> bool:
    return character.isalnum() or character in "_.-"
