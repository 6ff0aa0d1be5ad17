"""Validate a connection against the loaded component: nothing is sent, and no key is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ..definition.fast_validation import is_valid
from ..definition.model import Component, Property
from ..errors import Problem
from ..openrouter.identity import KEY_PATTERN
from ..runtime.build import text
from ..runtime.http.base_url import NO_ADDRESS, OVERHEARD, address_fault, is_same_server
from ..runtime.http.headers import NO_HEADER, fits_header
from ..runtime.http.loopback import is_loopback
from ..values import Json
from .connection import StoredConnection

_A_KEY = re.compile(KEY_PATTERN)
_NO_KEY_HERE = "holds an API key, which belongs in the token and nowhere else"
_NOT_PRIVATE = "is a public address, where a key never goes unencrypted; use https://"


def problems(connection: StoredConnection, component: Component) -> Iterator[Problem]:
    """Yield all problems of a connection that is to be stored or used for a component."""
    place = component.base_url if connection.base_url is None else connection.base_url
    if fault := name_fault(connection.name):
        yield Problem("name", fault)
    if fault := base_url_fault(place, connection.token, allow_http=connection.allow_http):
        yield Problem("baseUrl", fault)
    if fault := token_fault(connection.token, place, component):
        yield Problem("token", fault)
    known = settings(component)
    for name, value in connection.properties.items():
        if name not in known:
            yield Problem(name, f"is unknown; a connection may have {', '.join(known)}")
        elif fault := _fault(known[name], value):
            yield Problem(name, fault)


def settings(component: Component) -> Mapping[str, Property]:
    """Return the properties that a connection of a component may have besides its token."""
    listed = component.connection.properties
    return {prop.name: prop for prop in listed if prop.name and prop.name != "token"}


def name_fault(name: Json) -> str | None:
    """Return why a connection cannot have this name; None for a good name."""
    if not isinstance(name, str) or not re.fullmatch(r"[\w. -]{1,64}", name):
        return "must be 1 to 64 letters, digits, spaces, dots, hyphens and underscores"
    if name != name.strip() or not re.search(r"\w", name):
        return "must not begin or end with a space, and needs a letter or a digit"
    return _NO_KEY_HERE if _A_KEY.search(name) else None


def token_fault(token: str | None, base_url: Json, component: Component) -> str | None:
    """Return why a text cannot be the key of a server, without repeating the text itself.

    What the definition says of the token holds for the component's own server: others that speak
    the API have keys of their own, or none.
    """
    own = isinstance(base_url, str) and is_same_server(base_url, component.base_url)
    prop = next((prop for prop in component.connection.properties if prop.name == "token"), None)
    if not token:
        where = f" ({component.connection.help})" if component.connection.help else ""
        message = f"is missing: {component.title} requires a key{where}"
        return message if own and prop and prop.required else None
    if not all("!" <= letter <= "~" for letter in token):
        return "holds a space, a line break or a character that no key has; copy it again"
    # Half a key, copied without its end, would be refused by the server only later.
    if own and prop and prop.pattern and not re.fullmatch(prop.pattern, token):
        example = f" (such as {prop.placeholder})" if prop.placeholder else ""
        return f"is not a whole key of {component.title}{example}; copy it again"
    return None


def base_url_fault(base_url: Json, token: str | None, *, allow_http: bool = False) -> str | None:
    """Return why a text is no base URL, or none that a token may be sent to.

    With `allow_http` a token may go over http to a private network. Whether a name leads into one
    is known only when a connection is opened.
    """
    if base_url is None:
        return None
    if not isinstance(base_url, str) or not re.fullmatch(r"[!-~]+", base_url):
        return NO_ADDRESS
    if fault := address_fault(base_url):
        return fault
    # URLs are shown in lists and logs, where a key must never be.
    if _A_KEY.search(base_url):
        return _NO_KEY_HERE
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    if not token or parts.scheme != "http" or is_loopback(host):
        return None
    if not allow_http:
        return OVERHEARD
    from ..runtime.http.hosts import normal_host
    from ..runtime.http.public_addresses import (
        is_public_literal,  # which brings aiohttp, for a rare case
    )

    return _NOT_PRIVATE if is_public_literal(normal_host(host)) else None


def _fault(prop: Property, value: Json) -> str | None:
    """Return why a connection cannot have this value of a property."""
    from ..definition.derive.json_schema import property_schema
    from ..definition.schema_problems import schema_problems

    if _A_KEY.search(str(value)):
        return _NO_KEY_HERE
    if prop.name == "baseUrl":  # validated together with the token
        return None
    if not is_valid(prop, value):
        return "; ".join(
            problem.message for problem in schema_problems(property_schema(prop), value)
        )
    in_header = prop.send and prop.send.in_ == "header"
    return NO_HEADER if in_header and not fits_header(text(value)) else None
