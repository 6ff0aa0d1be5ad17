"""`connections`: what is stored, whether it works, and what it is called."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import parser as shared
from ..connection_args import completed, load
from ..prompts import agreed
from ..terminal import is_terminal, note, page, print_json, print_text

if TYPE_CHECKING:
    from ....connections.key_report import KeyReport
    from ....connections.store import ConnectionStore, ConnectionSummary
    from ....connector import Connector

_EPILOG = f"`openrouter-connector connect` makes a connection.\n\n{shared.EXIT_CODES}"


def configure(parser: ArgumentParser) -> None:
    """Add what can be done with connections."""
    shared.add_json(parser, "print the list as JSON")
    shared.add_connector(parser)
    parser.set_defaults(do=_list)
    parser.epilog = _EPILOG
    tasks = parser.add_subparsers(metavar="TASK", title="tasks")
    for name, (do, about, words) in _TASKS.items():
        task = tasks.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.")
        task.set_defaults(do=do)
        for word in words:
            task.add_argument(word, metavar=word.upper(), nargs="?" if name == "test" else None)
        shared.add_json(task, "print what comes of it as JSON")
        shared.add_connector(task)
        if name == "remove":
            task.add_argument("--yes", action="store_true", help="do not ask")


def run(args: Namespace) -> int:
    """Do it; CredentialError, InputError when the connection that is named is not there."""
    from ....connections.store import ConnectionStore

    do: Callable[[Namespace, ConnectionStore], int] = args.do
    return do(args, ConnectionStore(component=load(args).definition.component))


def _list(args: Namespace, store: ConnectionStore) -> int:
    found = store.list()
    if args.json:
        print_json([one.to_json() for one in found])
    elif not found:
        note("no connection is stored; make one: openrouter-connector connect")
    else:
        _print(found)
    return 0


def _test(args: Namespace, store: ConnectionStore) -> int:
    name = store.get(args.name).name
    report = completed(_tested(load(args), name))
    if args.json:
        print_json({"name": name, **report.to_json()})
    else:
        print_text("\n".join([f"{name}: {report.message}", *told(report)]))
    return 0 if report.ok else 3


def _default(args: Namespace, store: ConnectionStore) -> int:
    store.set_default(args.name)
    return _done(args, store, store.default or args.name, "is the default now")


def _rename(args: Namespace, store: ConnectionStore) -> int:
    store.rename(args.old, args.new)
    return _done(args, store, args.new, "is its name now")


def _remove(args: Namespace, store: ConnectionStore) -> int:
    asks = not args.yes and is_terminal(sys.stdin) and is_terminal(sys.stderr)
    if asks and not agreed(f"Forget the connection {args.name!r} and its key?"):
        note("nothing was changed")
        return 0
    store.remove(args.name)
    if args.json:
        print_json({"removed": args.name})
    else:
        note(f"{args.name!r} is removed; the API key stays good until its server deletes it")
    return 0


def _done(args: Namespace, store: ConnectionStore, name: str, what: str) -> int:
    if args.json:
        print_json(next(one.to_json() for one in store.list() if one.name == name))
    else:
        note(f"{name!r} {what}")
    return 0


async def _tested(connector: Connector, name: str) -> KeyReport:
    async with connector.connect(connection=name, concurrent=False) as session:
        return await session.test()


def _print(found: list[ConnectionSummary]) -> None:
    from rich import box
    from rich.table import Table

    several = len({one.component for one in found} - {None}) > 1
    owner = ["Component"] if several else []
    table = Table("", "Name", *owner, "Base URL", "Problem", box=box.SIMPLE_HEAD)
    for one in found:
        mark = "default" if one.default else ""
        base_url = one.properties.get("baseUrl") or ""
        whose = [one.component or ""] if several else []
        table.add_row(mark, one.name, *whose, base_url, one.problem or "")
    with page() as console:
        console.print(table)


def told(report: KeyReport) -> list[str]:
    """Say line by line what the server told of a key."""
    from ....money import format_usd

    left, limit = report.limit_remaining, report.limit
    of = f" of {format_usd(limit)}" if limit is not None else ""
    reset = f", reset {report.limit_reset}" if report.limit_reset else ""
    lines = {
        "label": report.label,
        "left": None if left is None else f"{format_usd(left)}{of}{reset}",
        "limit": "none" if report.ok and report.kind and limit is None else None,
        "spent": None if report.usage is None else format_usd(report.usage),
        "free tier": "yes" if report.free_tier else None,
        "expires": report.expires_at,
        "credits": None
        if report.credits is None
        else f"{format_usd(report.credits)} in the account",
    }
    return [f"  {name:<10} {told}" for name, told in lines.items() if told]


_TASKS: dict[str, tuple[Callable[[Namespace, ConnectionStore], int], str, tuple[str, ...]]] = {
    "list": (_list, "list the connections (also without a word)", ()),
    "test": (
        _test,
        "ask the server what it knows of the key; exits 3 unless it is good",
        ("name",),
    ),
    "default": (_default, "let a connection serve where none is named", ("name",)),
    "rename": (_rename, "give a connection another name", ("old", "new")),
    "remove": (_remove, "forget a connection and its key", ("name",)),
}
