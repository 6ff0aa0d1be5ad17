"""What the handlers share. The server holds one instance for its lifetime."""

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
from .flow_runs import FlowRuns
from .flow_tools import FlowTool

# Bytes of images and audio in one result. As base64 they fit into one event of a stream, for which
# the official clients have a limit of one megabyte.
INLINE_LIMIT = 700_000


@dataclass(slots=True)
class Context:
    """The open session, the tools, and the files that this server has created."""

    session: Session
    forms: Mapping[str, Form]
    """The forms of the actions by the names of their tools."""
    inline_limit: int = INLINE_LIMIT
    show_paths: bool = False
    """Whether results show the path of a file on this machine."""
    folders: tuple[Path, ...] = ()
    """Folders of this machine whose files a call may name."""
    flows: Mapping[str, FlowTool] = field(default_factory=dict)
    """The published flows by the names of their tools."""
    runs: FlowRuns | None = None
    """Where flows run, if some are published."""
    files: dict[str, FileEntry] = field(default_factory=dict)
    """Files created so far by their ids, the oldest first."""

    def form(self, tool: str) -> Form:
        """Return the form behind a tool. InputError suggests a similar name for an unknown one."""
        if form := self.forms.get(tool):
            return form
        known = [*self.flows, *self.forms]
        hint = did_you_mean(tool, known) or f"; the tools are: {', '.join(known)}"
        raise InputError([Problem("name", f"the tool {tool!r} does not exist{hint}")])

    def remember(self, entry: FileEntry) -> str | None:
        """Remember a created file, and return its id; None for a file outside of the store."""
        file_id = self.session.files.id_of(entry.url)
        if file_id:
            self.files[file_id] = entry
        return file_id


RequestContext: TypeAlias = ServerRequestContext[Context, Request]
"""A request of a host, as the SDK passes it to a handler."""
