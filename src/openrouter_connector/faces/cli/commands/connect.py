"""`connect`: get an API key, test it and save it as a connection, step by step."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from shlex import quote
from typing import TYPE_CHECKING

from ....errors import InputError, Problem
from ....values import JsonObject
from .. import help_text, key_sources, shared_options
from ..connection_args import load_connector, sandbox_fault
from ..questions import ask_line, confirm, echo
from ..run_async import run_async
from ..terminal import note, print_json
from ..verified_key import VerifiedKey, get_verified_key, is_interactive

if TYPE_CHECKING:
    from ....connections.key_report import KeyReport
    from ....connections.store import ConnectionStore
    from ....connector import Connector

_FLAGS = {
    "name": "--name",
    "baseUrl": "--base-url",
    "allowHttp": "--allow-http",
    "referer": "--referer",
    "title": "--title",
    "categories": "--categories",
}
_SANDBOX_INTRODUCTION = """\
This is a trial run in a sandbox: nothing is saved, and the sandbox stops with this command.
Every key that starts with sk-or- works, except bad examples such as sk-or-v1-sandbox-spent,
sk-or-v1-sandbox-expired and sk-or-v1-sandbox-disabled."""
_SANDBOX_END = """\
Nothing was saved, because this sandbox stops now. To connect to one that keeps running, run
`openrouter-connector sandbox` in another terminal, then
`openrouter-connector connect --base-url http://127.0.0.1:8788/api/v1`."""
_EPILOG = f"""\
Without a terminal, choose the source of the key: --browser, --headless or --token-stdin.

examples:
  openrouter-connector connect
  openrouter-connector connect --browser --limit 5
  openrouter-connector connect --token-stdin --name work < key.txt
  openrouter-connector connect --sandbox                  # a trial run

