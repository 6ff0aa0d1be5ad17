"""Files of this machine that an agent may name: those in folders that the user allowed.

`mcp --allow-dir DIR` allows a folder, and so does the host by its roots. Roots count over stdio
only: over HTTP they are folders of another machine. What is hidden, and what a link leads out of a
folder, is never read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio
from mcp.shared.exceptions import MCPError
from mcp_types import ListRootsRequest, ListRootsResult
from pydantic import ValidationError

from ...values import FileEntry, OwnFile
from .context import Asked

_PATIENCE = 5.0  # seconds for a host to name its roots


async def allowed(asked: Asked) -> tuple[Path, ...]:
    """Return the folders whose files may be named in a call."""
    return (*asked.lifespan_context.folders, *await _roots(asked))


def found(text: str, folders: Iterable[Path]) -> FileEntry | None:
    """Return the file that a path or a `file:` URL names in one of the folders; else None."""
    if (named := _path(text)) is None:
        return None
    for folder in folders:
        with suppress(OSError, ValueError, RuntimeError):
            base = folder.resolve(strict=True)
            file = (base / named).resolve(strict=True)
            if file.is_relative_to(base) and file.is_file() and not _is_hidden(file, base):
                return FileEntry("", "", file.name, OwnFile(file))
    return None


def _path(text: str) -> Path | None:
    if text[:5].lower() == "file:":
        parts = urlsplit(text)
        if parts.netloc not in ("", "localhost"):
            return None
        text = unquote(parts.path)
    if not text or "\0" in text:
        return None
    path = Path(text)
    return None if ".." in path.parts else path


def _is_hidden(file: Path, base: Path) -> bool:
    """Tell whether a file is hidden, or lies where our own keys are kept."""
    if any(part.startswith(".") for part in file.relative_to(base).parts):
        return True
    from platformdirs import user_config_path

    own = os.environ.get("OPENROUTER_CONNECTOR_CONFIG") or user_config_path("openrouter-connector")
    return file.is_relative_to(Path(own).expanduser().resolve())


async def _roots(asked: Asked) -> list[Path]:
    known = asked.session.client_capabilities
    if asked.request or not (known and known.roots and asked.session.can_send_request):
        return []
    roots: list[Path] = []
    with suppress(MCPError, ValidationError), anyio.move_on_after(_PATIENCE):
        told = await asked.session.send_request(ListRootsRequest(), ListRootsResult)
        roots = [path for root in told.roots if (path := _path(str(root.uri)))]
    return [path for path in roots if path.is_absolute()]
