"""Stored connections for tests, and keyrings to hold their keys."""

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


class MemoryKeyring(KeyringBackend):
    """A keyring in memory that can be locked."""

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


class PlaintextKeyring(MemoryKeyring):
    """A keyring that stores passwords unencrypted, as its priority below 1 says."""

    priority = 0.5


@contextmanager
def use_keyring(ring: MemoryKeyring) -> Iterator[None]:
    """Use another keyring until the end of the block."""
    before = keyring.get_keyring()
    keyring.set_keyring(ring)
    try:
        yield
    finally:
        keyring.set_keyring(before)


def work(token: str | None = TOKEN, name: str = "work", **properties: object) -> StoredConnection:
    return StoredConnection(name, token, properties)


def key_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("keys/*.key"))


def file_contents(folder: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}


def problem_of(connections: ConnectionStore, name: str = "work") -> str:
    return next(summary.problem or "" for summary in connections.list() if summary.name == name)
