"""`connections`: list, test, rename and remove saved connections, and choose the default."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from shlex import quote
from typing import TYPE_CHECKING

from .. import help_text, shared_options
from ..connection_args import load_connector
from ..key_summary import key_summary
from ..questions import confirm
from ..run_async import run_async
from ..tables import print_table
from ..terminal import is_terminal, note, print_json, print_text

if TYPE_CHECKING:
    from ....connections.key_report import KeyReport
    from ....connections.store import ConnectionStore, ConnectionSummary
    from ....connector import Connector

_EPILOG = f"Run `openrouter-connector connect` to add a connection.\n\n{help_text.EXIT_CODES}"


def configure(parser: ArgumentParser) -> None:
    """Add the subcommands of `connections`."""
    shared_options.add_json(parser, "print the list as JSON")
    shared_options.add_connector(parser)
    parser.set_defaults(run_subcommand=_list)
    parser.epilog = _EPILOG
    subcommands = parser.add_subparsers(metavar="SUBCOMMAND", title="subcommands")
    for name, (function, summary, arguments) in _SUBCOMMANDS.items():
        subcommand = subcommands.add_parser(
            name, help=summary, description=help_text.sentence(summary)
        )
        subcommand.set_defaults(run_subcommand=function)
        for argument in arguments:
            # Without a name, `test` tests the default connection.
            nargs = "?" if name == "test" else None
            subcommand.add_argument(argument, metavar=argument.upper(), nargs=nargs)
        shared_options.add_json(subcommand, "print the result as JSON")
        shared_options.add_connector(subcommand)
        if name == "remove":
            subcommand.add_argument("--yes", action="store_true", help="skip the confirmation")


def run(args: Namespace) -> int:
    """Run a subcommand. Raise InputError for an unknown connection."""
    from ....connections.store import ConnectionStore

    function: Callable[[Namespace, ConnectionStore], int] = args.run_subcommand
    return function(args, ConnectionStore(component=load_connector(args).definition.component))


def _list(args: Namespace, store: ConnectionStore) -> int:
    connections = store.list()
    if args.json:
        print_json([connection.to_json() for connection in connections])
    elif not connections:
        note("No connections saved. Run `openrouter-connector connect` to add one.")
    else:
        _print_table(connections)
    return 0


def _test(args: Namespace, store: ConnectionStore) -> int:
    if args.name is not None:
        store.require(args.name)
    name = store.get(args.name).name
    report = run_async(_tested(load_connector(args), name))
    if args.json:
        print_json({"name": name, **report.to_json()})
    else:
        print_text("\n".join([f"{name}: {report.message}", *key_summary(report)]))
    return 0 if report.ok else 3


def _default(args: Namespace, store: ConnectionStore) -> int:
    store.set_default(args.name)
    name = store.default or args.name
    return _print_change(args, store, name, f"{name!r} is now the default connection.")


def _rename(args: Namespace, store: ConnectionStore) -> int:
    store.rename(args.old, args.new)
    return _print_change(args, store, args.new, f"Renamed {args.old!r} to {args.new!r}.")


def _remove(args: Namespace, store: ConnectionStore) -> int:
    store.require(args.name)
    asks = not args.yes and is_terminal(sys.stdin) and is_terminal(sys.stderr)
    if asks and not confirm(f"Remove the connection {args.name!r} and its API key?"):
        note("Nothing was removed.")
        return 0
    before = store.default
    store.remove(args.name)
    default = store.default
    if args.json:
        print_json({"removed": args.name, "default": default})
        return 0
    note(f"Removed {args.name!r}. The API key itself is still valid; delete it at the server.")
    if default != before and default is not None:
        note(f"{default!r} is now the default connection.")
    elif before is not None and default is None:
        note(_choose_default(store))
    return 0


def _choose_default(store: ConnectionStore) -> str:
    own = store.component.name
    names = [one.name for one in store.list() if one.component in (None, own)]
    if not names:
        return "No connections are left."
    choice = f"{help_text.program()} connections default {quote(names[0])}"
    return f"No connection is the default now. Choose one, such as: {choice}"


def _print_change(args: Namespace, store: ConnectionStore, name: str, message: str) -> int:
    if args.json:
        print_json(next(stored.to_json() for stored in store.list() if stored.name == name))
    else:
        note(message)
    return 0


async def _tested(connector: Connector, name: str) -> KeyReport:
    async with connector.connect(connection=name, concurrent=False) as session:
        return await session.test()


def _print_table(connections: list[ConnectionSummary]) -> None:
    several = len({connection.component for connection in connections} - {None}) > 1
    rows = [
        (
            connection.name,
            "default" if connection.default else "",
            connection.component or "" if several else "",
            connection.properties.get("baseUrl") or "",
            connection.problem or "",
        )
        for connection in connections
    ]
    print_table(("Name", "Default", "Component", "Base URL", "Problem"), rows)


_SUBCOMMANDS: dict[
    str, tuple[Callable[[Namespace, ConnectionStore], int], str, tuple[str, ...]]
] = {
    "list": (_list, "list the connections (the default subcommand)", ()),
    "test": (_test, "test the API key at its server; exit code 3 if it does not work", ("name",)),
    "default": (_default, "set the default connection", ("name",)),
    "rename": (_rename, "rename a connection", ("old", "new")),
    "remove": (_remove, "remove a connection and its API key", ("name",)),
}
