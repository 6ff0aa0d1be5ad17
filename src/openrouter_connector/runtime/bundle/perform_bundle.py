"""Send the requests of a bundle, and return the job, or wait for it and return its results.

build ──▶ send each part ──▶ the job
                         └─▶ poll until it has ended ──▶ a line per request ──▶ a JSONL file
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic

from ...definition.form import Form
from ...definition.model import Bundle, Poll
from ...definition.paths import at
from ...errors import ApiError, ConnectorError, IncompleteError, InputError, NotFoundError
from ...values import Call, Event, Json, JsonObject, Metadata, Result
from ..account import Account
from ..batch.totals import total
from ..build import taken_up
from ..dialects import DIALECTS
from ..dialects.error_bodies import brief, plain
from ..files.store_list import JSONL
from ..preflight.bundle import check_affordable, request_checks
from ..preflight.find_model import find_model
from ..services import Report, Services
from .build_bundle import BuildContext, BuiltBundle, Target, build_bundle, call_of_part, target_of
from .requests import has_requests, requests_of
from .rows import Rows
from .watch import Job, Watch


async def perform_bundle(
    form: Form, word: Bundle, values: JsonObject, services: Services, report: Report
) -> Result:
    """Send the requests that values hold, and return the result.

    InputError lists the problems of all requests, before anything is sent. With `poll`, the output
    is a file with a line for each request, the failed ones too, and `metadata.error` counts those;
    JobFailedError if the job ended without any result. What is raised after a job was submitted has
    its id.
    """
    started = monotonic()
    await services.files.ready()  # results that cannot be stored are not paid for
    await report(Event("started"))
    with TemporaryDirectory(prefix="openrouter-connector-") as folder:
        bundle = _Bundle(form, word, values, services, report, Path(folder))
        try:
            return await bundle.result(started)
        except ConnectorError as error:
            unknown = isinstance(error, NotFoundError) and not bundle.paid
            error.job = error.job or (None if unknown else bundle.ids or None)
            if error.job and isinstance(error, ApiError):
                # What was submitted is paid for; the same call would submit it again.
                error.retryable = False
            services.transport.redactor.redact_error(error)
            raise


@dataclass(slots=True)
class _Bundle:
    """One bundle on its way."""

    form: Form
    word: Bundle
    values: JsonObject
    services: Services
    report: Report
    folder: Path
    jobs: list[Job] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ids(self) -> str:
        """The ids of what was submitted."""
        return ",".join(job.id for job in self.jobs)

    @property
    def paid(self) -> bool:
        """Whether anything was submitted here."""
        return bool(self.accounts)

    async def result(self, started: float) -> Result:
        """Send, wait, and return the result."""
        poll, action = self.form.action.poll, self.form.action
        if job := taken_up(action, self.values):
            self.jobs = [Job(id) for id in dict.fromkeys(job.split(","))]
        async with AsyncExitStack() as stack:
            response: Json = None
            if not self.jobs:
                response = await self._submit(stack)
            if poll is None:
                metadata = self._metadata(started)
                return Result(response, replace(metadata, job_id=self.ids or None))
            return await self._waited(poll, started, resumed=bool(job))

    async def _submit(self, stack: AsyncExitStack) -> JsonObject:
        """Send the requests in as few calls as possible, and return the last response."""
        services = self.services
        context = BuildContext(services.files, services.transport.profile, services.catalogue)
        checks = await request_checks(self.form, self.word, self.values, context)
        built = await build_bundle(
            self.form, self.word, self.values, context, self.folder, checks.add
        )
        model = await find_model(self.form, self.values, services.catalogue, context.profile)
        # The API accepts a batch before it looks at the requests: each would fail for itself.
        if problems := [*model.problems, *checks.problems]:
            raise InputError(problems)
        if estimate := checks.estimate(self.word):
            check_affordable(estimate, services.budget)
        self.warnings += built.warnings
        first, response = 0, JsonObject()
        for part in built.parts:
            response = await self._send(built, first, stack)
            first += part.count
            # A part that was sent is not needed any more: it may be 200 MB of the disk.
            part.path.unlink()
        return response

    async def _send(self, built: BuiltBundle, first: int, stack: AsyncExitStack) -> JsonObject:
        part = built.parts[len(self.jobs)]
        call = call_of_part(self.form, built, part)
        services = self.services
        account = Account(services.budget.reserve(call), services.transport.profile)
        await stack.enter_async_context(account.reservation)
        async with services.send(call) as response:
            self.accounts.append(account)
            account.begin(response)
            found = plain(await response.json(), response.profile)
        id = brief(at(found, self.form.action.poll.id if self.form.action.poll else "id"))
        if not id:
            raise IncompleteError("the response has no id of a job", status=200, raw=found)
        job = Job(id, first, part.count, found)
        self.jobs.append(job)
        await self.report(
            Event("progress", "submitted", done=0, total=built.count, unit="requests", job=self.ids)
        )
        return found

    async def _waited(self, poll: Poll, started: float, *, resumed: bool) -> Result:
        services, action = self.services, self.form.action
        watch = Watch(
            poll, action.results or "", services.transport.open, self.report, self.folder,
            services.files.largest,
        )  # fmt: skip
        await watch.until_ended(self.jobs, resumed=resumed)
        self._account()
        profile = services.transport.profile
        rows = Rows(self._target().form, profile, self.jobs, poll)
        if failure := rows.failure():
            raise failure
        file = action.output.file
        name = file.name if file else "results"
        entry = await services.files.put(
            self._lines(rows), name, JSONL, extension="jsonl", rescued=self.warnings
        )
        self.warnings += rows.notes()
        metadata = replace(
            self._metadata(started), files=(entry,), job_id=self.ids, error=rows.error()
        )
        return Result(entry, metadata)

    def _lines(self, rows: Rows) -> AsyncIterator[bytes]:
        if not has_requests(self.word, self.values):
            return rows.of_results()
        return rows.of_requests(requests_of(self.word, self.values, self.services.files))

    def _target(self) -> Target:
        """Return the action that reads the results: of a resumed job, that of its endpoint."""
        named = {self.word.action, self.word.endpoint} & self.values.keys()
        endpoint = at(self.jobs[0].response, "endpoint")
        if named or endpoint not in self.word.actions.values():
            return target_of(self.form, self.word, self.values)
        return target_of(self.form, self.word, {**self.values, self.word.endpoint: endpoint})

    def _account(self) -> None:
        """Count what the jobs cost. Those that were resumed were paid by who submitted them."""
        if not self.accounts:
            self.accounts = [self._free_account() for _ in self.jobs]
        for job, account in zip(self.jobs, self.accounts, strict=True):
            account.read(job.response, DIALECTS[None].metadata)

    def _free_account(self) -> Account:
        path = self.form.action.request.partition(" ")[2]
        reservation = self.services.budget.reserve(Call("GET", path))
        return Account(reservation, self.services.transport.profile, free=True)

    def _metadata(self, started: float) -> Metadata:
        calls = [account.metadata(attempts=account.attempts) for account in self.accounts]
        noted = [*self.warnings, *(one for account in self.accounts for one in account.warnings)]
        warnings = list(dict.fromkeys(noted))
        if len(calls) == 1:
            latency = round(monotonic() - started, 4)
            return replace(calls[0], latency=latency, warnings=tuple(warnings))
        return total(calls, started, warnings)
