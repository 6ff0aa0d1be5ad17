"""A stored connection: as it is used, with its token, and as it is shown, without."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..values import JsonObject


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A connection with its token; None stands for a server that wants none.

    `properties` are the others of `connection:` in connector.yaml: `baseUrl`, `referer` ... What
    is not `private` reaches public addresses only.
    """

    name: str
    token: str | None = field(default=None, repr=False)
    properties: JsonObject = field(default_factory=dict)
    private: bool = True

    @property
    def base_url(self) -> str | None:
        """Where its calls go; None is the component's own server."""
        return self.properties.get("baseUrl")

    @property
    def allow_http(self) -> bool:
        """Whether its token may go unencrypted to a private network."""
        return self.properties.get("allowHttp") is True


@dataclass(frozen=True, slots=True)
class ConnectionSummary:
    """What may be shown of a connection: all but its token."""

    name: str
    properties: JsonObject = field(default_factory=dict)
    default: bool = False
    problem: str | None = None
    """Why it cannot be used, and the way out."""
    created: str | None = None
    """When it was first stored, in ISO 8601."""
    component: str | None = None
    """Whose it is; None when its file cannot be read."""
    private: bool = False
    """Whether its base URL may lead into a private network."""

    def to_json(self) -> JsonObject:
        """Give `{name, component, default, problem, created}` and all `properties`."""
        return {
            "name": self.name,
            "component": self.component,
            **self.properties,
            "default": self.default,
            "problem": self.problem,
            "created": self.created,
        }
