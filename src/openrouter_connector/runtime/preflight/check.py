"""Pre-flight: all that can be told of a call before it is paid for, without sending it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

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
from ...offload import offload
from ...values import Call, Embedded, Json, JsonObject, ModelInfo
from ..batch.for_each import calls_of
from ..batch.rows import placed
from ..build import build, call_of
from ..catalogue.catalogue import Catalogue
from ..chat_messages import files_in, notes_on
from ..endpoints import named_server
from ..files.store import FileStore
from ..http.base_url import address_fault
from ..http.body import encode
from ..load import load_files
from ..services import Services
from . import preflight, unknown_model
from .estimate import Estimate
from .interval import Span


@dataclass(frozen=True, slots=True)
class Check:
    """What a pre-flight found: the call that would be sent, and what stands against it.

    Problems would make the call fail; warnings are what else should be known. `call` is None when
    the parameters do not even make one; the estimate is in USD, and None when nothing can be said.
    """

    call: Call | None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    estimate: Estimate | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing stands against sending it."""
        return not self.problems

    def to_json(self) -> JsonObject:
        """Give `{ok, problems, warnings, estimate, call}`; files in the call by name and size."""
        return {
            "ok": self.ok,
            "problems": [{"path": one.path, "message": one.message} for one in self.problems],
            "warnings": list(self.warnings),
            "estimate": self.estimate.to_json() if self.estimate else None,
            "call": call_json(self.call) if self.call else None,
        }


async def check(
    form: Form, parameters: Json, files: FileStore, services: Services | None = None
) -> Check:
    """Check parameters against the form, and against what the catalogue says of the model.

    Nothing is raised for what is wrong. Without `services` what hangs on the model is left open.
    """
    catalogue = services.catalogue if services else None
    try:
        accepted = await offload(form.accept, parameters)
    except InputError as error:
        values = await offload(form.sendable, parameters)
        _, unknown, _ = await _model(form, values, catalogue)
        return Check(None, tuple(sorted({*error.problems, *unknown})))
    model_info, unknown, warned = await _model(form, accepted.values, catalogue)
    prices = await _prices(form, accepted.values, model_info, catalogue)
    problems = [*unknown, *await _misled(form.action, accepted.values, services)]
    found = _Found(form.action, files, model_info, prices, problems, [*accepted.warnings, *warned])
    with found.refused():
        for index, values in enumerate(_calls(form.action, accepted.values)):
            await found.look(index, values)
    return found.check()


async def _misled(action: Action, values: JsonObject, services: Services | None) -> list[Problem]:
    """Say what is wrong with a server that parameters name, without asking it anything."""
    named = named_server(action, values)
    if action.server is None or named is None:
        return []
    if services is None:
        fault = address_fault(named)
        return [Problem(action.server.base_url, fault)] if fault else []
    try:
        async with services.at_server_of(action, values):
            return []
    except InputError as error:
        return [*error.problems]
    except CredentialError as error:
        return [Problem(action.server.token, error.message)]


def _calls(action: Action, values: JsonObject) -> Iterator[JsonObject]:
    """Give the values of each call that these make, as far as that can be told without a file."""
    split = action.split
    if split and split.by == "sentence":
        from ..batch.split_text import texts_of

        for text in texts_of(action, split, values):
            yield values | {split.property: text}
    else:
        yield from calls_of(action, values)


