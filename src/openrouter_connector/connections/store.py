"""Connections by name, one JSON file each, of which the token alone is secret, and encrypted.

    connections/work-1f0c5a3b.json     name, properties, created, the sealed token
    keys/77ab….key                     the key to one token, where there is no keyring
    default                            the name of the one that serves when none is named

What cannot be read is never written over: it is listed with what is wrong, and when a connection
of its name is stored anew it stays beside that one as `….json.kept-1`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from shlex import quote

from ..errors import CredentialError, FileError, InputError, Problem
from ..values import JsonObject
from . import files
from .record import Record, file_name, read, tidied, write
from .vault import SealedError, Vault
from .wellformed import name_fault, problems, settings


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection with its token; None stands for a server that wants none.

    `properties` are the others of `connection:` in connector.yaml: `baseUrl`, `referer` ...
    """

    name: str
    token: str | None = field(default=None, repr=False)
    properties: JsonObject = field(default_factory=dict)

    @property
    def base_url(self) -> str | None:
        """Where its calls go; None is the component's own server."""
        return self.properties.get("baseUrl")


@dataclass(frozen=True, slots=True)
class Summary:
    """What may be shown of a connection: all but its token."""

    name: str
    properties: JsonObject = field(default_factory=dict)
    default: bool = False
    problem: str | None = None
    """Why it cannot be used, and the way out."""
    created: str | None = None
    """When it was first stored, in ISO 8601."""

    def to_json(self) -> JsonObject:
        """Give `{name, default, problem, created}` and all `settings`, such as `baseUrl`."""
        return {
            "name": self.name,
            **{name: self.properties.get(name) for name in settings()},
            "default": self.default,
            "problem": self.problem,
            "created": self.created,
        }


Summaries = list[Summary]


