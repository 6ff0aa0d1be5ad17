"""The texts that several help pages share: the list of commands, variables and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from textwrap import fill

from . import exit_codes

PROGRAM = "openrouter-connector"
SHORT_NAME = "orc"

WIDTH = 80  # columns

ENVIRONMENT = """\
environment variables:
  OPENROUTER_API_KEY            API key; overrides the default connection
  OPENROUTER_BASE_URL           base URL of another server with the same API
  OPENROUTER_CONNECTOR_FILES    folder for files, unless --output names one
  OPENROUTER_CONNECTOR_CONFIG   folder of the saved connections
  OPENROUTER_CONNECTOR_CACHE    folder of caches, which may be deleted
  OPENROUTER_CONNECTOR_DATABASE   database of runs, unless --database is set
  OPENROUTER_CONNECTOR_DEBUG    1 to print tracebacks of unexpected errors
  OPENROUTER_CONNECTOR_DOWNLOAD_PROXY   proxy for downloads of file URLs
  HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE …: see docs/connections.md"""

EXIT_CODES = "\n".join(
    [
        "exit codes:",
        *(
            fill(meaning, WIDTH, initial_indent=f"  {code:<4} ", subsequent_indent=" " * 7)
            for code, meaning, _ in exit_codes.EXIT_CODES
        ),
    ]
)


_SHOWN_ACTIONS = 7


def overview(commands: Mapping[str, str], actions: Mapping[str, str]) -> str:
    """Return the help page of the program: the first actions, and a line for each command."""
    lines = [f"  {name:<12} {summary}" for name, summary in commands.items()]
    first = list(actions.items())[:_SHOWN_ACTIONS]
    more = len(actions) - len(first)
    shown = [_line(name, summary) for name, summary in first]
    if more > 0:
        shown.append(f"  … and {more} more: openrouter-connector actions")
    text = "\n".join(
        [
            "usage: openrouter-connector ACTION [TEXT] …",
            "       openrouter-connector COMMAND …",
            "",
            "Call OpenRouter's models from the command line: text, images, speech and more.",
            "",
            'actions (such as: openrouter-connector ask "Why is the sky blue?"):',
            *shown,
            "",
            "commands:",
            *lines,
            "",
            "Add --help to an action or a command for its options.",
            "Without an API key, try `openrouter-connector demo`, or add --sandbox.",
            "",
            ENVIRONMENT,
            "",
            EXIT_CODES,
        ]
    )
    return as_called(text)


def _line(name: str, summary: str) -> str:
    """Return a line of the list; a summary that does not fit ends with a word and an ellipsis."""
    room = WIDTH - 23
    text = " ".join(summary.split())
    if len(text) > room:
        text = f"{text[: room - 1].rpartition(' ')[0].rstrip(',;:')} …"
    return f"  {name:<20} {text}"


def as_called(text: str) -> str:
    """Return a help text with the name by which the program was called: the long or the short."""
    return text.replace(f"{PROGRAM} ", f"{program()} ")


def program() -> str:
    """Return the name by which the program was called."""
    called = os.path.basename(sys.argv[0]).lower().removesuffix(".exe")  # noqa: PTH119 - no pathlib for --help
    return SHORT_NAME if called == SHORT_NAME else PROGRAM


def sentence(text: str) -> str:
    """Return a text as a sentence: with a capital letter and a full stop."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."
