"""The cache of an API's lists, in memory and on disk.

On disk each list is a JSON file without a secret. Its name is a digest of the server, the request
and the key, since a server may return another list for each key. A file that cannot be read or
written is no error: a list can be fetched again.
"""

from __future__ import annotations

import json
import re
import time
from asyncio import to_thread
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from ...cache_folder import cache_folder, write_cache_file
from ...values import Json, JsonObject
from ..http.headers import fits_header

FRESH = 300.0  # seconds a list is fresh, for a server that does not say
STALE = 3600.0  # seconds more in which a list is shown while it is refreshed
MAXIMUM = 100  # lists in memory; each search and each filter makes one


@dataclass(frozen=True, slots=True)
class CachedList:
    """A list: its rows, when it was fetched (seconds since 1970), and how long it is fresh."""

    rows: list[JsonObject]
    fetched: float
    fresh: float = FRESH
    stale: float = STALE
    etag: str | None = None
    stored: bool = True
    """Whether it may be stored on disk."""
    derived: dict[str, Json] = field(default_factory=dict, compare=False)
    """What was computed from the rows, so that it is computed once."""

    @property
    def age(self) -> float:
        """Seconds since it was fetched; 0 when the clock was set back."""
        return max(time.time() - self.fetched, 0.0)

    @property
    def good(self) -> bool:
        """Whether it is fresh."""
        return self._within(self.fresh)

    @property
    def shown(self) -> bool:
        """Whether it may be shown while it is refreshed."""
        return self._within(self.fresh + self.stale)

    def _within(self, seconds: float) -> bool:
        # After a clock was set back, a list from "the future" would be fresh for ever.
        return 0 <= time.time() - self.fetched < seconds

    def renewed(self, headers: Mapping[str, str]) -> CachedList:
        """Return the same list, which the server just confirmed as unchanged (304)."""
        return replace(self, **_lifetime(headers), etag=_etag(headers) or self.etag)


def cached_list(rows: list[JsonObject], headers: Mapping[str, str]) -> CachedList:
    """Return a list that was just fetched; its headers (in lower case) say how long it is fresh."""
    return CachedList(rows, etag=_etag(headers), **_lifetime(headers))


def _etag(headers: Mapping[str, str]) -> str | None:
    """Return the ETag, if it can be sent back: a header takes ASCII alone."""
    etag = headers.get("etag")
    return etag if etag and fits_header(etag) else None


_STORED = [each for each in fields(CachedList) if each.compare]


class ListCache:
    """The lists of all sessions of a connector; on disk as well, unless `folder` is False.

    Sessions may run in several threads, so each step in memory is a single atomic operation.
    """

    def __init__(self, folder: Path | str | bool | None = None) -> None:
        self._location = folder
        self._memory: dict[str, CachedList] = {}

    async def get(self, key: str, *, disk: bool = True) -> CachedList | None:
        """Return the list of a key, however old it is."""
        cached = self._memory.get(key)
        if cached or not disk or (read := await to_thread(self._read, key)) is None:
            return cached
        # Another caller may have stored a newer list while this one read the disk.
        cached = self._memory.setdefault(key, read)
        self._make_room()
        return cached

    async def put(self, key: str, cached: CachedList, *, disk: bool = True) -> None:
        """Store a list; in memory it replaces the oldest one when there are too many."""
        # Removed first, so that the dict keeps the newest lists at its end.
        self._memory.pop(key, None)
        self._memory[key] = cached
        self._make_room()
        if disk and cached.stored:
            await to_thread(self._write, key, cached)

    def _make_room(self) -> None:
        for key in list(self._memory)[:-MAXIMUM]:
            self._memory.pop(key, None)

    @property
    def _folder(self) -> Path | None:
        if self._location is False:
            return None
        if isinstance(self._location, str | Path):
            return Path(self._location)
        return cache_folder("lists")

    def _read(self, key: str) -> CachedList | None:
        if (folder := self._folder) is None:
            return None
        try:
            record = json.loads((folder / f"{key}.json").read_bytes())
            cached = CachedList(**record, derived={})
        except (OSError, ValueError, TypeError, RecursionError):
            return None
        return cached if _is_valid(cached) else None

    def _write(self, key: str, cached: CachedList) -> None:
        # Rows that are nested too deeply for JSON are not cached.
        with suppress(OSError, ValueError, RecursionError):
            if folder := self._folder:
                values = {each.name: getattr(cached, each.name) for each in _STORED}
                write_cache_file(folder / f"{key}.json", json.dumps(values))


def _is_valid(cached: CachedList) -> bool:
    numbers = (cached.fetched, cached.fresh, cached.stale)
    return (
        isinstance(cached.rows, list)
        and all(isinstance(row, dict) for row in cached.rows)
        and all(isinstance(number, int | float) and 0 <= number < 1e11 for number in numbers)
        and (cached.etag is None or (isinstance(cached.etag, str) and fits_header(cached.etag)))
    )


def _lifetime(headers: Mapping[str, str]) -> dict[str, Json]:
    """Read `Cache-Control` and `Age` (RFC 9111; RFC 5861 for `stale-while-revalidate`)."""
    control = headers.get("cache-control", "").lower()
    uncached = {"no-store", "no-cache"} & {part.strip() for part in control.split(",")}
    fresh = 0.0 if uncached else _seconds(control, "max-age", FRESH)
    stale = 0.0 if uncached else _seconds(control, "stale-while-revalidate", STALE)
    age = _seconds(f"age={headers.get('age', '')}", "age", 0.0)
    return {
        # A cache on the way may have kept the list for a while: it is as old as there.
        "fetched": time.time() - min(age, fresh),
        "fresh": fresh,
        "stale": stale,
        "stored": "no-store" not in uncached,
    }


def _seconds(header: str, word: str, default: float) -> float:
    found = re.search(rf"(?<![\w-]){word}=(\d{{1,9}})\b", header)
    return float(found[1]) if found else default
