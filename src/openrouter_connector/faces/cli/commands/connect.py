"""`connect`: get a key, prove it, and store it as a connection, step by step."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from shlex import quote
from typing import TYPE_CHECKING

from ....errors import (
    ApiError,
    ConnectorError,
    CredentialError,
    InputError,
    Problem,
    UnavailableError,
)
from ....values import JsonObject
from .. import key_sources
from .. import parser as shared
from ..connection_args import completed, load
from ..prompts import InputEnded, agreed, agreed_or_secret, chosen, echo, line
from ..terminal import is_terminal, note, print_json

if TYPE_CHECKING:
    from ....connections.key_report import KeyReport
    from ....connections.store import ConnectionStore
    from ....connector import Connector

_DOUBTFUL = {"unverified", "noCredits", "offline"}
"""States of a key that may be a good one; it is stored if the person says so."""
_FLAGS = {
    "name": "--name",
    "baseUrl": "--base-url",
    "allowHttp": "--allow-http",
    "referer": "--referer",
    "title": "--title",
    "categories": "--categories",
}
_REHEARSAL = """\
This is a rehearsal in a sandbox that ends with this command, so nothing is stored. Any key that
begins with sk-or- is good; sk-or-v1-sandbox-spent, -expired, -disabled and others are bad ones."""
_FOR_REAL = """\
Nothing was stored: the sandbox ends here. To store a connection to one that stays, run
`openrouter-connector sandbox` in another terminal, and
`openrouter-connector connect --base-url http://127.0.0.1:8788/api/v1`."""
_EPILOG = f"""\
Without a terminal one of --browser, --headless and --token-stdin says how the key is had.

examples:
  openrouter-connector connect
  openrouter-connector connect --browser --limit 5
  openrouter-connector connect --token-stdin --name work < key.txt
  openrouter-connector connect --sandbox                  a rehearsal

