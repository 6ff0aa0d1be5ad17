"""`show`: a page about one action."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from . import parser as shared
from .actions import gives, word_of
from .connection import load
from .terminal import on_stdout, print_json

if TYPE_CHECKING:
    from rich.table import Table

    from ...definition.form import Form
    from ...definition.model import Property

_MOST_CHOICES = 8


def configure(parser: ArgumentParser) -> None:
    """Add the options of `show`."""
    parser.add_argument("action", metavar="ACTION", help="its name, such as ask")
    shared.add_json(parser, "print the definition of the action as JSON")
    shared.add_connector(parser)


def run(args: Namespace) -> int:
    """Print the page, or the definition."""
    definition = load(args).definition
    form = definition.form(args.action)
    if args.json:
        print_json(form.action.model_dump(mode="json", by_alias=True, exclude_unset=True))
    else:
        _page(form, definition.component.type_of(form.action.name))
    return 0


def _page(form: Form, kind: str) -> None:
    from ...workflows.action_json import ActionStep, write_action
    from .examples import command, example, needed

    action, console = form.action, on_stdout()
    step = ActionStep(kind, example(form), label=action.title, name=action.name)
    console.print(f"{action.title} ({action.name})", style="bold")
    console.print(action.description)
    console.print(f"\nNeeds: {', '.join(needed(form)) or 'nothing'}")
    console.print(f"Gives: {gives(action.output)}. {action.output.description or ''}".rstrip())
    console.print("Streams: with --stream the answer comes in pieces." if action.streams else "")
    console.print(_table(action.properties))
    console.print("Example:", style="bold")
    console.print(command(form), soft_wrap=True)
    console.print("\nThe same as JSON, to be exchanged and run:", style="bold")
    console.print(json.dumps(write_action(step), ensure_ascii=False, indent=2), soft_wrap=True)
    if action.help:
        console.print(f"\nMore: {action.help}")


def _table(properties: Iterable[Property]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Property", no_wrap=True)
    for title in ("Type", "Required", "Default", "What it is"):
        table.add_column(title, ratio=6 if title == "What it is" else None)
    for name, prop in _rows(properties, ""):
        default = "" if prop.default_value is None else json.dumps(prop.default_value)
        required = "yes" if prop.required and not prop.filter else ""
        table.add_row(name, word_of(prop), required, default.strip('"'), _about(prop))
    return table


def _rows(properties: Iterable[Property], prefix: str) -> Iterator[tuple[str, Property]]:
    for prop in properties:
        name = f"{prefix}{prop.name}"
        yield name, prop
        yield from _rows(prop.properties, f"{name}.")
        if prop.items:
            yield from _rows(prop.items.properties, f"{name}[0].")


def _about(prop: Property) -> str:
    """Say all the rest of a property: what it is, its choices, its bounds, when it is shown."""
    condition = f"Shown when {prop.display_condition}." if prop.display_condition else ""
    filters = "It narrows a form, and is never sent." if prop.filter else ""
    parts = [prop.description, _choices(prop), _bounds(prop), condition, filters]
    return " ".join(filter(None, parts))


def _choices(prop: Property) -> str:
    values = [str(option.value) for option in prop.choices]
    more = f" … ({len(values)} in all)" if len(values) > _MOST_CHOICES else ""
    return f"One of {', '.join(values[:_MOST_CHOICES])}{more}." if values else ""


def _bounds(prop: Property) -> str:
    if prop.min_value is not None and prop.max_value is not None:
        return f"From {prop.min_value:g} to {prop.max_value:g}."
    if prop.max_items is not None:
        return f"At most {prop.max_items}."
    known = {"At least": prop.min_value, "At most": prop.max_value}
    return " ".join(f"{word} {value:g}." for word, value in known.items() if value is not None)
