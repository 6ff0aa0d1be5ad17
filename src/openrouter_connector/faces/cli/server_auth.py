"""`--token`, `--no-token` and `--allow-host`: who may use a server that a command starts."""

from __future__ import annotations

import os
import re
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator

from ...errors import Problem

_VARIABLE = "OPENROUTER_CONNECTOR_TOKEN"
_SHORTEST = 16  # characters of a token, for a server that other machines can reach


def add_auth_options(parser: ArgumentParser) -> None:
    """Add `--allow-host`, `--token` and `--no-token`."""
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="NAME",
        help="another host name of this server; repeatable",
    )
    auth = parser.add_mutually_exclusive_group()
    auth.add_argument(
        "--token", help=f"token that clients must send (default: {_VARIABLE}, or a new one)"
    )
    auth.add_argument(
        "--no-token", action="store_true", help="accept clients on this machine without a token"
    )


def server_token(args: Namespace) -> str | None:
    """Return the token of the server, a new one if none is set; None disables the check."""
    return None if args.no_token else configured_token(args) or secrets.token_urlsafe(32)


def configured_token(args: Namespace) -> str | None:
    """Return the token that the person set; it is not printed, since they know it."""
    return args.token or (None if args.no_token else os.environ.get(_VARIABLE)) or None


def auth_problems(args: Namespace, *, local: bool) -> Iterator[Problem]:
    """Yield the problems of these options; `local` is a server that only this machine reaches."""
    token = configured_token(args)
    if args.no_token and not local:
        yield Problem("--no-token", f"requires a local address; other machines reach {args.host}")
    if token and not re.fullmatch(r"[!-~]+", token):
        yield Problem("--token", "must consist of ASCII letters, digits and signs, without spaces")
    elif token and not local and len(token) < _SHORTEST:
        message = f"must have {_SHORTEST} characters or more, as other machines reach the server"
        yield Problem("--token", message)
    for host in args.allow_host:
        if not re.fullmatch(r"[A-Za-z0-9.-]+|\[[0-9a-fA-F:.]+\]", host):
            yield Problem("--allow-host", f"{host!r} is not a host name; example: app.example.com")
