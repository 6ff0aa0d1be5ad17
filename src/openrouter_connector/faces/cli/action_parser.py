"""The parser of an action's command: the options of every action, then its own flags."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator

from . import shared_options
from .action_command import ActionCommand, Flag
from .help_text import program
from .parser import Parser

_MOST_CHOICES = 8  # in the help; completion knows all
_METAVARS = {"text": "TEXT", "number": "N", "file": "FILE", "json": "JSON"}


def configure_action(parser: Parser, command: ActionCommand, *, show_all: bool) -> None:
    """Add the argument, the flags and the options; without `show_all` advanced ones are hidden.

    An option of every action keeps its meaning: a parameter of the same name has no flag, and is
    set with `-p`.
    """
    parser.too_many = "; a text of several words needs quotes" if command.main else ""
    argument = _argument_name(command.main)
    parser.usage = f"{program()} {command.name}{argument and f' [{argument}]'} [options]"
    own = parser.add_argument_group("parameters")
    if command.main:
        _add_argument(own, command.main, argument)
    options = parser.add_argument_group("options of every action")
    _add_options(options, command, show_all=show_all)
    taken = set(parser._option_string_actions)
    for flag in _in_order(command):
        if not {flag.option, f"--no-{flag.option[2:]}"} & taken:
            _add_flag(own, flag, is_shown=flag is not command.main and _is_shown(flag, show_all))
    parser.epilog = _epilog(command, show_all=show_all)


def _is_shown(flag: Flag, show_all: bool) -> bool:
    return show_all or not (flag.advanced or flag.is_group)


def _in_order(command: ActionCommand) -> Iterator[Flag]:
    """Yield the required flags first, then the rest as the form has them."""
    if command.main:
        yield command.main
    yield from sorted(command.flags, key=lambda flag: not flag.required or "." in flag.path)


def _argument_name(main: Flag | None) -> str:
    if main is None:
        return ""
    if main.kind == "file":
        return "FILE …" if main.repeats else "FILE"
    return "ID" if re.search(r"\bid\b", main.help) else "TEXT"


def _add_argument(group: argparse._ArgumentGroup, main: Flag, name: str) -> None:
    source = "" if main.kind == "file" else " @FILE reads it from a file, - from stdin."
    group.add_argument(
        "argument",
        nargs="*" if main.kind == "file" and main.repeats else "?",
        metavar=name.removesuffix(" …"),
        help=_escaped(f"{_sentence(main.help)}{source}"),
    )


def _add_flag(group: argparse._ArgumentGroup, flag: Flag, *, is_shown: bool) -> None:
    names = ["-m", flag.option] if flag.path == "model" else [flag.option]
    summary = _escaped(_help(flag)) if is_shown else argparse.SUPPRESS
    if flag.kind == "boolean" and not flag.repeats:
        group.add_argument(*names, action=_Switch, dest=f"flag {flag.path}", help=summary)
        return
    group.add_argument(
        *names, action="append", dest=f"flag {flag.path}", metavar=_metavar(flag), help=summary
    )


class _Switch(argparse.BooleanOptionalAction):
    """`--x` and `--no-x`, which say `true` and `false`."""

    def __call__(
        self,
        parser: object,
        namespace: object,
        values: object,
        option_string: str | None = None,
    ) -> None:
        """Keep what was said, as every flag does."""
        said = "false" if (option_string or "").startswith("--no-") else "true"
        setattr(namespace, self.dest, [said])


def _metavar(flag: Flag) -> str:
    if flag.choices:
        more = ",…" if len(flag.choices) > _MOST_CHOICES else ""
        return "{" + ",".join(flag.choices[:_MOST_CHOICES]) + more + "}"
    return "MODEL" if flag.path == "model" else _METAVARS[flag.kind]


def _help(flag: Flag) -> str:
    repeated = "; repeatable" if flag.repeats else ""
    return f"{_sentence(flag.help).rstrip('.')}{repeated}"


def _sentence(text: str) -> str:
    """Return the first sentence of a text."""
    first, dot, _ = " ".join(text.split()).partition(". ")
    return f"{first}." if dot else first


def _escaped(text: str) -> str:
    return text.replace("%", "%%")


def _add_options(group: argparse._ArgumentGroup, command: ActionCommand, *, show_all: bool) -> None:
    if command.streams:
        group.add_argument("--stream", action="store_true", help="print the answer as it arrives")
    else:
        group.add_argument("--stream", action="store_true", help=argparse.SUPPRESS)
    shared_options.add_output(group)
    shared_options.add_json(group, "print {output, metadata} or {error} as one JSON object")
    shared_options.add_quiet(group)
    shared_options.add_budget(group)
    shared_options.add_call_options(group)
    shared_options.add_parameters(group)
    shared_options.add_connector(group)
    group.add_argument("--all", action="store_true", help="with --help: show all parameters")
    if not show_all:
        for action in group._group_actions:
            if action.dest in ("timeout", "allow_http", "params", "connector"):
                action.help = argparse.SUPPRESS


def _epilog(command: ActionCommand, *, show_all: bool) -> str:
    hidden = sum(not _is_shown(flag, False) and not flag.is_group for flag in command.flags)
    lines = []
    if hidden and not show_all:
        lines.append(f"{hidden} more parameters: {program()} {command.name} --help --all")
    lines.append(f"Their conditions and an example: {program()} show {command.name}")
    return "\n\n".join(lines)
