"""`options`: what a dropdown offers, searched and filtered."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....values import Choices, JsonObject
from .. import parser as shared
from ..connection_args import completed, has_place, load, open_session, session
from ..parameter_args import override
from ..parameters import requested
from ..terminal import note, page, print_json

if TYPE_CHECKING:
    from ....connector import Connector, Session
    from ....definition.model import Source


def configure(parser: ArgumentParser) -> None:
    """Add the options of `options`."""
    shared.add_parameters(parser)
    parser.add_argument("property", metavar="PROPERTY", help="such as model or provider.order")
    parser.add_argument("--search", default="", metavar="WORDS", help="only what holds all of them")
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="NAME=VALUE",
        help="narrow the list: free=true, maxPrice=1, supportedParameters='[\"tools\"]'; may be "
        "repeated (a wrong one lists those that there are)",
    )
    parser.add_argument("--refresh", action="store_true", help="ask the server, not the cache")
    shared.add_json(parser, "print {options, disabled, placeholder, message, age} as JSON")
    shared.add_calls(parser)
    shared.add_connector(parser)
    parser.epilog = f"Lists of models need no key.\n\n{_EXAMPLES}\n\n{shared.EXIT_CODES}"


def run(args: Namespace) -> int:
    """Print the options of a property."""
    connector = load(args)
    opened = session(args, connector) if has_place(args, connector) else _anonymous(args, connector)
    choices = completed(_found(opened, args, connector))
    if args.json:
        print_json(choices.to_json())
        return 0
    for word in (choices.placeholder if choices.disabled else None, choices.message):
        if word:
            note(word)
    if choices.options:
        _print(choices)
    return 0


def _anonymous(args: Namespace, connector: Connector) -> Session:
    return open_session(args, connector, base_url=connector.definition.component.base_url)


async def _found(session: Session, args: Namespace, connector: Connector) -> Choices:
    step = requested(args, connector.definition)
    filters = _filters(args, connector, step.action)
    async with session:
        return await session.options(
            step.action,
            args.property,
            step.parameters,
            search=args.search,
            filters=filters,
            refresh=args.refresh,
        )


def _filters(args: Namespace, connector: Connector, action: str) -> JsonObject:
    source = _source(connector, action, args.property)
    return override(source.filter_properties if source else (), {}, args.filters)


def _source(connector: Connector, action: str, name: str) -> Source | None:
    """Give the list that a property draws on, whose filters tell how their texts are read."""
    from ....definition.model import OptionsSource
    from ....runtime.catalogue.options import property_at

    wanted = property_at(connector.definition.form(action), name).options
    return connector.definition.sources[wanted.from_] if isinstance(wanted, OptionsSource) else None


def _print(choices: Choices) -> None:
    from rich import box
    from rich.table import Table

    table = Table("Value", "Label", "", box=box.SIMPLE_HEAD)
    for option in choices.options:
        label = option["label"] if option["label"] != str(option["value"]) else ""
        table.add_row(str(option["value"]), label, option.get("description") or "")
    with page() as console:
        console.print(table)


_EXAMPLES = """\
examples:
  openrouter-connector options ask model --search claude --filter maxPrice=3
  openrouter-connector options ask model --filter free=true --filter sort=newest
  openrouter-connector options createSpeech voice -p model=openai/gpt-4o-mini-tts-2025-12-15"""
