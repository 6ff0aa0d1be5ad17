"""The values of stored connections: with the token for use, and without it for display."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..values import JsonObject


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection with its token; the token is None for a server that needs no key.

    `properties` are the other fields of `connection:` in connector.yaml, such as `baseUrl`. If
    `private` is false, the base URL may lead to public addresses only.
    """

    name: str
    token: str | None = field(default=None, repr=False)
    properties: JsonObject = field(default_factory=dict)
    private: bool = True

    @property
    def base_url(self) -> str | None:
        """The server that calls go to; None for the component's own."""
        return self.properties.get("baseUrl")

    @property
    def allow_http(self) -> bool:
        """Whether the token may be sent unencrypted into a private network."""
        return self.properties.get("allowHttp") is True


@dataclass(frozen=True, slots=True)
class ConnectionSummary:
    """What may be shown of a connection: everything but its token."""

    name: str
    properties: JsonObject = field(default_factory=dict)
    default: bool = False
    problem: str | None = None
    """Why the connection cannot be used, and what to do."""
    created: str | None = None
    """When it was first stored, in ISO 8601."""
    component: str | None = None
    """The component it belongs to; None if its file cannot be read."""
    private: bool = False
    """Whether its base URL may lead into a private network."""

    def to_json(self) -> JsonObject:
        """Return `{name, component, default, problem, created}` and all `properties`."""
        return {
            "name": self.name,
            "component": self.component,
            **self.properties,
            "default": self.default,
            "problem": self.problem,
            "created": self.created,
        }
