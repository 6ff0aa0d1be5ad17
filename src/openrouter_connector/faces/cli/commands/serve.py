"""`serve`: serve the HTTP API, until Ctrl-C."""

from __future__ import annotations

import re
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ....errors import FileError, InputError, Problem
from ....runtime.http.loopback import is_loopback
from ....runtime.optional import extra
from .. import server_auth, shared_options
from ..connection_args import environment, load_connector, output_folder, sandbox_fault
from ..terminal import note

if TYPE_CHECKING:
    from ....definition.model import Component
    from ....runtime.files.store import FileStore
    from ...http.app import Settings
    from ...http.sessions import StartupConnection

PACKAGES = {"fastapi", "starlette", "uvicorn", "httptools", "python_multipart"}
EPILOG = (
    "If OPENROUTER_API_KEY is set, it becomes the connection `environment`. Without it and\n"
    "--sandbox, the default connection is used. SIGTERM gives calls 10 seconds; runs of\n"
    "flows go on after the next start."
)


def configure(parser: ArgumentParser) -> None:
    """Add the options of `serve`."""
    add_options(parser)
    parser.epilog = EPILOG


def run(args: Namespace) -> int:
    """Serve, and print the address to stderr. Raise InputError for wrong options."""
    with extra("server", PACKAGES, "The server"):
        start(args, partial(startup_connections, args), partial(_announce, args))
    return 0


def add_options(parser: ArgumentParser) -> None:
    """Add the options of a server, which `studio` has as well."""
    add = parser.add_argument
    shared_options.add_listen_options(parser, 8787)
    add("--sandbox", action="store_true", help="add a connection `sandbox` and make it the default")
    add("--files", metavar="DIR", help="folder for files")
    shared_options.add_database(parser)
    add("--no-worker", action="store_true",
        help="leave runs alone that are queued, or whose process died")  # fmt: skip
    add("--audit-log", metavar="FILE", help="file for one line per call (default: stderr)")
    shared_options.add_budget(parser)
    shared_options.add_connector(parser)
    add("--allow-origin", action="append", default=[], metavar="ORIGIN",
        help="origin of web pages that may call the API; repeatable")  # fmt: skip
    shared_options.add_allow_private(parser)
    shared_options.add_allow_http(parser)
    server_auth.add_auth_options(parser)


def start(
    args: Namespace,
    connections: Callable[[Component], dict[str, StartupConnection]],
    announce: Callable[[str, Settings], None],
) -> None:
    """Serve until Ctrl-C. Raise InputError for wrong options, before anything is opened.

    `announce` is called with the URL of the server once it listens.
    """
    from ...http import app, server
    from ...listening import listen

    connector = load_connector(args)
    component = connector.definition.component
    if problems := list(_problems(args, component, is_loopback(args.host))):
        raise InputError(problems)
    settings = _settings(args, connections(component))
    api = app.create_app(connector, _files(args), settings)
    _open_audit_log(args)
    listener = listen(args.host, args.port)
    server.serve(api, listener, lambda url: announce(url, settings))


def startup_connections(args: Namespace, component: Component) -> dict[str, StartupConnection]:
    """Return the connections that are not stored, the default one first."""
    from ...http.sessions import StartupConnection

    connections = {"sandbox": StartupConnection(sandbox=True)} if args.sandbox else {}
    server = environment(component)
    if server.token or server.base_url:
        connections["environment"] = StartupConnection(*server, allow_http=args.allow_http)
    return connections


def _problems(args: Namespace, component: Component, local: bool) -> Iterator[Problem]:
    yield from server_auth.auth_problems(args, local=local)
    if args.sandbox and (fault := sandbox_fault(component)):
        yield fault
    for origin in args.allow_origin:
        if not _is_origin(origin):
            message = f"{origin!r} is not an origin; example: http://localhost:5173"
            yield Problem("--allow-origin", message)


def _settings(args: Namespace, startup: Mapping[str, StartupConnection]) -> Settings:
    from ...http.app import Settings

    token = server_auth.server_token(args)
    host = f"[{args.host}]" if ":" in args.host else args.host
    return Settings(
        token=token,
        login_code=secrets.token_urlsafe(24) if token else None,
        startup=startup,
        hosts=(host, *args.allow_host),
        origins=tuple(origin.lower() for origin in args.allow_origin),
        budget=args.budget,
        allow_private=args.allow_private,
        database=args.database,
        worker=not args.no_worker,
    )


def _files(args: Namespace) -> FileStore:
    from ....runtime.files.store import FileStore

    return FileStore(output_folder(args.files))


def _open_audit_log(args: Namespace) -> None:
    from ...http import audit

    try:
        audit.write_to(args.audit_log)
    except OSError as error:
        raise FileError(f"{args.audit_log} is not writable: {error.strerror}") from error


def _announce(args: Namespace, url: str, settings: Settings) -> None:
    note(f"Serving the HTTP API at\n\n{shown_address(args, url, settings)}\nPress Ctrl-C to stop.")


def shown_address(args: Namespace, url: str, settings: Settings) -> str:
    """Return the lines that say where to open the server, and that it has no token if so."""
    address = f"{url}/"
    if settings.token and not server_auth.configured_token(args):
        address += f"?token={settings.token}"
    access = ""
    if not settings.token:
        access = "\nNo token is required: every program on this machine may use it (--no-token).\n"
    return f"  {address}\n{access}"


def _is_origin(text: str) -> bool:
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError:
        return False
    no_path = f"{parts.scheme}://{parts.netloc}" == text
    return (
        no_path
        and parts.scheme in ("http", "https")
        and bool(re.fullmatch(r"[\w.:\[\]-]+", parts.netloc))
    )
