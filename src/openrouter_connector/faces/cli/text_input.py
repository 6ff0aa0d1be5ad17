"""Texts from a file, or from stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from ...errors import FileError


def read_text(source: str) -> str:
    """Read a text file, or stdin for `-`; FileError when that cannot be done."""
    try:
        if source == "-":
            return sys.stdin.read() if sys.stdin else ""
        return Path(source).expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{source} is not UTF-8 text") from error
