"""What all handlers work with; the server opens one for its lifetime."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from mcp.server.context import ServerRequestContext
from starlette.requests import Request

from ...connector import Session
from ...definition.form import Form
from ...errors import InputError, Problem
from ...suggest import did_you_mean
from ...values import FileEntry

# Bytes of pictures and sound in one result. In base64 they fit into an event of a stream as the
# official clients take it, which has a megabyte.
INLINE_LIMIT = 700_000


@dataclass(slots=True)
class Context:
    """The open session, the tools, and the files that this server has made."""

    session: Session
    forms: Mapping[str, Form]
    """The actions by their names as tools."""
    inline_limit: int = INLINE_LIMIT
    tells_paths: bool = False
    """Whether results say where on this machine a file lies."""
    folders: tuple[Path, ...] = ()
    """Folders of this machine whose files may be named."""
    made: dict[str, FileEntry] = field(default_factory=dict)
    """By their ids, the oldest first."""

    def form(self, tool: str) -> Form:
        """Give the action behind a tool; InputError, with the nearest, when there is none."""
        if form := self.forms.get(tool):
            return form
        hint = did_you_mean(tool, self.forms) or f"; there are: {', '.join(self.forms)}"
        raise InputError([Problem("name", f"there is no tool {tool!r}{hint}")])

    def keep(self, entry: FileEntry) -> str | None:
        """Remember a file that was made, and give its id; None for a file from elsewhere."""
        file_id = self.session.files.id_of(entry.url)
        if file_id:
            self.made[file_id] = entry
        return file_id


Asked: TypeAlias = ServerRequestContext[Context, Request]
"""A request of a host as a handler sees it."""
