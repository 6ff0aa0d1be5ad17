"""`serve`: the HTTP interface, until interrupted."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ....errors import FileError, InputError, Problem
from ....runtime.http.loopback import is_loopback
from ....runtime.optional import extra
from .. import parser as shared
from .. import server_auth
from ..connection_args import environment, folder, load
from ..terminal import note

if TYPE_CHECKING:
    from ....definition.model import Component
    from ....runtime.files.store import FileStore
    from ...http.app import Settings
    from ...http.sessions import Given

_PACKAGES = {"fastapi", "starlette", "uvicorn", "httptools", "python_multipart"}


def configure(parser: ArgumentParser) -> None:
    """Add the options of `serve`."""
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    add("--port", default=8787, type=int, help="the port, 0 for a free one (8787)")
    add("--sandbox", action="store_true", help="with a connection `sandbox`, the default one")
    add("--files", metavar="DIR", help="where files are kept")
    add("--audit-log", metavar="FILE", help="where a line for each run goes (stderr)")
    shared.add_budget(parser)
    shared.add_connector(parser)
    add("--allow-origin", action="append", default=[], metavar="ORIGIN",
        help="whose pages may use it, such as http://localhost:5173")  # fmt: skip
    shared.add_allow_private(parser)
    shared.add_allow_http(parser)
    server_auth.add_guard(parser)
    parser.epilog = (
        "OPENROUTER_API_KEY in the environment gives a connection `environment`; without it and\n"
        "--sandbox the default stored connection is used. SIGTERM lets runs end for 10 seconds."
    )


def run(args: Namespace) -> int:
    """Serve, and say on stderr how to get in. InputError for options that do not go together."""
    with extra("server", _PACKAGES, "The server"):
        from ...http import app, server
        from ...listening import listen
    if problems := list(_problems(args, is_loopback(args.host))):
        raise InputError(problems)
    connector = load(args)
    settings = _settings(args, connector.definition.component)
    served = app.create_app(connector, _files(args), settings)
    _audited(args)
    listener = listen(args.host, args.port)
    server.serve(served, listener, lambda url: _announce(url, args, settings))
    return 0


def _problems(args: Namespace, local: bool) -> Iterator[Problem]:
    yield from server_auth.problems(args, local=local)
    for origin in args.allow_origin:
        if not _is_origin(origin):
            told = f"{origin!r} is no origin such as http://localhost:5173 (no path, never *)"
            yield Problem("--allow-origin", told)


def _settings(args: Namespace, component: Component) -> Settings:
    from ...http.app import Settings

    token = server_auth.token(args)
    bound = f"[{args.host}]" if ":" in args.host else args.host
    return Settings(
        token=token,
        given=_given(args, component),
        hosts=(bound, *args.allow_host),
        origins=tuple(origin.lower() for origin in args.allow_origin),
        budget=args.budget,
        allow_private=args.allow_private,
    )


def _given(args: Namespace, component: Component) -> dict[str, Given]:
    """Give the connections that are not stored, the default one first."""
    from ...http.sessions import Given

    given = {"sandbox": Given(sandbox=True)} if args.sandbox else {}
    found = environment(component)
    if found.token or found.base_url:
        given["environment"] = Given(*found, allow_http=args.allow_http)
    return given


def _files(args: Namespace) -> FileStore:
    from ....runtime.files.store import FileStore

    return FileStore(folder(args.files))


def _audited(args: Namespace) -> None:
    from ...http import audit

    try:
        audit.write_to(args.audit_log)
    except OSError as error:
        raise FileError(f"{args.audit_log} cannot be written to: {error.strerror}") from error


def _announce(url: str, args: Namespace, settings: Settings) -> None:
    way_in = f"{url}/"
    if settings.token and not server_auth.given_token(args):
        way_in += f"?token={settings.token}"
    open_door = "" if settings.token else "\nIt lets everybody on this machine in (--no-token)."
    note(f"The connector is served at\n\n  {way_in}\n{open_door}\nCtrl-C ends it.")


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    exact = f"{parts.scheme}://{parts.netloc}" == text
    return (
        exact
        and parts.scheme in ("http", "https")
        and bool(re.fullmatch(r"[\w.:\[\]-]+", parts.netloc))
    )
