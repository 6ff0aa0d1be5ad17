"""Compare the actions that a run calls with those of the process that goes on with it."""

from __future__ import annotations

from hashlib import sha256

from ...definition.load import Definition
from ..formats.check import form_of
from ..formats.flow import Flow


def digests_of(flow: Flow, definition: Definition) -> dict[str, str]:
    """Return a digest of each action that the flow calls. InputError for one that is missing."""
    component, found = definition.component.name, dict[str, str]()
    for step in flow.steps:
        if step.word == component:
            action = form_of(step, definition).action
            if action.name not in found:
                text = action.model_dump_json()
                found[action.name] = sha256(text.encode()).hexdigest()[:16]
    return found


def changed_actions(known: dict[str, str], flow: Flow, definition: Definition) -> list[str]:
    """Return the actions that were defined otherwise. InputError for one that is missing."""
    own = digests_of(flow, definition)
    return sorted(name for name, digest in known.items() if own.get(name, digest) != digest)
