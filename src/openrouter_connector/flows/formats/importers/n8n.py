"""Import n8n's workflows: the calls to OpenRouter are taken out, all else is reported.

A call is a model node with the node that it serves (an agent, a chain), or an HTTP node whose URL
leads to OpenRouter. What the call reads of other nodes becomes an input of the flow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....values import Json, JsonObject, an_object
from ..report import FixUps
from .n8n_expressions import Converter, Path, Read, shortened
from .n8n_graph import MAIN, Graph
from .n8n_http import task_of_request
from .n8n_prompts import task_of_prompt
from .names import Inputs, Names, flow_document, path_text
from .recognize import n8n_workflow

_MODEL = "ai_languageModel"
_OUR_MODEL = "lmChatOpenRouter"


def import_n8n(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with the calls of a workflow. InputError if it has none."""
    workflow = n8n_workflow(source)
    if workflow is None:
        raise InputError([Problem("", "must be an n8n workflow with nodes and connections")])
    this = _Workflow(Graph.of_workflow(workflow), definition, fixes)
    tasks = this.tasks()
    if not tasks:
        message = "contains no call to OpenRouter: no OpenRouter model node, no HTTP node to it"
        raise InputError([Problem("nodes", message)])
    this.report_rest()
    label = workflow.get("name")
    return flow_document(str(label or "n8n workflow"), tasks, this.inputs.to_json())


@dataclass(slots=True)
class _Workflow:
    graph: Graph
    definition: Definition
    fixes: FixUps
    names: Names = field(default_factory=Names)
    inputs: Inputs = field(init=False)
    steps: dict[str, str] = field(default_factory=dict)
    """The names of nodes that become tasks, with the names of the tasks."""
    made: dict[str, JsonObject] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.inputs = Inputs(self.names)

    def tasks(self) -> list[JsonObject]:
        """Return the tasks in the order in which their nodes run."""
        models = self._models()
        calls = sorted({*models, *self._requests()}, key=lambda name: self.graph.order[name])
        for name in calls:
            self.steps[name] = self.names.take(name, "ask")
        for index, name in enumerate(calls):
            place = f"tasks[{index}]"
            if name in models:
                task = task_of_prompt(self, name, models[name], place)
            else:
                task = task_of_request(self, name, place)
            self.made[name] = task
        return list(self.made.values())

    def converter(self, name: str, source: str, place: str) -> Converter:
        """Return what converts the expressions of a node."""

        def note(code: str) -> None:
            message = f"{shortened(code)} is JavaScript and stays text; replace it by a pill"
            self.fixes.choose(source, place, message)

        def resolve(read: Read) -> str:
            return self._resolved(name, read, source, place)

        return Converter(resolve, note)

    def setting_notes(self, name: str) -> None:
        """Report the settings of a node itself."""
        node, place = self.graph.nodes[name], self.graph.places[name]
        on_error = node.get("onError", "stopWorkflow")
        if on_error != "stopWorkflow" or node.get("continueOnFail"):
            message = "the flow stops at an error; put the step into on-error to go on"
            self.fixes.dropped(f"{place}.onError", message)
        if node.get("retryOnFail"):
            self.fixes.converted(
                f"{place}.retryOnFail", "", "calls that were not served are retried"
            )

    def report_rest(self) -> None:
        """Report the nodes that do not come over."""
        used = {*self.made, *self._served()}
        notes = 0
        for name, place in self.graph.places.items():
            kind = self.graph.type_of(name)
            if kind == "stickyNote":
                notes += 1
            elif name not in used:
                self.fixes.dropped(place, f"{name!r} ({kind}) calls no model of OpenRouter")
        if notes:
            self.fixes.dropped("nodes", f"sticky notes ({notes}) have no place in a flow")

    def _models(self) -> dict[str, list[str]]:
        """Return the nodes that OpenRouter model nodes serve, each with its model nodes."""
        found: dict[str, list[str]] = {}
        for parent in self.graph.nodes:
            models = self.graph.into(parent, _MODEL)
            first = models[0] if models else None
            # A parser that repairs answers with a model belongs to its agent.
            if first is None or self.graph.type_of(parent).startswith("outputParser"):
                continue
            if self._is_ours(first) and not self._is_disabled(parent):
                found[parent] = models
        return found

    def _is_ours(self, name: str) -> bool:
        if self.graph.type_of(name) == _OUR_MODEL:
            return True
        options = an_object(an_object(self.graph.nodes[name].get("parameters")).get("options"))
        return "openrouter.ai" in str(options.get("baseURL", ""))

    def _requests(self) -> Iterator[str]:
        for name, node in self.graph.nodes.items():
            url = str(an_object(node.get("parameters")).get("url", ""))
            is_request = self.graph.type_of(name) == "httpRequest"
            if is_request and "openrouter.ai/" in url and not self._is_disabled(name):
                yield name

    def _is_disabled(self, name: str) -> bool:
        disabled = self.graph.nodes[name].get("disabled") is True
        if disabled:
            self.fixes.dropped(self.graph.places[name], f"{name!r} is disabled")
        return disabled

    def _served(self) -> Iterator[str]:
        """Yield the nodes that are part of a call, or were reported with one."""
        for start, kind, end, _ in self.graph.links:
            if end in self.made and kind != MAIN:
                yield start

    def _resolved(self, name: str, read: Read, source: str, place: str) -> str:
        """Return the expression that reads the same value in the flow."""
        node = read.node
        if node is None:
            before = self.graph.into(name, MAIN)
            node = before[0] if len(before) == 1 else None
        runs_before = node in self.made
        if node is not None and runs_before:
            path = _path_of_task(self.graph.type_of(node), self.made[node], read.path)
            if path is not None:
                return path_text(self.steps[node], *path)
            message = f"reads {path_text('json', *read.path)} of {node!r}, which the step has not"
            self.fixes.choose(source, place, message)
        return self._input(node, read.path, source, place)

    def _input(self, node: str | None, path: Path, source: str, place: str) -> str:
        words = [step for step in path if isinstance(step, str)]
        suggestion = words[-1] if words else node or "item"
        key = repr((node, path))
        is_new = key not in self.inputs
        # `$json` alone is an object, and so is what ends in a position of a list perhaps.
        kind = "string" if words else "object"
        name = self.inputs.take(key, suggestion, kind, f"{suggestion} ({node})" if node else "")
        if is_new:
            origin = f"the node {node!r}" if node else "the node before"
            self.fixes.converted(source, place, f"what it reads of {origin} is the input {name!r}")
        return name


def _path_of_task(kind: str, task: JsonObject, path: Path) -> Path | None:
    """Return a path into the output of a node as one into the output of its task."""
    if kind == "httpRequest":
        if not str(task["type"]).endswith("/ask"):
            return path
        head: Path = ("choices", 0, "message", "content")
        return path[len(head) :] if path[: len(head)] == head else None
    heads: tuple[Path, ...] = (("output",), ("text",), ("response", "text"), ("response",))
    return next((path[len(head) :] for head in heads if path[: len(head)] == head), None)
