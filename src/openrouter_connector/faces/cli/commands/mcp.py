"""`mcp`: the actions as tools of an agent, over stdio or HTTP."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....runtime.http.loopback import is_loopback
from ....runtime.optional import extra
from .. import parser as shared
from .. import server_auth
from ..connection_args import load, session
from ..terminal import note

if TYPE_CHECKING:
    from ....definition.form import Form
    from ....definition.load import Definition
    from ....values import JsonObject
    from ...mcp.tools import Choice

_PACKAGES = {"mcp", "mcp_types", "uvicorn", "httptools", "starlette", "anyio", "sse_starlette"}


def configure(parser: ArgumentParser) -> None:
    """Add the options of `mcp`."""
    add = parser.add_argument
    add_choice(parser)
    add("--inline-limit", type=int, default=700_000, metavar="BYTES",
        help="pictures and sound up to this stand in a result, else a link (700000)")  # fmt: skip
    shared.add_calls(parser)
    shared.add_budget(parser)
    shared.add_connector(parser)
    add("--allow-dir", action="append", default=[], metavar="DIR",
        help="a folder whose files an agent may name by their paths; may be repeated")  # fmt: skip
    add("--http", action="store_true", help="serve over HTTP instead of stdin and stdout")
    add("--host", default="127.0.0.1", help="with --http, the address to listen at (127.0.0.1)")
    add("--port", default=8790, type=int, help="with --http, the port, 0 for a free one (8790)")
    shared.add_allow_private(parser)
    server_auth.add_guard(parser)
    parser.epilog = f"docs/mcp.md shows how hosts are set up.\n\n{shared.ENVIRONMENT}"


def add_choice(parser: ArgumentParser) -> None:
    """Add which actions are tools, and under which names."""
    parser.add_argument(
        "--names",
        choices=("ours", "catalogue"),
        default="ours",
        help="createImage, or openrouter_ai_… by the names of OpenRouter's own catalogue (ours)",
    )
    parser.add_argument(
        "--only", metavar="NAME,…", help="these actions, and those of these groups of the palette"
    )
    parser.add_argument(
        "--read-only", action="store_true", help="only what costs nothing and changes nothing"
    )


def tools(args: Namespace, definition: Definition) -> list[JsonObject]:
    """Give the tools that the options choose, as MCP lists them; InputError for a wrong choice."""
    from ...mcp.tools import choose_tools, list_tools

    return list_tools(definition, choose_tools(definition, _choice(args)))


def run(args: Namespace) -> int:
    """Serve until the host closes stdin, or an interrupt. InputError for a wrong option."""
    with extra("mcp", _PACKAGES, "The server"):
        from ...mcp import server, transports
    connector = load(args)
    forms = _forms(args, connector.definition, is_loopback(args.host))
    private = args.allow_private
    opened = session(args, connector, budget=args.budget, concurrent=True, allow_private=private)
    limit, show_paths = args.inline_limit, args.output_dir is not None
    served = server.create_server(
        opened,
        forms,
        inline_limit=limit,
        show_paths=show_paths,
        folders=tuple(map(Path, args.allow_dir)),
    )
    if not args.http:
        transports.serve_stdio(served, opened)
        return 0
    token = server_auth.token(args)
    transports.serve_http(
        served,
        opened,
        args.host,
        args.port,
        token=token,
        hosts=args.allow_host,
        ready=lambda address: _announce(address, args, token),
    )
    return 0


def _forms(args: Namespace, definition: Definition, local: bool) -> dict[str, Form]:
    """Give the actions that are chosen; InputError lists all that is wrong with the options."""
    from ...mcp.tools import choose_tools

    problems, forms = list(_problems(args, local)), {}
    try:
        forms = choose_tools(definition, _choice(args))
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return forms


def _choice(args: Namespace) -> Choice:
    from ...mcp.tools import Choice

    only = tuple(word.strip() for word in (args.only or "").split(",") if word.strip())
    return Choice(names=args.names, only=only, read_only=args.read_only)


def _problems(args: Namespace, local: bool) -> Iterator[Problem]:
    if args.inline_limit < 0:
        yield Problem("--inline-limit", "is a number of bytes, 0 or more")
    for folder in args.allow_dir:
        if not Path(folder).is_dir():
            yield Problem("--allow-dir", f"{folder} is not a folder")
    if not args.http:
        if args.token or args.no_token or args.allow_host:
            told = "is missing: tokens and names of hosts are for a server over HTTP"
            yield Problem("--http", told)
        return
    yield from server_auth.problems(args, local=local)


def _announce(address: str, args: Namespace, token: str | None) -> None:
    way_in = "It lets everybody on this machine in (--no-token)."
    if token:
        shown = "(the token that was given)" if server_auth.given_token(args) else token
        way_in = f"  Authorization: Bearer {shown}"
    note(f"The tools are served at\n\n  {address}\n{way_in}\n\nCtrl-C ends it.")
