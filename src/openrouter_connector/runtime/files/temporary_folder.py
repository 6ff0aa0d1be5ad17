"""This user's own folder for temporary files, for what the file store cannot take."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from stat import S_ISDIR
from tempfile import gettempdir


def temporary_folder() -> Path:
    """Create this user's folder for temporary files. OSError when it is not safe to use."""
    folder = temporary_path()
    folder.mkdir(mode=0o700, exist_ok=True)
    if not is_private(folder):
        raise PermissionError(errno.EPERM, f"{folder} belongs to another user")
    return folder


def temporary_path() -> Path:
    """Return the path of the folder, whether it exists or not."""
    user = f"-{os.getuid()}" if hasattr(os, "getuid") else ""
    return Path(gettempdir(), f"openrouter-connector{user}")


def temporary_url() -> str | None:
    """Return the `file:` URL of the folder; None where the system has no temporary folder."""
    try:
        return temporary_path().as_uri()
    except OSError:
        return None


def is_private(folder: Path) -> bool:
    """Return whether only this user can write to a folder.

    Every user can write to the system's temporary folder, so another one may have created this
    folder first, or a link in its place.
    """
    try:
        status = folder.lstat()
    except OSError:
        return False
    if not S_ISDIR(status.st_mode):
        return False
    return not hasattr(os, "getuid") or (status.st_uid, status.st_mode & 0o077) == (os.getuid(), 0)
