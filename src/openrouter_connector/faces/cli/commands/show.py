"""`show`: show the parameters, the output and an example of an action; or a flow as a picture."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .. import shared_options
from ..action_args import requested_flow
from ..connection_args import load_connector
from ..examples import example_command, example_parameters
from ..terminal import columns, page, print_json, print_text
from ..type_names import output_type, property_type

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from ....definition.form import Form
    from ....definition.load import Definition
    from ....definition.model import Property
    from ....flows.formats.flow import Flow

_MAX_VALUES = 8


def configure(parser: ArgumentParser) -> None:
    """Add the options of `show`."""
    parser.add_argument(
        "action",
        metavar="ACTION|FLOW",
        help="name of an action, such as ask, or JSON or YAML file of a flow (- for stdin)",
    )
    parser.set_defaults(pairs=[], params=None)
    shared_options.add_json(parser, "print the definition of the action, or the flow, as JSON")
    shared_options.add_connector(parser)


def run(args: Namespace) -> int:
    """Print the page or the picture, or the same as JSON."""
    definition = load_connector(args).definition
    if flow := requested_flow(args, definition):
        _print_flow(flow, definition, args)
        return 0
    form = definition.form(args.action)
    if args.json:
        print_json(form.action.model_dump(mode="json", by_alias=True, exclude_unset=True))
    else:
        with page() as console:
            _print_page(form, definition.component.type_of(form.action.name), console)
    return 0


def _print_flow(flow: Flow, definition: Definition, args: Namespace) -> None:
    from ....connections.redact_keys import redact_keys, redact_keys_in
    from ....flows.formats.picture import flow_outline, flow_picture

    if args.json:
        print_json(redact_keys_in(flow_outline(flow, definition)))
    else:
        print_text(redact_keys(flow_picture(flow, definition, columns())))


def _print_page(form: Form, type_name: str, console: Console) -> None:
    from ....definition.derive.call_example import required_parameters
    from ....definition.exchange import ActionStep, write_action

    action = form.action
    step = ActionStep(type_name, example_parameters(form), label=action.title, name=action.name)
    console.print(f"{action.title} ({action.name})", style="bold")
    console.print(action.description)
    console.print(f"\nRequired: {', '.join(required_parameters(form)) or 'nothing'}")
    console.print(
        f"Output: {output_type(action.output)}. {action.output.description or ''}".rstrip()
    )
    if action.streams:
        console.print("Streaming: with --stream the answer is printed as it arrives.")
    console.print(_table(action.properties))
    console.print("Example:", style="bold")
    console.print(example_command(form), soft_wrap=True)
    console.print("\nThe same call as JSON, to save and run:", style="bold")
    console.print(json.dumps(write_action(step), ensure_ascii=False, indent=2), soft_wrap=True)
    if action.help:
        console.print(f"\nMore: {action.help}")


def _table(properties: Iterable[Property]) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Parameter", no_wrap=True)
    table.add_column("Type")
    table.add_column("Description", ratio=1)
    for name, prop in _rows(properties, ""):
        table.add_row(name, ", ".join(_type(prop)), " ".join(_description(prop)))
    return table


def _rows(properties: Iterable[Property], prefix: str) -> Iterator[tuple[str, Property]]:
    for prop in properties:
        name = f"{prefix}{prop.name}"
        yield name, prop
        yield from _rows(prop.properties, f"{name}.")
        if prop.items:
            yield from _rows(prop.items.properties, f"{name}[0].")


def _type(prop: Property) -> Iterator[str]:
    from ....definition.derive.call_example import has_default

    yield property_type(prop)
    low, high = prop.min_value, prop.max_value
    if low is not None:
        yield f"{low:g} to {high:g}" if high is not None else f"{low:g} or more"
    elif high is not None:
        yield f"at most {high:g}"
    if prop.max_items is not None:
        yield f"at most {prop.max_items}"
    if prop.required and not prop.mirrors and not has_default(prop):
        yield "required"


def _description(prop: Property) -> Iterator[str]:
    """Yield sentences: the description, the values, the default and the conditions."""
    yield prop.description or ""
    values = [str(option.value) for option in prop.choices]
    if values:
        more = f" … ({len(values)} in total)" if len(values) > _MAX_VALUES else ""
        yield f"One of {', '.join(values[:_MAX_VALUES])}{more}."
    if prop.default_value is not None:
        default = prop.default_value
        yield f"Default: {default if isinstance(default, str) else json.dumps(default)}."
    if prop.display_condition:
        yield f"Shown when {prop.display_condition}."
    if prop.required_condition:
        yield f"Required when {prop.required_condition}."
    if prop.mirrors:
        yield "Filters the form; it is never sent."
