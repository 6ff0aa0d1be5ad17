"""One line of JSON for each perform: who, what, for how much; never content, never a token."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from starlette.exceptions import HTTPException

from ...errors import ConnectorError
from ...values import Json, JsonObject, Metadata, Result

log = logging.getLogger("openrouter_connector.audit")
log.propagate = False

_MODEL = r"(?!sk-)[\w.@:/~-]{1,120}"


def write_to(path: str | Path | None) -> logging.Handler:
    """Write the lines to a file, which only its owner reads, or to stderr; OSError as it comes."""
    if path is None:
        handler: logging.Handler = _ToStderr(sys.stderr)
    else:
        Path(path).touch(mode=0o600)
        handler = _ToFile(path, encoding="utf-8")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return handler


class _TellsOnce(logging.Handler):
    """Says once that lines are lost, on a full disk for example; requests go on."""

    told = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Say it, if anybody listens."""
        if self.told:
            return
        self.told = True
        error = sys.exception()
        reason = getattr(error, "strerror", None) or type(error).__name__
        with suppress(OSError, ValueError, AttributeError):
            print(f"The audit log cannot be written: {reason}. Requests go on.", file=sys.stderr)


class _ToFile(_TellsOnce, logging.FileHandler):
    """Lines in a file."""


class _ToStderr(_TellsOnce, logging.StreamHandler):  # type: ignore[type-arg]
    """Lines on stderr."""


@dataclass(slots=True)
class Entry:
    """One perform, as it goes on."""

    request_id: str
    action: str
    parameters: JsonObject = field(repr=False)
    connection: str | None = None
    job: str | None = None
    outcome: str = "ok"
    metadata: Metadata = field(default_factory=Metadata)
    began: float = field(default_factory=monotonic)
    latency: float | None = None

    def ended(self, result: Result) -> Result:
        """Keep what the result says of itself, and give it."""
        self.metadata = result.metadata
        if reported := result.metadata.error:
            self.outcome = reported["type"]
        return result

    def failed(self, error: BaseException) -> None:
        """Keep what ended it; a caller who left is `disconnected`."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return self.left()
        ours = isinstance(error, ConnectorError | HTTPException)
        self.outcome = type(error).__name__ if ours else "error"
        generation = getattr(error, "generation_id", None) or self.metadata.generation_id
        cost = getattr(error, "cost", None)
        cost = self.metadata.cost if cost is None else cost
        self.metadata = replace(self.metadata, generation_id=generation, cost=cost)
        self.job = getattr(error, "job", None) or self.job

    def left(self) -> None:
        """Keep that the caller did not wait."""
        self.outcome = "disconnected"

    def over(self) -> None:
        """Keep how long it took, when something is done behind its end."""
        self.latency = monotonic() - self.began


@contextmanager
def performing(request_id: str, action: str, parameters: JsonObject) -> Iterator[Entry]:
    """Log a line at the end of the block, however it ends."""
    entry = Entry(request_id, action, parameters)
    try:
        yield entry
    except BaseException as error:
        entry.failed(error)
        raise
    finally:
        if entry.latency is None:
            entry.over()
        log.info("%s", json.dumps(_line(entry)))


def _line(entry: Entry) -> JsonObject:
    return {
        "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "requestId": entry.request_id,
        "connection": entry.connection,
        "action": entry.action,
        "model": _model(entry.metadata.model or entry.parameters.get("model")),
        "cost": entry.metadata.cost,
        "generationId": entry.metadata.generation_id,
        "jobId": entry.job,
        "outcome": entry.outcome,
        "latency": round(entry.latency or 0, 4),
    }


def _model(told: Json) -> str | None:
    """Give the name of a model; what is none may be content, and is left out."""
    return told if isinstance(told, str) and re.fullmatch(_MODEL, told, re.ASCII) else None
