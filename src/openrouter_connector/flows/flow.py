"""A flow for users of the package: its document, its check and its export in one object.

flow = Flow.load("flow.json")       # or YAML, or the JSON of one action
flow.check().problems
flow.save("flow.yaml")
"""

from __future__ import annotations

from ..definition.load import Definition
from .formats import flow as document
from .formats.check import FlowCheck, check_flow
from .formats.exporters import export_flow


class Flow(document.Flow):
    """The document of a flow, with what the functions beside it do as methods."""

    def check(self, definition: Definition | None = None) -> FlowCheck:
        """Return what is known before it runs: problems, warnings, what each step reads and gives.

        `definition` is that of the component whose actions the flow calls, by default our own.
        """
        return check_flow(self, definition)

    def to_bytechef(self) -> str:
        """Return the flow as ByteChef reads it, as JSON text without anything like a key."""
        return export_flow(self, "bytechef").text
