"""The command line: `openrouter-connector COMMAND …`.

Each command is a module of its name in this folder with `configure(parser)` and `run(args)`, which
gives the exit code. Everything heavy is imported inside functions, so that help comes at once.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import TextIO

from . import failures
from .parser import Parser, overview

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
    try:
        try:
            _tolerate(sys.stdout, sys.stderr)
            code = _run(given)
            print(end="", flush=True)
            return code
        except BrokenPipeError:
            raise
        except (Exception, KeyboardInterrupt) as error:
            return failures.tell(error, as_json="--json" in given)
    except BrokenPipeError:
        return _leave_pipe()


def _run(given: list[str]) -> int:
    name, *rest = given or ["--help"]
    if name in ("-h", "--help", "help"):
        print(overview(COMMANDS))
        return 0
    if name == "--version":
        from importlib.metadata import version

        print(version("openrouter-connector"))
        return 0
    if name not in COMMANDS:
        raise _unknown(name)
    command = import_module(f".{name}", __package__)
    parser = Parser(prog=f"openrouter-connector {name}", description=_sentence(COMMANDS[name]))
    command.configure(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as help_was_shown:
        return int(help_was_shown.code or 0)
    return int(command.run(args))


def _unknown(name: str) -> Exception:
    from ...definition.problems import closest
    from ...errors import InputError

    if name.startswith("-"):
        return InputError(f"the command comes first, then its options: {name!r} is no command")
    hint = closest(name, COMMANDS) or "; openrouter-connector --help lists them"
    return InputError(f"there is no command {name!r}{hint}")


def _sentence(about: str) -> str:
    return f"{about[0].upper()}{about[1:]}."


def _tolerate(*streams: TextIO | None) -> None:
    """Let no character that the terminal cannot show end a run that was paid for."""
    for stream in streams:
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _leave_pipe() -> int:
    """Be silent when nobody reads on, also while Python closes down."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in filter(None, (sys.stdout, sys.stderr)):
        os.dup2(nowhere, stream.fileno())
    return 141  # 128 + SIGPIPE, as a shell has it
