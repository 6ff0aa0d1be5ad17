"""The nodes of an n8n workflow and their connections: who feeds whom, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from ....values import Json, JsonObject, an_object

MAIN = "main"


@dataclass(frozen=True)
class Graph:
    """The nodes by name, with their place in the file."""

    nodes: Mapping[str, JsonObject]
    places: Mapping[str, str]
    links: tuple[tuple[str, str, str, int], ...]
    """From, kind (`main`, `ai_languageModel`, `ai_tool` …), to, and the input's number."""

    @classmethod
    def of_workflow(cls, workflow: JsonObject) -> Graph:
        """Read a workflow. Nodes without a name cannot be connected, and are left out."""
        nodes, places = {}, {}
        for index, node in enumerate(workflow.get("nodes") or ()):
            name = an_object(node).get("name")
            if isinstance(name, str) and isinstance(node.get("type"), str):
                nodes[name] = node
                places[name] = f"nodes[{index}]"
        return cls(nodes, places, tuple(_links(workflow.get("connections"), nodes)))

    def type_of(self, name: str) -> str:
        """Return the last part of a node's type: `lmChatOpenRouter`."""
        return str(self.nodes[name]["type"]).rpartition(".")[2]

    def into(self, name: str, kind: str) -> list[str]:
        """Return the nodes that feed a node, those of its first input first."""
        found = sorted(self._feeders.get((name, kind), ()), key=lambda pair: pair[0])
        return list(dict.fromkeys(start for _, start in found))

    @cached_property
    def _feeders(self) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
        found: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for start, kind, end, number in self.links:
            found.setdefault((end, kind), []).append((number, start))
        return found

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The position of each node in the order of running; loops are cut where they close."""
        # Depth first from the nodes that nothing feeds; reversed, every node follows its feeders.
        fed = {end for _, kind, end, _ in self.links if kind == MAIN}
        starts = [name for name in self.nodes if name not in fed] + list(self.nodes)
        after: dict[str, list[str]] = {name: [] for name in self.nodes}
        for start, kind, end, _ in self.links:
            if kind == MAIN:
                after[start].append(end)
        done: dict[str, None] = {}
        for start in reversed(starts):
            _visit(start, after, done)
        return {name: index for index, name in enumerate(reversed(done))}


def _visit(start: str, after: Mapping[str, list[str]], done: dict[str, None]) -> None:
    """Add a node after all that follow it. Without recursion: a chain may have 5,000 nodes."""
    open_nodes = {start: iter(reversed(after[start]))} if start not in done else {}
    while open_nodes:
        name = next(reversed(open_nodes))
        following = next(open_nodes[name], None)
        if following is None:
            del open_nodes[name]
            done[name] = None
        elif following not in done and following not in open_nodes:
            open_nodes[following] = iter(reversed(after[following]))


def _links(
    connections: Json, nodes: Mapping[str, JsonObject]
) -> Iterator[tuple[str, str, str, int]]:
    for start, kinds in an_object(connections).items():
        for kind, outputs in an_object(kinds).items():
            for output in outputs if isinstance(outputs, list) else ():
                for target in output if isinstance(output, list) else ():
                    end, number = an_object(target).get("node"), an_object(target).get("index", 0)
                    if start in nodes and isinstance(end, str) and end in nodes:
                        yield start, str(kind), end, number if isinstance(number, int) else 0
