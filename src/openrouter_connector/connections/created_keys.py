"""Store API keys that actions create, as connections to the server that created them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from ..errors import InputError, Problem
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

    @asynccontextmanager
    async def reserved(self, name: str) -> AsyncGenerator[None]:
        """Hold a name; InputError at `name` if it is invalid, taken, or held by somebody else."""
        if fault := name_fault(name):
            raise InputError([Problem("name", fault)])
        store = await asyncio.to_thread(self._store)
        # Checked again, now that the name is reserved: another process may just have saved it.
        with store.reserved(name):
            if await asyncio.to_thread(store.__contains__, name):
                message = f"connection {name!r} already exists; choose another name"
                raise InputError([Problem("name", message)])
            yield

    async def keep(self, name: str, key: str) -> str:
        """Save a key as a connection, and return its name. InputError if the name is taken."""
        connection = StoredConnection(name, key, self._properties, self._private)
        await asyncio.to_thread(lambda: self._store().save(connection))
        return normalize_name(name)


class NoKeys:
    """Stores nothing: the keys of a sandbox that ends with its session are of no use."""

    @asynccontextmanager
    async def reserved(self, name: str) -> AsyncGenerator[None]:
        """Accept any name."""
        yield

    async def keep(self, name: str, key: str) -> None:
        """Drop the key."""
