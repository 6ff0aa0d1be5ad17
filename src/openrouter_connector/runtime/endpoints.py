"""Servers other than the connection's, which parameters name; they stay open with the session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from ..definition.model import Action, Server
from ..errors import InputError
from ..secret import clean_token
from ..values import Json, JsonObject
from .api_profile import ApiProfile
from .catalogue.catalogue import Catalogue
from .http.transport import Transport
from .pool import Pool


def named_server(action: Action, parameters: Json) -> Json:
    """Return the base URL that parameters name, valid or not; None when they name none."""
    if action.server is None or not isinstance(parameters, dict):
        return None
    named = parameters.get(action.server.base_url)
    return None if named == "" else named


def check_server(server: Server, values: JsonObject) -> None:
    """Raise InputError when the base URL or the key of a server is not a text."""
    named = {name: values.get(name) for name in (server.base_url, server.token)}
    invalid_ones = {
        name: value for name, value in named.items() if not isinstance(value, str | None)
    }
    if invalid_ones:
        from ..definition.schema_problems import schema_problems  # which imports jsonschema

        text: JsonObject = {"additionalProperties": {"type": "string"}}
        raise InputError(schema_problems(text, invalid_ones))


MOST = 64
"""How many that nobody uses stay open."""


@dataclass(slots=True)
class Endpoint:
    """A server with a key, and the lists that it publishes."""

    transport: Transport
    catalogue: Catalogue

    async def aclose(self) -> None:
        """Close its connections."""
        await self.catalogue.aclose()
        await self.transport.aclose()


class Endpoints:
    """Endpoints by address and key, opened at their first use."""

    def __init__(
        self,
        catalogue: Callable[[Transport], Catalogue],
        profile_for: Callable[[str, str | None], ApiProfile],
        options: Mapping[str, Any],
    ) -> None:
        """`catalogue` and `profile_for` make those of a server; `options` are a Transport's."""
        self._catalogue = catalogue
        self._profile_for = profile_for
        self._options = options
        self._pool = Pool[tuple[str, str | None], Endpoint](Endpoint.aclose, most_idle=MOST)

    def at(self, base_url: str, token: str | None) -> AbstractAsyncContextManager[Endpoint]:
        """Return the endpoint of a server, for an `async with` block.

        InputError for an address that is invalid or not allowed; CredentialError for a key that no
        header can hold.
        """
        # Before it becomes a key of the pool: ` key ` and `key` are one connection.
        token = clean_token(token)

        async def opened() -> Endpoint:
            profile = self._profile_for(base_url, token)
            transport = Transport(base_url, token, profile=profile, **self._options)
            return Endpoint(transport, self._catalogue(transport))

        return self._pool.use((base_url, token), opened)

    async def aclose(self) -> None:
        """Close all of them."""
        await self._pool.aclose()
