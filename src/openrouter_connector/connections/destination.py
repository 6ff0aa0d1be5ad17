"""Find the server of a session that names none: the environment, then the default connection."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..definition.model import Component
from ..errors import InputError, Problem
from ..openrouter.identity import COMPONENT
from ..runtime.http.base_url import address_fault
from .environment import (
    EnvironmentConnection,
    environment_variables,
    read_environment,
    unused_key_reason,
)

if TYPE_CHECKING:
    from .store import ConnectionStore


class Destination(NamedTuple):
    """Where calls go: a stored connection, or a server with its token."""

    token: str | None = None
    base_url: str | None = None
    connection: str | None = None


def find_destination(
    component: Component, connections: ConnectionStore | None = None, base_url: str | None = None
) -> Destination | None:
    """Return the server of the environment, else the default connection, else None.

    The first one that is found decides alone, so that no key of one is sent to the server of the
    other. `base_url` overrides the server of the environment. Raises as
    `checked_environment` does.
    """
    server = checked_environment(component, base_url)
    if server.token or server.base_url:
        return Destination(*server)
    default = _store(component, connections).default
    return None if default is None else Destination(connection=default)


def checked_environment(component: Component, base_url: str | None = None) -> EnvironmentConnection:
    """Return the key and the server of the environment; `base_url` overrides its server.

    CredentialError for an impossible key, InputError for an invalid address.
    """
    server = read_environment(component, base_url)
    if server.base_url and (fault := address_fault(server.base_url)):
        known = environment_variables(component)
        variable = known.base_url if known and known.base_url else ""
        raise InputError([Problem("baseUrl" if base_url else variable, fault)])
    return server


def unused_keys(component: Component, connections: ConnectionStore | None = None) -> list[str]:
    """Return a sentence for each kind of key that exists and is not used for this component."""
    unused = unused_key_reason(component)
    stored = _store(component, connections).list()
    owners = {one.component for one in stored}
    others = ", ".join(sorted(name for name in owners if name and name != component.name))
    return [
        *([f"{unused}."] if unused else []),
        *([f"Saved connections of another component ({others}) are not used."] if others else []),
    ]


def no_destination_message(component: Component, connections: ConnectionStore | None) -> str:
    """Say that no key was found, and what a program can do."""
    unused, known = unused_keys(component, connections), environment_variables(component)
    ways = ["pass `token`", "store a connection with `openrouter-connector connect`"]
    if known and not any(known.token in sentence for sentence in unused):
        ways.insert(1, f"set {known.token}")
    if component.name == COMPONENT:
        ways.append("use the sandbox, which needs no key (`sandbox=True`)")
    listed = f"{', '.join(ways[:-1])}, or {ways[-1]}"
    sentences = [f"no API key for {component.title}.", *unused, f"To connect, {listed}."]
    return " ".join(sentences)


def _store(component: Component, connections: ConnectionStore | None) -> ConnectionStore:
    # Imported here: a key in the environment needs no keyring and no cryptography.
    from .store import ConnectionStore

    return (connections or ConnectionStore()).of(component)
