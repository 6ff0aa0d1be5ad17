"""The sandbox as a server: in a thread (`Sandbox`), or blocking for the command line (`serve`)."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING

from openrouter_connector.runtime.optional import extra

from .recording import RecordedRequest
from .state import REHEARSAL, Settings, State

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from uvicorn import Server

TOKEN = "sk-or-v1-sandbox" + "0" * 57
REHEARSAL_TOKEN = f"sk-or-v1-sandbox-{REHEARSAL}"
"""A key with which every model exists."""
PACKAGES = {"starlette", "uvicorn", "httptools", "PIL"}


class Sandbox:
    """An offline OpenRouter on 127.0.0.1 and a free port, running while the context is open.

    `async with` works too, and does not block the event loop. Clients use `base_url` in place of
    `https://openrouter.ai/api/v1`, and `token` as the API key. `latency` delays every answer, and
    `slow` is the extra delay of `sandbox/slow`; both in seconds.
    """

    token = TOKEN

    def __init__(self, *, latency: float = 0.0, slow: float = 5.0) -> None:
        self._state = State(Settings(latency=latency, slow=slow))
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self.base_url = ""

    @property
    def requests(self) -> list[RecordedRequest]:
        """The last hundred requests, oldest first, without their secret headers."""
        return list(self._state.requests)

    def start(self) -> Sandbox:
        """Start the server in a thread; raise ConnectorError without the extra `sandbox`."""
        # Bound before the thread starts, so that the port is known and errors are raised here.
        listener = _listen("127.0.0.1", 0)
        try:
            server = self._server = _server(_app(self._state))
        except BaseException:
            listener.close()
            raise
        self.base_url = _base_url(listener)
        self._thread = threading.Thread(
            target=server.run, args=([listener],), name="sandbox", daemon=True
        )
        self._thread.start()
        # uvicorn has a flag for this, but no event to wait for.
        while not server.started and self._thread.is_alive():
            time.sleep(0.002)
        return self

    def stop(self) -> None:
        """Stop the server and its thread; do nothing if it is not running."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join()
        self._server = self._thread = None

    def __enter__(self) -> Sandbox:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Sandbox:
        starting = asyncio.ensure_future(asyncio.to_thread(self.start))
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:
            await asyncio.wait([starting])  # a thread cannot be cancelled: stop what it has started
            await asyncio.to_thread(self.stop)
            raise

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await asyncio.to_thread(self.stop)


def create_app(settings: Settings | None = None) -> Starlette:
    """Return the sandbox as an ASGI application, to run on another server."""
    return _app(State(settings or Settings()))


def serve(
    host: str = "127.0.0.1",
    port: int = 8788,
    *,
    settings: Settings | None = None,
    ready: Callable[[str], None] = lambda base_url: None,
) -> None:
    """Serve until interrupted; call `ready` with the base URL once the port listens.

    Raises OSError if the port is in use, ConnectorError without the extra `sandbox`.
    """
    server = _server(create_app(settings))
    listener = _listen(host, port)
    ready(_base_url(listener))
    with suppress(KeyboardInterrupt):
        server.run([listener])


def _app(state: State) -> Starlette:
    with extra("sandbox", PACKAGES, "The sandbox"):
        from .app import build_app

        return build_app(state)


def _server(app: Starlette) -> Server:
    with extra("sandbox", PACKAGES, "The sandbox"):
        from openrouter_connector.http_server import bounded_server

    return bounded_server(app, grace=1, lifespan="off")


def _listen(host: str, port: int) -> socket.socket:
    # asyncio turns Nagle's algorithm off only for sockets with an explicit IPPROTO_TCP; with it on,
    # each answer waits 40 ms.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        # A restarted server gets its port at once, without waiting for old connections to time out.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _base_url(listener: socket.socket) -> str:
    host, port = listener.getsockname()
    return f"http://{host}:{port}/api/v1"
