"""Options that several commands share."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, _ArgumentGroup
from math import isfinite

Options = ArgumentParser | _ArgumentGroup

_SECONDS = {"m": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}


def add_json(parser: Options, summary: str) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help=summary)


def add_connector(parser: Options) -> None:
    """Add `--connector`."""
    parser.add_argument(
        "--connector", metavar="PATH", help="another connector.yaml, or the folder that holds it"
    )


def add_action_and_parameters(parser: ArgumentParser, *, or_flow: bool = False) -> None:
    """Add ACTION, `-p` and `--params`; `or_flow` if a flow will do as well."""
    file = "JSON file of an exported one"
    parser.add_argument(
        "action",
        metavar="ACTION|FLOW" if or_flow else "ACTION",
        help=f"name of an action, {file}, or JSON or YAML file of a flow (- for stdin)"
        if or_flow
        else f"name of an action, or {file} (- for stdin)",
    )
    add_parameters(parser)


def add_parameters(parser: Options) -> None:
    """Add `-p` and `--params`."""
    parser.add_argument(
        "-p",
        action="append",
        default=[],
        dest="pairs",
        metavar="NAME=VALUE",
        help="parameter; repeatable. Values are text, or JSON for parameters of other types. "
        "NAME=@PATH passes a local file, or the text in it. Nested names: "
        "response.responseFormat, messages[0].content",
    )
    parser.add_argument(
        "--params",
        metavar="FILE|-|JSON",
        help="parameters as a JSON object; -p overrides them",
    )


def add_call_options(parser: Options) -> None:
    """Add which server is called, and the timeout."""
    destination = parser.add_mutually_exclusive_group()
    destination.add_argument(
        "--sandbox", action="store_true", help="use an offline OpenRouter on this machine"
    )
    destination.add_argument("--connection", metavar="NAME", help="saved connection to use")
    destination.add_argument(
        "--base-url", metavar="URL", help="base URL of another server with the same API"
    )
    add_allow_http(parser)
    parser.add_argument(
        "--timeout",
        type=positive,
        metavar="SECONDS",
        help="longest wait for the next byte of a response (default: 300)",
    )


def add_output(parser: Options) -> None:
    """Add `--output`."""
    parser.add_argument(
        "--output",
        metavar="PATH",
        help="where the result goes: a file, a folder (that exists or ends with /) for its files, "
        "or - for stdout, also of the bytes of a file",
    )


def add_quiet(parser: Options) -> None:
    """Add `--quiet`."""
    parser.add_argument("--quiet", action="store_true", help="print nothing to stderr but errors")


def add_budget(parser: Options, default: float | None = None) -> None:
    """Add `--budget`."""
    parser.add_argument(
        "--budget",
        type=not_negative,
        default=default,
        metavar="USD",
        help="send no further requests once this amount is spent",
    )


def add_database(parser: ArgumentParser) -> None:
    """Add `--database`."""
    parser.add_argument(
        "--database",
        metavar="FILE|URL",
        help="where runs of flows are kept: an SQLite file, or postgresql://… "
        "(default: OPENROUTER_CONNECTOR_DATABASE, or a file of the user)",
    )


def add_listen_options(parser: ArgumentParser, port: int, condition: str = "") -> None:
    """Add `--host` and `--port` of a server; `condition` is when they apply."""
    parser.add_argument(
        "--host",
        default="127.0.0.1",
        help=f"{condition}address to listen at (default: 127.0.0.1)",
    )
    parser.add_argument(
        "--port",
        default=port,
        type=int,
        help=f"{condition}port to listen at, 0 for any free one (default: {port})",
    )


def add_allow_http(parser: Options) -> None:
    """Add `--allow-http`."""
    parser.add_argument(
        "--allow-http",
        action="store_true",
        help="allow unencrypted http:// base URLs in private networks",
    )


def add_allow_private(parser: ArgumentParser) -> None:
    """Add `--allow-private`."""
    parser.add_argument(
        "--allow-private",
        action="store_true",
        help="allow callers to name servers on this machine and in private networks",
    )


def positive(text: str) -> float:
    """Parse a number that is more than 0."""
    number = not_negative(text)
    if number == 0:
        raise ArgumentTypeError("must be more than 0")
    return number


def not_negative(text: str) -> float:
    """Parse a number that is 0 or more."""
    try:
        number = float(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a number") from None
    if not isfinite(number) or number < 0:
        raise ArgumentTypeError(f"{text} must be 0 or more")
    return number


def age(text: str) -> float:
    """Parse a time span such as `12h`, `7d` or `4w`; return its seconds."""
    unit = _SECONDS.get(text[-1:])
    if unit is None or not text[:-1].isascii() or not text[:-1].isdigit() or len(text) > 6:
        raise ArgumentTypeError(f"{text!r} is no time span; write 12h, 7d or 4w")
    return int(text[:-1]) * unit


def count(text: str) -> int:
    """Parse a whole number of at least 1."""
    if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) == 0:
        raise ArgumentTypeError(f"{text!r} must be a whole number of at least 1")
    return int(text)
