"""`actions`: list the actions."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....values import JsonObject
from .. import shared_options
from ..action_command import kebab
from ..connection_args import load_connector
from ..help_text import program
from ..tables import print_table
from ..terminal import note, print_json
from ..type_names import output_type

if TYPE_CHECKING:
    from ....definition.form import Form
    from ....definition.model import Property


def configure(parser: ArgumentParser) -> None:
    """Add the options of `actions`."""
    parser.add_argument(
        "--search",
        default="",
        metavar="WORDS",
        help="list only actions that match all of these words",
    )
    shared_options.add_json(parser, "print the list as JSON")
    shared_options.add_connector(parser)


def run(args: Namespace) -> int:
    """Print the actions as a table or as JSON."""
    from ....definition.search import is_found

    definition = load_connector(args).definition
    rows = [
        _row(definition.form(name), definition.component.type_of(name))
        for name in definition.component.actions
        if is_found(definition.form(name).action, args.search)
    ]
    if args.json:
        print_json(rows)
    elif rows:
        _print_table(rows)
    else:
        note("No action matches these words.")
    return 0


def _print_table(rows: list[JsonObject]) -> None:
    cells = [(kebab(row["name"]), row["group"] or "", row["description"]) for row in rows]
    print_table(("Action", "Group", "What it does"), cells)
    note(f"Run `{program()} ACTION --help` for the flags of an action.")


def _row(form: Form, type_name: str) -> JsonObject:
    from ....definition.derive.call_example import required_parameters

    action = form.action
    return {
        "name": action.name,
        "command": kebab(action.name),
        "type": type_name,
        "title": action.title,
        "description": action.description,
        "group": action.group,
        "needs": required_parameters(form),
        "takesFiles": any(map(_takes_files, action.properties)),
        "gives": output_type(action.output),
        "streams": action.streams,
    }


def _takes_files(prop: Property) -> bool:
    inner = (*prop.properties, *([prop.items] if prop.items else []))
    return prop.type == "FILE_ENTRY" or any(map(_takes_files, inner))
