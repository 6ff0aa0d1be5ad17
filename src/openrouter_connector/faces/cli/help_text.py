"""The texts that several help pages share: the list of commands, variables and exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from . import exit_codes

PROGRAM = "openrouter-connector"
SHORT_NAME = "orc"

ENVIRONMENT = """\
environment variables:
  OPENROUTER_API_KEY            API key; overrides the default connection
  OPENROUTER_BASE_URL           base URL of another server with the same API
  OPENROUTER_CONNECTOR_FILES    folder for files, unless --output-dir is set
  OPENROUTER_CONNECTOR_CONFIG   folder of the saved connections
  OPENROUTER_CONNECTOR_DATABASE   database of runs, unless --database is set
  OPENROUTER_CONNECTOR_DEBUG    1 to print tracebacks of unexpected errors
  OPENROUTER_CONNECTOR_DOWNLOAD_PROXY   proxy for downloads of file URLs
  HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE … are described in docs/connections.md"""

EXIT_CODES = "\n".join(
    ["exit codes:", *(f"  {code:<4} {meaning}" for code, meaning, _ in exit_codes.EXIT_CODES)]
)


def overview(commands: Mapping[str, str]) -> str:
    """Return the help page of the program: a line for each command."""
    lines = [f"  {name:<11} {summary}" for name, summary in commands.items()]
    text = "\n".join(
        [
            "usage: openrouter-connector COMMAND …",
            "",
            "Call OpenRouter's models from the command line: text, images, speech, transcription.",
            "",
            "commands:",
            *lines,
            "",
            "Run `openrouter-connector COMMAND --help` for the options of a command,",
            "and `openrouter-connector --version` for the version.",
            "Without an API key, try `openrouter-connector demo`, or add --sandbox to a command.",
            "",
            ENVIRONMENT,
            "",
            EXIT_CODES,
        ]
    )
    return as_called(text)


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
