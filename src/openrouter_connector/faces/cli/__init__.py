"""The command line: `openrouter-connector COMMAND …`.

Each command is a module in `commands/`, with `configure(parser)` for its options and `run(args)`,
which returns the exit code (see `exit_codes.py`). Heavy modules are imported inside functions, so
that `--help` is fast.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, NoReturn, TextIO

from .error_output import print_error
from .exit_codes import STDOUT_CLOSED, STDOUT_FAILED, Terminated
from .help_text import overview, program, sentence
from .parser import Parser
from .terminal import (
    RedirectedStdout,
    is_terminal,
    print_text,
    quiet,
    redirect_stdout,
    silence,
)

if TYPE_CHECKING:
    from argparse import Namespace

    Run = Callable[[Namespace], int]

COMMANDS = {
    "demo": "try four actions in an offline sandbox",
    "run": "run an action with -p NAME=VALUE, an exported one, or a flow",
    "batch": "run an action for each row of a table, or for many files",
    "compare": "run an action with several models, and compare the answers",
    "runs": "list, show, watch, cancel and resume runs; sum up their cost",
    "worker": "perform queued runs of flows, and those of dead processes",
    "check": "validate a call or a flow, and estimate its cost",
    "options": "list the values of a parameter, such as models or voices",
    "actions": "list the actions",
    "show": "show the parameters of an action with an example, or a flow",
    "connect": "get an API key, test it and save it as a connection",
    "connections": "list, test, rename or remove saved connections",
    "config": "set defaults, such as the model of each action",
    "completion": "print the completion script for bash, zsh or fish",
    "validate": "validate a connector.yaml and its definitions",
    "import": "import a flow of another program, and report what changed",
    "export": "export an action, a flow, the component, schemas or docs",
    "studio": "open the Studio: a canvas for flows, with forms and runs",
    "serve": "serve forms, actions and files over HTTP",
    "mcp": "serve the actions to AI agents as MCP tools",
    "sandbox": "serve an offline OpenRouter on this machine",
}

_MODULES = {"import": "import_flow"}  # a keyword is no name of a module


def main(argv: list[str] | None = None) -> int:
    """Run one command, and return its exit code."""
    words = sys.argv[1:] if argv is None else argv
    stdout = sys.stdout
    try:
        code = _run_safely(words)
        return code or (STDOUT_FAILED if isinstance(sys.stdout, RedirectedStdout) else 0)
    except BrokenPipeError:
        # Also what Python still writes while it shuts down must not be reported.
        silence(sys.stdout)
        silence(sys.stderr)
        return STDOUT_CLOSED
    finally:
        sys.stdout = stdout


def _run_safely(words: list[str]) -> int:
    """Run one command; print an error instead of raising it."""
    try:
        _reserve_standard_streams()
        _set_encoding(sys.stdout, sys.stderr)
        code = _run(words)
        _flush()
        return code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        # Not `args.json`: an error may come from the parsing of the arguments.
        as_json, is_streamed = "--json" in words, "--stream" in words
        code = print_error(error, as_json=as_json, on_one_line=is_streamed)
        if isinstance(error, Terminated):
            # Die from the signal, so that the parent process sees what ended this one.
            signal.raise_signal(signal.SIGTERM)
        return code


def _run(words: list[str]) -> int:
    name, *rest = words or ["--help"]
    if name in ("-h", "--help", "help"):
        print_text(overview(COMMANDS, _actions(rest)))
        return 0
    if name == "--version":
        from importlib.metadata import version

        print_text(version("openrouter-connector"))
        return 0
    parser, run = command_parser(name, rest) or _refuse(name)
    parser.words = rest
    try:
        # Intermixed: the texts of an action may stand before, between and after its flags.
        has_subcommands = parser._subparsers is not None
        args = parser.parse_args(rest) if has_subcommands else parser.parse_intermixed_args(rest)
    except SystemExit as help_was_printed:
        return int(help_was_printed.code or 0)
    with quiet(getattr(args, "quiet", False)):
        return run(args)


def command_parser(name: str, words: Sequence[str]) -> tuple[Parser, Run] | None:
    """Return the parser of a command or an action, and what runs it; None for an unknown one."""
    prog = f"{program()} {name}"
    if name in COMMANDS:
        command = import_module(f".commands.{_MODULES.get(name, name)}", __package__)
        parser = Parser(prog=prog, description=sentence(COMMANDS[name]))
        command.configure(parser)
        return parser, command.run
    from .action_command import action_commands, connector_option

    if name.startswith("-") or not (action := action_commands(connector_option(words)).find(name)):
        return None
    from .action_parser import configure_action
    from .commands.action import run

    parser = Parser(prog=prog, description=action.summary)
    configure_action(parser, action, show_all="--all" in words)
    return parser, partial(run, command=action)


def _actions(words: Sequence[str]) -> Mapping[str, str]:
    """Return the actions with their summaries; without them if the definition is invalid."""
    from ...errors import ConnectorError
    from .action_command import action_commands, connector_option

    try:
        return action_commands(connector_option(words)).summaries
    except ConnectorError:
        return {}


def _refuse(name: str) -> NoReturn:
    from ...errors import InputError
    from ...suggest import did_you_mean

    if name.startswith("-"):
        raise InputError(f"{name!r} is not a command; write the command first, then its options")
    hint = did_you_mean(name, [*COMMANDS, *_actions(())])
    raise InputError(f"there is no command {name!r}{hint or f'; run {program()} --help'}")


def _reserve_standard_streams() -> None:
    """Open /dev/null in place of closed streams.

    Otherwise the next file that is opened gets the number of stdout, and is printed into.
    """
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (number := os.open(os.devnull, os.O_RDWR)) < 3:
            pass
        os.close(number)


def _set_encoding(*streams: TextIO | None) -> None:
    """Use UTF-8 for pipes, and escape what a terminal cannot show.

    A character that cannot be encoded must not end a run that is paid for.
    """
    for stream in streams:
        if reconfigure := getattr(stream, "reconfigure", None):
            encoding = None if is_terminal(stream) else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def _flush() -> None:
    """Write what argparse and others have printed."""
    try:
        print(end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        redirect_stdout(error)
