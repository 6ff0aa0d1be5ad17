"""What a running sandbox remembers: requests, generations, jobs, money spent, faults played."""

from __future__ import annotations

import time
from collections import OrderedDict, deque
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from pydantic_core import from_json

from openrouter_connector.values import Json, JsonObject

BODY_LIMIT = 64_000
TEXT_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Settings:
    """`latency` is what every answer waits first, `slow` what `sandbox/slow` adds; in seconds."""

    latency: float = 0.0
    slow: float = 5.0


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request as it arrived; the Authorization header is never kept."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: Json


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code of a consent stands for; `until` is a moment of the monotonic clock."""

    challenge: str | None = field(repr=False)
    method: str | None
    until: float
    limit: float | None
    label: str | None
    key_expires: str | None = None


@dataclass(slots=True)
class Key:
    """What a key may spend and has spent, in USD; None spent is all that the sandbox has."""

    label: str
    limit: float | None = None
    expires_at: str | None = None
    spent: float | None = None
    free_tier: bool = False
    management: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file as `GET /files/{id}` describes it, and its bytes."""

    record: JsonObject
    content: bytes = field(repr=False)


caller: ContextVar[str] = ContextVar("caller", default="")
"""The key of the request that is answered."""


@dataclass(slots=True)
class Ledger:
    """The memory of one sandbox; it ends with the process."""

    settings: Settings = field(default_factory=Settings)
    requests: deque[Recorded] = field(default_factory=lambda: deque(maxlen=100))
    generations: OrderedDict[str, tuple[float, JsonObject]] = field(default_factory=OrderedDict)
    contents: dict[str, JsonObject] = field(default_factory=dict)
    jobs: dict[str, tuple[float, JsonObject]] = field(default_factory=dict)
    files: dict[str, dict[str, File]] = field(default_factory=dict, repr=False)
    refused: set[str] = field(default_factory=set)
    grants: OrderedDict[str, Grant] = field(default_factory=OrderedDict, repr=False)
    keys: dict[str, Key] = field(default_factory=dict, repr=False)
    spent: float = 0.0

    def first_time(self, request: str) -> bool:
        """Tell whether this request is to be refused: every first of a pair is."""
        if request in self.refused:
            self.refused.discard(request)
            return False
        self.refused.add(request)
        return True

    def keep(self, generation: JsonObject, content: JsonObject) -> None:
        """Keep the record of a finished generation, and forget the oldest of many."""
        self.spent += generation["total_cost"]
        if key := self.keys.get(caller.get()):
            key.spent = (key.spent or 0) + generation["total_cost"]
        self.generations[generation["id"]] = (time.monotonic(), generation)
        self.contents[generation["id"]] = cut(content, BODY_LIMIT)
        while len(self.generations) > 1000:
            oldest, _ = self.generations.popitem(last=False)
            self.contents.pop(oldest, None)


class NoJson:
    """What a body is that is no JSON."""


def parsed(body: bytes) -> Json:
    """Read a body as JSON; `NoJson` when it is none. It may be large, and is read only once."""
    try:
        return from_json(body, allow_inf_nan=False)  # ten times as quick as json.loads
    except ValueError:
        return NoJson


def summary(body: Json, size: int, content_type: str) -> Json:
    """Give a parsed body for the record: long texts of a large one cut; its size if no JSON."""
    if not size:
        return None
    if body is NoJson:
        return f"{size} bytes of {content_type or 'unknown type'}"
    return body if size <= BODY_LIMIT else cut(body, TEXT_LIMIT)


def cut(value: Json, longest: int) -> Json:
    """Cut the texts in a value that are longer than some number of characters."""
    if isinstance(value, str) and len(value) > longest:
        return f"{value[:60]}… ({len(value)} characters)"
    if isinstance(value, list):
        return [cut(item, longest) for item in value]
    if isinstance(value, dict):
        return {key: cut(item, longest) for key, item in value.items()}
    return value