class ConnectionStore:
    """The connections of a folder, by default the user's; safe to use from several processes.

    Every method raises FileError when the folder cannot be read or written.
    """

    def __init__(self, folder: Path | str | None = None) -> None:
        """Use this folder, else `$OPENROUTER_CONNECTOR_CONFIG`, else the user's own."""
        self._folder = Path(folder).expanduser() if folder is not None else _default_folder()
        self._files = self._folder / "connections"
        self._vault = Vault(self._folder / "keys")

    def list(self) -> Summaries:
        """Tell of all connections by name, also of those that cannot be read; never a token."""
        default = self._found(self.default or "")
        told = (self._summary(file, file == default) for file in self._all())
        return sorted(told, key=lambda one: one.name.casefold())

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a connection of this name, readable or not."""
        return self._found(name) is not None

    def get(self, name: str | None = None) -> StoredConnection:
        """Give a connection by its name, or the default one.

        CredentialError when there is none, or when it cannot be read: its key is gone, say.
        """
        name = self.default if name is None else name
        if name is None:
            raise CredentialError(self._undecided())
        file = self._found(name)
        if file is None:
            raise CredentialError(self._unknown(name))
        try:
            return self._current(file)
        except (ValueError, SealedError) as error:
            raise CredentialError(f"connection {name!r}: {_lost(error, name)}") from error

    def save(
        self, connection: StoredConnection, *, default: bool = False, replace: bool = False
    ) -> None:
        """Store a connection. The first becomes the default, and so does one that is said to be.

        InputError lists all that is wrong with it. A name that is taken is wrong as well, unless
        the other is to be replaced, or cannot be read any more: that one is kept aside.
        """
        connection = _tidied(connection)
        if found := list(problems(connection)):
            raise InputError(found)
        file = self._file(connection.name)
        with files.alone(self._folder):
            old = self._readable(file)
            if old and not replace:
                raise _taken(old.name)
            sealed = self._vault.seal(_secret(connection)) if connection.token else None
            created = old.created if old else datetime.now(UTC).isoformat(timespec="seconds")
            if old is None and file.exists():
                files.set_aside(file)
            write(file, Record(connection.name, connection.properties, created, sealed))
            if old and old.sealed:
                self._vault.forget(old.sealed)
            if default or self.default is None:
                self._point_at(connection.name)

    def rename(self, old: str, new: str) -> None:
        """Give a connection another name; InputError when it is unknown or the name is taken."""
        if fault := name_fault(new):
            raise InputError([Problem("name", fault)])
        with files.alone(self._folder):
            source, target = self._known(old), self._file(new)
            if target != source and target.exists():
                raise _taken(new)
            was_default = self._is_default(source)
            try:
                record = read(source)
            except ValueError as error:
                told = f"{old!r} cannot be renamed: {error}"
                raise InputError([Problem("name", told)]) from error
            write(target, Record(new, record.properties, record.created, record.sealed))
            if was_default:
                self._point_at(new)
            if target != source:
                files.remove(source)

    def remove(self, name: str) -> None:
        """Forget a connection and the key to its token; InputError when it is unknown."""
        with files.alone(self._folder):
            file = self._known(name)
            was_default = self._is_default(file)
            with suppress(ValueError):
                if sealed := read(file).sealed:
                    self._vault.forget(sealed)
            files.remove(file)
            if was_default:
                files.remove(self._pointer)

    def set_default(self, name: str) -> None:
        """Let a connection serve where none is named; InputError when it is unknown."""
        with files.alone(self._folder):
            self._known(name)
            self._point_at(name)

    @property
    def default(self) -> str | None:
        """The name of the connection that serves where none is named."""
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None
        file = self._found(name)
        if file is None:
            return None
        try:
            return read(file).name
        except ValueError:
            return name  # whoever asks for it is told what is wrong with it

    @property
    def _pointer(self) -> Path:
        return self._folder / "default"

    def _point_at(self, name: str) -> None:
        files.write(self._pointer, name.encode())

    def _is_default(self, file: Path) -> bool:
        return self._found(self.default or "") == file

    def _all(self) -> Iterable[Path]:
        return sorted(self._files.glob("*.json"))

    def _file(self, name: str) -> Path:
        return self._files / file_name(name)

    def _found(self, name: str) -> Path | None:
        """Find the file of a connection; one that cannot be read goes by the name of its file."""
        file = self._file(name)
        try:
            if file.exists():
                return file
            return next((one for one in self._all() if one.stem == name and _damaged(one)), None)
        except OSError as error:
            raise FileError(f"{file} cannot be read: {error.strerror}") from error

    def _known(self, name: str) -> Path:
        if (file := self._found(name)) is None:
            raise InputError([Problem("name", self._unknown(name))])
        return file

    def _current(self, file: Path) -> StoredConnection:
        """Read a connection, anew when it was replaced meanwhile: then it has another key."""
        while True:
            record = read(file)
            try:
                return self._opened(record)
            except SealedError:
                if read(file) == record:
                    raise

    def _readable(self, file: Path) -> Record | None:
        try:
            self._opened(record := read(file))
        except (ValueError, SealedError):
            return None
        return record

    def _opened(self, record: Record) -> StoredConnection:
        """Give a connection with its token; ValueError, SealedError when it cannot be used."""
        secret = self._vault.open(record.sealed) if record.sealed else None
        token = json.loads(secret)["token"] if secret else None
        connection = StoredConnection(record.name, token, record.properties)
        found = list(problems(connection))
        if found or (secret and secret != _secret(connection)):
            told = "; ".join(map(str, found)) or "its base URL is another one than its key is for"
            raise ValueError(f"its file was changed by hand: {told}")
        return connection

    def _summary(self, file: Path, default: bool) -> Summary:
        try:
            record = read(file)
        except ValueError as error:
            return Summary(file.stem, default=default, problem=_lost(error, "NAME"))
        problem, shown = None, record.properties
        try:
            self._opened(record)
        except SealedError as error:
            problem = _lost(error, record.name)
        except ValueError as error:
            problem, shown = _lost(error, record.name), {}
        return Summary(record.name, shown, default, problem, record.created)

    def _unknown(self, name: str) -> str:
        from ..definition.problems import closest

        names = [one.name for one in self.list()]
        known = f"; there are {', '.join(names)}" if names else "; none is stored"
        return f"there is no connection {name!r}{closest(name, names) or known}"

    def _undecided(self) -> str:
        if names := [one.name for one in self.list()]:
            return (
                "no connection is the default; choose one: openrouter-connector connections "
                f"default {quote(names[0])}"
            )
        return "no connection is stored; make one: openrouter-connector connect"


def _tidied(connection: StoredConnection) -> StoredConnection:
    """Take away the spaces around what was pasted, and the fields that were left empty."""
    texts = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in connection.properties.items()
    }
    properties = {key: value for key, value in texts.items() if value not in (None, "", [])}
    token = (connection.token or "").strip()
    return StoredConnection(tidied(connection.name), token or None, properties)


def _damaged(file: Path) -> bool:
    try:
        read(file)
    except ValueError:
        return True
    return False


def _secret(connection: StoredConnection) -> str:
    """Give what is encrypted: the token, and the server that it is for, as no other may get it."""
    return json.dumps({"token": connection.token, "baseUrl": connection.base_url})


def _taken(name: str) -> InputError:
    told = f"there is a connection {name!r} already; choose another name, or replace that one"
    return InputError([Problem("name", told)])


def _lost(error: Exception, name: str) -> str:
    again = f"openrouter-connector connect --name {quote(name)}"
    return f"{error} (to enter it again: {again})"


def _default_folder() -> Path:
    if given := os.environ.get("OPENROUTER_CONNECTOR_CONFIG"):
        return Path(given).expanduser()
    from platformdirs import user_config_path

    return user_config_path("openrouter-connector")
