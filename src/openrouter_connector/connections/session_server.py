"""Find the server of a session, with its token and its headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..definition.model import Component
from ..errors import CredentialError
from ..runtime.build import mapping
from .destination import find_destination, no_destination_message
from .store import ConnectionStore
from .token_binding import is_other_host


@dataclass(frozen=True, slots=True)
class SessionServer:
    """Where the calls of a session go, the token and the headers."""

    token: str | None = field(repr=False)
    base_url: str | None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    allow_http: bool = False
    public: bool = False
    """Whether only public addresses may be called."""
    name: str | None = None
    """The name of a stored connection."""


def default_server(connections: ConnectionStore, component: Component) -> SessionServer:
    """Return the server of the environment, else of the default connection.

    CredentialError without either.
    """
    found = find_destination(component, connections)
    if found is None:
        raise CredentialError(no_destination_message(component, connections))
    if found.connection is not None:
        return stored_server(found.connection, connections, component)
    return SessionServer(found.token, found.base_url)


def stored_server(name: str, connections: ConnectionStore, component: Component) -> SessionServer:
    """Return the server of a stored connection of a component. CredentialError without one."""
    stored = connections.of(component).get(name)
    # A connection sends its properties as an action does: most of them are headers.
    headers = mapping(component.connection.properties, "GET", stored.properties, {"token"}).headers
    base_url = stored.base_url or component.base_url
    # Only whoever stored it on this machine may lead a token into a private network.
    public = not stored.private and is_other_host(base_url, component)
    return SessionServer(stored.token, base_url, headers, stored.allow_http, public, stored.name)
