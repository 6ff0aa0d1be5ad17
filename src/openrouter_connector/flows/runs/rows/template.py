"""Fill the parameters of an action from one row: `${row.text}`, `${row.index}`, `${file}`.

{"userPrompt": "Translate: ${row.text}"}  +  {"text": "Tea"}  ──▶  {"userPrompt": "Translate: Tea"}
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from ....definition.form import Form
from ....errors import InputError, Problem
from ....suggest import did_you_mean
from ....values import FILE_KEYS, Json, JsonObject, OwnFile
from ...formats.expressions import read_template
from ...formats.expressions.paths import Path
from ..scope import Scope, evaluated_value

ROW, INDEX, FILE = "row", "index", "file"
_NAMES = (ROW, INDEX, FILE)


@dataclass(frozen=True)
class StoredRow:
    """A row as it is stored for its run."""

    index: int
    """Its number in the run, from 0."""
    value: Json
    file: JsonObject | None = None
    """The FILE_ENTRY that is the row; its url may be a path of this machine."""
    more: JsonObject | None = None
    """Parameters of this row alone, which are taken as they are."""
    source: int = 0
    """The number of the row that it was made of; several models make several of one."""

    @classmethod
    def of_json(cls, index: int, stored: JsonObject) -> StoredRow:
        """Read a line of the stored rows."""
        more, source = stored.get("with"), stored.get("of", index)
        return cls(index, stored.get("row"), stored.get("file"), more, source)

    @property
    def model(self) -> str | None:
        """The model of this row alone, if several are compared."""
        return (self.more or {}).get("model")


@dataclass(frozen=True)
class RowTemplate:
    """The parameters of all rows, with expressions in them."""

    parameters: JsonObject

    def problems(self) -> Iterator[Problem]:
        """Yield what is wrong for every row: names that no row has, and broken expressions."""
        for place, text in _texts(self.parameters, ""):
            template = read_template(text)
            yield from (Problem(place, message) for message in template.problems)
            for path in template.reads:
                if path[0] not in _NAMES:
                    hint = did_you_mean(str(path[0]), _NAMES)
                    message = f"`{path[0]}` is unknown{hint}; a row has row, index and file"
                    yield Problem(place, message)

    def scope_of(self, row: StoredRow, *, trusts_paths: bool = False) -> Scope:
        """Return the values that the expressions see.

        With `trusts_paths` the file of a row may be a path of this machine.
        """
        value, file = row.value, row.file
        if file is not None and trusts_paths and "://" not in file["url"]:
            file = {**file, "url": OwnFile(file["url"])}
        if isinstance(value, dict):
            value = {INDEX: row.source, **value} if self._reads_index else value
            value = {**value, FILE: file} if file is not None else value
        return Scope({}, {ROW: value, INDEX: row.source, FILE: file})

    def row_problems(self, row: StoredRow, form: Form) -> list[Problem]:
        """Return why a row cannot be sent."""
        if missing := list(self._missing(row)):
            return missing
        try:
            form.accept(self.filled(row, trusts_paths=True))
        except InputError as error:
            return list(error.problems)
        return []

    def filled(self, row: StoredRow, *, trusts_paths: bool = False) -> JsonObject:
        """Return the parameters of a row. InputError if an expression fails."""
        scope = self.scope_of(row, trusts_paths=trusts_paths)
        return {**_filled(self.parameters, scope), **(row.more or {})}

    def _missing(self, row: StoredRow) -> Iterator[Problem]:
        # An expression reads null where a name is missing: all rows would be paid for nothing.
        for place, path in self._reads:
            if path[0] == FILE and row.file is None:
                yield Problem(place, "`file` is empty: the rows are no files")
            if path[0] == ROW and len(path) > 1 and not self._has(row, path[1]):
                names = [str(name) for name in row.value] if isinstance(row.value, dict) else []
                hint = did_you_mean(str(path[1]), names)
                known = hint or (f"; it has {', '.join(names[:20])}" if names else "")
                yield Problem(place, f"the row has no `{path[1]}`{known}")

    @staticmethod
    def _has(row: StoredRow, key: str | int) -> bool:
        if isinstance(row.value, dict):
            return key in row.value or key == INDEX or (key == FILE and row.file is not None)
        return isinstance(row.value, list) and isinstance(key, int) and key < len(row.value)

    @cached_property
    def _reads(self) -> list[tuple[str, Path]]:
        texts = _texts(self.parameters, "")
        return [(place, path) for place, text in texts for path in read_template(text).reads]

    @cached_property
    def _reads_index(self) -> bool:
        return any(path[:2] == (ROW, INDEX) for _, path in self._reads)


def _texts(value: Json, place: str) -> Iterator[tuple[str, str]]:
    """Yield the texts that may hold expressions, with their places."""
    if isinstance(value, str):
        if "${" in value or value.startswith("="):
            yield place, value
    elif isinstance(value, dict) and value.keys() != set(FILE_KEYS):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _texts(inner, f"{place}[{index}]")


def _filled(parameters: JsonObject, scope: Scope) -> JsonObject:
    return {key: evaluated_value(value, scope, key) for key, value in parameters.items()}
