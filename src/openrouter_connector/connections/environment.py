"""The key and the server that environment variables name, for the component that names them.

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
from .owner import origin


class NamedServer(NamedTuple):
    """A key, and the base URL of another server than the component's own."""

    token: str | None = None
    base_url: str | None = None


def place(component: Component, named: str | None = None) -> NamedServer:
    """Give what the environment says of a component; `named` is a base URL that goes first.

    CredentialError for a key that cannot be one.
    """
    known = variables(component)
    base_url = named or (known and known.base_url and _value(known.base_url)) or None
    if known is None or not _may_have_key(known.token, component, base_url):
        return NamedServer(None, base_url)
    token = _value(known.token)
    if not all("!" <= letter <= "~" for letter in token):
        raise CredentialError(f"{known.token} holds a space or a letter that no key has")
    return NamedServer(token or None, base_url)


def variables(component: Component) -> Environment | None:
    """Give the environment variables of a component; None when it has none of its own."""
    known = component.connection.variables
    if known is None or not _is_own(known.token, component):
        return None
    # A server that another variable names is none that the user named for this key.
    if _is_reserved(known.token):
        totals = known.base_url == f"{VARIABLES}BASE_URL"
    else:
        totals = known.base_url is not None and not _is_reserved(known.base_url)
    return known if totals else Environment(token=known.token)


def withheld(component: Component) -> str | None:
    """Return why the reserved key, which is set, is not used for a component; None when it is."""
    key = f"{VARIABLES}API_KEY"
    known = variables(component)
    if not _value(key) or (known and known.token == key and _may_have_key(key, component, None)):
        return None
    if component.name == COMPONENT and is_openrouter(component.base_url):
        return f"{key} is not used: connector.yaml does not name it (connection.environment)"
    if component.name == COMPONENT:
        return f"{key} is not used: it is for {HOST}, not {origin(component.base_url)}"
    own = f"let {component.name} name a variable of its own (connection.environment)"
    return f"{key} is read only for the component {COMPONENT}; {own}"


def _is_own(variable: str, component: Component) -> bool:
    return component.name == COMPONENT or not _is_reserved(variable)


def _is_reserved(variable: str) -> bool:
    return variable.startswith(VARIABLES)


def _may_have_key(variable: str, component: Component, base_url: str | None) -> bool:
    """Tell whether a key may go where calls go: to the host it is for, or where the user says."""
    own = is_openrouter(component.base_url)
    return own or base_url is not None or not _is_reserved(variable)


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()
