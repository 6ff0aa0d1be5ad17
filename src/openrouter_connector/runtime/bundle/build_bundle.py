"""Build the requests of a bundle as single calls are built, and write them to files to be sent.

    requests ──▶ accept ──▶ load files ──▶ build ──▶ one line of a file ──▶ a file per call

One request is in memory at a time: five thousand of them may be 200 MB.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from ...definition.form import Form
from ...definition.model import Bundle
from ...errors import FileError, InputError, Problem
from ...values import Call, FileEntry, Inserted, JsonObject, LoadedFile, ModelInfo
from ..api_profile import ApiProfile
from ..build import build, mapping
from ..catalogue.catalogue import Catalogue
from ..files.by_url import with_links
from ..files.chunks import read_chunks
from ..files.store import FileStore
from ..http.body import encode_without_files
from ..load import load_files
from .parts import BuiltPart, BundleFullError, Parts
from .requests import BundledRequest, requests_of

MAX_PROBLEMS = 20
_PAUSE = 16  # requests between two turns of other tasks

CheckRequest = Callable[[BundledRequest, JsonObject, Call], None]
"""Takes a request that was built: with its loaded values, and the call it would be alone."""


@dataclass(slots=True)
class BuiltBundle:
    """What was built of all requests."""

    target: Target
    settings: JsonObject
    """What the body holds beside the endpoint and the requests."""
    headers: Mapping[str, str]
    parts: Sequence[BuiltPart]
    warnings: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many requests there are."""
        return sum(part.count for part in self.parts)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the requests of a bundle go."""

    form: Form
    """That of the action whose parameters they hold."""
    endpoint: str


def target_of(form: Form, word: Bundle, values: JsonObject) -> Target:
    """Return the action and the endpoint that the values name. InputError if they disagree."""
    if form.form_of is None:  # a form that no definition made
        raise InputError([Problem(word.action, "the actions of this bundle are not known")])
    endpoint = values.get(word.endpoint)
    fitting = [name for name, place in word.actions.items() if endpoint in (None, place)]
    name = values.get(word.action) or next(iter(fitting), None)
    if name not in word.actions:
        message = f"must be one of {', '.join(word.actions)}"
        raise InputError([Problem(word.action, message)])
    if name not in fitting:
        message = f"{name} is sent to {word.actions[name]}; omit it, or choose another action"
        raise InputError([Problem(word.endpoint, message)])
    return Target(form.form_of(name), word.actions[name])


@dataclass(frozen=True, slots=True)
class BuildContext:
    """What is needed to build a request."""

    files: FileStore
    profile: ApiProfile
    catalogue: Catalogue | None
    """Without it no request follows its model."""


async def build_bundle(
    form: Form,
    word: Bundle,
    values: JsonObject,
    context: BuildContext,
    folder: Path,
    check: CheckRequest | None = None,
) -> BuiltBundle:
    """Write the requests that values hold to files in a folder, checked and ready to be sent.

    InputError lists the first problems of all requests, each with its place. `check` is called
    with each request.
    """
    mapped = mapping(form.action.properties, "POST", values)
    parts = Parts(word, folder)
    built = BuiltBundle(target_of(form, word, values), mapped.body, mapped.headers, parts.written)
    builder = _Builder(word, built, str(values[word.model]), context, parts, check)
    with parts:
        async with aclosing(requests_of(word, values, context.files)) as requests:
            async for request in requests:
                await builder.add(request)
                if len(builder.problems) >= MAX_PROBLEMS:
                    break
                if request.index % _PAUSE == 0:
                    await asyncio.sleep(0)
    if builder.problems:
        raise InputError(builder.problems[:MAX_PROBLEMS])
    return built


def call_of_part(form: Form, built: BuiltBundle, part: BuiltPart) -> Call:
    """Return the call that sends a part.

    The requests come last: the API reads a body from its start, and needs all else before them.
    """
    method, path = form.action.request.split(" ", 1)
    entry = FileEntry("json", "application/json", part.path.name, part.path.as_uri())
    requests = LoadedFile(entry, part.path.stat().st_size, partial(_read, part.path))
    endpoint = built.target.endpoint
    body = {"endpoint": endpoint, **built.settings, "requests": Inserted(requests)}
    return Call(method, path, {}, body, built.headers)


async def _read(path: Path) -> AsyncIterator[bytes]:
    async with aclosing(read_chunks(lambda: path.open("rb"))) as chunks:
        async for chunk in chunks:
            yield chunk


def place_problem(request: BundledRequest, problem: Problem) -> Problem:
    """Return a problem of one request with its place in the bundle."""
    if ": line" in request.place:
        message = f"{problem.path}: {problem.message}" if problem.path else problem.message
        return Problem(request.place, message)
    path = f"{request.place}.{problem.path}" if problem.path else request.place
    return Problem(path, problem.message)


class _Builder:
    """Builds one request after the other, and remembers what is wrong."""

    def __init__(
        self,
        word: Bundle,
        built: BuiltBundle,
        model: str,
        context: BuildContext,
        parts: Parts,
        check: CheckRequest | None,
    ) -> None:
        self.problems: list[Problem] = []
        self._built = built
        self._word = word
        self._model = model
        self._context = context
        self._profile = context.profile
        self._parts = parts
        self._check = check
        self._ids: set[str] = set()
        self._row: ModelInfo | None = None
        self._row_read = False
        self._same: dict[str, str] = {}

    async def add(self, request: BundledRequest) -> None:
        """Build a request and write it; a problem of it is remembered."""
        try:
            body = await self._body(request)
        except InputError as error:
            self.problems += [place_problem(request, problem) for problem in error.problems]
        except FileError as error:
            self.problems.append(place_problem(request, error.problem))
        else:
            if not self.problems:
                self._write(request, body)

    async def _body(self, request: BundledRequest) -> JsonObject:
        if request.fault:
            raise InputError([Problem("", request.fault)])
        if request.id in self._ids:
            message = f"{request.id!r} is the id of another request; ids must differ"
            raise InputError([Problem("customId", message)])
        self._ids.add(request.id)
        alone = (
            self._raw_call(request) if request.body is not None else await self._built_call(request)
        )
        body: JsonObject = with_links(alone.body or {})
        self.problems += [
            place_problem(request, Problem("", message))
            for message in self._profile.not_in_bundle(body)
        ]
        self._compare(request, body)
        return body

    def _raw_call(self, request: BundledRequest) -> Call:
        """Return the call of a request that came in the format of the API."""
        target, body = self._built.target, request.body or {}
        if request.url not in (None, target.endpoint, target.endpoint.removeprefix("/v1")):
            message = f"is {request.url!r}, but the batch is for {target.endpoint}"
            raise InputError([Problem("url", message)])
        self._require_model(body.get(self._word.model))
        action = target.form.action
        method, path = action.request.split(" ", 1)
        body = {self._word.model: self._model, **body}
        call = Call(method, path, body=body, dialect=action.dialect)
        if self._check:
            self._check(request, {self._word.model: self._model}, call)
        return call

    async def _built_call(self, request: BundledRequest) -> Call:
        form = self._built.target.form
        self._require_model(request.parameters.get(self._word.model))
        parameters = {**request.parameters, self._word.model: self._model}
        accepted = form.accept(parameters)
        self._warn(*accepted.warnings)
        files, action = self._context.files, form.action
        loaded = await load_files(action.properties, accepted.values, files, by_url=True)
        row = await self._model_info(loaded)
        call = build(action, loaded, row, profile=self._profile)
        self._warn(*call.warnings)
        if self._check:
            self._check(request, loaded, replace(call, body=with_links(call.body or {})))
        return call

    def _require_model(self, model: object) -> None:
        if model not in (None, self._model):
            message = f"is {model!r}, but the batch is for {self._model!r}; one batch has one model"
            raise InputError([Problem(self._word.model, message)])

    async def _model_info(self, values: JsonObject) -> ModelInfo | None:
        """Return the row of the model, which is read once, if a request needs it."""
        action, catalogue = self._built.target.form.action, self._context.catalogue
        needed = any(source.is_needed(values) for source in action.model_sources)
        if catalogue and needed and not self._row_read:
            known = await catalogue.model_info(action, values, needed=True)
            self._row, self._row_read = known.model_info, True
            self._warn(*([known.fault] if known.fault else []))
        return self._row

    def _compare(self, request: BundledRequest, body: JsonObject) -> None:
        for key in self._profile.same_in_bundle(self._model):
            text = json.dumps(body.get(key), sort_keys=True, default=str)
            if self._same.setdefault(key, text) != text:
                message = f"{key} differs from that of the first request; {self._model} has one"
                self.problems.append(
                    place_problem(request, Problem("", f"{message} for a whole batch"))
                )

    def _warn(self, *warnings: str) -> None:
        known = self._built.warnings
        known += [one for one in warnings if one not in known and len(known) < MAX_PROBLEMS]

    def _write(self, request: BundledRequest, body: JsonObject) -> None:
        try:
            self._parts.add(encode_without_files({"custom_id": request.id, "body": body}))
        except InputError as error:
            self.problems += [place_problem(request, problem) for problem in error.problems]
        except BundleFullError as error:
            self.problems.append(Problem(self._word.requests, str(error)))
