"""Export ByteChef's JSON and YAML: the document as it is, or one task of it."""

from __future__ import annotations

from ....definition.load import Definition
from ..document import write_json, write_yaml
from ..flow import Flow
from .written import Written, step_called


def write(
    flow: Flow, format: str, step: str | None, definition: Definition, base_url: str | None
) -> Written:
    """Return the document of the flow, or the JSON of the task that `step` names."""
    document = step_called(flow, step).task if step is not None else flow.document
    if format == "bytechef_yaml":
        return Written(write_yaml(document), "application/yaml")
    return Written(write_json(document), "application/json")
