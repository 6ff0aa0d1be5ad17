"""The key and the server that environment variables name, for the component that names them.

A variable whose name begins with OPENROUTER_ is read for the component `openRouter` alone, and its
key goes to OpenRouter, or to a server that the user named: a file that claims it gets nothing.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from ..definition.model import Component, Environment
from ..errors import CredentialError
from ..runtime.http.base_url import is_openrouter
from .token_binding import OPENROUTER, origin_of

_RESERVED = "OPENROUTER_"


class EnvironmentConnection(NamedTuple):
    """A key, and the base URL of another server than the component's own."""

    token: str | None = None
    base_url: str | None = None


def read_environment(component: Component, named: str | None = None) -> EnvironmentConnection:
    """Give what the environment says of a component; `named` is a base URL that goes first.

    CredentialError for a key that cannot be one.
    """
    known = environment_variables(component)
    base_url = named or (known and known.base_url and _value(known.base_url)) or None
    if known is None or not _may_have_key(known.token, component, base_url):
        return EnvironmentConnection(None, base_url)
    token = _value(known.token)
    if not all("!" <= letter <= "~" for letter in token):
        raise CredentialError(f"{known.token} holds a space or a letter that no key has")
    return EnvironmentConnection(token or None, base_url)


def environment_variables(component: Component) -> Environment | None:
    """Give the environment variables of a component; None when it has none of its own."""
    known = component.connection.variables
    if known is None or not _is_own(known.token, component):
        return None
    # A server that another variable names is none that the user named for this key.
    if _is_reserved(known.token):
        totals = known.base_url == f"{_RESERVED}BASE_URL"
    else:
        totals = known.base_url is not None and not _is_reserved(known.base_url)
    return known if totals else Environment(token=known.token)


def unused_key_reason(component: Component) -> str | None:
    """Say why OPENROUTER_API_KEY, which is set, is not used for a component; None when it is."""
    key = f"{_RESERVED}API_KEY"
    known = environment_variables(component)
    if not _value(key) or (known and known.token == key and _may_have_key(key, component, None)):
        return None
    if component.name == OPENROUTER and is_openrouter(component.base_url):
        return f"{key} is not used: connector.yaml does not name it (connection.environment)"
    if component.name == OPENROUTER:
        return f"{key} is not used: it is for openrouter.ai, not {origin_of(component.base_url)}"
    return (
        f"{key} is read only for the component {OPENROUTER}; let {component.name} name a variable of "
        "its own (connection.environment)"
    )


def _is_own(variable: str, component: Component) -> bool:
    return component.name == OPENROUTER or not _is_reserved(variable)


def _is_reserved(variable: str) -> bool:
    return variable.startswith(_RESERVED)


def _may_have_key(variable: str, component: Component, base_url: str | None) -> bool:
    """Tell whether a key may go where calls go: to the host it is for, or where the user says."""
    own = is_openrouter(component.base_url)
    return own or base_url is not None or not _is_reserved(variable)


def _value(variable: str) -> str:
    return os.environ.get(variable, "").strip()
