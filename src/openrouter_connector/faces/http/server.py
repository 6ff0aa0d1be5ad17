"""The server: it says where it listens, and lets what runs come to its end when it is to stop."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from starlette.types import ASGIApp

from ...http_server import bounded_server
from ..listening import address, outlive_signal

GRACE = 10  # seconds that running performs have to end


def serve(app: ASGIApp, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM; `ready` is given the address once it listens."""
    ready(address(listener))
    outlive_signal()
    with suppress(KeyboardInterrupt):
        make(app).run([listener])


def make(app: ASGIApp) -> uvicorn.Server:
    """Give the server for an application."""
    return bounded_server(app, grace=GRACE)
