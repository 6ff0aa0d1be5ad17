"""Run the application until it is interrupted, and let running calls end."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import suppress

import uvicorn
from fastapi import FastAPI

from ...http_server import bounded_server
from ..listening import ignore_sigterm, url_of
from .context import Context

GRACE = 10  # seconds that running calls may take to end


def serve(app: FastAPI, listener: socket.socket, ready: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. `ready` is called with the URL of the server."""
    ready(url_of(listener))
    ignore_sigterm()
    with suppress(KeyboardInterrupt):
        server_for(app).run([listener])


def server_for(app: FastAPI) -> uvicorn.Server:
    """Return the server of an application."""
    context: Context = app.state.context
    return bounded_server(app, grace=GRACE, on_shutdown=context.runs.stop)
