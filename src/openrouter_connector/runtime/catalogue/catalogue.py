"""What the API lists: rows for dropdowns, and the row of the chosen model.

A list is fetched once, however many ask for it, and kept (`lists.py`). One that is no longer fresh
is shown while it is asked for again in the background; one that is too old is asked for first, and
shown with a word about its age when nobody answers.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, replace
from functools import lru_cache
from time import monotonic
from typing import NamedTuple

from ...definition.model import Action, ModelSource, Source
from ...definition.paths import at
from ...errors import ApiError, ConnectorError, UnavailableError
from ...values import Call, Json, JsonObject, ModelInfo, an_object
from ..build import call_of
from ..dialects.error_bodies import missing
from ..http.transport import Transport
from .cache import MOST, CachedList, ListCache, held, key_of

LONGEST = 10.0  # seconds to wait for a list
PAUSE = 10.0  # seconds after a failure in which a list is not asked for again
PATIENCE = 3.0  # seconds to wait for a newer one, when an old one is at hand


@dataclass(frozen=True, slots=True)
class Listed:
    """A list as it was found; `fault` says why it is not newer."""

    held: CachedList
    fault: str | None = None


class Known(NamedTuple):
    """What is known of the chosen model; `fault` says why that is less than it could be."""

    model_info: ModelInfo | None = None
    fault: str | None = None


class _Failed(NamedTuple):
    """Why a list could not be loaded, and until when nobody need try again."""

    until: float
    error: ConnectorError
    """A copy without traceback, cause and body, so that little memory is held."""


class Catalogue:
    """The option sources of a definition, asked through one connection."""

    def __init__(
        self,
        sources: Mapping[str, Source],
        transport: Transport,
        lists: ListCache,
        *,
        disk: bool = True,
    ) -> None:
        self.sources = sources
        self._transport = transport
        self._profile = transport.profile
        self._lists = lists
        self._disk = disk
        self._under_way: dict[str, asyncio.Task[CachedList]] = {}
        self._failed: dict[str, _Failed] = {}

    async def aclose(self) -> None:
        """Let what is asked for in the background come in, for a moment."""
        waiting = list(self._under_way.values())
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=PATIENCE)
            for task in late:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def model_info(
        self, action: Action, values: JsonObject, *, needed: bool = False
    ) -> Known:
        """Give the row of the first source that knows the value.

        A list that cannot be had ends the search: it may be the one that knows the model, and a
        later one would tell another story. With `needed` only what the request depends on is
        looked up.
        """
        for wanted, source, value in self._wanted(action, values, needed):
            try:
                listed = await self.listed(source, call_of(source.request, {}, wanted.query))
            except ConnectorError as error:
                # No reason to stop: what is wrong may concern the list alone.
                return Known(fault=f"{_UNKNOWN} ({error.message})")
            if row := _row_of(source, listed.held, self._profile.listed_names(value)):
                return Known(ModelInfo(source.name, row))
        return Known()

    async def names(self, action: Action, values: JsonObject) -> list[str] | None:
        """Give all that could stand where the model is named; None when a list cannot be had."""
        known: list[str] = []
        for wanted, source, _ in self._wanted(action, values, needed=False):
            try:
                listed = await self.listed(source, call_of(source.request, {}, wanted.query))
            except ConnectorError:
                return None
            known += [str(at(row, source.value)) for row in listed.held.rows]
        return known

    async def listed(
        self, source: Source, call: Call, *, refresh: bool = False, search: str = ""
    ) -> Listed:
        """Give a list, from the cache where it is good; ConnectorError when there is none.

        Where the list is not at hand, the server is asked only for what a `search` finds in it.
        """
        key, known = await self._known(source, call)
        if search and source.search and not refresh and not (known and known.shown):
            call = replace(call, query={**call.query, source.search: search})
            key, known = await self._known(source, call)
        if known and not refresh and known.good:
            return Listed(known)
        failed = None if refresh else self._failed.get(key)
        if failed and monotonic() < failed.until:
            return self._without(known, _bare(failed.error))
        task = self._asked(key, source, call, known)
        if known and not refresh and known.shown:
            return Listed(known)
        try:
            # Shielded, since others may wait for the same list when one of them gives up.
            async with asyncio.timeout(PATIENCE if known and not refresh else LONGEST):
                return Listed(await asyncio.shield(task))
        except TimeoutError:
            return self._without(known, UnavailableError("the server takes too long to list it"))
        except ConnectorError as error:
            return self._without(known, error)

    def _without(self, known: CachedList | None, error: ConnectorError) -> Listed:
        """Give the old list with the reason that it is old, or raise the reason."""
        if known is None:
            raise error
        return Listed(known, error.message)

    def _wanted(
        self, action: Action, values: JsonObject, needed: bool
    ) -> Iterator[tuple[ModelSource, Source, str]]:
        for wanted in action.model_sources:
            value = values.get(wanted.property)
            if not isinstance(value, str) or not value or not self._profile.is_listed(value):
                continue
            if not needed or wanted.is_needed(values):
                yield wanted, self.sources[wanted.from_], value

    async def _known(self, source: Source, call: Call) -> tuple[str, CachedList | None]:
        query = tuple(sorted(call.query.items()))
        key = _key(self._transport.identity, call.path, source.items, query)
        return key, await self._lists.get(key, disk=self._disk)

    def _asked(
        self, key: str, source: Source, call: Call, known: CachedList | None
    ) -> asyncio.Task[CachedList]:
        """Ask for a list in the background, unless somebody does already."""
        task = self._under_way.get(key)
        if task is None:
            task = asyncio.create_task(self._fetched(key, source, call, known))
            self._under_way[key] = task
            task.add_done_callback(lambda done: self._ended(key, done))
        return task

    def _ended(self, key: str, task: asyncio.Task[CachedList]) -> None:
        self._under_way.pop(key, None)
        self._failed.pop(key, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ConnectorError):
            self._failed[key] = _Failed(monotonic() + PAUSE, _bare(error))
            for old in list(self._failed)[:-MOST]:
                del self._failed[old]

    async def _fetched(
        self, key: str, source: Source, call: Call, known: CachedList | None
    ) -> CachedList:
        if known and known.etag:
            call = replace(call, headers={**call.headers, "if-none-match": known.etag})
        async with self._transport.open(call, again=known is None) as response:
            if response.status == 304 and known:
                one = known.renewed(response.headers)
            else:
                one = held(_rows(source, await response.json()), response.headers)
        disk = self._disk and source.search not in call.query
        await self._lists.put(key, one, disk=disk)
        return one


def _bare(error: ConnectorError) -> ConnectorError:
    """Copy a failure without what it holds on to: its traceback, its cause and a long body."""
    bare = copy(error)
    if isinstance(bare, ApiError):
        bare.raw = None
    return bare


@lru_cache(256)
def _key(identity: str, path: str, items: str, query: tuple[tuple[str, str], ...]) -> str:
    """Give the name of a list, by whom it was asked for and how."""
    return key_of(identity, json.dumps([path, items, query]))


_UNKNOWN = "what the model takes is not known, and the call may take another form"


def _rows(source: Source, response: Json) -> list[JsonObject]:
    """Return the rows of a list. Some servers send it bare, under another name, or as mere ids."""
    places = [response, *(at(response, name) for name in (source.items, *_LISTS))]
    rows = next((one for one in places if isinstance(one, list)), None)
    if rows is None:
        raise missing(f"the answer has no list {source.items!r}", an_object(response))
    named = ({source.value: row} if isinstance(row, str) else row for row in rows)
    return [row for row in named if isinstance(row, dict)]


_LISTS = ("data", "models", "items", "results")


def _row_of(source: Source, listed: CachedList, names: tuple[str, ...]) -> JsonObject | None:
    """Return the row that has one of these names; the first name counts most."""
    key = f"{source.name} by name"
    if key not in listed.derived:
        listed.derived[key] = _by_name(source, listed.rows)
    rows: dict[str, JsonObject] = listed.derived[key]
    return next((rows[name] for name in names if name in rows), None)


def _by_name(source: Source, rows: list[JsonObject]) -> dict[str, JsonObject]:
    """Give the rows by all the names that they have; of several with one name the first."""
    known: dict[str, JsonObject] = {}
    for row in rows:
        for name in (at(row, path) for path in (source.value, *source.aliases)):
            if isinstance(name, str) and name:
                known.setdefault(name, row)
    return known
