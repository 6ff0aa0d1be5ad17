"""Import n8n's workflows: the calls to OpenRouter are taken out, all else is reported.

A call is a model node with the node that it serves (an agent, a chain), or an HTTP node whose URL
leads to OpenRouter. What the call reads of other nodes becomes an input of the flow. If, Switch and
Filter nodes that decide whether a call runs become containers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....values import Json, JsonObject, an_object
from ..expressions.paths import path_text
from ..report import FixUps, moved_place
from .n8n_containers import put_into_containers
from .n8n_expressions import Converter, Path, Read, shortened
from .n8n_graph import Graph
from .n8n_guards import CHOOSING, Guards
from .n8n_http import task_of_request
from .n8n_models import is_ours, models_of
from .n8n_openai import OPENAI, task_of_openai
from .n8n_prompts import task_of_prompt
from .names import Inputs, Names, flow_document
from .recognize import n8n_workflow
from .texts import pill


def import_n8n(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with the calls of a workflow. InputError if it has none."""
    workflow = n8n_workflow(source)
    if workflow is None:
        raise InputError([Problem("", "must be an n8n workflow with nodes and connections")])
    this = _Workflow(Graph.of_workflow(workflow), definition, fixes)
    tasks = this.tasks()
    if not tasks:
        message = "contains no call to OpenRouter: no OpenRouter model node, no HTTP node to it"
        raise InputError([*this.refused, Problem("nodes", message)])
    this.report_rest()
    label = workflow.get("name")
    document = flow_document(str(label or "n8n workflow"), tasks, this.inputs.to_json())
    # Without outputs a flow returns what the steps at its top do, and so nothing of a case.
    return document | ({"outputs": this.outputs()} if this.has_containers else {})


