"""The user's folder of caches: files that may be deleted at any time, and are written whole."""

from __future__ import annotations

import os
import time
from pathlib import Path

_LIFETIME = 30 * 24 * 3600.0  # seconds after its last write until a file is deleted


def cache_folder(name: str) -> Path:
    """Return the folder of one kind of files: in `$OPENROUTER_CONNECTOR_CACHE`, or the user's."""
    if place := os.environ.get("OPENROUTER_CONNECTOR_CACHE"):
        return Path(place) / name
    from platformdirs import user_cache_path

    return user_cache_path("openrouter-connector") / name


def write_cache_file(file: Path, text: str) -> None:
    """Write a file, and delete those beside it that are a month old. Raise OSError."""
    from tempfile import NamedTemporaryFile

    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Renamed when complete: another process never reads half a file.
    with NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".tmp", delete=False) as new:
        try:
            new.write(text.encode())
            new.close()
            Path(new.name).replace(file)
        finally:
            Path(new.name).unlink(missing_ok=True)
    _sweep(file.parent)


def _sweep(folder: Path) -> None:
    before = time.time() - _LIFETIME
    for file in folder.iterdir():
        if file.stat().st_mtime < before:
            file.unlink(missing_ok=True)
