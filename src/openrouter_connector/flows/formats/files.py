"""Read and write the files of flows. A written file is whole, however many write it at once."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ...errors import FileError


def read_file(file: Path, most: int) -> bytes:
    """Return the first `most` bytes of a file. FileError if it cannot be read."""
    with _file_errors(file, "read"), file.open("rb") as stream:
        return stream.read(most)


def write_file(file: Path, text: str) -> None:
    """Write a text to a file, whose mode stays. FileError; then the file is as it was."""
    with _file_errors(file, "written"):
        target = Path(os.path.realpath(file))
        unfinished = target.with_name(f".{secrets.token_hex(8)}.unfinished")
        try:
            with unfinished.open("xb") as stream:
                stream.write(text.encode())
                stream.flush()
                os.fsync(stream.fileno())
            with suppress(FileNotFoundError):
                shutil.copymode(target, unfinished)
            unfinished.replace(target)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise


@contextmanager
def _file_errors(file: Path, done: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"{file}: {error.strerror or f'cannot be {done}'}") from error
    except ValueError as error:  # a path with a null byte, or half of a character
        shown = str(file).encode("utf-8", "backslashreplace").decode()
        raise FileError(f"{shown!r} is no path: {error}") from error