@dataclass(slots=True)
class _Workflow:
    graph: Graph
    definition: Definition
    fixes: FixUps
    names: Names = field(default_factory=Names)
    inputs: Inputs = field(init=False)
    guards: Guards = field(init=False)
    steps: dict[str, str] = field(default_factory=dict)
    """The names of nodes that become tasks, with the names of the tasks."""
    made: dict[str, JsonObject] = field(default_factory=dict)
    parts: set[str] | None = None
    optional: set[str] = field(default_factory=set)
    """The names of inputs that may be missing."""
    reads: list[tuple[str, str]] = field(default_factory=list)
    """The names of inputs with the places where they are read."""
    has_containers: bool = False
    refused: list[Problem] = field(default_factory=list)
    """Why calls have no action."""

    def __post_init__(self) -> None:
        self.inputs = Inputs(self.names)
        self.guards = Guards(self.graph)

    def tasks(self) -> list[JsonObject]:
        """Return the tasks in the order in which their nodes run."""
        models = self._models()
        calls = sorted({*models, *self._requests()}, key=lambda name: self.graph.order[name])
        for name in calls:
            self.steps[name] = self.names.take(name, "ask")
        for name in calls:
            place = f"tasks[{len(self.made)}]"
            self._report_loops(name, place)
            if name in models:
                self.made[name] = task_of_prompt(self, name, models[name], place)
                continue
            try:
                is_request = self.graph.type_of(name) != OPENAI
                make = task_of_request if is_request else task_of_openai
                self.made[name] = make(self, name, place)
            except InputError as error:  # a call that has no action; the others come over
                self.refused += error.problems
        return self._in_containers()

    def _report_loops(self, name: str, place: str) -> None:
        """Say that a call ran again in n8n: here every step runs once."""
        for link in self.graph.loops_of(name):
            batches = self.graph.type_of(link.end) == "splitInBatches"
            again = f"for each batch of {link.end!r}" if batches else f"after {link.start!r}"
            advice = "each" if batches else "loop"
            message = f"ran again {again}; here it runs once. Put it into {advice}"
            self.fixes.choose(self.graph.places[link.end], place, message)

    def outputs(self) -> list[Json]:
        """Return an output for each call: null if it did not run."""
        return [{"name": self.steps[one], "value": pill(self.steps[one])} for one in self.made]

    def _in_containers(self) -> list[JsonObject]:
        """Return the tasks inside containers, and correct the places that were noted before."""
        reported, read = len(self.fixes.fixes), len(self.reads)
        tasks, moved = put_into_containers(self, self.made, self.guards)
        self.fixes.move(moved, reported)
        places = [(name, moved_place(place, moved)) for name, place in self.reads[:read]]
        always = {name for name, at in places + self.reads[read:] if not _CASE.search(at)}
        # What only one case reads is missing in n8n when another one runs.
        sometimes = {name for name, _ in self.reads} - always
        self.inputs.relax(self.optional | sometimes)
        self.has_containers = any(map(_CASE.search, moved.values()))
        return tasks

    def converter(
        self, name: str, source: str, place: str, note: Callable[[str], None] | None = None
    ) -> Converter:
        """Return what converts the expressions of a node; `note` takes code that stays text."""

        def report(code: str) -> None:
            message = f"{shortened(code)} is JavaScript and stays text; replace it by a pill"
            self.fixes.choose(source, place, message)

        def resolve(read: Read) -> str:
            return self._resolved(name, read, source, place)

        return Converter(resolve, note or report)

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
        for problem in self.refused:
            self.fixes.dropped(problem.path, problem.message)
        for name, called in self.graph.renamed.items():
            message = f"another node is called {called!r} too; this one is {name!r}"
            self.fixes.renamed(self.graph.places[name], "", message if called else f"is {name!r}")
        for place in self.graph.unread:
            self.fixes.dropped(place, "is no node: it has no type")
        # Every node is in the report: with its call, or here. A key that was taken out of a node,
        # or another name, does not say what became of it.
        said = (fix for fix in self.fixes.fixes if fix.kind not in ("secret", "renamed"))
        mentioned = {fix.source.partition("]")[0] + "]" for fix in said}
        notes = 0
        for name, place in self.graph.places.items():
            kind = self.graph.type_of(name)
            if kind == "stickyNote":
                notes += 1
            elif place not in mentioned:
                self.fixes.dropped(place, f"{name!r} ({kind}) {self._why_not(name)}")
        if notes:
            self.fixes.dropped("nodes", f"sticky notes ({notes}) have no place in a flow")

    def _why_not(self, name: str) -> str:
        if name in self._parts():
            return "is a part of another node, and does not come over"
        if name in self.guards.untold:
            return "decides with others by which way a call is reached; that is left to choose"
        if self.graph.type_of(name) in CHOOSING:
            return "decides nothing that a call of OpenRouter waits for"
        if self.graph.type_of(name).startswith("lm") and is_ours(self.graph, name):
            return "is a model of OpenRouter that serves no call"
        return "calls no model of OpenRouter"

    def _models(self) -> dict[str, list[str]]:
        """Return the nodes that OpenRouter model nodes serve, each with its model nodes."""
        found: dict[str, list[str]] = {}
        for parent in self.graph.nodes:
            kind = self.graph.type_of(parent)
            # A parser that repairs answers with a model belongs to its agent.
            if kind.startswith("outputParser") or kind == "modelSelector":
                continue
            models = models_of(self.graph, parent)
            if any(is_ours(self.graph, one) for one in models) and not self._is_disabled(parent):
                found[parent] = models
        return found

    def _requests(self) -> Iterator[str]:
        for name, node in self.graph.nodes.items():
            url = str(an_object(node.get("parameters")).get("url", ""))
            is_request = self.graph.type_of(name) in ("httpRequest", "httpRequestTool")
            calls = "openrouter.ai/" in url if is_request else self._is_openai(name)
            if calls and not self._is_disabled(name):
                yield name

    def _is_openai(self, name: str) -> bool:
        return self.graph.type_of(name) == OPENAI and is_ours(self.graph, name)

    def _is_disabled(self, name: str) -> bool:
        disabled = self.graph.nodes[name].get("disabled") is True
        if disabled:
            self.fixes.dropped(self.graph.places[name], f"{name!r} is disabled")
        return disabled

    def _parts(self) -> set[str]:
        """Return the nodes that are parts of a call, at any distance."""
        if self.parts is None:
            self.parts = set(self.made)
            waiting = list(self.made)
            while waiting:
                new = set(self.graph.parts_of(waiting.pop())) - self.parts
                self.parts |= new
                waiting += new
        return self.parts

    def _resolved(self, name: str, read: Read, source: str, place: str) -> str:
        """Return the expression that reads the same value in the flow."""
        nodes = [read.node] if read.node is not None else self._givers(name, read.path)
        known = [node for node in nodes if self._runs_before(node, name)]
        found = [self._path_of(node, read.path, source, place) for node in known]
        if len(known) < len(nodes) or not nodes:
            node = nodes[0] if len(nodes) == 1 else None
            found.append(self._input(node, read.path, source, place))
        # Of several, one ran: the others are null.
        return found[0] if len(found) == 1 else f"({' ?: '.join(dict.fromkeys(found))})"

    def _givers(self, name: str, path: Path) -> list[str]:
        """Return the nodes of which one gives a node its items, without those that lack a field."""
        nodes = list(self.guards.givers(name))
        if len(nodes) < 2 or not path or path[0] == "output":
            return nodes
        return [one for one in nodes if self.graph.type_of(one) != "agent"]  # they give `output`

    def _runs_before(self, node: str, name: str) -> bool:
        """Return whether a node is a step that runs before another node, or before it chooses."""
        is_earlier = self.graph.order.get(node, 0) <= self.graph.order[name]
        return node in self.made and (is_earlier or self.graph.type_of(name) not in CHOOSING)

    def _path_of(self, node: str, path: Path, source: str, place: str) -> str:
        """Return the expression that reads a field of a node in its step, or in an input."""
        found = _path_of_task(self.graph.type_of(node), self.made[node], path)
        if found is not None:
            return path_text((self.steps[node], *found))
        message = f"reads {path_text(('json', *path))} of {node!r}, which the step has not"
        self.fixes.choose(source, place, message)
        return self._input(node, path, source, place)

    def giver(self, name: str) -> str | None:
        """Return the only node whose items a node gets, whatever handed them on in between."""
        nodes = self.guards.givers(name)
        return nodes[0] if len(nodes) == 1 else None

    def input_of(
        self, node: str | None, key: str, source: str, place: str, kind: str = "string"
    ) -> str:
        """Return the name of an input for a value that no step gives, and report a new one."""
        return self._input(node, (key,), source, place, kind)

    def _input(self, node: str | None, path: Path, source: str, place: str, kind: str = "") -> str:
        words = [step for step in path if isinstance(step, str)]
        suggestion = words[-1] if words else node or "item"
        key = repr((node, path))
        is_new = key not in self.inputs
        # `$json` alone is an object, and so is what ends in a position of a list perhaps.
        kind = kind or ("string" if words else "object")
        name = self.inputs.take(key, suggestion, kind, f"{suggestion} ({node})" if node else "")
        self.reads.append((name, place))
        if is_new:
            origin = f"the node {node!r}" if node else "the node before"
            self.fixes.converted(source, place, f"what it reads of {origin} is the input {name!r}")
        return name


_CASE = re.compile(r"\.(?:caseTrue|caseFalse|tasks|default)\[")
"""A list of a container in a place of a flow."""


def _path_of_task(kind: str, task: JsonObject, path: Path) -> Path | None:
    """Return a path into the output of a node as one into the output of its task."""
    if kind == "httpRequest":
        if not str(task["type"]).endswith("/ask"):
            return path
        head: Path = ("choices", 0, "message", "content")
        return path[len(head) :] if path[: len(head)] == head else None
    heads: tuple[Path, ...] = (
        ("message", "content"),
        ("output",),
        ("text",),
        ("response", "text"),
        ("response",),
    )
    return next((path[len(head) :] for head in heads if path[: len(head)] == head), None)
