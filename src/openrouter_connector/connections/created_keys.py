"""Store API keys that actions create, as connections to the server that created them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ..values import JsonObject
from .connection import StoredConnection
from .connection_file import normalize_name
from .store import ConnectionStore
from .validation import name_fault


class CreatedKeys:
    """Saves keys as connections with these properties, such as the base URL."""

    def __init__(
        self, store: Callable[[], ConnectionStore], properties: JsonObject, *, private: bool
    ) -> None:
        """`store` is called in a thread: opening it may read a disk.

        `private` is that of the connections (see `StoredConnection`).
        """
        self._store = store
        self._properties = properties
        self._private = private

    async def fault(self, name: str) -> str | None:
        """Return why a name cannot be used: it is invalid or taken."""
        return await asyncio.to_thread(self._fault, name)

    async def keep(self, name: str, key: str) -> str:
        """Save a key as a connection, and return its name. InputError if the name is taken."""
        connection = StoredConnection(name, key, self._properties, self._private)
        await asyncio.to_thread(lambda: self._store().save(connection))
        return normalize_name(name)

    def _fault(self, name: str) -> str | None:
        fault = name_fault(name)
        if fault is None and name in self._store():
            return f"connection {name!r} already exists; choose another name"
        return fault


class NoKeys:
    """Stores nothing: the keys of a sandbox that ends with its session are of no use."""

    async def fault(self, name: str) -> None:
        """Accept any name."""

    async def keep(self, name: str, key: str) -> None:
        """Drop the key."""
