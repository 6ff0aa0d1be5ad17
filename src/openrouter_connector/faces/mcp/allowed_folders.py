"""Find files of this machine that an agent may name: those in folders that the user allowed.

The user allows a folder by `mcp --allow-dir DIR`, a host by its roots. Roots count over stdio only:
over HTTP they are folders of another machine. Hidden files, and files that a link leads to outside
of the folder, are never read.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

import anyio
from mcp.shared.exceptions import MCPError
from mcp_types import ListRootsRequest, ListRootsResult
from pydantic import ValidationError

from ...connections.store import default_folder
from ...values import FileEntry, OwnFile
from .context import RequestContext

_ROOTS_TIMEOUT = 5.0  # seconds; some hosts announce roots and never answer


async def allowed_folders(ctx: RequestContext) -> tuple[Path, ...]:
    """Return the folders whose files a call may name."""
    return (*ctx.lifespan_context.folders, *await _roots(ctx))


def find_file(text: str, folders: Iterable[Path]) -> FileEntry | None:
    """Return the file in one of the folders that a path or a `file:` URL names; else None."""
    if (named := _path(text)) is None:
        return None
    for folder in folders:
        with suppress(OSError, ValueError, RuntimeError):
            base = folder.resolve(strict=True)
            # Resolved before it is compared: a link in the folder may lead anywhere.
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
    """Return whether a file is hidden, or lies in the folder where we store API keys."""
    if any(part.startswith(".") for part in file.relative_to(base).parts):
        return True
    return file.is_relative_to(default_folder().resolve())


async def _roots(ctx: RequestContext) -> list[Path]:
    capabilities = ctx.session.client_capabilities
    has_roots = capabilities and capabilities.roots and ctx.session.can_send_request
    if ctx.request or not has_roots:
        return []
    roots: list[Path] = []
    with suppress(MCPError, ValidationError), anyio.move_on_after(_ROOTS_TIMEOUT):
        listed = await ctx.session.send_request(ListRootsRequest(), ListRootsResult)
        roots = [path for root in listed.roots if (path := _path(str(root.uri)))]
    return [path for path in roots if path.is_absolute()]
