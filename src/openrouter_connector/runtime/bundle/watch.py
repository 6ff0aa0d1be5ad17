"""Wait for submitted bundles, and take in the results of each when it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from ...definition.model import Poll
from ...definition.paths import at
from ...errors import ApiError, IncompleteError, JobTimedOutError, NotFoundError
from ...values import Event, Json, JsonObject
from ..dialects.error_bodies import brief, plain
from ..http.list_reader import ItemFile, read_list
from ..http.retry_not_found import Open
from ..services import Report
from ..settle import called

_FIRST_PAUSE = 0.5  # seconds, doubled until `poll.every`
_UNIT = "requests"
_MOST_FAILURES = 120  # polls one after the other: an hour, at one every 30 seconds


@dataclass(slots=True)
class Job:
    """A submitted bundle: what its last poll said, and its results once it has ended."""

    id: str
    first: int | None = None
    """The index of its first request; None where only its id is known."""
    count: int = 0
    """How many requests it has, as far as is known."""
    response: JsonObject = field(default_factory=dict)
    """The last one, without its results."""
    results: ItemFile | None = None
    ids: dict[str, int] = field(default_factory=dict)
    """The line of each result in the file, by the id of its request."""
    duplicates: int = 0
    nameless: int = 0
    """Results that name no request."""
    ended: bool = False
    failures: int = 0
    """How many polls have failed since the last good one."""

    def take(self, item: Json) -> None:
        """Note the place of a result, which was just read."""
        own = item.get("custom_id") if isinstance(item, dict) else None
        if not isinstance(own, str):
            self.nameless += 1
            own = f"\0{len(self.ids)}"  # no request has this name
        if own in self.ids:
            self.duplicates += 1
            return
        assert self.results  # noqa: S101 - they are being read
        self.ids[own] = len(self.results.places) - 1


@dataclass(frozen=True, slots=True)
class Watch:
    """How to wait, and where results go."""

    poll: Poll
    key: str
    """Where a response holds the results."""
    open: Open
    report: Report
    folder: Path
    largest: int
    """Bytes of results of one job."""

    async def until_ended(self, jobs: Sequence[Job], *, resumed: bool) -> None:
        """Poll all jobs until each has ended, and report the progress of all together.

        A `resumed` job that is unknown raises NotFoundError. JobTimedOutError if one is not done in
        time, or could not be polled: it goes on, and can be resumed. PaymentError and other
        refusals are raised as they are.
        """
        started, pause = monotonic(), min(_FIRST_PAUSE, self.poll.every)
        # Of a resumed job nothing is known before the first poll.
        told = None if resumed else await self._report(jobs)
        while True:
            for job in jobs:
                if not job.ended:
                    await self._poll(job, resumed=resumed)
            told = await self._report(jobs, told)
            if all(job.ended for job in jobs):
                return
            seconds = monotonic() - started
            if seconds + pause > self.poll.within:
                raise _late(jobs, f"is not done after {seconds / 3600:.1f} hours")
            await asyncio.sleep(pause)
            pause = min(pause * 2, self.poll.every)

    async def _poll(self, job: Job, *, resumed: bool) -> None:
        call = called(self.poll.request, {self.poll.id: job.id})
        try:
            async with self.open(call) as response:
                job.results = ItemFile(self.folder / f"results-{job.id.replace('.', '_')}.jsonl")
                job.results.path.unlink(missing_ok=True)
                job.ids, job.duplicates, job.nameless = {}, 0, 0
                found = await read_list(response, self.key, job.results, self.largest, job.take)
                job.response = plain(found, response.profile)
        except NotFoundError as error:
            if resumed and not job.response:
                raise
            # It may appear a moment after it was submitted; if it was deleted, it never does.
            self._count_failure(job, error, 10)
            return
        except (ApiError, IncompleteError) as error:
            if not (error.retryable or isinstance(error, IncompleteError)):
                error.job = job.id
                raise
            # Polled for hours: a server that is away for a while must not end the wait.
            self._count_failure(job, error, 1)
            return
        job.failures = 0
        status = brief(at(job.response, self.poll.status))
        if not status:
            raise IncompleteError("the batch has no status", status=200, raw=job.response)
        job.ended = status in (*self.poll.done, *self.poll.failed)
        job.count = _count(job.response, "total") or job.count

    def _count_failure(self, job: Job, error: ApiError, weight: int) -> None:
        job.failures += weight
        if job.failures > _MOST_FAILURES:
            raise _late([job], f"could not be polled ({error})") from error

    async def _report(self, jobs: Sequence[Job], told: Event | None = None) -> Event:
        """Report how far all jobs are, unless that was `told` already."""
        done = sum(_count(job.response, "completed") for job in jobs)
        failed = sum(_count(job.response, "failed") for job in jobs)
        total = sum(job.count for job in jobs) or None
        statuses = dict.fromkeys(self._statuses(jobs))
        text = ", ".join([*statuses, *([f"{failed:,} failed"] if failed else [])])
        ids = ",".join(job.id for job in jobs)
        event = Event("progress", text, done=done + failed, total=total, unit=_UNIT, job=ids)
        if event != told:
            await self.report(event)
        return event

    def _statuses(self, jobs: Sequence[Job]) -> Iterator[str]:
        for job in jobs:
            yield brief(at(job.response, self.poll.status)) or "submitted"


def _count(response: JsonObject, name: str) -> int:
    value = at(response, f"request_counts.{name}")
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _late(jobs: Sequence[Job], what: str) -> JobTimedOutError:
    ids = ",".join(job.id for job in jobs)
    return JobTimedOutError(f"the batch {ids} {what}; it is still running", job=ids)
