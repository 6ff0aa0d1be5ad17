"""`options`: list the values of a parameter, searched and filtered."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from ....values import Choices, JsonObject
from .. import help_text, shared_options
from ..action_args import requested_step
from ..connection_args import has_destination, load_connector, open_session, session_to
from ..exit_codes import exit_code
from ..parameter_args import set_pairs
from ..run_async import run_async
from ..tables import print_table
from ..terminal import note, print_json

if TYPE_CHECKING:
    from ....connector import Connector, Session
    from ....definition.model import Source


def configure(parser: ArgumentParser) -> None:
    """Add the options of `options`."""
    shared_options.add_action_and_parameters(parser)
    parser.add_argument(
        "property", metavar="PROPERTY", help="name of the parameter: model, provider.order"
    )
    parser.add_argument(
        "--search", default="", metavar="WORDS", help="list values that contain all of these words"
    )
    parser.add_argument(
        "--filter",
        action="append",
        default=[],
        dest="filters",
        metavar="NAME=VALUE",
        help="list matching values only, repeatable: free=true, maxPrice=1, "
        "supportedParameters='[\"tools\"]' (an unknown name prints all names)",
    )
    parser.add_argument("--refresh", action="store_true", help="ignore the cache")
    shared_options.add_json(parser, "print {options, disabled, placeholder, message, age} as JSON")
    shared_options.add_call_options(parser)
    shared_options.add_connector(parser)
    parser.epilog = f"Lists of models need no API key.\n\n{_EXAMPLES}\n\n{help_text.EXIT_CODES}"


def run(args: Namespace) -> int:
    """Print the values of a parameter; return the exit code of the error that left no list."""
    connector = load_connector(args)
    choices = run_async(_fetched(_session(args, connector), args, connector))
    code = exit_code(type(choices.error)) if choices.error else 0
    if args.json:
        print_json(choices.to_json())
        return code
    for text in (choices.placeholder if choices.disabled else None, choices.message):
        if text:
            note(text)
    if choices.options:
        _print_table(choices)
    return code


def _session(args: Namespace, connector: Connector) -> Session:
    if has_destination(args, connector):
        return open_session(args, connector)
    # Anybody may list models, so a call without a key is worth trying.
    return session_to(args, connector, base_url=connector.definition.component.base_url)


async def _fetched(session: Session, args: Namespace, connector: Connector) -> Choices:
    step = requested_step(args, connector.definition)
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
    return set_pairs(source.filter_properties if source else (), {}, args.filters)


def _source(connector: Connector, action: str, name: str) -> Source | None:
    """Return the list behind a property, whose filters have types; None for fixed values."""
    from ....definition.model import OptionsSource
    from ....runtime.catalogue.options import property_at

    options = property_at(connector.definition.form(action), name).options
    return (
        connector.definition.sources[options.from_] if isinstance(options, OptionsSource) else None
    )


def _print_table(choices: Choices) -> None:
    rows = []
    for option in choices.options:
        label = option["label"] if option["label"] != str(option["value"]) else ""
        rows.append((str(option["value"]), label, option.get("description") or ""))
    print_table(("Value", "Label", "Description"), rows)


_EXAMPLES = """\
examples:
  openrouter-connector options ask model --search claude --filter maxPrice=3
  openrouter-connector options ask model --filter free=true --filter sort=newest
  openrouter-connector options createSpeech voice -p model=openai/gpt-4o-mini-tts-2025-12-15"""
