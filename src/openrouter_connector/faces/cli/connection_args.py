"""Where the calls of a command go: the sandbox, a stored connection, a server with a key."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from shlex import quote
from signal import SIG_DFL, SIG_IGN, SIGTERM, getsignal, signal
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import CredentialError, FileError, InputError, Problem
from ...runtime.http.base_url import address_fault
from ...values import JsonObject
from .errors import Terminated

if TYPE_CHECKING:
    from ...connections.environment import EnvironmentConnection
    from ...connector import Connector, Session
    from ...definition.model import Component

T = TypeVar("T")


def load(args: Namespace) -> Connector:
    """Load the connector that `--connector` names, by default our own."""
    from ...connector import Connector

    return Connector.load(args.connector)


def has_place(args: Namespace, connector: Connector) -> bool:
    """Tell whether anything says where calls go."""
    return _place(args, connector.definition.component) is not None


def session(
    args: Namespace, connector: Connector, *, elsewhere: bool = False, **options: Any
) -> Session:
    """Give the session that the options and the environment ask for.

    CredentialError when nothing says where calls go, or when the stored connection cannot be
    read; FileError when the folder for files cannot be written. `elsewhere`: the parameters name
    a server. `options` go to `Connector.connect`.
    """
    component = connector.definition.component
    place = _place(args, component)
    if place is None and not elsewhere:
        raise CredentialError(_ways(args, component))
    place = place or {"base_url": component.base_url}
    return open_session(args, connector, **place, **options)


def open_session(args: Namespace, connector: Connector, **options: Any) -> Session:
    """Give a session with the timeout and the folder for files that the options name."""
    from ...runtime.http.transport import Timeouts

    timeouts = Timeouts(idle=args.timeout) if args.timeout else None
    once = {"concurrent": False, **options}
    return connector.connect(files=folder(args.output_dir), timeouts=timeouts, **once)


def completed(work: Coroutine[Any, Any, T]) -> T:
    """Do what is asynchronous, and give what comes of it. SIGTERM cancels it: it cleans up."""
    import asyncio

    terminated = False

    async def until_terminated() -> T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def end(*_: object) -> None:
            nonlocal terminated
            terminated = True
            signal(SIGTERM, SIG_DFL)  # who sends it again does not wait
            if task:
                loop.call_soon_threadsafe(task.cancel)

        before = getsignal(SIGTERM)
        try:
            with suppress(ValueError):  # in another thread
                if before is not SIG_IGN:
                    signal(SIGTERM, end)
            return await work
        finally:
            if getsignal(SIGTERM) is end:
                signal(SIGTERM, before)

    try:
        return asyncio.run(until_terminated())
    except asyncio.CancelledError:
        if terminated:
            raise Terminated from None
        raise


def environment(component: Component, base_url: str | None = None) -> EnvironmentConnection:
    """Give the key and server of the environment; `base_url` is that of `--base-url`.

    CredentialError for a key that cannot be one, InputError for an address that is none.
    """
    from ...connections.environment import environment_variables, read_environment

    found = read_environment(component, base_url)
    if found.base_url and (fault := address_fault(found.base_url)):
        named = environment_variables(component)
        variable = named.base_url if named and named.base_url else ""
        raise InputError([Problem("--base-url" if base_url else variable, fault)])
    return found


def folder(name: str | None) -> Path | None:
    """Make a folder for files, if one is named; FileError when it cannot be written."""
    if name is None:
        return None
    from tempfile import TemporaryFile

    path = Path(name).expanduser()
    try:
        path.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=path).close()
    except OSError as error:
        raise FileError(f"{name} cannot be written to: {error.strerror}") from error
    return path


def _place(args: Namespace, component: Component) -> JsonObject | None:
    """Give what `Connector.connect` takes for the place that is asked for; None when none is."""
    if args.sandbox:
        return {"sandbox": True}
    if args.connection is not None:
        return {"connection": args.connection}
    found = environment(component, args.base_url)
    if found.token or found.base_url:
        return {**found._asdict(), "allow_http": args.allow_http}
    from ...connections.store import ConnectionStore

    default = ConnectionStore(component=component).default
    return {"connection": default} if default is not None else None


def _ways(args: Namespace, component: Component) -> str:
    """Say that there is no key, which keys are not used, and all ways to one."""
    from ...connections.environment import environment_variables, unused_key_reason
    from ...connections.store import ConnectionStore

    known, unused = environment_variables(component), unused_key_reason(component)
    listed = {one.component for one in ConnectionStore(component=component).list()}
    others = ", ".join(sorted(name for name in listed if name and name != component.name))
    another = f" --connector {quote(args.connector)}" if args.connector else ""
    variable = ""
    if known and known.token not in (unused or ""):
        address = f"{known.base_url} or --base-url" if known.base_url else "--base-url"
        variable = f"set {known.token} (with {address} for another server of the same API), "
    told = [
        f"there is no API key for {component.title}.",
        f"{unused}." if unused else "",
        f"Stored connections of another component ({others}) are not used." if others else "",
        f"Make a default connection (openrouter-connector connect{another}), name a stored one by "
        f"--connection, {variable}or rehearse without a key by --sandbox.",
    ]
    return " ".join(filter(None, told))
