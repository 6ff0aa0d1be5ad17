"""Check `connector.yaml`: its list of actions, the common properties and the connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set

from ...errors import Problem
from ..model import Component, Property, snake
from .properties import Scope, check_properties, check_targets, dotted_names, duplicates


def check_component(component: Component, files: Set[str], sources: Set[str]) -> list[Problem]:
    """Return what is wrong with `connector.yaml`.

    `files` are those in `definitions/` without their suffix, `sources` the names in `options/`.
    """
    return [
        *_check_actions(component.actions, files),
        *_check_common(component.properties, sources),
        *_check_connection(component.connection.properties),
        *_check_headers(component),
    ]


def _check_actions(actions: Sequence[str], files: Set[str]) -> Iterator[Problem]:
    for name in duplicates(actions):
        yield Problem("actions", f"{name!r} is listed twice")
    for name in actions:
        if snake(name) not in files:
            missing = f"definitions/{snake(name)}.yaml does not exist"
            yield Problem("actions", f"{name!r} is listed, but {missing}")
    # A forgotten entry would hide a whole action without any error.
    for name in sorted(files - {snake(name) for name in actions}):
        yield Problem("actions", f"definitions/{name}.yaml is not listed")


def _check_common(properties: Sequence[Property], sources: Set[str]) -> Iterator[Problem]:
    """Check the properties of every action: they can refer only to each other."""
    scope = Scope(set(dotted_names(properties)), sources)
    yield from check_properties(properties, scope, "properties.")


def _check_connection(properties: Sequence[Property]) -> Iterator[Problem]:
    yield from check_properties(properties, Scope(set(dotted_names(properties))), "connection.")
    sent = [prop for prop in properties if prop.name != "token" and prop.send is not False]
    yield from check_targets(sent, "GET")
    for prop in sent:
        if not prop.send or prop.send.place("GET") != "header":
            message = "must be sent in a header, or have `send: false`"
            yield Problem(f"connection.{prop.name}", message)


def _check_headers(component: Component) -> Iterator[Problem]:
    connection = component.connection
    if (connection.type == "API_KEY") != (connection.header is not None):
        yield Problem("connection", "the type API_KEY and the word header require each other")
    if component.receipt and not component.response_id:
        yield Problem("receipt", "requires responseId, the header that identifies the call")
