"""Listening for callers: what the faces that are servers have in common."""

from __future__ import annotations

import os
import signal
import socket

from ..errors import InputError, Problem


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
