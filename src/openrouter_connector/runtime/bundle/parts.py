"""Write the requests of a bundle to files: one for each call, since a call has a maximum."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from ...definition.model import Bundle
from ...errors import InputError, Problem

_FRAME = 4096  # bytes of a body beside its requests


@dataclass(slots=True)
class BuiltPart:
    """The requests of one call, as a JSON array in a file."""

    path: Path
    count: int = 0
    size: int = 2
    """In bytes; the brackets are counted."""


class BundleFullError(Exception):
    """There are more requests than one call takes, and the action may not send several."""


class Parts:
    """The files of a bundle, which are complete when its context is left."""

    def __init__(self, word: Bundle, folder: Path) -> None:
        self.written: list[BuiltPart] = []
        self._word = word
        self._folder = folder
        self._file: IO[bytes] | None = None

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._close()

    def add(self, request: bytes) -> None:
        """Write a request. InputError for one that no call takes, else BundleFullError."""
        size = len(request)
        if size + _FRAME > self._word.max_bytes:
            most = _megabytes(self._word.max_bytes)
            message = f"has {_megabytes(size)}; one batch accepts at most {most}"
            raise InputError([Problem("", message)])
        part, file = self._part_for(size)
        file.write((b"," if part.count else b"[") + request)
        part.count += 1
        part.size += size + 1

    def _part_for(self, size: int) -> tuple[BuiltPart, IO[bytes]]:
        """Return the part that takes a request of a size, and its open file."""
        word = self._word
        if self._file:
            part = self.written[-1]
            is_full = part.count >= word.max_requests
            if not is_full and part.size + size + _FRAME <= word.max_bytes:
                return part, self._file
            if not word.split:
                most = f"{word.max_requests:,} requests" if is_full else _megabytes(word.max_bytes)
                message = f"one batch accepts at most {most}; send several batches"
                raise BundleFullError(message)
            self._close()
        part = BuiltPart(self._folder / f"requests-{len(self.written)}.json")
        self._file = part.path.open("wb")
        self.written.append(part)
        return part, self._file

    def _close(self) -> None:
        if self._file:
            self._file.write(b"]")
            self._file.close()
            self._file = None


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