{shared.EXIT_CODES}"""


@dataclass(frozen=True, slots=True)
class _Proven:
    """A key that was tested, and what the server told of it."""

    token: str | None
    report: KeyReport


def configure(parser: ArgumentParser) -> None:
    """Add the options of `connect`."""
    parser.add_argument("--name", metavar="NAME", help="what the connection is called")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--base-url", metavar="URL", help="another server that speaks the same API")
    where.add_argument(
        "--sandbox", action="store_true", help="rehearse in a sandbox; nothing is stored"
    )
    shared.add_allow_http(parser)
    how = parser.add_mutually_exclusive_group()
    for flag, way, about in (
        ("--browser", key_sources.BROWSER, "allow a key in the browser of this machine"),
        ("--headless", key_sources.CODE, "allow a key in any browser, and type the code"),
        ("--token-stdin", key_sources.PASTE, "read the key from stdin"),
    ):
        how.add_argument(flag, dest="way", action="store_const", const=way, help=about)
    parser.add_argument("--limit", type=float, metavar="USD", help="what a new key may spend")
    parser.add_argument("--default", action="store_true", help="let it serve where none is named")
    parser.add_argument("--title", metavar="TEXT", help="what your app is called in rankings")
    parser.add_argument("--referer", metavar="URL", help="the address of your app")
    parser.add_argument(
        "--categories", metavar="WORD,…", type=_words, help="what kind of app it is: cli-agent"
    )
    parser.add_argument("--replace", action="store_true", help="replace a connection of this name")
    parser.add_argument(
        "--yes", action="store_true", help="store a key as well that could not be proven"
    )
    shared.add_json(parser, "print {connection, key} as one JSON object, without the key itself")
    shared.add_connector(parser)
    parser.epilog = _EPILOG


def run(args: Namespace) -> int:
    """Lead to a connection. CredentialError for a bad key, InputError when nobody can be asked."""
    from ....connections.store import ConnectionStore

    connector = load(args)
    store = ConnectionStore(component=connector.definition.component)
    _check(args, connector, store)
    # Not even between two questions what is typed is shown, since a key may be pasted too early.
    with echo(False), _server(args) as base_url:
        _introduce(args, connector, base_url)
        proven = _proven(args, connector, base_url)
        if args.sandbox:
            note(_FOR_REAL)
            return _told(args, None, proven.report)
        name = _stored(args, store, proven)
        _tell_next(store, name)
        _told(args, next(one.to_json() for one in store.list() if one.name == name), proven.report)
        if _asks() and not args.json and proven.report.ok:
            _try(connector, name, free=bool(proven.report.free_tier))
    return 0


def _asks() -> bool:
    """Tell whether there is a person to ask."""
    return is_terminal(sys.stdin)


def _check(args: Namespace, connector: Connector, store: ConnectionStore) -> None:
    """Raise InputError with all that is wrong before a key is made for nothing."""
    from ....connections.store import StoredConnection
    from ....connections.validation import problems

    wanted = StoredConnection(args.name or "any", None, _properties(args))
    found = [
        Problem(_FLAGS[one.path], one.message)
        for one in problems(wanted, store.component)
        if one.path in _FLAGS
    ]
    if args.way is None and not _asks():
        told = (
            "asks questions, and there is no terminal; say --browser, --headless or --token-stdin"
        )
        found.append(Problem("connect", told))
    if args.way == key_sources.PASTE and args.limit is not None:
        found.append(Problem("--limit", "is for a new key; a key that you have keeps its own"))
    if args.limit is not None and not (isfinite(args.limit) and args.limit > 0):
        found.append(Problem("--limit", "must be an amount of USD above 0"))
    if not _asks() and not args.replace and not args.sandbox and store.holds(_name(args, store)):
        name = _name(args, store)
        told = f"there is a connection {name!r} already; choose another name, or --replace"
        found.append(Problem("--name", told))
    if found:
        raise InputError(found)


@contextmanager
def _server(args: Namespace) -> Iterator[str | None]:
    """Give the base URL, which is that of a sandbox for a rehearsal."""
    if not args.sandbox:
        yield args.base_url
        return
    from ....sandbox import Sandbox

    with Sandbox() as sandbox:
        note(_REHEARSAL)
        yield sandbox.base_url


def _introduce(args: Namespace, connector: Connector, base_url: str | None) -> None:
    """Say how a key is had by hand."""
    from ....runtime.http.base_url import is_same_server

    component = connector.definition.component
    if args.way is not None:
        return
    note(f"Connect to {base_url or component.title}\n")
    own = base_url is None or is_same_server(base_url, component.base_url)
    if own and component.connection.help:
        note(f"A key of your own is had at {component.connection.help}:")
        for number, step in enumerate(component.connection.setup, 1):
            note(f"  {number}. {step.replace('**', '')}")
        note("")


def _proven(args: Namespace, connector: Connector, base_url: str | None) -> _Proven:
    """Get a key and prove it, until that is done, or the person has had enough."""
    from ....runtime.http.base_url import is_same_server

    server = connector.definition.component.base_url
    own = is_same_server(base_url or server, server)
    default = key_sources.BROWSER if args.sandbox or own else key_sources.PASTE
    key: str | None = None
    while True:
        proven: _Proven | None = None
        try:
            proven = _tested(args, connector, base_url, default, key)
            if proven.report.ok:
                return proven
            failed: ConnectorError = _bad(args, proven.report)
        except InputEnded:
            raise
        except (CredentialError, ApiError, InputError) as error:
            failed = error
        may_be_good = proven is not None and proven.report.state in _DOUBTFUL and not args.sandbox
        if not _asks() and not (may_be_good and args.yes):
            raise failed
        note(_sentence(str(failed)))
        if proven and may_be_good and (args.yes or agreed("Store it all the same?")):
            return proven
        note("Key (not shown as you type or paste it), or an answer.")
        again = agreed_or_secret("Try again?")
        if not again:
            raise failed
        key, args.way = again if isinstance(again, str) else None, None


def _tested(
    args: Namespace, connector: Connector, base_url: str | None, default: str, key: str | None
) -> _Proven:
    """Get a key, unless one was typed already, and say what its server knows of it."""
    from ....connections.key_check import check_key
    from ....runtime.build import mapping
    from .connections import told

    component = connector.definition.component
    token = key
    if key is None:
        way = args.way or _way(component.connection.oauth is not None, default)
        token = key_sources.key(way, args, component, base_url)
    form = component.connection.properties
    headers = mapping(form, "GET", _properties(args), {"token"}).headers
    report = completed(
        check_key(component, token, base_url=base_url, headers=headers, allow_http=args.allow_http)
    )
    if report.ok:
        kind = f"  {'kind':<10} {report.kind or 'not told'}"
        note("\n".join([_sentence(report.message), kind, *told(report)]))
    return _Proven(token, report)


def _way(consents: bool, default: str) -> str:
    if not consents:
        return key_sources.PASTE
    note("How do you want to connect?")
    return chosen("Which one?", key_sources.WAYS, default)


def _bad(args: Namespace, report: KeyReport) -> ConnectorError:
    """Give the error that a report stands for, with the way out where nobody can be asked."""
    told = report.message
    if report.state in _DOUBTFUL and not _asks() and not args.sandbox:
        told = f"{told}; --yes stores it all the same"
    if report.state == "offline":
        return UnavailableError(told, retryable=True)
    return CredentialError(told)


def _stored(args: Namespace, store: ConnectionStore, proven: _Proven) -> str:
    """Store the connection, and give its name; where it is taken, the person has another one."""
    from ....connections.store import StoredConnection

    name, replace = _name(args, store), args.replace
    while True:
        if _asks() and args.name is None:
            name = line("What is it to be called?", name)
        if _asks() and not replace and store.holds(name):
            replace = agreed(f"There is a connection {name!r} already. Replace it?")
        try:
            connection = StoredConnection(name, proven.token, _properties(args))
            store.save(connection, default=args.default, replace=replace)
            return store.get(name).name
        except InputError as error:
            if not _asks():
                raise
            note(str(error))
            args.name = None
            name, replace = _name(args, store), args.replace


def _name(args: Namespace, store: ConnectionStore) -> str:
    """Give the name that is asked for, or a good one: of the component, or of the server."""
    from urllib.parse import urlsplit

    from ....connections.token_binding import is_other_host

    if args.name:
        return str(args.name)
    if not is_other_host(args.base_url, store.component):
        return store.component.name.lower()
    return (urlsplit(args.base_url).hostname or "").replace(":", "-")[:64]


def _properties(args: Namespace) -> JsonObject:
    given = {
        "baseUrl": args.base_url,
        "allowHttp": args.allow_http or None,
        "title": args.title,
        "referer": args.referer,
        "categories": args.categories,
    }
    return {name: value for name, value in given.items() if value is not None}


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _tell_next(store: ConnectionStore, name: str) -> None:
    from ....connections.environment import environment_variables, read_environment

    default = store.default == name
    serves = ", and serves where none is named" if default else ""
    named = "" if default else f" --connection {quote(name)}"
    note(
        f"\n{name!r} is stored{serves}.\n"
        f"  openrouter-connector run ask{named} -p model=… -p userPrompt=Hello\n"
        f"  openrouter-connector connections test {quote(name)}"
    )
    known = environment_variables(store.component)
    if default and known and read_environment(store.component).token:
        note(f"{known.token} is set and goes first; --connection {quote(name)} chooses this.")


def _told(args: Namespace, connection: JsonObject | None, report: KeyReport) -> int:
    if args.json:
        print_json({"connection": connection, "key": report.to_json()})
    return 0


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _try(connector: Connector, name: str, *, free: bool) -> None:
    """Offer a first question, with its price."""
    from ..first_call import ask, offer

    question = completed(offer(connector, name, free=free))
    if question is not None:
        note("")
        if agreed(f"Ask {question.model} something now ({question.cost})?"):
            completed(ask(connector, name, question))
