"""The nodes of an n8n workflow and their connections: who feeds whom, and in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from typing import NamedTuple

from ....values import Json, JsonObject, an_object

MAIN = "main"
_MOST_LINKS = 200_000
_MOST_LOOPS = 20
PASSING = ("if", "switch", "filter", "noOp", "wait", "limit", "textClassifier")
"""The types of nodes that hand on the items that they get, all or some of them."""


class Link(NamedTuple):
    """A connection of two nodes."""

    start: str
    kind: str
    """`main`, `ai_languageModel`, `ai_tool` …"""
    end: str
    number: int
    """The number of the input that it leads into."""
    output: int
    """The number of the output from which it comes."""


@dataclass(frozen=True)
class Graph:
    """The nodes by name, with their place in the file."""

    nodes: Mapping[str, JsonObject]
    places: Mapping[str, str]
    links: tuple[Link, ...]
    renamed: Mapping[str, str]
    """The names of nodes that had none of their own, with what they were called."""
    unread: tuple[str, ...]
    """The places of what is no node."""

    @classmethod
    def of_workflow(cls, workflow: JsonObject) -> Graph:
        """Read a workflow. Of nodes with one name, all but the first get another one."""
        nodes: dict[str, JsonObject] = {}
        places, renamed, unread = {}, {}, list[str]()
        for index, node in enumerate(workflow.get("nodes") or ()):
            place, kind = f"nodes[{index}]", an_object(node).get("type")
            if not isinstance(kind, str):
                unread.append(place)
                continue
            called = node.get("name") if isinstance(node.get("name"), str) else ""
            name = called or kind.rpartition(".")[2]
            while name in nodes:
                name += f" ({index})"
            if name != called:
                renamed[name] = called
            nodes[name], places[name] = node, place
        links = islice(_links(workflow.get("connections"), nodes, renamed), _MOST_LINKS)
        return cls(nodes, places, tuple(links), renamed, tuple(unread))

    def type_of(self, name: str) -> str:
        """Return the last part of a node's type: `lmChatOpenRouter`."""
        return str(self.nodes[name]["type"]).rpartition(".")[2]

    def into(self, name: str, kind: str) -> list[str]:
        """Return the nodes that feed a node, those of its first input first."""
        found = sorted(self._feeders.get((name, kind), ()), key=lambda pair: pair[0])
        return list(dict.fromkeys(start for _, start in found))

    def parts_of(self, name: str) -> Iterator[str]:
        """Yield the nodes that are parts of a node: its models, tools, parsers."""
        for kind in self._kinds - {MAIN}:
            for _, start in self._feeders.get((name, kind), ()):
                yield start

    def users_of(self, name: str) -> Iterator[str]:
        """Yield the nodes that a node is a part of, such as the agent of a tool."""
        yield from self._users.get(name, ())

    def forward_into(self, name: str) -> list[Link]:
        """Return the main links into a node, without those that lead back to it."""
        return self._forward.get(name, [])

    def loops_of(self, name: str) -> Iterator[Link]:
        """Yield the links that lead back past a node, so that it runs again."""
        yield from (link for link, nodes in self._loops if name in nodes)

    @cached_property
    def _loops(self) -> list[tuple[Link, set[str]]]:
        """The links that lead back, each with the nodes that run again."""
        links = [one for one in self.links if self.order[one.start] >= self.order[one.end]]
        back = [one for one in links if one.kind == MAIN][:_MOST_LOOPS]
        following: dict[str, list[str]] = {}
        for link in chain.from_iterable(self._forward.values()) if back else ():
            following.setdefault(link.start, []).append(link.end)
        fed_by = {end: [one.start for one in links] for end, links in self._forward.items()}
        return [
            (link, _reached(link.end, following) & _reached(link.start, fed_by)) for link in back
        ]

    @cached_property
    def _forward(self) -> Mapping[str, list[Link]]:
        found: dict[str, list[Link]] = {}
        for link in self.links:
            if link.kind == MAIN and self.order[link.start] < self.order[link.end]:
                found.setdefault(link.end, []).append(link)
        return found

    @cached_property
    def _users(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for link in self.links:
            if link.kind != MAIN:
                found.setdefault(link.start, []).append(link.end)
        return found

    @cached_property
    def _kinds(self) -> frozenset[str]:
        return frozenset(link.kind for link in self.links)

    @cached_property
    def _feeders(self) -> Mapping[tuple[str, str], list[tuple[int, str]]]:
        found: dict[tuple[str, str], list[tuple[int, str]]] = {}
        for start, kind, end, number, _ in self.links:
            found.setdefault((end, kind), []).append((number, start))
        return found

    @cached_property
    def order(self) -> Mapping[str, int]:
        """The position of each node in the order of running; loops are cut where they close."""
        # Depth first from the nodes that nothing feeds; reversed, every node follows its feeders.
        # Nodes that others feed come after all of those: a loop is cut where it leads back.
        fed = {link.end for link in self.links if link.kind == MAIN}
        starts = list(self.nodes) + [name for name in self.nodes if name not in fed]
        after: dict[str, list[str]] = {name: [] for name in self.nodes}
        for start, kind, end, _, _ in self.links:
            if kind == MAIN:
                after[start].append(end)
        done: dict[str, None] = {}
        for start in reversed(starts):
            _visit(start, after, done)
        return {name: index for index, name in enumerate(reversed(done))}


def _reached(name: str, following: Mapping[str, list[str]]) -> set[str]:
    found, waiting = {name}, [name]
    while waiting:
        new = set(following.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


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
    connections: Json, nodes: Mapping[str, JsonObject], renamed: Mapping[str, str]
) -> Iterator[Link]:
    """Yield the links. What leads to a name leads to all nodes that were called so."""
    ends: dict[str, list[str]] = {name: [name] for name in nodes if name not in renamed}
    for name, called in renamed.items():
        ends.setdefault(called, []).append(name)
    for start, kinds in an_object(connections).items():
        for kind, outputs in an_object(kinds).items():
            for output_number, output in enumerate(outputs if isinstance(outputs, list) else ()):
                for target in output if isinstance(output, list) else ():
                    end, number = an_object(target).get("node"), an_object(target).get("index", 0)
                    if start in nodes and isinstance(end, str):
                        position = number if isinstance(number, int) else 0
                        for name in ends.get(end, ()):
                            yield Link(start, str(kind), name, position, output_number)
