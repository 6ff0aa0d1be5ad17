"""Connections that the tests store, and the keyrings that hold the keys to them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import keyring
from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError

from openrouter_connector.connections.store import ConnectionStore, StoredConnection

TOKEN = "sk-or-v1-c4n4ry0f7h3m1n3"
OTHER = "sk-or-v1-0f4n07h3rm1n3000"


class Ring(KeyringBackend):
    """A keyring in memory, which can be locked."""

    priority: float = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.entries: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service: str, username: str) -> str | None:
        self._enter()
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._enter()
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._enter()
        if self.entries.pop((service, username), None) is None:
            raise PasswordDeleteError(username)

    def _enter(self) -> None:
        if self.locked:
            raise KeyringLocked("nobody is there to unlock it")


class InTheClear(Ring):
    """A keyring that keeps what it is given as it is, as keyring says by its priority."""

    priority = 0.5


@contextmanager
def instead(ring: Ring) -> Iterator[None]:
    """Let another keyring be in use for a while."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield
    finally:
        keyring.set_keyring(before)


def work(token: str | None = TOKEN, name: str = "work", **properties: object) -> StoredConnection:
    return StoredConnection(name, token, properties)


def keys(folder: Path) -> list[Path]:
    return sorted(folder.glob("keys/*.key"))


def contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def problem(connections: ConnectionStore, name: str = "work") -> str:
    return next(one.problem or "" for one in connections.list() if one.name == name)
