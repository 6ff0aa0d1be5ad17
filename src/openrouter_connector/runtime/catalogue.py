"""What the catalogue says of the chosen model, for actions whose request depends on it."""

from __future__ import annotations

from collections.abc import Mapping

from ..definition.model import Action, FactsSource, Source
from ..errors import ConnectorError
from ..values import Call, Facts, Json, JsonObject
from .response import at
from .transport import Transport


class Catalogue:
    """The option sources of a definition, each list fetched once."""

    def __init__(self, sources: Mapping[str, Source], transport: Transport) -> None:
        self._sources = sources
        self._transport = transport
        self._rows: dict[tuple[str, str], list[JsonObject]] = {}

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
        if key not in self._rows:
            method, path = source.request.split(" ", 1)
            try:
                async with self._transport.open(
                    Call(method, path, wanted.query, idempotent=True)
                ) as reply:
                    listed = at(await reply.json(), source.items)
            except ConnectorError:
                # The call itself tells what is wrong, better than a list it only profits from.
                return []
            self._rows[key] = [row for row in _rows(listed) if isinstance(row, dict)]
        return self._rows[key]


def _rows(listed: Json) -> list[Json]:
    return listed if isinstance(listed, list) else []


def _found(source: Source, rows: list[JsonObject], value: str) -> JsonObject | None:
    """Find a row by its id or another name, with or without `@preset` and `:variant`."""
    plain = value.split("@preset/")[0]
    for name in (value, plain, plain.split(":")[0]):
        for row in rows:
            if name and name in (row.get(key) for key in (source.value, *source.also)):
                return row
    return None