@dataclass(slots=True)
class _Found:
    """What was found in the calls that parameters make; the first of them is shown."""

    action: Action
    files: FileStore
    model_info: ModelInfo | None
    prices: list[JsonObject] | None
    problems: list[Problem]
    warnings: list[str]
    estimates: list[Estimate] = field(default_factory=list)
    call: Call | None = None

    async def look(self, index: int, values: JsonObject) -> None:
        """Look at one of the calls."""
        with self.refused(index):
            heard = self.action.split.property if self.action.split else ""
            given = await load_files(self.action.properties, values, self.files, heard=heard)
            loaded, seconds = await self._listen(given)
            call = build(self.action, loaded, self.model_info)
            encode(call.body or {})
            self._plan(loaded, call, seconds)

    async def _listen(self, loaded: JsonObject) -> tuple[JsonObject, Span | None]:
        """Tell how many seconds of a sound are to be paid for."""
        word = self.action.split
        if word is None or word.by != "silence":
            return loaded, None
        from ..batch.split_audio import heard_of, looked_into, told_of

        with self.refused():
            loaded, audio = await looked_into(word, loaded)
            if audio:
                self.warnings += told_of(audio, word, loaded)
                return loaded, heard_of(audio, word, loaded)
        return loaded, None

    def _plan(self, loaded: JsonObject, call: Call, seconds: Span | None) -> None:
        """Hold a call against its model."""
        found = preflight(
            self.action,
            loaded,
            call,
            self.model_info,
            today=datetime.now(UTC).date(),
            prices=self.prices,
            seconds=seconds,
        )
        self.problems += found.problems
        self.warnings += (*call.warnings, *notes_on(files_in(loaded)), *found.warnings)
        self.estimates += [found.estimate] if found.estimate else []
        self.call = self.call or call

    @contextmanager
    def refused(self, index: int = 0) -> Iterator[None]:
        """Keep what a run would refuse before it pays."""
        try:
            yield
        except InputError as error:
            self.problems += error.problems
        except FileError as error:
            told = error.message.removeprefix(f"{error.path}: ")
            self.problems.append(Problem(placed(self.action, error.path, index), told))
        except MissingExtraError as error:
            several = self.action.split or self.action.for_each
            self.problems.append(Problem(several.property if several else "", error.message))

    def check(self) -> Check:
        """Put it together. What is wrong with a file makes no call of the others either."""
        warnings = tuple(dict.fromkeys(self.warnings))
        unit = self.action.for_each.unit if self.action.for_each else "parts"
        estimate = Estimate.of_all(self.estimates, unit) if self.estimates else None
        call = replace(self.call, warnings=warnings) if self.call else None
        return Check(call, tuple(sorted(set(self.problems))), warnings, estimate)


def call_json(call: Call) -> JsonObject:
    """Give a call as JSON, its files by name and size."""
    return {
        "method": call.method,
        "path": call.path,
        "query": dict(call.query),
        "body": _plain(call.body),
    }


_UNASKED = (
    "the catalogue was not asked, since there is no connection: what the model takes and costs is "
    "not known, and the call may take another form"
)


class _Model(NamedTuple):
    """The row of the chosen model, the problem that there is none, and what was not asked."""

    model_info: ModelInfo | None = None
    problems: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()


async def _model(form: Form, values: JsonObject, catalogue: Catalogue | None) -> _Model:
    if catalogue is None or not form.action.model_sources:
        return _Model(warnings=(_UNASKED,) if form.action.model_sources else ())
    model_info, fault = await catalogue.model_info(form.action, values)
    if model_info or fault:
        return _Model(model_info, warnings=(fault,) if fault else ())
    known = await catalogue.names(form.action, values)
    named = form.action.model_sources[0].property
    model = values.get(named)
    if not known or not isinstance(model, str) or not model or model.startswith("@"):
        return _Model()
    return _Model(problems=(replace(unknown_model(model, known), path=named),))


async def _prices(
    form: Form, values: JsonObject, model_info: ModelInfo | None, catalogue: Catalogue | None
) -> list[JsonObject] | None:
    """Give the rows that carry the model's prices, for an action whose models list none."""
    name = form.action.prices
    if catalogue is None or model_info is None or name is None:
        return None
    source = catalogue.sources[name]
    try:
        listed = await catalogue.listed(source, call_of(source.request, values))
    except (ConnectorError, ValueError):
        return None
    return listed.held.rows


def _plain(value: Json) -> Json:
    if isinstance(value, Embedded):
        return f"{value.prefix}<{_size(value.file.size)} of {value.file.entry.name}>"
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


def _size(size: int) -> str:
    for unit, of in (("MB", 1_000_000), ("kB", 1000)):
        if size >= of:
            return f"{size / of:.0f} {unit}"
    return f"{size} bytes"
