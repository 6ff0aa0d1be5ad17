"""Import flows from other formats: `import_flow` picks the importer, one file a format.

source ─read─▶ document ─scan for secrets─▶ importer ─▶ Flow and FixUpReport
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....suggest import did_you_mean
from ....values import Json, JsonObject
from ...flow import Flow
from ..document import LARGEST, read_document
from ..report import FixUpReport, FixUps
from .recognize import FORMATS, is_curl, recognize

if TYPE_CHECKING:
    from ....definition.load import Definition


_MOST_CHECKED = 2000  # steps; an import of more would take seconds
_LARGEST_COMMAND = 1024**2  # characters; a shell's words are split one by one


@dataclass(frozen=True, slots=True)
class Imported:
    """A flow, and the report of how it was read."""

    flow: Flow
    report: FixUpReport


def import_flow(
    source: bytes | str | Json, *, format: str | None = None, definition: Definition | None = None
) -> Imported:
    """Read a flow from the text of a file, or from parsed JSON, in any of `FORMATS`.

    Without `format` the content decides. Secrets are replaced and reported. InputError lists all
    that makes the source unreadable; all else is in the report.
    """
    if format is not None and format not in FORMATS:
        message = f"{format!r} cannot be imported{did_you_mean(format, FORMATS)}"
        raise InputError([Problem("format", f"{message}; choose one of {', '.join(FORMATS)}")])
    from ....definition.load import load_component

    definition = definition or load_component()
    fixes = FixUps()
    command = _command_in(source, format)
    document = _read(source) if command is None else command
    chosen = format or (recognize(document) if command is None else "curl")
    # A curl command is scanned after it was read: replacing a key may break its quotes.
    clean = document if chosen == "curl" else _without_secrets(document, fixes)
    flow_document = _importer(chosen)(clean, definition, fixes)
    if chosen != "bytechef":  # all others may decode JSON that was text, and a key in it
        flow_document = _without_secrets(flow_document, fixes)
    _drop_passwords(flow_document, definition, fixes)
    flow = Flow.from_json(flow_document)
    _add_choices(flow, definition, fixes)
    component = definition.component.name
    calls = (step.place for step in flow.steps if step.word == component)
    return Imported(flow, fixes.report(chosen, calls))


_FUNCTIONS = {name: f"import_{name}" for name in FORMATS}


def _importer(name: str) -> Callable[[Json, Definition, FixUps], JsonObject]:
    """Return the importer of a format. Each is loaded on first use."""
    function: Callable[[Json, Definition, FixUps], JsonObject] = getattr(
        import_module(f".{name}", __name__), _FUNCTIONS[name]
    )
    return function


def _command_in(source: bytes | str | Json, format: str | None) -> str | None:
    """Return the text of a curl command; None for a document."""
    if not isinstance(source, bytes | str):
        if format == "curl":
            raise InputError([Problem("", "a curl command is a text")])
        return None
    text = _text(source)
    if format != "curl" and not (format is None and is_curl(text)):
        return None
    if len(text) > _LARGEST_COMMAND:
        message = "is a curl command of more than 1 MB; save its body as JSON"
        raise InputError([Problem("file", message)])
    return text


def _read(source: bytes | str | Json) -> Json:
    """Return the parsed document."""
    if isinstance(source, bytes | str):
        return read_document(source)
    try:
        # A copy, since importers change the document in place; checked like a file.
        return read_document(json.dumps(source))
    except (TypeError, ValueError, RecursionError):
        raise InputError([Problem("", "is not JSON, or has too many levels")]) from None


def _text(source: bytes | str) -> str:
    if isinstance(source, str):
        return source
    if len(source) > LARGEST:
        raise InputError([Problem("file", f"is larger than {LARGEST // 1024**2} MB")])
    try:
        return source.decode("utf-8")
    except UnicodeDecodeError:
        raise InputError([Problem("file", "is not UTF-8 text")]) from None


def _without_secrets(document: Json, fixes: FixUps) -> Json:
    from ..secret_scan import scan_for_secrets

    scanned = scan_for_secrets(document)
    for problem in scanned.removed:
        fixes.secret(problem.path, problem.message)
    return scanned.value


def _drop_passwords(document: JsonObject, definition: Definition, fixes: FixUps) -> None:
    """Remove the properties that hold keys: a flow is passed on, a key is not."""
    from ..passwords import passwords_in

    replaced = {fix.source for fix in fixes.fixes if fix.kind == "secret"}
    for parameters, name, place in passwords_in(document, definition):
        parameters.pop(name, None)  # YAML may share the parameters of two steps
        if place not in replaced:
            fixes.secret(place, "is a secret; a key stays with its connection")


def _add_choices(flow: Flow, definition: Definition, fixes: FixUps) -> None:
    """Add what the check finds: values to choose, texts that look like formulas, foreign steps."""
    if len(flow.steps) > _MOST_CHECKED:
        message = f"has {len(flow.steps):,} steps, too many to check here; check the flow"
        fixes.choose("", "tasks", message)
        _add_foreign_steps(flow, definition, fixes)
        return
    from ..check import check_flow

    checked = check_flow(flow, definition)
    for problem in checked.problems:
        fixes.choose("", problem.path, problem.message)
    for warning in checked.warnings:
        fixes.kept("", warning.path, warning.message)
    _add_empty_models(flow, definition, {problem.path for problem in checked.problems}, fixes)
    _add_foreign_steps(flow, definition, fixes)


def _add_empty_models(
    flow: Flow, definition: Definition, reported: set[str], fixes: FixUps
) -> None:
    """Add models that are an empty text: to the check that is a value, and any text is one."""
    for step in flow.steps:
        place = f"{step.place}.parameters.model"
        is_own = step.word == definition.component.name
        if is_own and step.parameters.get("model") == "" and place not in reported:
            fixes.choose("", place, "is empty; choose a model")


def _add_foreign_steps(flow: Flow, definition: Definition, fixes: FixUps) -> None:
    from ..check import RUNS

    reported = {fix.place for fix in fixes.fixes if fix.kind == "kept"}
    for step in flow.steps:
        is_own = step.type in RUNS or step.word == definition.component.name
        if not is_own and step.place not in reported:
            fixes.kept("", step.place, f"{step.type} is kept as it is; it does not run here")
