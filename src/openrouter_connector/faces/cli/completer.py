"""Complete a command line at the press of TAB, for bash, zsh and fish.

argcomplete calls the program itself and reads the words that it prints. Chosen over shtab, which
writes a fixed script: models, voices and connections change, and shtab has no script for fish.
Nothing is fetched here: values come from the compiled definition and the cached lists.
"""

from __future__ import annotations

import os
import re
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial

from argcomplete.finders import CompletionFinder

from . import COMMANDS, command_parser
from .action_command import ActionCommand, ActionCommands, Flag, action_commands, connector_option
from .cached_values import connection_names, known_models, known_voices

Completer = Callable[..., Mapping[str, str]]


def complete() -> None:
    """Print the completions that the shell asks for, and end the process."""
    with suppress(Exception):  # an error at the press of a key would garble the line
        words = _words(os.environ["COMP_LINE"][: int(os.environ["COMP_POINT"])])
        parser = _overview_parser(words) if len(words) < 3 else _parser(words[1], words[2:])
        if parser is not None:
            CompletionFinder()(parser, always_complete_options="long")
    os._exit(1)


def _words(line: str) -> list[str]:
    """Return the words up to the cursor; the last one is what is being typed."""
    from argcomplete.lexers import split_line

    _, prefix, _, words, _ = split_line(line, len(line))
    return [*words, prefix]


def _overview_parser(words: list[str]) -> ArgumentParser:
    parser = ArgumentParser(add_help=False)
    actions = action_commands(connector_option(words))
    names = actions.summaries | COMMANDS
    names |= {"--help": "", "--version": ""} if words[-1].startswith("-") else {}
    parser.add_argument("command").completer = _offered(names)  # type: ignore[attr-defined]
    parser.prefix_chars = "\0"  # so that `--help` is completed as a word
    return parser


def _parser(name: str, words: list[str]) -> ArgumentParser | None:
    """Return the parser of a command, whose values complete themselves."""
    found = command_parser(name, [*words, "--all"])
    if found is None:
        return None
    # The parser begins after the name of the command.
    os.environ["_ARGCOMPLETE"] = "2"
    actions = action_commands(connector_option(words))
    command = None if name in COMMANDS else actions.find(name)
    flags = {f"flag {flag.path}": flag for flag in _flags(command)}
    if command and command.main:
        flags["argument"] = command.main
    _add_completers(found[0], flags, actions, name)
    return found[0]


def _flags(command: ActionCommand | None) -> Iterable[Flag]:
    return () if command is None else (*command.flags, *filter(None, [command.main]))


def _add_completers(
    parser: ArgumentParser, flags: Mapping[str, Flag], actions: ActionCommands, name: str
) -> None:
    for action in parser._actions:
        if isinstance(action.choices, Mapping):  # subcommands
            for inner in set(action.choices.values()):
                _add_completers(inner, flags, actions, name)
        elif completer := _completer(action, flags, actions, name):
            action.completer = completer  # type: ignore[attr-defined]


def _completer(
    action: Action, flags: Mapping[str, Flag], actions: ActionCommands, name: str
) -> Completer | None:
    flag = flags.get(action.dest)
    if flag is not None:
        return _of_flag(flag)
    if action.dest == "connection" or (name == "connections" and action.dest in ("name", "old")):
        return _offered(connection_names)
    if name == "config" and action.dest == "name":
        return _offered(partial(_settings, actions))
    if action.dest == "action":
        return partial(_named_actions, actions)
    if name == "options" and action.dest == "property":
        return partial(_listed_properties, actions)
    return None


def _of_flag(flag: Flag) -> Completer | None:
    if flag.choices:
        return _offered(dict.fromkeys(flag.choices, ""))
    if flag.path == "voice":
        return lambda parsed_args, **_: known_voices(_model(parsed_args))
    if flag.source:
        return _offered(partial(known_models, flag.modalities))
    return None


def _model(args: Namespace) -> str:
    given = getattr(args, "flag model", None) or [""]
    return str(given[-1])


def _offered(values: Mapping[str, str] | Callable[[], Mapping[str, str]]) -> Completer:
    """Return a completer of words with their descriptions."""

    def offer(prefix: str, **_: object) -> Mapping[str, str]:
        known = values() if callable(values) else values
        return {word: _first(text) for word, text in known.items() if word.startswith(prefix)}

    return offer


def _named_actions(actions: ActionCommands, prefix: str, **_: object) -> Mapping[str, str]:
    """Return actions as their commands, or as the definition names them: `createI` has capitals."""
    known: Mapping[str, str] = actions.summaries
    if prefix != prefix.lower():
        known = {command.action: command.summary for command in actions.values()}
    return _offered(known)(prefix)


def _settings(actions: ActionCommands) -> Mapping[str, str]:
    return {
        f"{command.action}.{flag.path}": flag.help
        for command in actions.values()
        for flag in _flags(command)
        if "." not in flag.path
    }


def _listed_properties(
    actions: ActionCommands, parsed_args: Namespace, **_: object
) -> Mapping[str, str]:
    command = actions.find(str(getattr(parsed_args, "action", "")))
    return {flag.path: _first(flag.help) for flag in _flags(command) if flag.source}


def _first(text: str) -> str:
    """Return the first sentence of a description, on one line."""
    return re.split(r"\.(?:\s|$)", " ".join(text.split()), maxsplit=1)[0]
