"""Read the API key and base URL of a component from environment variables.

Reserved variables are read for the component that shipped with this package alone, and their key
goes to its own server, or to one that the user named: another file that claims them gets nothing.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from ..definition.model import Component, Environment
from ..errors import CredentialError
from ..openrouter.identity import COMPONENT, HOST, VARIABLES
from ..openrouter.servers import is_openrouter
from .token_binding import origin_of


class EnvironmentConnection(NamedTuple):
    """The key in the environment, and the base URL if it is not the component's own."""

    token: str | None = None
    base_url: str | None = None


def read_environment(component: Component, base_url: str | None = None) -> EnvironmentConnection:
    """Return the key and base URL of a component; `base_url` overrides the variable.

    Raises CredentialError if the key contains invalid characters.
    """
    known = environment_variables(component)
    base_url = base_url or (known and known.base_url and _value(known.base_url)) or None
    if known is None or not _may_have_key(known.token, component, base_url):
        return EnvironmentConnection(None, base_url)
    token = _value(known.token)
    # A line break from a `.env` file would otherwise fail deep inside the HTTP client.
    if not all("!" <= letter <= "~" for letter in token):
        raise CredentialError(f"{known.token} contains a space or an invalid character; correct it")
    return EnvironmentConnection(token or None, base_url)


def environment_variables(component: Component) -> Environment | None:
    """Return the environment variables of a component; None if it may not read any."""
    known = component.connection.variables
    if known is None or not _may_read(known.token, component):
        return None
    # Otherwise a file could send a reserved key to a server that its own variable names.
    if _is_reserved(known.token):
        belongs_together = known.base_url == f"{VARIABLES}BASE_URL"
    else:
        belongs_together = known.base_url is not None and not _is_reserved(known.base_url)
    return known if belongs_together else Environment(token=known.token)


def unused_key_reason(component: Component) -> str | None:
    """Return why the reserved key, which is set, is not used for a component; None when it is."""
    key = f"{VARIABLES}API_KEY"
    known = environment_variables(component)
    if not _value(key) or (known and known.token == key and _may_have_key(key, component, None)):
        return None
    if component.name == COMPONENT and is_openrouter(component.base_url):
        return f"{key} is not used: connector.yaml does not name it (connection.environment)"
    if component.name == COMPONENT:
        return f"{key} is not used: it is for {HOST}, not {origin_of(component.base_url)}"
    own = f"let {component.name} name a variable of its own (connection.environment)"
    return f"{key} is read only for the component {COMPONENT}; {own}"


def _may_read(variable: str, component: Component) -> bool:
    return component.name == COMPONENT or not _is_reserved(variable)


def _is_reserved(variable: str) -> bool:
    return variable.startswith(VARIABLES)


def _may_have_key(variable: str, component: Component, base_url: str | None) -> bool:
    """Return whether a key may go to the server that is called: its own, or one the user named."""
    own = is_openrouter(component.base_url)
    return own or base_url is not None or not _is_reserved(variable)


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()
