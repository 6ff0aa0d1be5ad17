"""Export steps as tool calls of MCP: `{"name": "ask", "arguments": {…}}`."""

from __future__ import annotations

from ....definition.load import Definition
from ....errors import Problem
from ....values import Json, JsonObject
from ..document import write_json
from ..flow import Flow
from ..references import uses_of
from ..steps import Step
from .written import Written, own_steps, plain_text, with_plain_texts


def write(
    flow: Flow, format: str, step: str | None, definition: Definition, base_url: str | None
) -> Written:
    """Return the call of one step, or a list of calls in the order of the flow."""
    notes: list[Problem] = []
    calls: list[Json] = [_call(one, definition, notes) for one in own_steps(flow, step, definition)]
    return Written(write_json(calls[0] if len(calls) == 1 else calls), "application/json", notes)


def _call(step: Step, definition: Definition, notes: list[Problem]) -> JsonObject:
    action = definition.form(step.type.rpartition("/")[2]).action
    # A tool offers no filters of a form: they are never sent.
    filters = {prop.name for prop in action.properties if prop.mirrors}
    parameters = {key: value for key, value in step.parameters.items() if key not in filters}
    arguments = with_plain_texts(parameters)
    for use in uses_of(step):
        if plain_text(use.template.text) is None:
            message = f"holds {use.template.text!r}; write its value there"
            notes.append(Problem(use.place, message))
    return {"name": action.name, "arguments": arguments}
