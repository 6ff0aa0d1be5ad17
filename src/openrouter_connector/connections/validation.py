"""What can be told of a connection by looking at it: nothing is sent, and no key is repeated."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ..definition.fast_validation import is_valid
from ..definition.model import Component, Property
from ..errors import Problem
from ..runtime.build import text
from ..runtime.http.base_url import NO_ADDRESS, OVERHEARD, address_fault, is_openrouter
from ..runtime.http.headers import NO_HEADER, fits_header
from ..runtime.http.loopback import is_loopback
from ..secret import API_KEY_PATTERN
from ..values import Json
from .connection import StoredConnection

_A_KEY = re.compile(API_KEY_PATTERN)
_NO_KEY_HERE = "holds an API key, which belongs into the token and nowhere else"
_NOT_PRIVATE = "is a public address, where a key never goes unencrypted; use https://"


def problems(connection: StoredConnection, component: Component) -> Iterator[Problem]:
    """Find all that is wrong with a connection that is to be stored or used for a component."""
    place = component.base_url if connection.base_url is None else connection.base_url
    if fault := name_fault(connection.name):
        yield Problem("name", fault)
    if fault := base_url_fault(place, connection.token, allow_http=connection.allow_http):
        yield Problem("baseUrl", fault)
    if fault := token_fault(connection.token, place):
        yield Problem("token", fault)
    known = settings(component)
    for name, value in connection.properties.items():
        if name not in known:
            yield Problem(name, f"is unknown; a connection may have {', '.join(known)}")
        elif fault := _fault(known[name], value):
            yield Problem(name, fault)


def settings(component: Component) -> Mapping[str, Property]:
    """Give what a connection of a component may have beside its token."""
    listed = component.connection.properties
    return {prop.name: prop for prop in listed if prop.name and prop.name != "token"}


def name_fault(name: Json) -> str | None:
    """Say why a connection cannot be called this."""
    if not isinstance(name, str) or not re.fullmatch(r"[\w. -]{1,64}", name):
        return "must be 1 to 64 letters, digits, spaces, dots, hyphens and underscores"
    if name != name.strip() or not re.search(r"\w", name):
        return "must not begin or end with a space, and needs a letter or a digit"
    return _NO_KEY_HERE if _A_KEY.search(name) else None


def token_fault(token: str | None, base_url: Json) -> str | None:
    """Say why a text cannot be the key of a server; the text itself is not repeated."""
    ours = isinstance(base_url, str) and is_openrouter(base_url)
    if not token:
        told = "is missing: OpenRouter wants a key (https://openrouter.ai/settings/keys)"
        return told if ours else None
    if not all("!" <= letter <= "~" for letter in token):
        return "holds a space, a line break or a character that no key has; copy it once more"
    if ours and not token.startswith("sk-or-"):
        return "is not an OpenRouter key: those begin with sk-or-; copy it once more"
    if ours and not re.fullmatch(r"[\w-]+", token):
        return "holds a character that no key has (an abridged key is only its label)"
    return None


def base_url_fault(base_url: Json, token: str | None, *, allow_http: bool = False) -> str | None:
    """Say why a text is no base URL, or none that a token may be sent to.

    With `allow_http` a token may go over http to a private network. Whether a name leads into one
    is found when a connection is opened.
    """
    if base_url is None:
        return None
    if not isinstance(base_url, str) or not re.fullmatch(r"[!-~]+", base_url):
        return NO_ADDRESS
    if fault := address_fault(base_url):
        return fault
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
    """Say why this cannot be what a connection has of a property."""
    from ..definition.derive.json_schema import property_schema
    from ..definition.schema_problems import schema_problems

    if _A_KEY.search(str(value)):
        return _NO_KEY_HERE
    if prop.name == "baseUrl":  # looked at together with the token
        return None
    if not is_valid(prop, value):
        return "; ".join(one.message for one in schema_problems(property_schema(prop), value))
    in_header = prop.send and prop.send.in_ == "header"
    return NO_HEADER if in_header and not fits_header(text(value)) else None
