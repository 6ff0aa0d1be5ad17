"""`check`: accept parameters, build the calls they make, and check each of them without sending it.

form.accept ─▶ row and prices of the model ─▶ load files ─▶ build ─▶ preflight ─▶ Check
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ...definition.form import Form
from ...definition.model import Action
from ...errors import (
    ConnectorError,
    CredentialError,
    FileError,
    InputError,
    MissingExtraError,
    Problem,
)
from ...notebook import MimeBundle, mime_bundle, show
from ...offload import offload
from ...values import Call, Embedded, Json, JsonObject, ModelInfo
from ..api_profile import ApiProfile
from ..batch.for_each import calls_of
from ..batch.rows import placed
from ..build import build, call_of, taken_up
from ..catalogue.catalogue import Catalogue
from ..chat_messages import files_in, notes_on
from ..endpoints import named_server
from ..files.store import FileStore
from ..http.base_url import address_fault
from ..http.body import encode
from ..load import load_files
from ..services import Services
from . import preflight
from .estimate import Estimate
from .find_model import find_model
from .interval import Interval


@dataclass(frozen=True, slots=True)
class Check:
    """The result of a check: the call that would be sent, its problems, warnings and cost.

    Problems would make the call fail. `call` is None when the parameters do not make one; the
    estimate is in USD, and None when nothing is known of the cost.
    """

    call: Call | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None

    @property
    def ok(self) -> bool:
        """Whether no problem was found."""
        return not self.problems

    def to_json(self) -> JsonObject:
        """Return `{ok, problems, warnings, estimate, call}`; files in the call by name and size."""
        return {
            "ok": self.ok,
            "problems": [
                {"path": problem.path, "message": problem.message} for problem in self.problems
            ],
            "warnings": list(self.warnings),
            "estimate": self.estimate.to_json() if self.estimate else None,
            "call": call_json(self.call) if self.call else None,
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> MimeBundle:
        lines = [f"problem: {problem}" for problem in self.problems] or ["No problems found."]
        lines += [f"warning: {warning}" for warning in self.warnings]
        lines += [self.estimate.sentence()] if self.estimate else []
        return mime_bundle("\n".join(lines), *map(show, lines))


async def check(
    form: Form,
    parameters: Json,
    files: FileStore,
    profile: ApiProfile,
    services: Services | None = None,
) -> Check:
    """Check parameters against the form, and against what the catalogue says of the model.

    Nothing is raised for wrong parameters. Without `services` the catalogue is not asked.
    """
    catalogue = services.catalogue if services else None
    try:
        accepted = await offload(form.accept, parameters)
    # Wrong parameters make no call, but the model may still be unknown: report both at once.
    except InputError as error:
        values = await offload(form.sendable, parameters)
        model = await find_model(form, values, catalogue, profile)
        return Check(None, tuple(sorted({*error.problems, *model.problems})))
    action, values = form.action, accepted.values
    model = await find_model(form, values, catalogue, profile)
    endpoints = await _find_endpoints(form, values, model.model_info, catalogue)
    problems = [*model.problems, *await _server_problems(action, values, services)]
    warnings = [*accepted.warnings, *model.warnings]
    if action.bundle and not taken_up(action, values):
        from ..bundle.build_bundle import BuildContext  # few calls need these
        from .bundle import check_bundle

        context = BuildContext(files, profile, catalogue)
        found = await check_bundle(form, action.bundle, values, context)
        return _result(
            found.call, [*problems, *found.problems], [*warnings, *found.warnings], found.estimate
        )
    checked = _Checked(action, files, model.model_info, profile, endpoints, problems, warnings)
    with checked.collected():
        for index, one_call in enumerate(_values_of_calls(action, values)):
            await checked.add(index, one_call)
    return checked.result()


async def _server_problems(
    action: Action, values: JsonObject, services: Services | None
) -> list[Problem]:
    """Return what is wrong with a server that parameters name, without a request to it."""
    base_url = named_server(action, values)
    if action.server is None or base_url is None:
        return []
    if services is None:
        fault = address_fault(base_url)
        return [Problem(action.server.base_url, fault)] if fault else []
    try:
        async with services.at_server_of(action, values):
            return []
    except InputError as error:
        return [*error.problems]
    except CredentialError as error:
        return [Problem(action.server.token, error.message)]


def _values_of_calls(action: Action, values: JsonObject) -> Iterator[JsonObject]:
    """Yield the values of each call that will be made, as far as no file decides how many."""
    if (word := action.split_text) and word.property in values:
        from ..batch.split_text import part_texts

        for text in part_texts(action, word, values):
            yield values | {word.property: text}
    else:
        yield from calls_of(action, values)


@dataclass(slots=True)
class _Checked:
    """What was found in the calls that parameters make; the first call is kept to be shown."""

    action: Action
    files: FileStore
    model_info: ModelInfo | None
    profile: ApiProfile
    endpoints: list[JsonObject] | None
    problems: list[Problem]
    warnings: list[str]
    estimates: list[Estimate] = field(default_factory=list)
    call: Call | None = None

    async def add(self, index: int, values: JsonObject) -> None:
        """Check one of the calls."""
        with self.collected(index):
            audio = self.action.split_audio.property if self.action.split_audio else ""
            loaded = await load_files(
                self.action.properties, values, self.files, may_be_empty=audio
            )
            loaded, seconds = await self._measured(loaded)
            call = build(self.action, loaded, self.model_info, profile=self.profile)
            encode(call.body or {})  # InputError for values that no JSON can hold
            self._add_call(loaded, call, seconds)

    async def _measured(self, loaded: JsonObject) -> tuple[JsonObject, Interval | None]:
        """Return how many seconds of audio are billed; None where audio is not split."""
        word = self.action.split_audio
        if word is None or word.property not in loaded:
            return loaded, None
        from ..batch.audio_plan import inspect_input
        from .audio import audio_warnings, billed_seconds

        with self.collected():
            loaded, audio = await inspect_input(word, loaded)
            if audio:
                self.warnings += audio_warnings(audio, word, loaded)
                return loaded, billed_seconds(audio, word, loaded)
        return loaded, None

    def _add_call(self, loaded: JsonObject, call: Call, seconds: Interval | None) -> None:
        """Check a call against its model."""
        findings = preflight(
            self.action,
            loaded,
            call,
            self.model_info,
            profile=self.profile,
            today=datetime.now(UTC).date(),
            endpoints=self.endpoints,
            seconds=seconds,
        )
        self.problems += findings.problems
        self.warnings += (*call.warnings, *notes_on(files_in(loaded)), *findings.warnings)
        self.estimates += [findings.estimate] if findings.estimate else []
        self.call = self.call or call

    @contextmanager
    def collected(self, index: int = 0) -> Iterator[None]:
        """Collect the problems that would stop a run before it pays."""
        try:
            yield
        except InputError as error:
            self.problems += error.problems
        except FileError as error:
            place = placed(self.action, error.path, index)
            self.problems.append(Problem(place, error.problem.message))
        except MissingExtraError as error:
            action = self.action
            several = action.split_audio or action.split_text or action.for_each
            self.problems.append(Problem(several.property if several else "", error.message))

    def result(self) -> Check:
        """Return all that was found."""
        unit = self.action.for_each.unit if self.action.for_each else "parts"
        estimate = Estimate.of_all(self.estimates, unit) if self.estimates else None
        return _result(self.call, self.problems, self.warnings, estimate)


def _result(
    call: Call | None, problems: list[Problem], warnings: list[str], estimate: Estimate | None
) -> Check:
    """Return all that was found; several calls may repeat each other's findings."""
    each = tuple(dict.fromkeys(warnings))
    call = replace(call, warnings=each) if call else None
    return Check(call, tuple(sorted(set(problems))), each, estimate)


def call_json(call: Call) -> JsonObject:
    """Return a call as JSON, its files by name and size."""
    return {
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "body": _with_file_names(call.body),
    }


async def _find_endpoints(
    form: Form, values: JsonObject, model_info: ModelInfo | None, catalogue: Catalogue | None
) -> list[JsonObject] | None:
    """Return the rows that carry the model's prices, for an action whose models list none."""
    name = form.action.price_source
    if catalogue is None or model_info is None or name is None:
        return None
    source = catalogue.sources[name]
    try:
        listed = await catalogue.listed(source, call_of(source.request, values))
    except (ConnectorError, ValueError):
        return None
    return listed.cached.rows


def _with_file_names(value: Json) -> Json:
    if isinstance(value, Embedded):
        return f"{value.prefix}<{_size(value.file.size)} of {value.file.entry.name}>"
    if isinstance(value, dict):
        return {key: _with_file_names(item) for key, item in value.items()}
    return [_with_file_names(item) for item in value] if isinstance(value, list) else value


def _size(size: int) -> str:
    for unit, bytes_of in (("MB", 1_000_000), ("kB", 1000)):
        if size >= bytes_of:
            return f"{size / bytes_of:.0f} {unit}"
    return f"{size} bytes"
