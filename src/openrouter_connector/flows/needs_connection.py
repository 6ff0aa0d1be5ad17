"""Whether a flow needs a connection: not if each of its steps names a server of its own."""

from __future__ import annotations

from ..definition.load import Definition
from ..errors import InputError
from ..runtime.endpoints import named_server
from .formats.check import form_of
from .formats.flow import Flow
from .formats.steps import Step


def needs_connection(flow: Flow, definition: Definition) -> bool:
    """Return whether a step calls the server of the connection, or may call it."""
    component = definition.component.name
    return any(not _names_server(step, definition) for step in flow.steps if step.word == component)


def _names_server(step: Step, definition: Definition) -> bool:
    try:
        named = named_server(form_of(step, definition).action, step.parameters)
    except InputError:
        return False
    # An expression may turn out to be empty.
    return isinstance(named, str) and "${" not in named and not named.startswith("=")
