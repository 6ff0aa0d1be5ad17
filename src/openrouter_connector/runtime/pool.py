"""Things that are slow to open and stay open: one for each key, shared by all who use it.

use ──▶ opened at the first use ──▶ users … ──▶ closed when forgotten, or when too many are idle
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar
from weakref import WeakValueDictionary

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Entry(Generic[V]):
    """Something open, how many use it, and whether it was taken out of the pool."""

    value: V
    users: int = 0
    forgotten: bool = False


class Pool(Generic[K, V]):
    """Open things by their keys."""

    def __init__(self, close: Callable[[V], Awaitable[None]], *, most_idle: int | None = None):
        """`most_idle` is how many that nobody uses stay open; without it all do."""
        self._close = close
        self._most_idle = most_idle
        self._entries: dict[K, _Entry[V]] = {}
        self._locks = WeakValueDictionary[K, asyncio.Lock]()

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._entries)

    @asynccontextmanager
    async def use(self, key: K, open_: Callable[[], Awaitable[V]]) -> AsyncIterator[V]:
        """Yield what is open under a key, and open it if nothing is."""
        async with self._lock(key):  # two first users at once would open two
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = _Entry(await open_())
        entry.users += 1
        try:
            yield entry.value
        finally:
            entry.users -= 1
            await self._close_unused(entry)
            await self._make_room()

    async def forget(self, key: K) -> None:
        """Take something out, and close it once nobody uses it any more."""
        async with self._lock(key):  # what is being opened would stay
            entry = self._entries.pop(key, None)
        if entry:
            entry.forgotten = True
            await self._close_unused(entry)

    async def aclose(self) -> None:
        """Close everything, also what is in use or being opened."""
        # A key with a lock but without an entry is being opened right now.
        for key in {*self._entries, *self._locks}:
            async with self._lock(key):
                if entry := self._entries.pop(key, None):
                    await self._close(entry.value)

    async def _close_unused(self, entry: _Entry[V]) -> None:
        if entry.forgotten and not entry.users:
            await self._close(entry.value)

    async def _make_room(self) -> None:
        """Close the idle ones that were opened first, where too many are idle."""
        if self._most_idle is None or len(self._entries) <= self._most_idle:
            return
        idle = [key for key, entry in self._entries.items() if not entry.users]
        for key in idle[: max(len(idle) - self._most_idle, 0)]:
            await self._close(self._entries.pop(key).value)

    def _lock(self, key: K) -> asyncio.Lock:
        return self._locks.setdefault(key, asyncio.Lock())
