"""Read a text from a file or from stdin."""

from __future__ import annotations

import sys
from pathlib import Path

from ...errors import FileError


def read_text(source: str) -> str:
    """Return the text of a file, or of stdin for `-`. Raise FileError if it is not readable."""
    try:
        if source == "-":
            return sys.stdin.read() if sys.stdin else ""
        # -sig: editors on Windows begin a file with a byte order mark.
        return Path(source).expanduser().read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{source} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{source} is not UTF-8 text") from error
