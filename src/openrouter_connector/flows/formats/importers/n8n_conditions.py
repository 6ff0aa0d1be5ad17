"""What the If, Switch and Filter nodes of n8n decide, in words."""

from __future__ import annotations

from collections.abc import Iterator

from ....values import Json, JsonObject, an_object
from .n8n_expressions import shortened
from .n8n_graph import Graph


def chosen_words(graph: Graph, name: str, outputs: tuple[int, ...]) -> str:
    """Return what a node must decide for one of its outputs: `'If' was true (`…` equals `3`)`."""
    parameters = an_object(graph.nodes[name].get("parameters"))
    if graph.type_of(name) == "switch":
        numbers = " or ".join(str(one + 1) for one in outputs)
        return f"{name!r} chose output {numbers}"
    outcome = "false" if outputs == (1,) else "true"
    is_any = _combinator(parameters) in ("or", "any")
    compared = (" or " if is_any else " and ").join(_comparisons(parameters.get("conditions")))
    return f"{name!r} was {outcome}" + (f" ({compared})" if compared else "")


def _combinator(parameters: JsonObject) -> Json:
    nested = an_object(parameters.get("conditions")).get("combinator")
    return nested or parameters.get("combineOperation")


def _comparisons(conditions: Json) -> Iterator[str]:
    """Yield the comparisons of an If: a list since version 2, before that a list for each type."""
    for key, listed in an_object(conditions).items():
        for one in listed if key != "options" and isinstance(listed, list) else ():
            found = an_object(one)
            operator = an_object(found.get("operator")).get("operation") or found.get("operation")
            left = found.get("leftValue", found.get("value1"))
            right = found.get("rightValue", found.get("value2"))
            values = [left, operator or "equals", *([] if right in (None, "") else [right])]
            yield shortened(" ".join(str(value).removeprefix("=") for value in values))
