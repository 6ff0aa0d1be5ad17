"""Servers other than the connection's, which parameters name: each kept open while a session is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from ..definition.model import Action, Server
from ..errors import InputError
from ..secret import clean_token
from ..values import Json, JsonObject
from .api_profile import ApiProfile
from .catalogue.catalogue import Catalogue
from .http.transport import Transport


def named_server(action: Action, parameters: Json) -> Json:
    """Give the base URL that parameters name, whatever it is; None when they name none."""
    if action.server is None or not isinstance(parameters, dict):
        return None
    named = parameters.get(action.server.base_url)
    return None if named == "" else named


def check_server(server: Server, values: JsonObject) -> None:
    """Raise InputError when the base URL or the key of a server is no text."""
    named = {name: values.get(name) for name in (server.base_url, server.token)}
    wrong = {name: one for name, one in named.items() if not isinstance(one, str | None)}
    if wrong:
        from ..definition.schema_problems import schema_problems  # which brings jsonschema

        text: JsonObject = {"additionalProperties": {"type": "string"}}
        raise InputError(schema_problems(text, wrong))


MOST = 64
"""So many that nobody uses are kept open at most."""


@dataclass(slots=True)
class Endpoint:
    """Where calls go: a server with a key, and the lists it gives."""

    transport: Transport
    catalogue: Catalogue
    users: int = 0


class Endpoints:
    """Places by address and key, made when they are first asked for."""

    def __init__(
        self,
        catalogue: Callable[[Transport], Catalogue],
        profile_for: Callable[[str, str | None], ApiProfile],
        options: Mapping[str, Any],
    ) -> None:
        """`catalogue` gives that of a transport; `options` are those of a Transport."""
        self._profile_for = profile_for
        self._catalogue = catalogue
        self._options = options
        self._open: dict[tuple[str, str | None], Endpoint] = {}

    @asynccontextmanager
    async def at(self, base_url: str, token: str | None) -> AsyncGenerator[Endpoint]:
        """Give the place of a server.

        InputError for an address that is none, or not allowed; CredentialError for a key that no
        header can hold.
        """
        token = clean_token(token)
        place = self._open.get((base_url, token)) or self._opened(base_url, token)
        place.users += 1
        try:
            yield place
        finally:
            place.users -= 1
            await self._make_room()

    async def aclose(self) -> None:
        """Close all of them."""
        while self._open:
            await _close(self._open.popitem()[1])

    def _opened(self, base_url: str, token: str | None) -> Endpoint:
        profile = self._profile_for(base_url, token)
        transport = Transport(base_url, token, profile=profile, **self._options)
        place = Endpoint(transport, self._catalogue(transport))
        self._open[base_url, token] = place
        return place

    async def _make_room(self) -> None:
        """Close those that were opened first, and are not in use."""
        idle = [key for key, place in self._open.items() if not place.users]
        for key in idle[: max(len(idle) - MOST, 0)]:
            await _close(self._open.pop(key))


async def _close(place: Endpoint) -> None:
    await place.catalogue.aclose()
    await place.transport.aclose()
