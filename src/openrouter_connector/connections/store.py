"""Connections by name, one JSON file each, of which the token alone is secret, and encrypted.

    connections/work-1f0c5a3b.json     name, component, properties, created, the sealed token
    keys/77ab….key                     the key to one token, where there is no keyring
    default, default-NAME              the file of the default connection: of our own component, and
                                       of another

What cannot be read is never written over: it is listed with what is wrong, and when a connection
of its name is stored anew it stays beside that one as `….json.kept-1`. Whatever ends a change, a
connection is there whole, as it was before or as it is after.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shlex import quote
from typing import Self

from ..definition.model import Component, Property
from ..errors import CredentialError, InputError, Problem
from ..values import Json, JsonObject
from . import files
from .connection import StoredConnection, Summary
from .owner import FIRST, SealedToken, leads_elsewhere, origin
from .record import Record, tidied, write
from .records import Records
from .validation import base_url_fault, name_fault, problems, settings
from .vault import SealedError, Vault

__all__ = ["ConnectionStore", "StoredConnection", "Summary"]

Summaries = list[Summary]
Names = list[str]


class ConnectionStore:
    """The connections of a folder, by default the user's; safe to use from several processes.

    It stores and gives those of one component, by default our own; those of others are listed,
    renamed and removed. Every method raises FileError when the folder cannot be read or written.
    """

    def __init__(
        self, folder: Path | str | None = None, component: Component | None = None
    ) -> None:
        """Use this folder, else `$OPENROUTER_CONNECTOR_CONFIG`, else the user's own."""
        self._folder = Path(folder).expanduser() if folder is not None else _default_folder()
        self._component = component
        self._files = self._folder / "connections"
        self._records = Records(self._files)
        self._vault = Vault(self._folder / "keys")

    def of(self, component: Component) -> Self:
        """Give the same store for a component."""
        return type(self)(self._folder, component)

    @property
    def component(self) -> Component:
        """Whose connections are stored and given."""
        return self._component or _own_component()

    @property
    def settings(self) -> Mapping[str, Property]:
        """What a connection may have beside its token."""
        return settings(self.component)

    def list(self) -> Summaries:
        """Tell of all connections by name, also of those that cannot be read; never a token."""
        found = self._records.all()
        names = {one.component for one in found.values() if isinstance(one, Record)}
        defaults = [self._pointed(name) for name in {*names, self.component.name}]
        told = (self._summary(file, one, file in defaults) for file, one in found.items())
        return sorted(told, key=lambda one: one.name.casefold())

    def __contains__(self, name: str) -> bool:
        """Tell whether there is a connection of this name, readable or not."""
        return self._records.find(name) is not None

    def holds(self, name: str) -> bool:
        """Tell whether a name is taken: by a connection that works, for whichever component."""
        file = self._records.find(name)
        return file is not None and self._readable(file) is not None

    def get(self, name: str | None = None) -> StoredConnection:
        """Give a connection by its name, or the default one.

        CredentialError when there is none, when it is another component's or for another host,
        or when it cannot be read: its key is gone, say.
        """
        name = self.default if name is None else name
        if name is None:
            raise CredentialError(self._undecided())
        file = self._records.find(name)
        if file is None:
            raise CredentialError(self._unknown(name))
        try:
            return self._current(file)
        except (ValueError, SealedError) as error:
            raise CredentialError(f"connection {name!r}: {self._lost(error, name)}") from error

    def save(
        self, connection: StoredConnection, *, default: bool = False, replace: bool = False
    ) -> None:
        """Store a connection. The first becomes the default, and so does one that is said to be.

        InputError lists all that is wrong with it. A name that is taken is wrong as well, unless
        the other is to be replaced, or cannot be read any more: that one is kept aside.
        """
        connection = _tidied(connection)
        if found := list(problems(connection, self.component)):
            raise InputError(found)
        with files.alone(self._folder):
            file = self._records.find(connection.name)
            old = self._readable(file) if file else None
            if old and not replace:
                raise _taken(old.name)
            record = self._record(connection, old)
            if file and old is None:
                files.set_aside(file)
            file = file or self._records.unused(connection.name)
            if self.default is None:  # before the record, so that the first is always the default
                self._point_at(file, record.component)
            write(file, record)
            if default:
                self._point_at(file, record.component)
            if old and old.sealed:
                self._vault.forget(old.sealed)

    def rename(self, old: str, new: str) -> None:
        """Give a connection another name; InputError when it is unknown or the name is taken."""
        if fault := name_fault(new):
            raise InputError([Problem("name", fault)])
        with files.alone(self._folder):
            file = self._known(old)
            if self._records.find(new) not in (None, file):
                raise _taken(new)
            record = self._records.all()[file]
            if isinstance(record, ValueError):
                told = f"{old!r} cannot be renamed: {record}"
                raise InputError([Problem("name", told)])
            if self._pointed(record.component) == file:  # by its file, which keeps its name
                self._point_at(file, record.component)
            write(file, replace(record, name=tidied(new)))

    def remove(self, name: str) -> None:
        """Forget a connection and the key to its token; InputError when it is unknown."""
        with files.alone(self._folder):
            file = self._known(name)
            record = self._records.all()[file]
            pointers = [one for one in self._folder.glob("default*") if self._target(one) == file]
            for one in (file, *pointers):
                files.remove(one)
            if isinstance(record, Record) and record.sealed:
                self._vault.forget(record.sealed)

    def set_default(self, name: str) -> None:
        """Let a connection serve where none is named; InputError when it is unknown."""
        with files.alone(self._folder):
            file = self._known(name)
            record = self._records.all()[file]
            own = record.component if isinstance(record, Record) else self.component.name
            self._point_at(file, own)

    @property
    def default(self) -> str | None:
        """The name of the connection that serves where none is named."""
        file = self._pointed(self.component.name)
        if file is None:
            return None
        record = self._records.all().get(file)
        # Whoever asks for one that cannot be read is told what is wrong with it.
        return record.name if isinstance(record, Record) else file.stem

    def _pointer(self, component: str) -> Path:
        return self._folder / ("default" if component == FIRST else f"default-{component}")

    def _point_at(self, file: Path, component: str) -> None:
        files.write(self._pointer(component), file.name.encode())

    def _pointed(self, component: str) -> Path | None:
        """Give the file of the default connection of a component."""
        file = self._target(self._pointer(component))
        record = self._records.all().get(file) if file else None
        return file if isinstance(record, ValueError) or _is_of(record, component) else None

    def _target(self, pointer: Path) -> Path | None:
        """Give the file that a pointer names, which earlier versions named by its connection."""
        try:
            named = files.read(pointer).decode().strip()
        except (OSError, ValueError):
            return None
        by_file = (file for file in self._records.all() if file.name == named)
        return next(by_file, None) or self._records.find(named)

    def _known(self, name: str) -> Path:
        if (file := self._records.find(name)) is None:
            raise InputError([Problem("name", self._unknown(name))])
        return file

    def _current(self, file: Path) -> StoredConnection:
        """Read a connection, anew when it was replaced meanwhile: then it has another key."""
        while True:
            record = self._records.all().get(file, ValueError(f"its file {file} is gone"))
            if isinstance(record, ValueError):
                raise record
            try:
                return self._usable(record)
            except SealedError:
                if self._records.all().get(file) == record:
                    raise

    def _usable(self, record: Record) -> StoredConnection:
        """Give a connection with its token, or raise the reason that it cannot be used here."""
        own = self.component
        if record.component != own.name:
            raise self._elsewhere(
                record, f"it belongs to {record.component}, and is not used for {own.name}"
            )
        connection, secret = self._intact(record)
        follows = secret and connection.base_url is None
        if secret and follows and leads_elsewhere(secret.server, own):
            there, here = origin(secret.server), origin(own.base_url)
            raise self._elsewhere(record, f"its key is for {there}, and {own.name} leads to {here}")
        return connection

    def _elsewhere(self, record: Record, why: str) -> CredentialError:
        told = f"make one for it under another name: {self._connect()} --name NAME"
        return CredentialError(f"connection {record.name!r}: {why}; {told}")

    def _readable(self, file: Path) -> Record | None:
        record = self._records.all().get(file)
        if not isinstance(record, Record):
            return None
        try:
            self._intact(record)
        except (ValueError, SealedError):
            return None
        return record

    def _intact(self, record: Record) -> tuple[StoredConnection, SealedToken | None]:
        """Give a connection and its secret; ValueError, SealedError when that can be used nowhere.

        How the properties of another component must be is not known here.
        """
        secret = SealedToken.of_text(self._vault.open(record.sealed)) if record.sealed else None
        token = secret.token if secret else None
        connection = StoredConnection(record.name, token, record.properties, record.private)
        own = record.component == self.component.name
        try:
            found = list(problems(connection, self.component)) if own else []
        except RecursionError:
            found = [Problem("properties", "are nested too deeply")]
        if found:
            raise ValueError(f"its file was changed by hand: {'; '.join(map(str, found))}")
        if secret and not _is_sealed_for(secret, record):
            told = "its base URL is another one than its key is for"
            raise ValueError(f"its file was changed by hand: {told}")
        return connection, secret

    def _record(self, connection: StoredConnection, old: Record | None) -> Record:
        """Give what is written of a connection, after the key to its token."""
        own, sealed = self.component, None
        if connection.token:
            server = connection.base_url or own.base_url
            sealed = self._vault.seal(SealedToken(connection.token, own.name, server).to_text())
        created = old.created if old else datetime.now(UTC).isoformat(timespec="seconds")
        name, properties = connection.name, connection.properties
        return Record(name, own.name, properties, created, sealed, connection.private)

    def _summary(self, file: Path, record: Record | ValueError, default: bool) -> Summary:
        blank: JsonObject = dict.fromkeys(self.settings)
        if isinstance(record, ValueError):
            return Summary(file.stem, blank, default, self._lost(record, "NAME"))
        own = record.component == self.component.name
        problem, shown = None, record.properties if own else _shown_elsewhere(record.properties)
        try:
            self._usable(record) if own else self._intact(record)
        except CredentialError as error:
            problem = error.message
        except SealedError as error:
            problem = self._lost(error, record.name, own=own)
        except ValueError as error:
            problem, shown = self._lost(error, record.name, own=own), {}
        told, created = {**blank, **shown}, record.created
        whose, private = record.component, record.private
        return Summary(record.name, told, default, problem, created, whose, private)

    def _unknown(self, name: str) -> str:
        from ..suggest import did_you_mean

        names = self._names()
        known = f"; there are {', '.join(names)}" if names else "; none is stored"
        return f"there is no connection {name!r}{did_you_mean(name, names) or known}"

    def _undecided(self) -> str:
        if names := self._names():
            return (
                "no connection is the default; choose one: openrouter-connector connections "
                f"default {quote(names[0])}"
            )
        return f"no connection is stored; make one: {self._connect()}"

    def _lost(self, error: Exception, name: str, *, own: bool = True) -> str:
        return f"{error} (to enter it again: {self._connect(own=own)} --name {quote(name)})"

    def _connect(self, *, own: bool = True) -> str:
        """Give the command that makes a connection, of our own component or of another."""
        ours = own and self.component == _own_component()
        return f"openrouter-connector connect{'' if ours else ' --connector PATH'}"

    def _names(self) -> Names:
        own = (None, self.component.name)
        return [one.name for one in self.list() if one.component in own]


