"""`--sandbox`, `--connection`, `--base-url` and the environment: which server a command calls."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

from ...errors import CredentialError, FileError, InputError, Problem
from ...openrouter.identity import COMPONENT
from ...runtime.http.base_url import address_fault
from ...values import JsonObject

if TYPE_CHECKING:
    from ...connections.environment import EnvironmentConnection
    from ...connector import Connector, Session
    from ...definition.model import Component


def load_connector(args: Namespace) -> Connector:
    """Load the connector that `--connector` names, by default our own."""
    from ...runtime.http.lean_import import import_httpx

    import_httpx()
    from ...connector import Connector

    return Connector.load(args.connector)


def has_destination(args: Namespace, connector: Connector) -> bool:
    """Return whether the options, the environment or a default connection name a server."""
    return _destination(args, connector.definition.component) is not None


def open_session(
    args: Namespace, connector: Connector, *, server_in_parameters: bool = False, **options: Any
) -> Session:
    """Return a session for the server that the options or the environment name.

    Raise CredentialError if they name none, or if the stored connection is unusable. With
    `server_in_parameters` the parameters name the server, so the session needs no key. `options`
    go to `Connector.connect`.
    """
    component = connector.definition.component
    destination = _destination(args, component)
    if destination is None and not server_in_parameters:
        raise CredentialError(_missing_key_message(args, component))
    destination = destination or {"base_url": component.base_url}
    return session_to(args, connector, **destination, **options)


def session_to(args: Namespace, connector: Connector, **options: Any) -> Session:
    """Return a session with the timeout of the command line."""
    from ...runtime.http.transport import Timeouts

    timeouts = Timeouts(idle=args.timeout) if args.timeout else None
    return connector.connect(timeouts=timeouts, **{"concurrent": False, **options})


def environment(component: Component, base_url: str | None = None) -> EnvironmentConnection:
    """Return the key and the server of the environment; `base_url` overrides its server.

    Raise CredentialError for an impossible key, InputError for an invalid address.
    """
    from ...connections.destination import checked_environment

    _check_base_url(base_url)
    return checked_environment(component, base_url)


def has_sandbox(component: Component) -> bool:
    """Return whether the sandbox plays the server of a component."""
    return component.name == COMPONENT


def sandbox_fault(component: Component) -> Problem | None:
    """Return why `--sandbox` cannot be used for a component; None if it can."""
    if has_sandbox(component):
        return None
    message = f"plays OpenRouter, not {component.title}; choose a server with --base-url"
    return Problem("--sandbox", message)


def output_folder(name: str | None) -> Path | None:
    """Create the folder for files, if one is named. Raise FileError if it is not writable."""
    if name is None:
        return None
    from tempfile import TemporaryFile

    path = Path(name).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        # Permission bits do not tell it all (read-only mounts, ACLs), so write something.
        TemporaryFile(dir=path).close()
    except OSError as error:
        raise FileError(f"{name} is not writable: {error.strerror}") from error
    return path


def _destination(args: Namespace, component: Component) -> JsonObject | None:
    """Return the arguments of `Connector.connect` for the server; None if none is named.

    The first match decides alone, so that no key of one is sent to the server of another.
    """
    if args.sandbox:
        if fault := sandbox_fault(component):
            raise InputError([fault])
        return {"sandbox": True}
    if args.connection is not None:
        return {"connection": args.connection}
    from ...connections.destination import find_destination

    _check_base_url(args.base_url)
    found = find_destination(component, base_url=args.base_url)
    if found is None or found.connection is not None:
        return found and {"connection": found.connection}
    return {"token": found.token, "base_url": found.base_url, "allow_http": args.allow_http}


def _missing_key_message(args: Namespace, component: Component) -> str:
    """Say that there is no key, why known keys are not used, and what to do."""
    from ...connections.destination import unused_keys
    from ...connections.environment import environment_variables

    known, unused = environment_variables(component), unused_keys(component)
    connector = f" --connector {quote(args.connector)}" if args.connector else ""
    variable = ""
    if known and not any(known.token in sentence for sentence in unused):
        address = f"{known.base_url} or --base-url" if known.base_url else "--base-url"
        variable = f"set {known.token} (with {address} for another server of the same API), "
    last = "or choose a saved connection with --connection"
    if has_sandbox(component):
        last = f"{last.removeprefix('or ')}, or use --sandbox, which needs no key"
    sentences = [
        f"no API key for {component.title}.",
        *unused,
        f"Run `openrouter-connector connect{connector}` to add one, {variable}{last}.",
    ]
    return " ".join(filter(None, sentences))


def _check_base_url(base_url: str | None) -> None:
    if base_url and (fault := address_fault(base_url)):
        raise InputError([Problem("--base-url", fault)])
