"""Find which nodes, such as If and Switch, decide whether a node of a workflow runs.

Form ─▶ If ─true──▶ A ─▶ B        A and B run if the If chose its output 0
          └─false─▶ C ─┐          C runs if it chose its output 1
If … both ────────────▶ D         D runs in any case
"""

from __future__ import annotations

from typing import NamedTuple

from ....values import an_object
from .n8n_graph import MAIN, PASSING, Graph, Link
from .n8n_switch import Switch, read_classifier, read_switch

SWITCHES = ("switch", "textClassifier")
CHOOSING = ("if", "filter", *SWITCHES, "sentimentAnalysis")
"""The types of nodes that choose between their outputs."""
DEEPEST = 20
"""Guards of a node that become levels of a flow, which has at most 100; one more is known."""

_MOST_JOINED = 50  # links into one node that are compared with each other


class Choice(NamedTuple):
    """A node that chooses between its outputs, or has one for its errors."""

    node: str
    is_error: bool = False


class Guard(NamedTuple):
    """A choice, and the outputs of which one must be chosen."""

    choice: Choice
    outputs: frozenset[int]


_Outputs = dict[Choice, frozenset[int]]
"""Choices, each with the outputs that lead on."""


class Guards:
    """The guards of all nodes. What leads back to a node that ran before is left out."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._of: dict[str, _Outputs] = {}
        self._switches: dict[str, Switch] = {}
        for name in sorted(graph.nodes, key=graph.order.__getitem__):
            self._of[name] = self._joined([self._of_link(one) for one in graph.forward_into(name)])

    def of(self, name: str) -> tuple[Guard, ...]:
        """Return the guards of a node, the outermost first; of a tool those of its agent."""
        seen = {name}
        while not self._graph.into(name, MAIN):
            user = next((one for one in self._graph.users_of(name) if one not in seen), None)
            if user is None:
                break
            seen.add(user)
            name = user
        return tuple(Guard(*pair) for pair in self._of[name].items())

    def givers(self, name: str) -> tuple[str, ...]:
        """Return the nodes of which one gives a node its items, whatever handed them on.

        Several give them if only one of them runs. Empty if that is not known.
        """
        found: dict[str, None] = {}
        waiting, seen = [name], {name}
        while waiting:
            links = self._graph.forward_into(waiting.pop())
            if not links or not self._exclude_each_other(links):
                return ()
            for start in dict.fromkeys(link.start for link in links):
                if not self._hands_on(start):
                    found[start] = None
                elif start not in seen:
                    seen.add(start)
                    waiting.append(start)
        return tuple(found)

    def switch(self, node: str) -> Switch:
        """Return how a Switch or a Text Classifier chooses."""
        if node not in self._switches:
            parameters = an_object(self._graph.nodes[node].get("parameters"))
            is_switch = self._graph.type_of(node) == "switch"
            read = read_switch(parameters) if is_switch else read_classifier(node, parameters)
            self._switches[node] = read
        return self._switches[node]

    def is_exclusive(self, choice: Choice) -> bool:
        """Return whether a node surely chooses only one of its outputs."""
        kind = self._graph.type_of(choice.node)
        if choice.is_error or kind not in SWITCHES:
            return not choice.is_error and kind in ("if", "filter")
        return self.switch(choice.node).is_exclusive

    def _hands_on(self, name: str) -> bool:
        kind = self._graph.type_of(name)
        if kind == "merge":  # of exclusive branches one arrives, and `append` hands it on
            parameters = an_object(self._graph.nodes[name].get("parameters"))
            return bool(parameters.get("mode", "append") == "append")
        return kind in PASSING

    def _exclude_each_other(self, links: list[Link]) -> bool:
        """Return whether at most one of the links hands on an item; links from one node do."""
        if len(links) > _MOST_JOINED:
            return False
        taken = [self._of_link(link) for link in links]
        return all(
            one.start == other.start or self._exclude(taken[first], taken[second])
            for first, one in enumerate(links)
            for second, other in enumerate(links[:first])
        )

    def _of_link(self, link: Link) -> _Outputs:
        """Return the guards of what goes over a link."""
        found = self._of[link.start]
        choice = self._choice(link)
        if choice is None or len(found) > DEEPEST:
            return found
        return {**found, choice: frozenset((link.output,))}

    def _choice(self, link: Link) -> Choice | None:
        """Return what decides that something goes over a link; None if it always does."""
        node, kind = self._graph.nodes[link.start], self._graph.type_of(link.start)
        if node.get("disabled") is True:
            return None
        if kind in CHOOSING and not (kind in ("if", "filter") and link.output > 1):
            return Choice(link.start)
        is_error = link.output > 0 and node.get("onError") == "continueErrorOutput"
        return Choice(link.start, is_error=True) if is_error else None

    def _joined(self, links: list[_Outputs]) -> _Outputs:
        """Return the guards that all links have; none whose outputs all lead to the node."""
        found: _Outputs = {}
        for choice in links[0] if links else ():
            if all(choice in one for one in links):
                outputs = frozenset[int]().union(*(one[choice] for one in links))
                if not self._is_any(choice, outputs):
                    found[choice] = outputs
        return found

    def _is_any(self, choice: Choice, outputs: frozenset[int]) -> bool:
        """Return whether a node chooses one of some outputs in any case."""
        kind = self._graph.type_of(choice.node)
        if choice.is_error or kind not in SWITCHES:
            return kind in ("if", "filter") and outputs >= {0, 1}
        every = self.switch(choice.node).all_outputs
        return every is not None and outputs >= every

    def _exclude(self, one: _Outputs, other: _Outputs) -> bool:
        return any(
            choice in other and not outputs & other[choice] and self.is_exclusive(choice)
            for choice, outputs in one.items()
        )
