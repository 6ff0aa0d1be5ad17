"""`mcp`: serve the actions as MCP tools, over stdio or HTTP."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....runtime.http.loopback import is_loopback
from ....runtime.optional import extra
from .. import help_text, server_auth, shared_options
from ..connection_args import load_connector, open_session, output_folder
from ..terminal import note

if TYPE_CHECKING:
    from mcp.server import Server

    from ....connector import Session
    from ....definition.form import Form
    from ....definition.load import Definition
    from ....values import JsonObject
    from ...mcp.context import Context
    from ...mcp.flow_runs import FlowRuns
    from ...mcp.flow_tools import FlowTool
    from ...mcp.tools import Choice
    from ...mcp.transports import Opened

_ONLY_FLOWS = "flows"
_PACKAGES = {"mcp", "mcp_types", "uvicorn", "httptools", "starlette", "anyio", "sse_starlette"}


def configure(parser: ArgumentParser) -> None:
    """Add the options of `mcp`."""
    add = parser.add_argument
    add_tool_options(parser)
    add("--flows", action="extend", nargs="+", default=[], metavar="ID|LABEL|FILE",
        help="publish these flows as tools too: stored ones by id or label, or files")  # fmt: skip
    shared_options.add_database(parser)
    add("--inline-limit", type=int, default=700_000, metavar="BYTES",
        help="largest file inside a result; larger ones are links (default: 700000)")  # fmt: skip
    shared_options.add_call_options(parser)
    shared_options.add_budget(parser)
    shared_options.add_connector(parser)
    add("--allow-dir", action="append", default=[], metavar="DIR",
        help="folder whose files the agent may name by path; repeatable")  # fmt: skip
    add("--http", action="store_true", help="serve over HTTP instead of stdio")
    shared_options.add_listen_options(parser, 8790, "with --http: ")
    parser.add_argument("--output", metavar="DIR", help="folder for the files of the results")
    shared_options.add_allow_private(parser)
    server_auth.add_auth_options(parser)
    parser.epilog = f"docs/mcp.md shows how to configure hosts.\n\n{help_text.ENVIRONMENT}"


def add_tool_options(parser: ArgumentParser) -> None:
    """Add the options that choose and name the tools."""
    parser.add_argument(
        "--names",
        choices=("ours", "catalogue"),
        default="ours",
        help="tool names: ours (createImage, the default), or those of OpenRouter's catalogue "
        "(openrouter_ai_create_image)",
    )
    parser.add_argument(
        "--groups",
        metavar="GROUP,…",
        help="serve only the actions of these groups, such as ask,images; `all`: also those that "
        "require a management key",
    )
    parser.add_argument(
        "--only",
        metavar="NAME,…",
        help="serve only these actions and groups of actions; `flows` alone: only --flows",
    )
    parser.add_argument(
        "--read-only",
        action="store_true",
        help="serve only actions that neither cost nor change anything",
    )


def tools(args: Namespace, definition: Definition) -> list[JsonObject]:
    """Return the chosen tools as MCP lists them. Raise InputError for an unknown name."""
    from ...mcp.tools import choose_tools, list_tools

    return list_tools(definition, choose_tools(definition, _choice(args)))


def run(args: Namespace) -> int:
    """Serve until the host closes stdin, or Ctrl-C. Raise InputError for wrong options."""
    with extra("mcp", _PACKAGES, "The server"):
        from ...mcp import server, transports
    connector = load_connector(args)
    forms, flows = _tools(args, connector.definition, is_loopback(args.host))
    session = open_session(
        args,
        connector,
        budget=args.budget,
        concurrent=True,
        allow_private=args.allow_private,
        files=output_folder(args.output),
    )
    runs = _runs(session, args) if flows else None
    tools_server = server.create_server(
        session,
        forms,
        inline_limit=args.inline_limit,
        show_paths=args.output is not None,
        folders=tuple(map(Path, args.allow_dir)),
        flows=flows,
        runs=runs,
    )
    opened = runs.around() if runs else session
    if args.http:
        _serve_http(tools_server, opened, args)
    else:
        transports.serve_stdio(tools_server, opened)
    return 0


def _runs(session: Session, args: Namespace) -> FlowRuns:
    """Return where flows run. MissingExtraError, before a host waits for it."""
    from ...mcp.flow_runs import FlowRuns

    with extra("flows", {"dbos", "sqlalchemy"}, "--flows"):
        # Found, and not imported: that takes half a second, and the first call is early enough.
        for package in ("dbos", "sqlalchemy"):
            if find_spec(package) is None:
                raise ModuleNotFoundError(name=package)
    return FlowRuns(session, args.database)


def _serve_http(tools_server: Server[Context], opened: Opened, args: Namespace) -> None:
    from ...mcp import transports

    token = server_auth.server_token(args)
    transports.serve_http(
        tools_server,
        opened,
        args.host,
        args.port,
        token=token,
        hosts=args.allow_host,
        ready=lambda address: _announce(address, args, token),
    )


def _tools(
    args: Namespace, definition: Definition, local: bool
) -> tuple[dict[str, Form], dict[str, FlowTool]]:
    """Return the chosen actions and flows. InputError lists all problems of the options."""
    from ....flows.store import FlowStore
    from ...mcp.flow_tools import choose_flows
    from ...mcp.tools import choose_tools

    problems, choice = list(_problems(args, local)), _choice(args)
    forms: dict[str, Form] = {}
    flows: dict[str, FlowTool] = {}
    try:
        if not (args.flows and choice.only == (_ONLY_FLOWS,)):
            forms = choose_tools(definition, choice)
    except InputError as error:
        problems += error.problems
    try:
        if args.flows:
            flows = choose_flows(args.flows, FlowStore(definition=definition), definition, forms)
    except InputError as error:
        problems += error.problems
    if problems:
        raise InputError(problems)
    return forms, flows


def _choice(args: Namespace) -> Choice:
    from ...mcp.tools import Choice

    groups, only = (
        tuple(word.strip() for word in (words or "").split(",") if word.strip())
        for words in (args.groups, args.only)
    )
    return Choice(names=args.names, groups=groups, only=only, read_only=args.read_only)


def _problems(args: Namespace, local: bool) -> Iterator[Problem]:
    if args.inline_limit < 0:
        yield Problem("--inline-limit", "must be a number of bytes, 0 or more")
    for folder in args.allow_dir:
        if not Path(folder).is_dir():
            yield Problem("--allow-dir", f"{folder} is not a folder")
    if not args.http:
        if args.token or args.no_token or args.allow_host:
            yield Problem("--http", "is missing; --token, --no-token and --allow-host require it")
        return
    yield from server_auth.auth_problems(args, local=local)


def _announce(address: str, args: Namespace, token: str | None) -> None:
    access = "No token is required: every program on this machine may use it (--no-token)."
    if token:
        shown = "(your token)" if server_auth.configured_token(args) else token
        access = f"  Authorization: Bearer {shown}"
    note(f"Serving the tools at\n\n  {address}\n{access}\n\nPress Ctrl-C to stop.")
