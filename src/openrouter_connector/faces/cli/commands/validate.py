"""`validate`: load a connector.yaml with its definitions, and report all problems."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import shared_options
from ..terminal import print_json, print_text

if TYPE_CHECKING:
    from ....definition.model import Property


def configure(parser: ArgumentParser) -> None:
    """Add the options of `validate`."""
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="connector.yaml, or the folder that holds it (default: the built-in one)",
    )
    shared_options.add_json(parser, "print {ok, actions, properties} or {error} as one JSON object")


def run(args: Namespace) -> int:
    """Print that the definition is valid. DefinitionError lists all problems."""
    from ....connector import Connector

    definition = Connector.load(args.path).definition
    definition.check()
    actions = [definition.form(name).action for name in definition.component.actions]
    properties = sum(_count(action.properties) for action in actions)
    if args.json:
        print_json({"ok": True, "actions": len(actions), "properties": properties})
        return 0
    name = args.path or definition.component.name
    print_text(f"{name} is valid: {len(actions)} actions, {properties} properties")
    return 0


def _count(properties: Iterable[Property]) -> int:
    """Return the number of properties, nested ones included."""
    return sum(
        1 + _count(prop.properties) + _count(prop.items.properties if prop.items else ())
        for prop in properties
    )