{help_text.EXIT_CODES}"""


def configure(parser: ArgumentParser) -> None:
    """Add the options of `connect`."""
    add = parser.add_argument
    add("--name", metavar="NAME", help="name of the connection")
    server = parser.add_mutually_exclusive_group()
    server.add_argument(
        "--base-url", metavar="URL", help="base URL of another server with the same API"
    )
    server.add_argument(
        "--sandbox", action="store_true", help="try this command in a sandbox; nothing is saved"
    )
    shared_options.add_allow_http(parser)
    _add_key_sources(parser)
    add("--limit", type=float, metavar="USD", help="spending limit of a new key")
    add("--default", action="store_true", help="make this the default connection")
    add("--title", metavar="TEXT", help="name of your app in OpenRouter's rankings")
    add("--referer", metavar="URL", help="address of your app")
    add("--categories", metavar="WORD,…", type=_comma_separated,
        help="categories of your app, such as cli-agent")  # fmt: skip
    add("--replace", action="store_true", help="replace an existing connection of this name")
    add(
        "--yes",
        action="store_true",
        help="save a key that could not be verified, or that manages keys",
    )
    shared_options.add_json(parser, "print {connection, key} as JSON, without the key itself")
    shared_options.add_connector(parser)
    parser.epilog = _EPILOG


def _add_key_sources(parser: ArgumentParser) -> None:
    group = parser.add_mutually_exclusive_group()
    for flag, source, summary in (
        ("--browser", key_sources.BROWSER, "log in with the browser on this machine"),
        ("--headless", key_sources.CODE, "log in with any browser, and enter a code"),
        ("--token-stdin", key_sources.ENTER, "read the API key from stdin"),
    ):
        group.add_argument(flag, dest="source", action="store_const", const=source, help=summary)


def run(args: Namespace) -> int:
    """Create a connection. Raise CredentialError for a bad key, InputError for wrong options."""
    from ....connections.store import ConnectionStore

    connector = load_connector(args)
    component = connector.definition.component
    store = ConnectionStore(component=component)
    _check_options(args, store)
    # Echo is off even between two questions, since a key may be pasted too early.
    with echo(False), _server(args) as base_url:
        _introduce(args, connector, base_url)
        key = get_verified_key(args, component, base_url, _properties(args))
        if args.sandbox:
            note(_SANDBOX_END)
            return _print_json(args, None, key.report)
        name = _save(args, store, key)
        _print_saved(store, name)
        saved = next(stored.to_json() for stored in store.list() if stored.name == name)
        _print_json(args, saved, key.report)
        if is_interactive() and not args.json and key.report.ok:
            _offer_first_call(connector, name, free_only=bool(key.report.free_tier))
    return 0


def _check_options(args: Namespace, store: ConnectionStore) -> None:
    """Raise InputError with all problems, before a key is created in vain."""
    if problems := list(_problems(args, store)):
        raise InputError(problems)


def _problems(args: Namespace, store: ConnectionStore) -> Iterator[Problem]:
    from ....connections.store import StoredConnection
    from ....connections.validation import problems

    connection = StoredConnection(args.name or "any", None, _properties(args))
    for problem in problems(connection, store.component):
        if problem.path in _FLAGS:
            yield Problem(_FLAGS[problem.path], problem.message)
    if args.sandbox and (fault := sandbox_fault(store.component)):
        yield fault
    if args.source is None and not is_interactive():
        yield Problem(
            "connect", "requires a terminal, or one of --browser, --headless and --token-stdin"
        )
    if args.source == key_sources.ENTER and args.limit is not None:
        yield Problem("--limit", "applies to new keys only; an existing key keeps its own limit")
    if args.limit is not None and not (isfinite(args.limit) and args.limit > 0):
        yield Problem("--limit", "must be an amount of USD above 0")
    if not is_interactive() and not args.replace and not args.sandbox:
        name = _name(args, store)
        if store.holds(name):
            message = f"connection {name!r} already exists; choose another name, or add --replace"
            yield Problem("--name", message)


@contextmanager
def _server(args: Namespace) -> Iterator[str | None]:
    """Yield the base URL, with `--sandbox` that of a sandbox that runs inside the block."""
    if not args.sandbox:
        yield args.base_url
        return
    from ....sandbox import Sandbox

    with Sandbox() as sandbox:
        note(_SANDBOX_INTRODUCTION)
        yield sandbox.base_url


def _introduce(args: Namespace, connector: Connector, base_url: str | None) -> None:
    """Print how to create a key by hand."""
    from ....runtime.http.base_url import is_same_server

    component = connector.definition.component
    if args.source is not None:
        return
    note(f"Connect to {base_url or component.title}\n")
    own = base_url is None or is_same_server(base_url, component.base_url)
    if own and component.connection.help:
        note(f"To create an API key yourself, visit {component.connection.help}:")
        for number, step in enumerate(component.connection.setup, 1):
            note(f"  {number}. {step.replace('**', '')}")
        note("")


def _save(args: Namespace, store: ConnectionStore, key: VerifiedKey) -> str:
    """Save the connection, and return its name. Ask for another name while it is invalid."""
    from ....connections.store import StoredConnection

    name, replace = _name(args, store), args.replace
    while True:
        if is_interactive() and args.name is None:
            name = ask_line("Name for this connection:", name)
        if is_interactive() and not replace and store.holds(name):
            replace = confirm(f"The connection {name!r} already exists. Replace it?")
        try:
            connection = StoredConnection(name, key.token, _properties(args))
            store.save(connection, default=args.default, replace=replace)
            return store.get(name).name
        except InputError as error:
            if not is_interactive():
                raise
            note(str(error))
            args.name = None
            name, replace = _name(args, store), args.replace


def _name(args: Namespace, store: ConnectionStore) -> str:
    """Return the requested name, or a default: the name of the component or of the server."""
    from ....connections.token_binding import is_other_host, written_host

    if args.name:
        return str(args.name)
    if not is_other_host(args.base_url, store.component):
        return store.component.name.lower()
    return written_host(args.base_url).replace(":", "-")[:64]


def _properties(args: Namespace) -> JsonObject:
    properties = {
        "baseUrl": args.base_url,
        "allowHttp": args.allow_http or None,
        "title": args.title,
        "referer": args.referer,
        "categories": args.categories,
    }
    return {name: value for name, value in properties.items() if value is not None}


def _comma_separated(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _print_saved(store: ConnectionStore, name: str) -> None:
    from ....connections.environment import environment_variables, read_environment

    default = store.default == name
    as_default = " as the default connection" if default else ""
    option = "" if default else f" --connection {quote(name)}"
    note(
        f"\nSaved {name!r}{as_default}. Try it:\n"
        f"  openrouter-connector run ask{option} -p model=… -p userPrompt=Hello\n"
        f"  openrouter-connector connections test {quote(name)}"
    )
    known = environment_variables(store.component)
    if default and known and read_environment(store.component).token:
        note(f"{known.token} is set and overrides it; to use it, add --connection {quote(name)}.")


def _print_json(args: Namespace, connection: JsonObject | None, report: KeyReport) -> int:
    if args.json:
        print_json({"connection": connection, "key": report.to_json()})
    return 0


def _offer_first_call(connector: Connector, name: str, *, free_only: bool) -> None:
    from ..first_call import perform_first_call, plan_first_call

    call = run_async(plan_first_call(connector, name, free_only=free_only))
    if call is not None:
        note("")
        if confirm(f"Send a test question to {call.model} now ({call.cost})?"):
            run_async(perform_first_call(connector, name, call))
