"""The command line: `openrouter-connector COMMAND …`.

Each command is a module of its name in this folder with `configure(parser)` and `run(args)`, which
gives the exit code. Everything heavy is imported inside functions, so that help comes at once.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TextIO

from . import errors
from .parser import Parser, overview
from .terminal import Diverted, divert, is_terminal, print_text, silence

COMMANDS = {
    "demo": "perform all four actions against the embedded sandbox",
    "run": "perform an action",
    "check": "tell all that can be told before paying; nothing is sent",
    "options": "list what a property offers: models, voices, sizes, providers",
    "actions": "list the actions",
    "show": "describe an action: its properties, its output, an example",
    "connect": "get a key, prove it, and store it as a connection",
    "connections": "list, test, rename or remove the stored connections",
    "validate": "check connector.yaml and all its definitions",
    "export": "write an action, the definition, its JSON Schemas or its reference",
    "serve": "serve the connector over HTTP: forms, dropdowns, checks, runs, files",
    "mcp": "give the actions to an agent as tools, over stdio or HTTP",
    "sandbox": "serve an offline OpenRouter on this machine",
}


def main(argv: list[str] | None = None) -> int:
    """Run one command and give its exit code (see `failures.py`)."""
    given = sys.argv[1:] if argv is None else argv
    stdout = sys.stdout
    try:
        code = _ended(given)
        return code or (errors.OUTPUT_LOST if isinstance(sys.stdout, Diverted) else 0)
    except BrokenPipeError:
        return _leave_pipe()
    finally:
        sys.stdout = stdout


def _ended(given: list[str]) -> int:
    """Run one command to its end, or say what went wrong."""
    try:
        _take_closed()
        _tolerate(sys.stdout, sys.stderr)
        code = _run(given)
        _flush()
        return code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        code = errors.tell(error, as_json="--json" in given)
        if isinstance(error, errors.Terminated):
            # So that a parent sees what ended it: 143 in a shell.
            signal.raise_signal(signal.SIGTERM)
        return code


def _run(given: list[str]) -> int:
    name, *rest = given or ["--help"]
    if name in ("-h", "--help", "help"):
        print_text(overview(COMMANDS))
        return 0
    if name == "--version":
        from importlib.metadata import version

        print_text(version("openrouter-connector"))
        return 0
    if name not in COMMANDS:
        raise _unknown(name)
    command = import_module(f".commands.{name}", __package__)
    parser = Parser(prog=f"openrouter-connector {name}", description=_sentence(COMMANDS[name]))
    command.configure(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as help_was_shown:
        return int(help_was_shown.code or 0)
    return int(command.run(args))


def _unknown(name: str) -> Exception:
    from ...errors import InputError
    from ...suggest import did_you_mean

    if name.startswith("-"):
        return InputError(f"the command comes first, then its options: {name!r} is no command")
    hint = did_you_mean(name, COMMANDS) or "; openrouter-connector --help lists them"
    return InputError(f"there is no command {name!r}{hint}")


def _sentence(about: str) -> str:
    return f"{about[0].upper()}{about[1:]}."


def _take_closed() -> None:
    """Let no file that is opened later take the place of a stream that was closed before."""
    if None in (sys.stdin, sys.stdout, sys.stderr):
        while (number := os.open(os.devnull, os.O_RDWR)) < 3:
            pass
        os.close(number)


def _tolerate(*streams: TextIO | None) -> None:
    """Let no character end a run that was paid for; what is no terminal gets UTF-8."""
    for stream in streams:
        if reconfigure := getattr(stream, "reconfigure", None):
            encoding = None if is_terminal(stream) else "utf-8"
            reconfigure(encoding=encoding, errors="backslashreplace")


def _flush() -> None:
    """Write what argparse and others printed."""
    try:
        print(end="", flush=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        divert(error)


def _leave_pipe() -> int:
    """Be silent when nobody reads on, also while Python closes down."""
    silence(sys.stdout)
    silence(sys.stderr)
    return 141  # 128 + SIGPIPE, as a shell has it
