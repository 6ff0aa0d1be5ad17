"""`config`: the defaults of the command line, such as the model of each action."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....plain_json import to_json_text
from ....values import Json
from .. import help_text, shared_options
from ..command_defaults import CommandDefaults, named_default
from ..connection_args import load_connector
from ..parameter_args import parsed
from ..terminal import note, print_json, print_text

if TYPE_CHECKING:
    from ....definition.load import Definition


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands of `config`."""
    shared_options.add_json(parser, "print the defaults as JSON")
    shared_options.add_connector(parser)
    parser.set_defaults(run_subcommand=_list)
    parser.epilog = _EPILOG
    subcommands = parser.add_subparsers(metavar="SUBCOMMAND", title="subcommands")
    for name, (function, summary, arguments) in _SUBCOMMANDS.items():
        subcommand = subcommands.add_parser(
            name, help=summary, description=help_text.sentence(summary)
        )
        subcommand.set_defaults(run_subcommand=function)
        for argument, metavar in arguments:
            subcommand.add_argument(argument, metavar=metavar)
        shared_options.add_json(subcommand, "print the result as JSON")
        shared_options.add_connector(subcommand)


def run(args: Namespace) -> int:
    """Run a subcommand. InputError for an unknown name or an invalid value."""
    definition = load_connector(args).definition
    function: Callable[[Namespace, Definition, CommandDefaults], int] = args.run_subcommand
    return function(args, definition, CommandDefaults(definition.component.name))


def _list(args: Namespace, definition: Definition, defaults: CommandDefaults) -> int:
    found = {f"{action}.{name}": value for action, name, value in defaults.list()}
    if args.json:
        print_json(found)
    elif not found:
        note(f"No defaults are set. Example: {help_text.program()} config set ask.model MODEL")
    for name, value in {} if args.json else found.items():
        print_text(f"{name} = {_text(value)}")
    return 0


def _get(args: Namespace, definition: Definition, defaults: CommandDefaults) -> int:
    action, prop = named_default(args.name, definition)
    value = defaults.of(action).get(prop.name or "")
    if args.json:
        print_json({f"{action}.{prop.name}": value})
    elif value is None:
        note(f"{action}.{prop.name} is not set.")
    else:
        print_text(_text(value))
    return 0


def _set(args: Namespace, definition: Definition, defaults: CommandDefaults) -> int:
    from ....connections.redact_keys import redact_keys
    from ....definition.fast_validation import is_valid

    action, prop = named_default(args.name, definition)
    value = parsed(prop, args.value, args.name)
    if redact_keys(args.value) != args.value:
        raise InputError([Problem(args.name, "is an API key; save it with `connect`")])
    if not is_valid(prop, value):
        raise InputError([Problem(args.name, f"{args.value!r} is not valid; see show {action}")])
    defaults.set(action, prop.name or "", value)
    if args.json:
        print_json({f"{action}.{prop.name}": value})
    else:
        note(f"{action}.{prop.name} is now {_text(value)}, unless a command says otherwise.")
    return 0


def _unset(args: Namespace, definition: Definition, defaults: CommandDefaults) -> int:
    action, prop = named_default(args.name, definition)
    was_set = defaults.unset(action, prop.name or "")
    if args.json:
        print_json({f"{action}.{prop.name}": None})
    else:
        note(f"{action}.{prop.name} {'has no default any more' if was_set else 'was not set'}.")
    return 0


def _text(value: Json) -> str:
    return value if isinstance(value, str) else to_json_text(value)


_SUBCOMMANDS: dict[
    str,
    tuple[
        Callable[[Namespace, Definition, CommandDefaults], int],
        str,
        tuple[tuple[str, str], ...],
    ],
] = {
    "list": (_list, "list the defaults (the default subcommand)", ()),
    "get": (_get, "print a default", (("name", "ACTION.PARAMETER"),)),
    "set": (
        _set,
        "set a default, such as the model of an action",
        (("name", "ACTION.PARAMETER"), ("value", "VALUE")),
    ),
    "unset": (_unset, "forget a default", (("name", "ACTION.PARAMETER"),)),
}

_EPILOG = """\
examples:
  openrouter-connector config set ask.model openai/gpt-5-mini
  openrouter-connector config set create-speech.voice alloy
  openrouter-connector config unset ask.model

Defaults fill what a command line leaves out. Flows, exported actions and --sandbox ignore them."""
