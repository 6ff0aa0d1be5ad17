"""Listening for callers: what the faces that are servers have in common."""

from __future__ import annotations

import os
import signal
import socket

import uvicorn
from starlette.types import ASGIApp

from ..errors import InputError, Problem


def uvicorn_server(app: ASGIApp, *, grace: int) -> uvicorn.Server:
    """Give the server for an application, quick and quiet.

    `grace` is how many seconds what runs has to end, once it is to stop.
    """
    return uvicorn.Server(
        uvicorn.Config(
            app,
            ws="none",
            lifespan="on",
            log_config=None,
            log_level="critical",  # our own lines say what there is to say
            access_log=False,
            server_header=False,
            proxy_headers=False,  # anybody could send them
            timeout_keep_alive=30,
            timeout_graceful_shutdown=grace,
        )
    )


def outlive_signal() -> None:
    """Let SIGTERM end the server, and not the process in the middle of a word.

    uvicorn raises the signal again when it is done.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)


def listen(host: str, port: int) -> socket.socket:
    """Bind an address. InputError when that cannot be done: it is taken, say."""
    try:
        if not 0 <= port < 65536:  # getaddrinfo would take another one
            raise OverflowError("a port is a number from 0 to 65535")
        family, *_, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as error:
        raise _unusable(host, port, error) from error
    try:
        if os.name != "nt":  # where it would let two servers have one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _unusable(host, port, error) from error
    return listener


def address(listener: socket.socket) -> str:
    """Give the address at which a listener is reached from this machine."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _unusable(host: str, port: int, error: Exception) -> InputError:
    told = f"cannot listen at {host}:{port}: {getattr(error, 'strerror', None) or error}"
    return InputError([Problem("--port", f"{told}. Choose another, or 0 for a free one.")])
