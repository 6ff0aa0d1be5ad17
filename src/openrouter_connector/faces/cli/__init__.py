"""The command line: `openrouter-connector COMMAND …`.

Each command is a module in `commands/`, with `configure(parser)` for its options and `run(args)`,
which returns the exit code (see `exit_codes.py`). Heavy modules are imported inside functions, so
that `--help` is fast.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from typing import TextIO

from .error_output import print_error
from .exit_codes import STDOUT_CLOSED, STDOUT_FAILED, Terminated
from .help_text import overview, program, sentence
from .parser import Parser
from .terminal import RedirectedStdout, is_terminal, print_text, redirect_stdout, silence

COMMANDS = {
    "demo": "try four actions in an offline sandbox",
    "run": "run an action or a flow",
    "batch": "run an action for each row of a table, or for each of many files",
    "compare": "send the same to several models, and show their answers side by side",
    "runs": "list, show, watch, cancel and resume runs of flows, and what they cost",
    "worker": "perform queued runs of flows, and those of processes that died",
    "check": "validate a call or a flow and estimate its cost, without sending it",
    "options": "list the values of a parameter, such as models or voices",
    "actions": "list the actions",
    "show": "show the parameters, the output and an example of an action; or a flow",
    "connect": "get an API key, test it and save it as a connection",
    "connections": "list, test, rename or remove saved connections",
    "validate": "validate a connector.yaml and its definitions",
    "import": "import a flow of another program, and report what changed",
    "export": "export an action, a flow, the component, JSON Schemas or reference docs",
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
        print_text(overview(COMMANDS))
        return 0
    if name == "--version":
        from importlib.metadata import version

        print_text(version("openrouter-connector"))
        return 0
    if name not in COMMANDS:
        raise _unknown_command(name)
    command = import_module(f".commands.{_MODULES.get(name, name)}", __package__)
    parser = Parser(prog=f"{program()} {name}", description=sentence(COMMANDS[name]))
    command.configure(parser)
    try:
        args = parser.parse_args(rest)
    except SystemExit as help_was_printed:
        return int(help_was_printed.code or 0)
    return int(command.run(args))


def _unknown_command(name: str) -> Exception:
    from ...errors import InputError
    from ...suggest import did_you_mean

    if name.startswith("-"):
        return InputError(f"{name!r} is not a command; write the command first, then its options")
    hint = did_you_mean(name, COMMANDS) or f"; run {program()} --help for the list"
    return InputError(f"there is no command {name!r}{hint}")


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