def _is_of(record: Record | None, component: str) -> bool:
    return record is not None and record.component == component


def _is_sealed_for(secret: SealedToken, record: Record) -> bool:
    """Tell whether a record says of its component and server what its secret says."""
    server: Json = record.properties.get("baseUrl")
    return secret.component == record.component and server in (None, secret.server)


def _shown_elsewhere(properties: JsonObject) -> JsonObject:
    """Give what is shown of a connection whose component says how its properties must be."""
    base_url = properties.get("baseUrl")
    return {} if base_url_fault(base_url, None) else {"baseUrl": base_url}


def _tidied(connection: StoredConnection) -> StoredConnection:
    """Take away the spaces around what was pasted, and the fields that were left empty."""
    texts = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in connection.properties.items()
    }
    properties = {key: value for key, value in texts.items() if value not in (None, "", [])}
    token = (connection.token or "").strip() or None
    return replace(connection, name=tidied(connection.name), token=token, properties=properties)


def _taken(name: str) -> InputError:
    told = f"there is a connection {name!r} already; choose another name, or replace that one"
    return InputError([Problem("name", told)])


@cache
def _own_component() -> Component:
    from ..definition.load import load_component

    return load_component().component


def _default_folder() -> Path:
    if given := os.environ.get("OPENROUTER_CONNECTOR_CONFIG"):
        return Path(given).expanduser()
    from platformdirs import user_config_path

    return user_config_path("openrouter-connector")
