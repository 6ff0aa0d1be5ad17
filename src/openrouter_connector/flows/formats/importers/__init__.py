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
from ..document import LARGEST, read_document
from ..flow import Flow
from ..report import FixUpReport, FixUps
from .recognize import FORMATS, is_curl, recognize

if TYPE_CHECKING:
    from ....definition.load import Definition


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
    document = _read(source, format)
    chosen = format or ("curl" if isinstance(document, str) else recognize(document))
    # A curl command is scanned after it was read: replacing a key may break its quotes.
    clean = document if chosen == "curl" else _without_secrets(document, fixes, in_flow=False)
    flow_document = _importer(chosen)(clean, definition, fixes)
    flow_document = _without_secrets(flow_document, fixes, in_flow=True)
    _drop_passwords(flow_document, definition, fixes)
    flow = Flow.from_json(flow_document)
    _add_choices(flow, definition, fixes)
    return Imported(flow, fixes.report(chosen))


_FUNCTIONS = {name: f"import_{name}" for name in FORMATS}


def _importer(name: str) -> Callable[[Json, Definition, FixUps], JsonObject]:
    """Return the importer of a format. Each is loaded on first use."""
    function: Callable[[Json, Definition, FixUps], JsonObject] = getattr(
        import_module(f".{name}", __name__), _FUNCTIONS[name]
    )
    return function


def _read(source: bytes | str | Json, format: str | None) -> Json:
    """Return the parsed document; a curl command as text."""
    if isinstance(source, bytes | str):
        text = _text(source)
        if format == "curl" or (format is None and is_curl(text)):
            if len(text) > LARGEST:
                raise InputError([Problem("file", f"is larger than {LARGEST // 1024**2} MB")])
            return text
        return read_document(text)
    try:
        # A copy, since importers change the document in place; checked like a file.
        return read_document(json.dumps(source))
    except (TypeError, ValueError, RecursionError):
        raise InputError([Problem("", "is not JSON, or has too many levels")]) from None


def _text(source: bytes | str) -> str:
    if isinstance(source, str):
        return source
    try:
        return source[: LARGEST + 1].decode("utf-8")
    except UnicodeDecodeError:
        raise InputError([Problem("file", "is not UTF-8 text")]) from None


def _without_secrets(document: Json, fixes: FixUps, *, in_flow: bool) -> Json:
    from ..secret_scan import scan_for_secrets

    scanned = scan_for_secrets(document)
    for problem in scanned.removed:
        source, place = ("", problem.path) if in_flow else (problem.path, "")
        fixes.choose(source, place, problem.message)
    return scanned.value


def _drop_passwords(document: JsonObject, definition: Definition, fixes: FixUps) -> None:
    """Remove the properties that hold keys. A flow is passed on; a key stays with its connection."""
    from ..passwords import passwords_in

    for parameters, name, place in passwords_in(document, definition):
        del parameters[name]
        fixes.dropped(place, "is a secret; a key stays with its connection")


def _add_choices(flow: Flow, definition: Definition, fixes: FixUps) -> None:
    """Add what the check finds: values to choose, texts that are no formula, steps that do not run."""
    checked = flow.check(definition)
    for problem in checked.problems:
        fixes.choose("", problem.path, problem.message)
    for warning in checked.warnings:
        fixes.kept("", warning.path, warning.message)
    for place, kind in checked.unsupported.items():
        fixes.kept("", place, f"{kind} is kept as it is; it does not run here")
