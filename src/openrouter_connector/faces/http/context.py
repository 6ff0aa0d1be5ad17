"""What the endpoints share. The application holds one instance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends
from starlette.requests import Request

from ...connector import Connector
from ...definition.form import Form
from ...errors import InputError
from ...runtime.files.store import FileStore
from .file_urls import FileUrls
from .problems import not_found
from .security import Lock
from .sessions import Sessions

if TYPE_CHECKING:
    from ...connections.store import ConnectionStore
    from ...flows.store import FlowStore
    from .pkce_state import Consents
    from .server_runs import ServerRuns
    from .studio import Bundle


@dataclass(frozen=True, slots=True)
class Context:
    """The connector, its open sessions and runs, and the stores: connections, files, flows."""

    connector: Connector
    connections: ConnectionStore
    files: FileStore
    flows: FlowStore
    sessions: Sessions
    runs: ServerRuns
    consents: Consents
    lock: Lock
    hosts: frozenset[str]
    """The host names by which this server may be reached."""
    allow_private: bool
    """Whether callers may name servers on this machine or in a private network."""
    studio: Bundle

    def urls(self, request: Request) -> FileUrls:
        """Return the converter of file URLs, for the host name that the request used."""
        return FileUrls(self.files, self.hosts, request)

    def form(self, action: str) -> Form:
        """Return the form of an action. 404 for an unknown action."""
        try:
            return self.connector.definition.form(action)
        except InputError as error:
            raise not_found(error.problems[0].message) from error


def context_of(request: Request) -> Context:
    """Return the context of the application that serves a request."""
    context: Context = request.app.state.context
    return context


async def _injected(request: Request) -> Context:
    # Async, because FastAPI runs other dependencies in a thread, which takes longer.
    return context_of(request)


InjectedContext = Annotated[Context, Depends(_injected)]
