"""Whose a key is: it belongs to one component and one host, and is used for no other.

That is encrypted together with the token, so that no change of a file leads a token elsewhere.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

from ..definition.model import Component
from ..openrouter.identity import COMPONENT, SERVER
from ..values import Json

FIRST = COMPONENT
"""The component of the connections that were stored before a connection named its component."""


@dataclass(frozen=True, slots=True)
class SealedToken:
    """What is encrypted of a connection: its token, and the component and server it is for."""

    token: str = field(repr=False)
    component: str
    server: str
    """A base URL: of the connection, or of the component when the token was stored."""

    @classmethod
    def of_text(cls, text: str) -> Self:
        """Read what `to_text` wrote, today or before components were named; else ValueError."""
        try:
            told: Json = json.loads(text)
        except RecursionError as error:
            raise ValueError("its encrypted token is not what was written") from error
        if not isinstance(told, dict):
            raise ValueError("its encrypted token is not what was written")
        server = told.get("server", told.get("baseUrl") or SERVER)
        parts = [told.get("token"), told.get("component", FIRST), server]
        if not all(isinstance(part, str) for part in parts):
            raise ValueError("its encrypted token is not what was written")
        return cls(*map(str, parts))

    def to_text(self) -> str:
        """Write `{token, component, server}`."""
        return json.dumps({"token": self.token, "component": self.component, "server": self.server})


def leads_elsewhere(base_url: str | None, component: Component) -> bool:
    """Tell whether a base URL leads to another host than the component's own; None is that one."""
    return base_url is not None and origin(base_url) != origin(component.base_url)


def origin(base_url: str) -> str:
    """Give the host of a base URL as people read it, `https://api.example.com`: to compare, too."""
    try:
        parts = urlsplit(base_url)
        port = parts.port
    except ValueError:
        return base_url  # an invalid URL equals only itself
    host = (parts.hostname or "").rstrip(".")
    shown = f"[{host}]" if ":" in host else host
    usual = port in (None, {"http": 80, "https": 443}.get(parts.scheme))
    return f"{parts.scheme}://{shown}{'' if usual else f':{port}'}"
