"""Export flows to other formats: `export_flow` picks the exporter, one file a format.

Flow ─▶ without passwords and secrets ─▶ exporter ─▶ text, and what was removed from it
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....suggest import did_you_mean
from ....values import JsonObject
from ..flow import Flow

if TYPE_CHECKING:
    from ....definition.load import Definition
    from .written import Written

FORMATS = ("bytechef", "bytechef_yaml", "curl", "python", "mcp_call")
"""The formats that can be exported."""
_MODULES = {"bytechef_yaml": "bytechef"}


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of an export. It holds no secret."""

    text: str
    media_type: str
    removed: tuple[Problem, ...]
    """The place of each secret that was removed, with a message that does not repeat it."""
    notes: tuple[Problem, ...] = ()
    """What the text cannot say, each with its place: placeholders to fill in, steps left out."""

    @property
    def scan(self) -> str:
        """The result of the scan for secrets, as a sentence."""
        from ..secret_scan import scan_summary

        return scan_summary(len(self.removed))

    def to_json(self) -> JsonObject:
        """Return `{text, mediaType, scan, removed, notes}`."""
        return {
            "text": self.text,
            "mediaType": self.media_type,
            "scan": self.scan,
            "removed": [{"path": one.path, "message": one.message} for one in self.removed],
            "notes": [{"path": one.path, "message": one.message} for one in self.notes],
        }


def export_flow(
    flow: Flow,
    format: str,
    *,
    step: str | None = None,
    definition: Definition | None = None,
    base_url: str | None = None,
) -> Exported:
    """Write a flow, or one step of it by its name, in one of `FORMATS`.

    `base_url` is the server of a curl command or a Python snippet, by default OpenRouter or the
    one in the environment. InputError for a step that does not exist, and for parameters that
    cannot be sent, with the place of each.
    """
    if format not in FORMATS:
        message = f"{format!r} cannot be exported{did_you_mean(format, FORMATS)}"
        raise InputError([Problem("format", f"{message}; choose one of {', '.join(FORMATS)}")])
    from ....definition.load import load_component
    from ..secret_scan import scan_for_secrets

    definition = definition or load_component()
    clean, removed = _public(flow, definition)
    written: Written = _exporter(format)(clean, format, step, definition, base_url)
    # The text is scanned once more: an exporter may join what looked harmless in parts.
    last = scan_for_secrets(written.text, "text")
    return Exported(last.value, written.media_type, (*removed, *last.removed), tuple(written.notes))


def _exporter(name: str) -> Callable[..., Written]:
    module = import_module(f".{_MODULES.get(name, name)}", __name__)
    function: Callable[..., Written] = module.write
    return function


def _public(flow: Flow, definition: Definition) -> tuple[Flow, tuple[Problem, ...]]:
    """Return the flow without passwords and secrets, and the places of those."""
    import copy

    from ..passwords import passwords_in
    from ..secret_scan import scan_for_secrets

    document, removed = flow.document, list[Problem]()
    if any(True for _ in passwords_in(document, definition)):
        document = copy.deepcopy(document)
        for parameters, name, place in list(passwords_in(document, definition)):
            parameters.pop(name, None)  # YAML may share the parameters of two steps
            removed.append(Problem(place, "is a secret and was removed"))
    scanned = scan_for_secrets(document)
    return Flow(scanned.value), (*removed, *scanned.removed)
