"""Write a file to the store, and to another destination when the store cannot take it."""

from __future__ import annotations

from asyncio import to_thread
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from .unfinished import MemoryFile, UnfinishedFile, copy, digest

T = TypeVar("T")
File = UnfinishedFile | MemoryFile


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a file can be written: `create` starts it, `keep` names it and returns its URL."""

    create: Callable[[], File]
    keep: Callable[[File, str], str]

    @classmethod
    def folder(cls, folder: Callable[[], Path]) -> Destination:
        """Write files to a folder, which the callable creates when it is missing."""
        return cls(lambda: UnfinishedFile(folder()), lambda file, name: file.keep(name))

    @classmethod
    def memory(cls) -> Destination:
        """Turn a small file into a `data:` URL."""
        return cls(MemoryFile, lambda file, name: file.keep(name))


class FallbackWriter:
    """Writes a file to the first destination that takes all of it.

    When a destination fails, the bytes written so far are copied to the next one, so a source that
    can be read only once loses nothing. `fault` is the first failure. Use it with `async with`: a
    file that `keep` did not finish is deleted at the end.
    """

    fault: OSError | None = None

    def __init__(self, destinations: Iterator[Destination]) -> None:
        """Try these destinations in this order."""
        self._destinations = destinations
        self._destination: Destination | None = None
        self._file: File | None = None

    async def __aenter__(self) -> Self:
        await self._move(None)
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._file:
            self._file.discard()

    async def write(self, chunk: bytes, offset: int | None = None) -> None:
        """Append bytes, or overwrite bytes at an offset. OSError when no destination is left."""
        await self._try(lambda destination, file: file.write(chunk, offset))

    async def keep(self, name: Callable[[str], str]) -> tuple[str, str]:
        """Finish the file, and return its name and URL. `name` turns its digest into its name."""

        def finish(destination: Destination, file: File) -> tuple[str, str]:
            final = name(digest(file))
            return final, destination.keep(file, final)

        return await self._try(finish)

    async def _try(self, step: Callable[[Destination, File], T]) -> T:
        while True:
            assert self._destination and self._file  # noqa: S101 - set by __aenter__
            try:
                return await to_thread(step, self._destination, self._file)
            except OSError as error:
                await self._move(error)

    async def _move(self, fault: OSError | None) -> None:
        """Continue at the next destination that takes the bytes so far.

        Raises the first fault when none does.
        """
        self.fault = self.fault or fault
        for destination in self._destinations:
            file: File | None = None
            try:
                file = await to_thread(destination.create)
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
            self._destination, self._file = destination, file
            return
        raise self.fault or OSError("no destination takes the file")
