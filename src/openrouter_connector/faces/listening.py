"""Open a listening socket, and shut down cleanly: what the HTTP and the MCP server share."""

from __future__ import annotations

import os
import signal
import socket

from ..errors import InputError, Problem

LOGIN_HINT = "send the token of this server: Authorization: Bearer …"
LOGIN_REFUSED = "the token is wrong; send that of this server: Authorization: Bearer …"


def ignore_sigterm() -> None:
    """Keep SIGTERM from killing the process before uvicorn has shut down.

    uvicorn handles the signal itself, and raises it again once it is done.
    """
    signal.signal(signal.SIGTERM, lambda *_: None)


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at an address. InputError when the address is taken."""
    try:
        if not 0 <= port < 65536:  # getaddrinfo wraps larger numbers around
            raise OverflowError("a port is a number from 0 to 65535")
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except (OSError, OverflowError, UnicodeError) as error:
        raise _cannot_listen(host, port, error) from error
    try:
        if os.name != "nt":  # on Windows it would let two servers share one port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(1024)
    except (OSError, OverflowError) as error:
        listener.close()
        raise _cannot_listen(host, port, error) from error
    return listener


def url_of(listener: socket.socket) -> str:
    """Return the URL by which programs on this machine reach a listener."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _cannot_listen(host: str, port: int, error: Exception) -> InputError:
    reason = getattr(error, "strerror", None) or error
    message = f"cannot listen at {host}:{port}: {reason}. Choose another port, or 0 for a free one."
    return InputError([Problem("--port", message)])
