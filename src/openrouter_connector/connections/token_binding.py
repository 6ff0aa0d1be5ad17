"""Bind a token to one component and one host, so that it is never sent anywhere else.

The binding is encrypted together with the token: editing a file cannot redirect a token.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from ..definition.model import Component
from ..openrouter.identity import COMPONENT, SERVER
from ..values import Json


@dataclass(frozen=True, slots=True)
class BoundToken:
    """A token, with the component and the server it may be used for."""

    token: str = field(repr=False)
    component: str
    server: str
    """The base URL of the connection, or of the component when the token was stored."""

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read what `to_text` wrote, in this or an earlier version; raise ValueError otherwise."""
        try:
            value: Json = json.loads(text)
        except RecursionError as error:
            raise ValueError(_UNKNOWN_FORMAT) from error
        if not isinstance(value, dict):
            raise ValueError(_UNKNOWN_FORMAT)
        # Earlier versions stored neither the component nor its server, since there was only one.
        server = value.get("server", value.get("baseUrl") or SERVER)
        fields = [value.get("token"), value.get("component", COMPONENT), server]
        if not all(isinstance(field, str) for field in fields):
            raise ValueError(_UNKNOWN_FORMAT)
        return cls(*map(str, fields))

    def to_text(self) -> str:
        """Return `{token, component, server}` as JSON text."""
        return json.dumps({"token": self.token, "component": self.component, "server": self.server})


_UNKNOWN_FORMAT = "its encrypted token has an unknown format"


def is_other_host(base_url: str | None, component: Component) -> bool:
    """Return whether a base URL leads to another host than the component's; None is its own."""
    return base_url is not None and origin_of(base_url) != origin_of(component.base_url)


def origin_of(base_url: str) -> str:
    """Return the origin of a base URL in a comparable form: `https://api.example.com`."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return base_url  # an invalid URL equals only itself
    # `api.example.com.` with a final dot is the same host.
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    is_default = port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    return f"{parts.scheme}://{shown}{'' if is_default else f':{port}'}"


def written_host(url: str) -> str:
    """Return the host of a URL as it is written; Python's own is in lower case."""
    host = urlsplit(url).netloc.rpartition("@")[2]
    return host.partition("]")[0][1:] if host.startswith("[") else host.partition(":")[0]
