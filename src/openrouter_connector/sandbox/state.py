"""The state of a running sandbox: requests, generations, jobs, files, keys and money spent."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openrouter_connector.values import JsonObject

from .recording import BODY_LIMIT, RecordedRequest, shorten

if TYPE_CHECKING:
    from starlette.requests import Request

REHEARSAL = "rehearsal"
"""A key with this word has every model: unknown ones are played by models of the sandbox."""
MAX_REQUESTS = 100
MAX_GENERATIONS = 1000

current_key: ContextVar[str] = ContextVar("current_key", default="")
"""The API key of the request that is being answered."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`latency` delays every answer, `slow` is the extra delay of `sandbox/slow`; in seconds."""

    latency: float = 0.0
    slow: float = 5.0


@dataclass(frozen=True, slots=True)
class Grant:
    """What the user consented to, by its code; `expires` is on the monotonic clock."""

    challenge: str | None = field(repr=False)
    method: str | None
    expires: float
    limit: float | None
    label: str | None
    key_expires: str | None = None


@dataclass(slots=True)
class Key:
    """The limit and the spending of an API key, in USD; without `spent`, the sandbox's total."""

    label: str
    limit: float | None = None
    expires_at: str | None = None
    spent: float | None = None
    free_tier: bool = False
    management: bool = False
    name: str = ""
    hash: str = ""
    """Its id in `/keys`; only the keys that were created there have one."""
    limit_reset: str | None = None
    disabled: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file: its record in `GET /files/{id}`, and its bytes."""

    record: JsonObject
    content: bytes = field(repr=False)


@dataclass(slots=True)
class Batch:
    """A submitted batch: its body, when it was submitted, and what came of it so far."""

    id: str
    owner: str
    body: JsonObject
    fault: str | None
    """Why it fails after it was accepted."""
    created: int
    started: float
    """On the monotonic clock."""
    results: asyncio.Task[list[JsonObject]] | None = None


@dataclass(slots=True)
class State:
    """Everything that one sandbox remembers; it ends with the process."""

    settings: Settings = field(default_factory=Settings)
    requests: deque[RecordedRequest] = field(default_factory=lambda: deque(maxlen=MAX_REQUESTS))
    generations: OrderedDict[str, tuple[float, JsonObject]] = field(default_factory=OrderedDict)
    contents: dict[str, JsonObject] = field(default_factory=dict)
    jobs: dict[str, tuple[float, JsonObject]] = field(default_factory=dict)
    batches: dict[str, Batch] = field(default_factory=dict, repr=False)
    files: dict[str, dict[str, File]] = field(default_factory=dict, repr=False)
    presets: dict[str, list[JsonObject]] = field(default_factory=dict)
    """The versions of the presets that were created, by slug."""
    refused_once: set[str] = field(default_factory=set)
    grants: OrderedDict[str, Grant] = field(default_factory=OrderedDict, repr=False)
    keys: dict[str, Key] = field(default_factory=dict, repr=False)
    spent: float = 0.0

    def refuses(self, fingerprint: str) -> bool:
        """Whether to refuse this request now: the first of each two equal requests."""
        if fingerprint in self.refused_once:
            self.refused_once.discard(fingerprint)
            return False
        self.refused_once.add(fingerprint)
        return True

    def store_generation(self, generation: JsonObject, content: JsonObject) -> None:
        """Store the record of a finished generation, and drop the oldest of too many."""
        self.spent += generation["total_cost"]
        # A key made by OAuth has its own limit, so its spending is counted apart from the total.
        if key := self.keys.get(current_key.get()):
            key.spent = (key.spent or 0) + generation["total_cost"]
        # Monotonic, so that a change of the system clock moves no record and no job.
        self.generations[generation["id"]] = (time.monotonic(), generation)
        self.contents[generation["id"]] = shorten(content, BODY_LIMIT)
        while len(self.generations) > MAX_GENERATIONS:
            oldest, _ = self.generations.popitem(last=False)
            self.contents.pop(oldest, None)


def state_of(request: Request) -> State:
    """Return the state of the sandbox that received the request."""
    state: State = request.app.state.sandbox
    return state
