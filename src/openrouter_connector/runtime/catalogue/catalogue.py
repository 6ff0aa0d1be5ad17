"""The lists of an API: rows for dropdowns, and the row of the chosen model.

A list is fetched once, however many callers need it, and cached (`cache.py`). A stale list is shown
while it is refreshed in the background; an expired one is fetched first, and shown with its age
when the server cannot be reached.
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
from ..api_profile import ApiProfile
from ..build import call_of
from ..dialects.error_bodies import missing
from ..http.identity import digest
from ..http.transport import Transport
from .cache import MAXIMUM, CachedList, ListCache, cached_list

FETCH_TIMEOUT = 10.0  # seconds to wait for a list
RETRY_PAUSE = 10.0  # seconds after a failure before a list is fetched again
REFRESH_TIMEOUT = 3.0  # seconds to wait for a refresh when an old list can be shown


@dataclass(frozen=True, slots=True)
class Listed:
    """A cached list; `fault` says why it could not be refreshed."""

    cached: CachedList
    fault: str | None = None


class Known(NamedTuple):
    """The row of the chosen model; `fault` says why it could not be looked up."""

    model_info: ModelInfo | None = None
    fault: str | None = None


class _Failed(NamedTuple):
    """Why a list could not be loaded, and until when it is not tried again."""

    until: float
    error: ConnectorError
    """A copy without traceback, cause and body, which would hold on to memory."""


class Catalogue:
    """The option sources of a definition, fetched through one connection."""

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
        self._fetching: dict[str, asyncio.Task[CachedList]] = {}
        self._failed: dict[str, _Failed] = {}

    async def aclose(self) -> None:
        """Wait a moment for background fetches, then cancel them."""
        waiting = list(self._fetching.values())
        if waiting:
            _, late = await asyncio.wait(waiting, timeout=REFRESH_TIMEOUT)
            for task in late:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def model_info(
        self, action: Action, values: JsonObject, *, needed: bool = False
    ) -> Known:
        """Return the row of the first source that has the value.

        A list that cannot be loaded ends the search: it may be the one that has the model, and a
        later list describes the same model differently. With `needed`, only sources on which the
        request depends are looked up.
        """
        for model_source, source, value in self._lookups(action, values, needed):
            try:
                listed = await self.listed(source, call_of(source.request, {}, model_source.query))
            except ConnectorError as error:
                # Not raised: the call itself may work though the list does not.
                return Known(fault=f"{_NO_MODEL_INFO} ({error.message})")
            if row := _row_of(source, listed.cached, self._profile.listed_names(value)):
                return Known(ModelInfo(source.name, row))
        return Known()

    async def names(self, action: Action, values: JsonObject) -> list[str] | None:
        """Return all names of models; None when a list cannot be loaded."""
        known: list[str] = []
        for model_source, source, _ in self._lookups(action, values, needed=False):
            try:
                listed = await self.listed(source, call_of(source.request, {}, model_source.query))
            except ConnectorError:
                return None
            known += [str(at(row, source.value)) for row in listed.cached.rows]
        return known

    async def listed(
        self, source: Source, call: Call, *, refresh: bool = False, search: str = ""
    ) -> Listed:
        """Return a list, from the cache while it is fresh; ConnectorError when there is none.

        Without a cached list, only what a `search` finds is requested from the server.
        """
        key, known = await self._find_cached(source, call)
        if search and source.search_parameter and not refresh and not (known and known.shown):
            call = replace(call, query={**call.query, source.search_parameter: search})
            key, known = await self._find_cached(source, call)
        if known and not refresh and known.good:
            return Listed(known)
        # Without this pause each keystroke in a form would wait for a dead server again.
        failed = None if refresh else self._failed.get(key)
        if failed and monotonic() < failed.until:
            return self._stale(known, _without_details(failed.error))
        task = self._fetch_task(key, source, call, known)
        if known and not refresh and known.shown:
            return Listed(known)
        try:
            # Shielded: others may wait for the same list when this caller is cancelled.
            async with asyncio.timeout(REFRESH_TIMEOUT if known and not refresh else FETCH_TIMEOUT):
                return Listed(await asyncio.shield(task))
        except TimeoutError:
            return self._stale(
                known, UnavailableError("the server did not return the list in time")
            )
        except ConnectorError as error:
            return self._stale(known, error)

    def _stale(self, known: CachedList | None, error: ConnectorError) -> Listed:
        """Return the old list and why it could not be refreshed; without one, raise the error."""
        if known is None:
            raise error
        return Listed(known, error.message)

    def _lookups(
        self, action: Action, values: JsonObject, needed: bool
    ) -> Iterator[tuple[ModelSource, Source, str]]:
        for model_source in action.model_sources:
            value = values.get(model_source.property)
            if not isinstance(value, str) or not value or not self._profile.is_listed(value):
                continue
            if not needed or model_source.is_needed(values):
                yield model_source, self.sources[model_source.from_], value

    async def _find_cached(self, source: Source, call: Call) -> tuple[str, CachedList | None]:
        query = tuple(sorted(call.query.items()))
        key = _key(self._transport.identity, call.path, source.items, query)
        return key, await self._lists.get(key, disk=self._disk)

    def _fetch_task(
        self, key: str, source: Source, call: Call, known: CachedList | None
    ) -> asyncio.Task[CachedList]:
        """Fetch a list in the background, unless it is being fetched already."""
        task = self._fetching.get(key)
        if task is None:
            task = asyncio.create_task(self._fetch(key, source, call, known))
            self._fetching[key] = task
            task.add_done_callback(lambda done: self._on_fetched(key, done))
        return task

    def _on_fetched(self, key: str, task: asyncio.Task[CachedList]) -> None:
        self._fetching.pop(key, None)
        self._failed.pop(key, None)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, ConnectorError):
            self._failed[key] = _Failed(monotonic() + RETRY_PAUSE, _without_details(error))
            for old in list(self._failed)[:-MAXIMUM]:
                del self._failed[old]

    async def _fetch(
        self, key: str, source: Source, call: Call, known: CachedList | None
    ) -> CachedList:
        if known and known.etag:
            call = replace(call, headers={**call.headers, "if-none-match": known.etag})
        # With an old list at hand, retries would only delay the form.
        async with self._transport.open(call, again=known is None) as response:
            if response.status == 304 and known:
                cached = known.renewed(response.headers)
            else:
                rows = _rows(source, await response.json(), response.profile)
                cached = cached_list(rows, response.headers)
        disk = self._disk and source.search_parameter not in call.query
        await self._lists.put(key, cached, disk=disk)
        return cached


def _without_details(error: ConnectorError) -> ConnectorError:
    """Copy an error without its traceback, its cause and a long body."""
    bare = copy(error)
    if isinstance(bare, ApiError):
        bare.raw = None
    return bare


@lru_cache(256)
def _key(identity: str, path: str, items: str, query: tuple[tuple[str, str], ...]) -> str:
    """Return the cache key of a list: server, key and request."""
    return digest(identity, json.dumps([path, items, query]))


_NO_MODEL_INFO = "what the model supports is not known, and the call may take another form"


def _rows(source: Source, response: Json, profile: ApiProfile) -> list[JsonObject]:
    """Return the rows of a list. Some servers send it bare, under another name, or as ids alone."""
    places = [response, *(at(response, name) for name in (source.items, *_LIST_NAMES))]
    rows = next((place for place in places if isinstance(place, list)), None)
    if rows is None:
        raise missing(f"the response has no list {source.items!r}", an_object(response), profile)
    named = ({source.value: row} if isinstance(row, str) else row for row in rows)
    return [row for row in named if isinstance(row, dict)]


_LIST_NAMES = ("data", "models", "items", "results")


def _row_of(source: Source, listed: CachedList, names: tuple[str, ...]) -> JsonObject | None:
    """Return the row that has one of these names; the first name counts most."""
    key = f"{source.name} by name"
    if key not in listed.derived:
        listed.derived[key] = _by_name(source, listed.rows)
    rows: dict[str, JsonObject] = listed.derived[key]
    return next((rows[name] for name in names if name in rows), None)


def _by_name(source: Source, rows: list[JsonObject]) -> dict[str, JsonObject]:
    """Return the rows by all their names; of several with one name, the first."""
    known: dict[str, JsonObject] = {}
    for row in rows:
        for name in (at(row, path) for path in (source.value, *source.aliases)):
            if isinstance(name, str) and name:
                known.setdefault(name, row)
    return known
