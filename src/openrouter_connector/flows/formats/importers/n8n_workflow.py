"""What the import of an n8n workflow offers to the parts that read its nodes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ....definition.load import Definition
from ..report import FixUps
from .n8n_expressions import Converter
from .n8n_graph import Graph
from .names import Inputs, Names


class Workflow(Protocol):
    """The workflow that is imported."""

    graph: Graph
    definition: Definition
    fixes: FixUps
    names: Names
    inputs: Inputs
    steps: dict[str, str]
    """The names of nodes that become tasks, with the names of the tasks."""
    optional: set[str]
    """The names of inputs that may be missing."""

    def giver(self, name: str) -> str | None:
        """Return the only node whose items a node gets, whatever handed them on in between."""

    def converter(
        self, name: str, source: str, place: str, note: Callable[[str], None] | None = None
    ) -> Converter:
        """Return what converts the expressions of a node; `note` takes code that stays text."""

    def input_of(
        self, node: str | None, key: str, source: str, place: str, kind: str = "string"
    ) -> str:
        """Return the name of an input for a value that no step gives, and report a new one."""

    def setting_notes(self, name: str) -> None:
        """Report the settings of a node itself."""
