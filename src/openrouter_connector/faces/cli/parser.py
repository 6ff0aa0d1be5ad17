"""argparse, with its complaints as our errors, and the options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from math import isfinite
from typing import NoReturn

from ...errors import InputError

EXIT_CODES = """\
exit codes: 0 ok, 2 wrong input, 3 credentials, 4 the API refused, 5 a file, or stdout cannot be
written (its text is on stderr), 6 an incomplete answer, 130 interrupted (143 by SIGTERM),
141 nobody reads stdout, 1 anything else"""

ENVIRONMENT = """\
environment:
  OPENROUTER_API_KEY            the key that pays, rather than a stored connection
  OPENROUTER_BASE_URL           another server that speaks the same API
  OPENROUTER_CONNECTOR_FILES    where files are kept, when --output-dir does not say
  OPENROUTER_CONNECTOR_CONFIG   the folder of the stored connections
  OPENROUTER_CONNECTOR_DEBUG    1 shows the traceback of an unexpected error
  OPENROUTER_CONNECTOR_DOWNLOAD_PROXY   the proxy for files that are given by URL
  HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE … as docs/connections.md has them"""


class Parser(argparse.ArgumentParser):
    """A parser that raises InputError where argparse would print and exit."""

    def __init__(self, prog: str, description: str, **_: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            allow_abbrev=False,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )

    def error(self, message: str) -> NoReturn:
        """Raise InputError with what is wrong with the words of the command line."""
        raise InputError(f"{message} (see {self.prog} --help)")


def overview(commands: Mapping[str, str]) -> str:
    """Give the help of the whole: the commands, a line each."""
    lines = [f"  {name:<11} {about}" for name, about in commands.items()]
    return "\n".join(
        [
            "usage: openrouter-connector COMMAND …",
            "",
            "OpenRouter's models from the command line: ask, draw, speak, transcribe.",
            "",
            "commands:",
            *lines,
            "",
            "`openrouter-connector COMMAND --help` tells more; `--version` the version.",
            "Without a key: `openrouter-connector demo`, or --sandbox with run and check.",
            "",
            ENVIRONMENT,
            "",
            EXIT_CODES,
        ]
    )


def add_json(parser: argparse.ArgumentParser, about: str) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help=about)


def add_connector(parser: argparse.ArgumentParser) -> None:
    """Add `--connector`."""
    parser.add_argument(
        "--connector", metavar="PATH", help="another connector.yaml, or the folder that holds it"
    )


def add_parameters(parser: argparse.ArgumentParser) -> None:
    """Add the action and its parameters."""
    parser.add_argument(
        "action", metavar="ACTION", help="its name, or a JSON file of an exported one (- for stdin)"
    )
    parser.add_argument(
        "-p",
        action="append",
        default=[],
        dest="pairs",
        metavar="NAME=VALUE",
        help="a parameter: text, or JSON where the property is no text; @path is a local file, "
        "for a file or a schema; "
        "response.responseFormat and messages[0].content reach inside; may be repeated",
    )
    parser.add_argument(
        "--params", metavar="FILE|-|JSON", help="parameters as a JSON object; -p wins over them"
    )


def add_calls(parser: argparse.ArgumentParser) -> None:
    """Add where the calls go, how long they may take, and where files are kept."""
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--sandbox", action="store_true", help="play OpenRouter on this machine")
    where.add_argument("--connection", metavar="NAME", help="a stored connection")
    where.add_argument("--base-url", metavar="URL", help="another server that speaks the same API")
    add_allow_http(parser)
    parser.add_argument(
        "--timeout",
        type=_positive,
        metavar="SECONDS",
        help="how long to wait for the next byte (300)",
    )
    parser.add_argument("--output-dir", metavar="DIR", help="where files are written")


def add_budget(parser: argparse.ArgumentParser, default: float | None = None) -> None:
    """Add `--budget`."""
    parser.add_argument(
        "--budget",
        type=_not_negative,
        default=default,
        metavar="USD",
        help="send nothing more once this much was spent",
    )


def add_allow_http(parser: argparse.ArgumentParser) -> None:
    """Add `--allow-http`."""
    parser.add_argument(
        "--allow-http",
        action="store_true",
        help="let a key go unencrypted to a base URL in a private network",
    )


def add_allow_private(parser: argparse.ArgumentParser) -> None:
    """Add `--allow-private`."""
    parser.add_argument(
        "--allow-private",
        action="store_true",
        help="let callers name servers of this machine and of private networks",
    )


def _positive(text: str) -> float:
    number = _not_negative(text)
    if number == 0:
        raise argparse.ArgumentTypeError(f"{text} is not more than 0")
    return number


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not isfinite(number) or number < 0:
        raise argparse.ArgumentTypeError(f"{text} is not a number of 0 or more")
    return number
