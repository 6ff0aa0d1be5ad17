"""Write the lines of a bundle: one for each request in their order, as a single call returns it.

{"index": 0, "customId": "…", "output": …, "error": null, "usage": {…}, "cost": 0.1,
 "metadata": {…}}
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field

from pydantic.alias_generators import to_camel

from ...definition.form import Form
from ...definition.model import Poll
from ...definition.paths import at
from ...errors import ApiError, ConnectorError, IncompleteError, JobFailedError
from ...values import JsonObject, Noted
from ..api_profile import ApiProfile
from ..dialects import DIALECTS, whole
from ..dialects.error_bodies import brief
from ..http.api_errors import describe, error_of, is_retryable, refusal
from ..read import has_paths, metadata_of, read
from .requests import BundledRequest
from .watch import Job

_PAUSE = 16  # lines between two turns of other tasks
_KNOWN = ("generation_id", "model", "provider", "finish_reason", "refusal", "tool_calls")


@dataclass(slots=True)
class Rows:
    """Makes the lines from the results of jobs, and counts what is worth a warning."""

    form: Form
    """That of the action whose parameters the requests hold."""
    profile: ApiProfile
    jobs: Sequence[Job]
    poll: Poll
    failed: int = 0
    count: int = 0
    warnings: Counter[str] = field(default_factory=Counter)

    async def of_requests(self, requests: AsyncGenerator[BundledRequest]) -> AsyncIterator[bytes]:
        """Yield the line of each request, then those of results that belong to none of them."""
        used: list[set[str]] = [set() for _ in self.jobs]
        async with aclosing(requests):
            async for request in requests:
                place = self._find(request)
                values = self.form.sendable(request.parameters)
                if place is None:
                    yield self._line(request.index, request.id, self._missing(request))
                else:
                    job, number = self.jobs[place], self.jobs[place].ids[request.id]
                    used[place].add(request.id)
                    yield self._line(request.index, request.id, self._row(job, number, values))
                if request.index % _PAUSE == 0:
                    await asyncio.sleep(0)
        for place, job in enumerate(self.jobs):
            for own in job.ids.keys() - used[place]:
                self.warnings["results that belong to no request"] += 1
                yield self._line(None, _shown(own), self._row(job, job.ids[own], {}))

    async def of_results(self) -> AsyncIterator[bytes]:
        """Yield the lines without the requests: in the order of their ids, if those were made here.

        Otherwise in the order in which the API has them.
        """
        found = [(own, job) for job in self.jobs for own in job.ids]
        if all(own.startswith("request-") for own, _ in found):
            found.sort(key=lambda one: one[0])
        for index, (own, job) in enumerate(found):
            yield self._line(index, _shown(own), self._row(job, job.ids[own], {}))
            if index % _PAUSE == 0:
                await asyncio.sleep(0)

    def notes(self) -> Iterator[str]:
        """Yield what the user should know about the lines."""
        if self.failed:
            yield f"{self.failed:,} of {self.count:,} requests failed; their lines say why"
        for what, count in self.warnings.items():
            yield f"{what}: {count:,}"
        if duplicates := sum(job.duplicates for job in self.jobs):
            yield f"{duplicates:,} results came twice; the first of each was used"
        for job in self.jobs:
            if message := self._end_of(job):
                yield f"the batch {job.id} {message}"

    def error(self) -> JsonObject | None:
        """Return the error of results that lack those of some requests, as JSON."""
        if not self.failed:
            return None
        message = f"{self.failed:,} of {self.count:,} requests failed; their lines say why"
        return IncompleteError(message, status=200).to_json()

    def failure(self) -> JobFailedError | None:
        """Return the error of jobs that all ended without any result; None for all others."""
        if not all(self._end_of(job) for job in self.jobs) or any(job.ids for job in self.jobs):
            return None
        [first, *_] = self.jobs
        ids = ",".join(job.id for job in self.jobs)
        message = f"the batch {first.id} {self._end_of(first)}"
        return JobFailedError(message, raw=first.response, job=ids)

    def _end_of(self, job: Job) -> str:
        """Return how a job ended that did not complete; empty for one that did."""
        poll = self.poll
        status = brief(at(job.response, poll.status))
        reason = brief(at(job.response, poll.error)) if poll.error else ""
        if status in poll.done and not reason:
            return ""
        return f"ended as {status}" + (f": {reason}" if reason else "")

    def _find(self, request: BundledRequest) -> int | None:
        """Return the job that has the result of a request."""
        return next((i for i, job in enumerate(self.jobs) if request.id in job.ids), None)

    def _missing(self, request: BundledRequest) -> JsonObject:
        """Return the row of a request without a result."""
        job = next((one for one in self.jobs if _has(one, request.index)), None)
        ends = [self._end_of(job)] if job else [end for end in map(self._end_of, self.jobs) if end]
        if ends and ends[0]:
            message = f"the batch {ends[0]}, and has no result of this request"
            return _failed(JobFailedError(message))
        return _failed(IncompleteError("the results of the batch lack this request", status=200))

    def _row(self, job: Job, number: int, values: JsonObject) -> JsonObject:
        assert job.results  # noqa: S101 - the job has ended
        item = json.loads(job.results.line(number))
        response = item.get("response") if isinstance(item, dict) else None
        body = response.get("body") if isinstance(response, dict) else None
        error = error_of(item) if isinstance(item, dict) and item.get("error") else None
        try:
            if error:
                raise _refused(error, self.profile)
            if not isinstance(response, dict) or not isinstance(body, dict):
                raise IncompleteError("the result has no response", status=200, raw=item)
            status = response.get("status_code")
            if isinstance(status, int) and status >= 400:
                raise refusal(status, body, profile=self.profile)
            return self._answered(body, values)
        except ConnectorError as failure:
            known = self._metadata(body) if isinstance(body, dict) else {}
            return _failed(failure) | known
        except Exception as fault:  # one result that nobody foresaw must not cost all others
            return _failed(IncompleteError(f"the result cannot be read: {fault}", status=200))

    def _answered(self, body: JsonObject, values: JsonObject) -> JsonObject:
        action = self.form.action
        response = whole(action.dialect, body, self.profile)
        if has_paths(action.output):
            response = DIALECTS[action.dialect].flat(response)
        output, warnings = read(action, response, values, self.profile), ()
        if isinstance(output, Noted):
            output, warnings = output.output, output.warnings
        row = {"output": output, "error": None} | self._metadata(body)
        if warnings:
            row["metadata"] = {**row["metadata"], "warnings": list(warnings)}
        return row

    def _metadata(self, body: JsonObject) -> JsonObject:
        dialect = DIALECTS[self.form.action.dialect]
        known = metadata_of(dialect.flat(body), dialect.metadata)
        usage = known.get("usage")
        try:
            cost = self.profile.cost_of(usage or {})
        except ValueError:
            cost = None
        metadata = {to_camel(key): known[key] for key in _KNOWN if key in known}
        return {"usage": usage, "cost": cost, "metadata": metadata}

    def _line(self, index: int | None, own: str | None, row: JsonObject) -> bytes:
        if index is not None:  # else it is the result of no request
            self.count += 1
            self.failed += row["error"] is not None
        line = {"index": index, "customId": own, **row}
        text = json.dumps(line, ensure_ascii=False, separators=(",", ":"))
        return text.encode(errors="surrogatepass") + b"\n"


def _refused(error: JsonObject, profile: ApiProfile) -> ApiError:
    """Return the error of one request, as its result describes it."""
    message = describe(error, profile) or "the request failed"
    if isinstance(param := error.get("param"), str) and param:
        message = f"{param}: {message}"
    code = error.get("error_type") or error.get("code") or error.get("type")
    return ApiError(
        message,
        code=code if isinstance(code, str | int) else None,
        retryable=is_retryable(error, profile),
    )


def _failed(error: ConnectorError) -> JsonObject:
    return {
        "output": None, "error": error.to_json(), "usage": None, "cost": None, "metadata": {}
    }  # fmt: skip


def _has(job: Job, index: int) -> bool:
    """Return whether a job was sent with the request of an index."""
    return job.first is not None and job.first <= index < job.first + job.count


def _shown(own: str) -> str | None:
    return None if own.startswith("\0") else own
