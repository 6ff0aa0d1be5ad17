"""Write one line of JSON per call: who called what, and for how much. No content and no key."""

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
from ...values import Event, Json, JsonObject, Metadata, Result

log = logging.getLogger("openrouter_connector.audit")
log.propagate = False

_MODEL = r"(?!sk-)[\w.@:/~-]{1,120}"


def write_to(path: str | Path | None) -> logging.Handler:
    """Write the log to a file that only its owner can read, or to stderr. Raises OSError."""
    if path is None:
        handler: logging.Handler = _ToStderr(sys.stderr)
    else:
        Path(path).touch(mode=0o600)
        handler = _ToFile(path, encoding="utf-8")
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    return handler


class _WarnsOnce(logging.Handler):
    """Reports the first line that cannot be written, on a full disk for example.

    The server keeps serving: an audit log that fails must not stop the work that it records.
    """

    warned = False

    def handleError(self, record: logging.LogRecord) -> None:
        """Warn on stderr, once."""
        if self.warned:
            return
        self.warned = True
        error = sys.exception()
        reason = getattr(error, "strerror", None) or type(error).__name__
        with suppress(OSError, ValueError, AttributeError):
            print(
                f"The audit log cannot be written: {reason}. The server continues without it.",
                file=sys.stderr,
            )


class _ToFile(_WarnsOnce, logging.FileHandler):
    """Lines in a file."""


class _ToStderr(_WarnsOnce, logging.StreamHandler):  # type: ignore[type-arg]
    """Lines on stderr."""


@dataclass(slots=True)
class Entry:
    """The audit entry of one call, filled in while the call runs."""

    request_id: str
    action: str
    parameters: JsonObject = field(repr=False)
    connection: str | None = None
    job: str | None = None
    outcome: str = "ok"
    metadata: Metadata = field(default_factory=Metadata)
    started: float = field(default_factory=monotonic)
    latency: float | None = None

    async def report(self, event: Event) -> None:
        """Record the job of an event, so that the log has it even if the client disconnects."""
        self.job = event.job or self.job

    def set_result(self, result: Result) -> None:
        """Record the metadata of a result."""
        self.metadata = result.metadata
        if reported := result.metadata.error:
            self.outcome = reported["type"]

    def set_error(self, error: BaseException) -> None:
        """Record the error that ended the call. A cancelled call counts as disconnected."""
        if isinstance(error, asyncio.CancelledError | GeneratorExit):
            return self.set_disconnected()
        known = isinstance(error, ConnectorError | HTTPException)
        self.outcome = type(error).__name__ if known else "error"
        generation = getattr(error, "generation_id", None) or self.metadata.generation_id
        cost = getattr(error, "cost", None)
        cost = self.metadata.cost if cost is None else cost
        self.metadata = replace(self.metadata, generation_id=generation, cost=cost)
        self.job = getattr(error, "job", None) or self.job

    def set_disconnected(self) -> None:
        """Record that the client closed the connection."""
        self.outcome = "disconnected"

    def stop_clock(self) -> None:
        """Fix the latency, when work follows that the client does not wait for."""
        self.latency = monotonic() - self.started


@contextmanager
def audited(request_id: str, action: str, parameters: JsonObject) -> Iterator[Entry]:
    """Yield an entry, and log it when the block ends, with or without an error."""
    entry = Entry(request_id, action, parameters)
    try:
        yield entry
    except BaseException as error:
        entry.set_error(error)
        raise
    finally:
        if entry.latency is None:
            entry.stop_clock()
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


def _model(value: Json) -> str | None:
    """Return a model name. Any other text may be content or a key, and is not logged."""
    return value if isinstance(value, str) and re.fullmatch(_MODEL, value, re.ASCII) else None
