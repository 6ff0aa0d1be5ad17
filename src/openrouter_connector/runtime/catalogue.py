"""What the catalogue says of the chosen model, for actions whose request depends on it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from ..definition.model import Action, FactsSource, Source
from ..errors import ConnectorError
from ..values import Facts, JsonObject
from .request import call_of
from .response import at
from .transport import Transport

LONGEST = 10.0  # seconds to wait for a list; a call can do without


class Catalogue:
    """The option sources of a definition, each list fetched once, however many ask for it."""

    def __init__(self, sources: Mapping[str, Source], transport: Transport) -> None:
        self._sources = sources
        self._transport = transport
        self._lists: dict[tuple[str, str], asyncio.Task[list[JsonObject]]] = {}

    async def facts(self, action: Action, values: JsonObject) -> Facts | None:
        """Give the row of the first source that knows the value; None when no list can be had."""
        for wanted in action.facts:
            if wanted.condition and not wanted.condition.holds(values):
                continue
            source = self._sources[wanted.from_]
            if row := _found(source, await self._list(source, wanted), str(values[wanted.of])):
                return Facts(source.name, row)
        return None

    async def _list(self, source: Source, wanted: FactsSource) -> list[JsonObject]:
        key = (source.name, str(sorted(wanted.query.items())))
        task = self._lists.get(key)
        if task is None:
            task = self._lists[key] = asyncio.create_task(self._fetched(source, wanted))
        try:
            # Shielded, since others may wait for the same list when one of them gives up.
            return await asyncio.shield(task)
        except (ConnectorError, TimeoutError):
            # The call itself tells what is wrong, better than a list it only profits from.
            self._lists.pop(key, None)
            return []

    async def _fetched(self, source: Source, wanted: FactsSource) -> list[JsonObject]:
        call = call_of(source.request, {}, wanted.query)
        async with asyncio.timeout(LONGEST), self._transport.open(call) as reply:
            listed = at(await reply.json(), source.items)
        return [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []


def _found(source: Source, rows: list[JsonObject], value: str) -> JsonObject | None:
    """Find a row by its id or another name, with or without `@preset` and `:variant`."""
    plain = value.split("@preset/")[0]
    for name in (value, plain, plain.split(":")[0]):
        for row in rows:
            if name and name in (row.get(key) for key in (source.value, *source.also)):
                return row
    return None
