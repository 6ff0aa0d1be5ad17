"""Find which nodes, such as If and Switch, decide whether a node of a workflow runs.

Form ─▶ If ─true──▶ A ─▶ B        A and B run if the If chose its output 0
          └─false─▶ C ─┐          C runs if it chose its output 1
If … both ────────────▶ D         D runs in any case
If … some of both ────▶ E         E runs if one of the ways to it was taken
"""

from __future__ import annotations

from itertools import product

from ....values import an_object
from .n8n_graph import MAIN, PASSING, Graph, Link
from .n8n_switch import Switch, read_classifier, read_switch
from .n8n_ways import Choice, Either, Guard, Outputs, Way, guards_of, united

SWITCHES = ("switch", "textClassifier")
CHOOSING = ("if", "filter", *SWITCHES, "sentimentAnalysis")
"""The types of nodes that choose between their outputs."""
DEEPEST = 20
"""Guards of a node that become levels of a flow, which has at most 100; one more is known."""

_MOST_JOINED = 50  # links into one node that are compared with each other


class Guards:
    """The guards of all nodes. What leads back to a node that ran before is left out."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._ways: dict[str, list[Way]] = {}
        self._switches: dict[str, Switch] = {}
        self.untold: set[str] = set()
        """The nodes that decide on ways which are too many to be told apart."""
        for name in sorted(graph.nodes, key=graph.order.__getitem__):
            ways = [way for link in graph.forward_into(name) for way in self._ways_of(link)]
            found = self._ways[name] = united(ways or [{}], name, self._is_any, DEEPEST)
            if Choice(name, is_join=True) in found[0]:
                self.untold |= {choice.node for way in ways for choice in way}

    def of(self, name: str) -> tuple[Guard, ...]:
        """Return the guards of a node, the outermost first; of a tool those of its agent."""
        seen = {name}
        while not self._graph.into(name, MAIN):
            user = next((one for one in self._graph.users_of(name) if one not in seen), None)
            if user is None:
                break
            seen.add(user)
            name = user
        return guards_of(self._ways[name], self._is_any)

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

    def is_exclusive(self, choice: Choice | Either) -> bool:
        """Return whether a node surely chooses only one of its outputs."""
        if isinstance(choice, Either) or choice.is_join:
            return False
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
        taken = [self._ways_of(link) for link in links]
        return all(
            one.start == other.start
            or all(self._exclude(*pair) for pair in product(taken[first], taken[second]))
            for first, one in enumerate(links)
            for second, other in enumerate(links[:first])
        )

    def _ways_of(self, link: Link) -> list[Way]:
        """Return the ways of what goes over a link."""
        choice = self._choice(link)
        if choice is None:
            return self._ways[link.start]
        chosen: Way = {choice: frozenset((link.output,))}
        return [way if len(way) > DEEPEST else way | chosen for way in self._ways[link.start]]

    def _choice(self, link: Link) -> Choice | None:
        """Return what decides that something goes over a link; None if it always does."""
        node, kind = self._graph.nodes[link.start], self._graph.type_of(link.start)
        if node.get("disabled") is True:
            return None
        if kind in CHOOSING and not (kind in ("if", "filter") and link.output > 1):
            return Choice(link.start)
        is_error = link.output > 0 and node.get("onError") == "continueErrorOutput"
        return Choice(link.start, is_error=True) if is_error else None

    def _is_any(self, choice: Choice, outputs: Outputs) -> bool:
        """Return whether a node chooses one of some outputs in any case."""
        if choice.is_join:
            return False
        kind = self._graph.type_of(choice.node)
        if choice.is_error or kind not in SWITCHES:
            return kind in ("if", "filter") and outputs >= {0, 1}
        every = self.switch(choice.node).all_outputs
        return every is not None and outputs >= every

    def _exclude(self, one: Way, other: Way) -> bool:
        return any(
            choice in other and not outputs & other[choice] and self.is_exclusive(choice)
            for choice, outputs in one.items()
        )
