"""Store connections by name, one JSON file each, in which only the token is encrypted.

    connections/work-1f0c5a3b.json     name, component, properties, created, the encrypted token
    keys/77ab….key                     the key to one token, if there is no keyring
    default, default-NAME              the file name of the default connection: of `openRouter`,
                                       and of another component

An unreadable file is never overwritten: it is listed with its problem, and when its name is used
again it is kept as `….json.kept-1`. Writes are atomic: after a crash, a connection is as it was
before the change or after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from shlex import quote
from typing import Self

from ..definition.model import Component, Property
from ..errors import CredentialError, InputError, Problem
from ..values import Json, JsonObject
from . import private_files
from .connection import ConnectionSummary, StoredConnection
from .connection_file import ConnectionRecord, file_name, normalize_name, write_record
from .connection_folder import ConnectionFolder
from .default_connection import DefaultConnections
from .folder_location import default_folder
from .reserved_names import reserved_name
from .token_binding import BoundToken, is_other_host, origin_of
from .token_encryption import DecryptionError, TokenVault
from .validation import base_url_fault, name_fault, problems, settings

__all__ = ["ConnectionStore", "ConnectionSummary", "StoredConnection", "default_folder"]

Summaries = list[ConnectionSummary]
Names = list[str]


class ConnectionStore:
    """The connections in a folder, by default the user's; safe for concurrent processes.

    It saves and returns connections of one component, by default ours; those of others can be
    listed, renamed and removed. Every method raises FileError if the folder cannot be used.
    """

    def __init__(
        self, folder: Path | str | None = None, component: Component | None = None
    ) -> None:
        """Use this folder, else `$OPENROUTER_CONNECTOR_CONFIG`, else the user's own."""
        self._folder = Path(folder).expanduser() if folder is not None else default_folder()
        self._component = component
        self._connections = ConnectionFolder(self._folder / "connections")
        self._defaults = DefaultConnections(self._folder, self._connections)
        self._vault = TokenVault(self._folder / "keys")

    def of(self, component: Component) -> Self:
        """Return the same store for another component."""
        return type(self)(self._folder, component)

    @property
    def component(self) -> Component:
        """The component whose connections are saved and returned."""
        return self._component or _own_component()

    @property
    def settings(self) -> Mapping[str, Property]:
        """The properties that a connection may have besides its token."""
        return settings(self.component)

    def list(self) -> Summaries:
        """Return summaries of all connections by name, also of unreadable ones; never a token."""
        records = self._connections.read_all()
        components = {
            record.component for record in records.values() if isinstance(record, ConnectionRecord)
        }
        defaults = [self._defaults.get(name) for name in {*components, self.component.name}]
        summaries = (
            self._summary(file, record, file in defaults) for file, record in records.items()
        )
        return sorted(summaries, key=lambda summary: summary.name.casefold())

    def __contains__(self, name: str) -> bool:
        """Return whether a connection of this name exists, readable or not."""
        return self._connections.find_file(name) is not None

    def require(self, name: str) -> None:
        """Raise InputError if no connection has this name."""
        self._known_file(name)

    def holds(self, name: str) -> bool:
        """Return whether a working connection has this name, of any component."""
        file = self._connections.find_file(name)
        return file is not None and self._readable(file) is not None

    def get(self, name: str | None = None) -> StoredConnection:
        """Return a connection by its name, or the default one.

        Raises CredentialError if it does not exist, belongs to another component or host, or
        cannot be read, for example because its key is missing.
        """
        name = self.default if name is None else name
        if name is None:
            raise CredentialError(self._no_default())
        file = self._connections.find_file(name)
        if file is None:
            raise CredentialError(self._unknown(name))
        try:
            return self._latest(file)
        except (ValueError, DecryptionError) as error:
            message = f"connection {name!r}: {self._with_way_out(error, name)}"
            raise CredentialError(message) from error

    @contextmanager
    def reserved(self, name: str) -> Iterator[None]:
        """Hold a valid name for a connection whose key is yet to be created.

        InputError if another thread or process holds it. A name that is taken can be held.
        """
        with reserved_name(self._folder / "reserved" / f"{file_name(name)}.lock", name):
            yield

    def check(self, connection: StoredConnection, *, replace: bool = False) -> None:
        """Raise InputError, with all problems, if `save` would refuse a connection."""
        self._check_words(_without_blanks(connection))
        self._file_and_record(connection.name, replace=replace)

    def save(
        self, connection: StoredConnection, *, default: bool = False, replace: bool = False
    ) -> None:
        """Save a connection. It becomes the default if it is the first, or with `default`.

        Raises InputError with all problems. A taken name is one, except with `replace`, or if the
        other connection is unreadable: its file is kept aside.
        """
        connection = _without_blanks(connection)
        self._check_words(connection)  # before the lock, which creates the folder
        # Of two processes that save at the same moment, one would be lost without the lock.
        with private_files.lock_folder(self._folder):
            file, old = self._file_and_record(connection.name, replace=replace)
            record = self._to_record(connection, old)
            if file and old is None:
                private_files.keep_aside(file)
            file = file or self._connections.new_file(connection.name)
            # Before the record: after a crash between the two, the first is still the default.
            if self.default is None:
                self._defaults.set(file, record.component)
            write_record(file, record)
            if default:
                self._defaults.set(file, record.component)
            # Last: until the new record is written, the old key is still needed.
            if old and old.encrypted_token:
                self._vault.forget(old.encrypted_token)

    def rename(self, old: str, new: str) -> None:
        """Rename a connection; raise InputError if it is unknown or the new name is taken."""
        if fault := name_fault(new):
            raise InputError([Problem("name", fault)])
        with private_files.lock_folder(self._folder):
            file = self._known_file(old)
            if self._connections.find_file(new) not in (None, file):
                raise _name_taken(new)
            record = self._connections.read_all()[file]
            if isinstance(record, ValueError):
                message = f"{old!r} cannot be renamed: {record}"
                raise InputError([Problem("name", message)])
            # Earlier versions named the default by its connection; a file name stays the same.
            if self._defaults.get(record.component) == file:
                self._defaults.set(file, record.component)
            write_record(file, replace(record, name=normalize_name(new)))

    def remove(self, name: str) -> None:
        """Delete a connection and the key to its token; raise InputError if it is unknown.

        If it was the default, and one connection of its component is left, that is the default.
        """
        with private_files.lock_folder(self._folder):
            file = self._known_file(name)
            record = self._connections.read_all()[file]
            pointers = self._defaults.pointers_to(file)
            for obsolete in (file, *pointers):
                private_files.remove(obsolete)
            if isinstance(record, ConnectionRecord):
                if pointers:
                    self._make_only_one_default(record.component)
                if record.encrypted_token:
                    self._vault.forget(record.encrypted_token)

    def _make_only_one_default(self, component: str) -> None:
        left = [
            file
            for file, record in self._connections.read_all().items()
            if isinstance(record, ConnectionRecord) and record.component == component
        ]
        if len(left) == 1:
            self._defaults.set(left[0], component)

    def set_default(self, name: str) -> None:
        """Make a connection the default of its component; raise InputError if it is unknown."""
        with private_files.lock_folder(self._folder):
            file = self._known_file(name)
            record = self._connections.read_all()[file]
            owner = record if isinstance(record, ConnectionRecord) else None
            self._defaults.set(file, owner.component if owner else self.component.name)

    @property
    def default(self) -> str | None:
        """The name of the default connection."""
        file = self._defaults.get(self.component.name)
        if file is None:
            return None
        record = self._connections.read_all().get(file)
        # `get` reports what is wrong with an unreadable one.
        return record.name if isinstance(record, ConnectionRecord) else file.stem

    def _known_file(self, name: str) -> Path:
        if (file := self._connections.find_file(name)) is None:
            raise InputError([Problem("name", self._unknown(name))])
        return file

    def _latest(self, file: Path) -> StoredConnection:
        """Read a connection; again if it was replaced meanwhile, since it then has another key."""
        while True:
            missing = ValueError(f"its file {file} is missing")
            record = self._connections.read_all().get(file, missing)
            if isinstance(record, ValueError):
                raise record
            try:
                return self._usable(record)
            except DecryptionError:
                if self._connections.read_all().get(file) == record:
                    raise

    def _usable(self, record: ConnectionRecord) -> StoredConnection:
        """Return a connection with its token, or raise why it cannot be used for our component."""
        own = self.component
        if record.component != own.name:
            raise self._wrong_component(
                record, f"it belongs to {record.component}, and is not used for {own.name}"
            )
        connection, bound = self._intact(record)
        # With a base URL of its own, a connection goes where it always went.
        if bound and connection.base_url is None and is_other_host(bound.server, own):
            expected, actual = origin_of(bound.server), origin_of(own.base_url)
            reason = f"its key is for {expected}, but {own.name} is at {actual}"
            raise self._wrong_component(record, reason)
        return connection

    def _wrong_component(self, record: ConnectionRecord, reason: str) -> CredentialError:
        way_out = f"create one for it under another name: {self._connect()} --name NAME"
        return CredentialError(f"connection {record.name!r}: {reason}; {way_out}")

    def _check_words(self, connection: StoredConnection) -> None:
        if found := list(problems(connection, self.component)):
            raise InputError(found)

    def _file_and_record(
        self, name: str, *, replace: bool
    ) -> tuple[Path | None, ConnectionRecord | None]:
        """Return what is stored under a name. InputError if it may not be replaced."""
        file = self._connections.find_file(name)
        old = self._readable(file) if file else None
        if old and not replace:
            raise _name_taken(old.name)
        return file, old

    def _readable(self, file: Path) -> ConnectionRecord | None:
        record = self._connections.read_all().get(file)
        if not isinstance(record, ConnectionRecord):
            return None
        try:
            self._intact(record)
        except (ValueError, DecryptionError):
            return None
        return record

    def _intact(self, record: ConnectionRecord) -> tuple[StoredConnection, BoundToken | None]:
        """Return a connection and its bound token; raise ValueError or DecryptionError if damaged.

        The properties of another component's connection are not checked: its rules are unknown.
        """
        encrypted = record.encrypted_token
        bound = BoundToken.from_text(self._vault.decrypt(encrypted)) if encrypted else None
        token = bound.token if bound else None
        connection = StoredConnection(record.name, token, record.properties, record.private)
        own = record.component == self.component.name
        try:
            found = list(problems(connection, self.component)) if own else []
        except RecursionError:
            found = [Problem("properties", "are nested too deeply")]
        if found:
            raise ValueError(f"its file was changed by hand: {'; '.join(map(str, found))}")
        if bound and not _matches(bound, record):
            raise ValueError("its file was changed by hand: its key is for another base URL")
        return connection, bound

    def _to_record(
        self, connection: StoredConnection, old: ConnectionRecord | None
    ) -> ConnectionRecord:
        """Encrypt the token of a connection, and return its record."""
        own, encrypted = self.component, None
        if connection.token:
            server = connection.base_url or own.base_url
            encrypted = self._vault.encrypt(
                BoundToken(connection.token, own.name, server).to_text()
            )
        created = old.created if old else datetime.now(UTC).isoformat(timespec="seconds")
        name, properties = connection.name, connection.properties
        return ConnectionRecord(name, own.name, properties, created, encrypted, connection.private)

    def _summary(
        self, file: Path, record: ConnectionRecord | ValueError, default: bool
    ) -> ConnectionSummary:
        blank: JsonObject = dict.fromkeys(self.settings)
        if isinstance(record, ValueError):
            return ConnectionSummary(file.stem, blank, default, self._with_way_out(record, "NAME"))
        own = record.component == self.component.name
        problem, shown = None, record.properties if own else _shown_of_other(record.properties)
        try:
            self._usable(record) if own else self._intact(record)
        except CredentialError as error:
            problem = error.message
        except DecryptionError as error:
            problem = self._with_way_out(error, record.name, own=own)
        except ValueError as error:
            problem, shown = self._with_way_out(error, record.name, own=own), {}
        shown, created = {**blank, **shown}, record.created
        owner, private = record.component, record.private
        return ConnectionSummary(record.name, shown, default, problem, created, owner, private)

    def _unknown(self, name: str) -> str:
        from ..suggest import did_you_mean

        names = self._names()
        known = f"; there are {', '.join(names)}" if names else "; none is stored"
        return f"there is no connection {name!r}{did_you_mean(name, names) or known}"

    def _no_default(self) -> str:
        if names := self._names():
            return (
                "no connection is the default; choose one: openrouter-connector connections "
                f"default {quote(names[0])}"
            )
        return f"no connection is stored; create one: {self._connect()}"

    def _with_way_out(self, error: Exception, name: str, *, own: bool = True) -> str:
        return f"{error} (to enter it again: {self._connect(own=own)} --name {quote(name)})"

    def _connect(self, *, own: bool = True) -> str:
        """Return the command that creates a connection, of our component or of another."""
        ours = own and self.component == _own_component()
        return f"openrouter-connector connect{'' if ours else ' --connector PATH'}"

    def _names(self) -> Names:
        own = (None, self.component.name)
        return [summary.name for summary in self.list() if summary.component in own]


def _matches(bound: BoundToken, record: ConnectionRecord) -> bool:
    """Return whether the file names the component and server that the encrypted binding names."""
    server: Json = record.properties.get("baseUrl")
    return bound.component == record.component and server in (None, bound.server)


def _shown_of_other(properties: JsonObject) -> JsonObject:
    """Return what is shown of another component's connection: only a valid base URL.

    Any other property might be secret there.
    """
    base_url = properties.get("baseUrl")
    return {} if base_url_fault(base_url, None) else {"baseUrl": base_url}


def _without_blanks(connection: StoredConnection) -> StoredConnection:
    """Strip pasted text, and drop empty fields."""
    stripped = {
        key: value.strip() if isinstance(value, str) else value
        for key, value in connection.properties.items()
    }
    properties = {key: value for key, value in stripped.items() if value not in (None, "", [])}
    token = (connection.token or "").strip() or None
    name = normalize_name(connection.name)
    return replace(connection, name=name, token=token, properties=properties)


def _name_taken(name: str) -> InputError:
    message = f"there is a connection {name!r} already; choose another name, or replace that one"
    return InputError([Problem("name", message)])


@cache
def _own_component() -> Component:
    from ..definition.load import load_component

    return load_component().component
