"""Who may use a server that a command starts: its token, and the names it is reached by."""

from __future__ import annotations

import os
import re
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from ...errors import Problem

_ENVIRONMENT = "OPENROUTER_CONNECTOR_TOKEN"
_SHORTEST = 16  # characters of a token that guards a server which others reach


def add_guard(parser: ArgumentParser) -> None:
    """Add `--allow-host`, `--token` and `--no-token`."""
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another name it is reached by",
    )
    guarded = parser.add_mutually_exclusive_group()
    guarded.add_argument("--token", help=f"what callers must send ({_ENVIRONMENT}; else made)")
    guarded.add_argument("--no-token", action="store_true", help="let all of this machine in")


def token(args: Namespace) -> str | None:
    """Give the token of the server, a new one when none is given; None lets everybody in."""
    return None if args.no_token else given_token(args) or secrets.token_urlsafe(32)


def given_token(args: Namespace) -> str | None:
    """Give the token that a person chose, who need not be told it."""
    return args.token or (None if args.no_token else os.environ.get(_ENVIRONMENT)) or None


def problems(args: Namespace, *, local: bool) -> Iterator[Problem]:
    """Say what is wrong with these options; `local` is a server that only this machine reaches."""
    given = given_token(args)
    if args.no_token and not local:
        told = f"is for an address of this machine only, and {args.host} is reached by others"
        yield Problem("--no-token", told)
    if given and not re.fullmatch(r"[!-~]+", given):
        yield Problem("--token", "may hold letters, digits and signs of ASCII, and no space")
    elif given and not local and len(given) < _SHORTEST:
        yield Problem("--token", f"must have {_SHORTEST} characters, since others reach the server")
    for host in args.allow_host:
        if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]", host):
            yield Problem("--allow-host", f"{host!r} is no name such as connector.example.com")
