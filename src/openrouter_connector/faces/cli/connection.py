"""Where the calls of a command go: the sandbox, a stored connection, a server with a key."""

from __future__ import annotations

import os
from argparse import Namespace
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from signal import SIG_DFL, SIG_IGN, SIGTERM, getsignal, signal
from typing import TYPE_CHECKING, Any, TypeVar

from ...errors import CredentialError, FileError, InputError, Problem
from ...runtime.base_url import address_fault
from ...values import JsonObject
from .failures import Terminated

if TYPE_CHECKING:
    from ...connector import Connector, Session

T = TypeVar("T")

_WAYS = (
    "there is no API key. Make a default connection (openrouter-connector connect), name a stored "
    "one by --connection, set OPENROUTER_API_KEY (with OPENROUTER_BASE_URL or --base-url for "
    "another server that speaks the same API), or rehearse without a key by --sandbox."
)


def load(args: Namespace) -> Connector:
    """Load the connector that `--connector` names, by default our own."""
    from ...connector import Connector

    return Connector.load(args.connector)


def has_place(args: Namespace) -> bool:
    """Tell whether anything says where calls go."""
    return _place(args) is not None


def session(
    args: Namespace, connector: Connector, *, elsewhere: str | None = None, **options: Any
) -> Session:
    """Give the session that the options and the environment ask for.

    CredentialError when nothing says where calls go, or when the stored connection cannot be
    read; FileError when the folder for files cannot be written. `elsewhere` is the server that the
    parameters name, if they name one; `options` go to `Connector.connect`.
    """
    place = _place(args)
    if place is None and elsewhere is None:
        raise CredentialError(_WAYS)
    place = place or {"base_url": connector.definition.component.base_url}
    return open_session(args, connector, **place, **options)


def open_session(args: Namespace, connector: Connector, **options: Any) -> Session:
    """Give a session with the timeout and the folder for files that the options name."""
    from ...runtime.transport import Timeouts

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


def token() -> str | None:
    """Give the key of the environment; CredentialError when it cannot be one."""
    key = os.environ.get("OPENROUTER_API_KEY", "").strip()
    if not all("!" <= letter <= "~" for letter in key):
        raise CredentialError("OPENROUTER_API_KEY holds a space or a letter that no key has")
    return key or None


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


def _place(args: Namespace) -> JsonObject | None:
    """Give what `Connector.connect` takes for the place that is asked for; None when none is."""
    if args.sandbox:
        return {"sandbox": True}
    if args.connection is not None:
        return {"connection": args.connection}
    key, base_url = token(), _base_url(args)
    if key or base_url:
        return {"token": key, "base_url": base_url}
    from ...connections.store import ConnectionStore

    default = ConnectionStore().default
    return {"connection": default} if default is not None else None


def _base_url(args: Namespace) -> str | None:
    url = args.base_url or os.environ.get("OPENROUTER_BASE_URL", "").strip() or None
    if url and (fault := address_fault(url)):
        raise InputError([Problem("--base-url" if args.base_url else "OPENROUTER_BASE_URL", fault)])
    return url
