"""Bytes on their way into the store, and to another place when the store cannot hold them."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from .unfinished import Incoming, InMemory, copy, digest

T = TypeVar("T")
File = Incoming | InMemory


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a file can be kept: `make` starts one, `keep` finishes it under a name, as a URL."""

    make: Callable[[], File]
    keep: Callable[[File, str], str]

    @classmethod
    def folder(cls, folder: Callable[[], Path]) -> Folder:
        """Keep files in a folder, which may have to be made."""
        return cls(lambda: Incoming(folder()), lambda file, name: file.keep(name))

    @classmethod
    def memory(cls) -> Folder:
        """Keep a small file in its own URL."""
        return cls(InMemory, lambda file, name: file.keep(name))


class Writing:
    """A file that is written to the first of some places that takes it whole.

    When a place fails, what was written moves to the next one, and `fault` is the first failure:
    a source that can be read only once loses nothing. Use it with `async with`; what is not kept is
    deleted.
    """

    fault: OSError | None = None

    def __init__(self, places: Iterator[Folder]) -> None:
        """Try these places in their order."""
        self._places = places
        self._place: Folder | None = None
        self._file: File | None = None

    async def __aenter__(self) -> Self:
        await self._move(None)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file:
            self._file.discard()

    async def write(self, chunk: bytes, at: int | None = None) -> None:
        """Append bytes, or overwrite those at a place. OSError when no place takes them."""
        await self._do(lambda place, file: file.write(chunk, at))

    async def keep(self, name: Callable[[str], str]) -> tuple[str, str]:
        """Finish the file, and return its name and URL; the name is made of its digest."""

        def kept(place: Folder, file: File) -> tuple[str, str]:
            final = name(digest(file))
            return final, place.keep(file, final)

        return await self._do(kept)

    async def _do(self, step: Callable[[Folder, File], T]) -> T:
        while True:
            assert self._place and self._file  # noqa: S101 - it is entered
            try:
                return await to_thread(step, self._place, self._file)
            except OSError as error:
                await self._move(error)

    async def _move(self, fault: OSError | None) -> None:
        """Go on at the next place that takes what there is; the first fault when none does."""
        self.fault = self.fault or fault
        for place in self._places:
            file: File | None = None
            try:
                file = await to_thread(place.make)
                await to_thread(partial(copy, self._file, file))
            except OSError as error:
                self.fault = self.fault or error
                if file:
                    file.discard()
                continue
            except BaseException:
                if file:
                    file.discard()
                raise
            if self._file:
                self._file.discard()
            self._place, self._file = place, file
            return
        raise self.fault or OSError("there is no place for it")
