"""`validate`: load a whole definition, and say what is wrong in it."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import parser as shared
from ..terminal import print_json, print_text

if TYPE_CHECKING:
    from ....definition.model import Property


def configure(parser: ArgumentParser) -> None:
    """Add the options of `validate`."""
    parser.add_argument(
        "path",
        nargs="?",
        metavar="PATH",
        help="connector.yaml or the folder that holds it; by default our own",
    )
    shared.add_json(parser, "print {ok, actions, properties} or {error} as one JSON object")


def run(args: Namespace) -> int:
    """Say that the definition is valid; DefinitionError lists every problem."""
    from ....connector import Connector

    definition = Connector.load(args.path).definition
    definition.check()
    actions = [definition.form(name).action for name in definition.component.actions]
    properties = sum(_count(action.properties) for action in actions)
    if args.json:
        print_json({"ok": True, "actions": len(actions), "properties": properties})
        return 0
    place = args.path or definition.component.name
    print_text(f"{place} is valid: {len(actions)} actions, {properties} properties")
    return 0


def _count(properties: Iterable[Property]) -> int:
    """Count properties, and those inside them."""
    return sum(
        1 + _count(prop.properties) + _count(prop.items.properties if prop.items else ())
        for prop in properties
    )
