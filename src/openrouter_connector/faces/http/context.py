"""What all endpoints work with; the application holds one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import Request

from ...connector import Connector
from ...definition.form import Form
from ...errors import InputError
from ...runtime.files.store import FileStore
from .file_urls import Urls
from .problems import not_found
from .security import Lock
from .sessions import Sessions

if TYPE_CHECKING:
    from ...connections.store import ConnectionStore
    from .pkce_state import Consents


@dataclass(frozen=True, slots=True)
class Context:
    """The connector, what is open, and where things are kept."""

    connector: Connector
    connections: ConnectionStore
    files: FileStore
    sessions: Sessions
    consents: Consents
    lock: Lock
    hosts: frozenset[str]
    """The names by which this server may be reached."""
    allow_private: bool
    """Whether callers may name a server of this machine or of a private network."""

    def urls(self, request: Request) -> Urls:
        """Give what names files as this request reaches them."""
        return Urls(self.files, self.hosts, request)

    def form(self, action: str) -> Form:
        """Give an action; 404 for one that there is not."""
        try:
            return self.connector.definition.form(action)
        except InputError as error:
            raise not_found(error.problems[0].message) from error


async def _context(request: Request) -> Context:
    context: Context = request.app.state.context
    return context


Here = Annotated[Context, Depends(_context)]
