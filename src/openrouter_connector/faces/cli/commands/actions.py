"""`actions`: the list of actions."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....values import JsonObject
from .. import parser as shared
from ..connection_args import load
from ..terminal import page, print_json

if TYPE_CHECKING:
    from ....definition.form import Form
    from ....definition.model import Output, Property

_WORDS = {
    "STRING": "text", "NUMBER": "number", "INTEGER": "number", "BOOLEAN": "true or false",
    "ARRAY": "list", "OBJECT": "object", "FILE_ENTRY": "file",
    "ANY": "any JSON",
}  # fmt: skip
_PLURALS = {"ANY": "any JSON"}


def configure(parser: ArgumentParser) -> None:
    """Add the options of `actions`."""
    shared.add_json(parser, "print the list as JSON")
    shared.add_connector(parser)


def run(args: Namespace) -> int:
    """Print what there is to run."""
    definition = load(args).definition
    rows = [
        _row(definition.form(name), definition.component.type_of(name))
        for name in definition.component.actions
    ]
    if args.json:
        print_json(rows)
        return 0
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("Action", no_wrap=True, min_width=max(len(row["name"]) for row in rows))
    for heading in ("Title", "Group", "Needs", "Gives", "Streams"):
        table.add_column(heading)
    for row in rows:
        streams = "yes" if row["streams"] else ""
        needs = ", ".join(row["needs"])
        table.add_row(row["name"], row["title"], row["group"], needs, row["gives"], streams)
    with page() as console:
        console.print(table)
        console.print("openrouter-connector show ACTION tells all about one of them.")
    return 0


def gives(output: Output) -> str:
    """Say in a word what comes out."""
    word = _WORDS[output.type]
    return f"{word}, or an object" if output.dynamic_schema else word


def word_of(prop: Property) -> str:
    """Say in words what a property holds."""
    if prop.any_of:
        return " or ".join(dict.fromkeys(map(word_of, prop.any_of)))
    if prop.type == "ARRAY" and prop.items:
        return f"list of {_PLURALS.get(prop.items.type) or _WORDS[prop.items.type] + 's'}"
    return "whole number" if prop.type == "INTEGER" else _WORDS[prop.type]


def _row(form: Form, kind: str) -> JsonObject:
    from ..examples import needed

    action = form.action
    return {
        "name": action.name,
        "type": kind,
        "title": action.title,
        "description": action.description,
        "group": action.group,
        "needs": needed(form),
        "takesFiles": any(map(_takes_files, action.properties)),
        "gives": gives(action.output),
        "streams": action.streams,
    }


def _takes_files(prop: Property) -> bool:
    inside = (*prop.properties, *([prop.items] if prop.items else []))
    return prop.type == "FILE_ENTRY" or any(map(_takes_files, inside))
