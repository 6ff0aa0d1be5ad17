"""`show`: show the parameters, the output and an example of an action; or a flow as a picture."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Iterator
from textwrap import wrap
from typing import TYPE_CHECKING

from .. import shared_options
from ..action_args import requested_flow
from ..action_command import ActionCommand, action_commands, kebab
from ..connection_args import load_connector
from ..examples import example_command, example_parameters
from ..help_text import as_called, program
from ..terminal import columns, print_json, print_paged, print_text
from ..type_names import output_type, property_type

if TYPE_CHECKING:
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
    parser.add_argument(
        "--all", action="store_true", help="show the advanced parameters too, and the call as JSON"
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
        type_name = definition.component.type_of(form.action.name)
        command = action_commands(args.connector)[kebab(form.action.name)]
        print_paged("\n".join(_page(form, type_name, command, show_all=args.all)))
    return 0


def _print_flow(flow: Flow, definition: Definition, args: Namespace) -> None:
    from ....connections.redact_keys import redact_keys, redact_keys_in
    from ....flows.formats.picture import flow_outline, flow_picture

    if args.json:
        print_json(redact_keys_in(flow_outline(flow, definition)))
    else:
        print_text(redact_keys(flow_picture(flow, definition, columns())))


def _page(form: Form, type_name: str, command: ActionCommand, *, show_all: bool) -> Iterator[str]:
    """Yield the lines of the page of an action; without `show_all` only its common parameters."""
    from ....definition.derive.call_example import required_parameters

    action = form.action
    yield f"{action.title} ({kebab(action.name)})"
    yield from _wrapped(action.description)
    yield ""
    yield f"Required: {', '.join(required_parameters(form)) or 'nothing'}"
    yield from _wrapped(f"Output: {output_type(action.output)}. {action.output.description or ''}")
    if action.streams:
        yield "Streaming: with --stream the answer is printed as it arrives."
    known = list(_rows(action.properties, ""))
    shown = known if show_all else [row for row in known if not _is_advanced(row, known)]
    for name, prop in shown:
        yield ""
        yield f"  {name}  ({', '.join(_type(prop))})"
        yield from _wrapped(" ".join(filter(None, _description(prop))), "      ")
    if hidden := len(known) - len(shown):
        yield f"\n  … and {hidden} more parameters: {program()} show {kebab(action.name)} --all"
    yield f"\nExample:\n{as_called(example_command(form, command))}"
    if show_all:
        yield "\nThe same call as JSON, to save and run:"
        yield _as_json(form, type_name)
    if action.help:
        yield f"\nMore: {action.help}"


def _as_json(form: Form, type_name: str) -> str:
    from ....definition.exchange import ActionStep, write_action

    action = form.action
    step = ActionStep(type_name, example_parameters(form), label=action.title, name=action.name)
    return json.dumps(write_action(step), ensure_ascii=False, indent=2)


def _is_advanced(row: tuple[str, Property], known: list[tuple[str, Property]]) -> bool:
    """Return whether a parameter is advanced, or inside one that is."""
    name, prop = row
    outer = (other for path, other in known if name.startswith((f"{path}.", f"{path}[0].")))
    return prop.advanced_option or any(other.advanced_option for other in outer)


def _wrapped(text: str, indent: str = "") -> Iterator[str]:
    room = min(columns(), 100)
    yield from wrap(text, room, initial_indent=indent, subsequent_indent=indent)


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
        yield "It is never sent."
