"""Exchange raw bytes with a server, without a token.

with stranger(url) as line:
    line.says(b"GET / HTTP/1.1\\r\\n")
    assert line.hears().startswith(b"HTTP/1.1 431")
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class RawClient:
    """An open connection to a server."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def send(self, *pieces: bytes) -> bool:
        """Send chunks; return whether the server accepted all."""
        try:
            for piece in pieces:
                self._connection.sendall(piece)
        except OSError:
            return False
        return True

    @property
    def closed(self) -> bool:
        """Whether the server closed the connection without a response."""
        self._connection.setblocking(False)
        try:
            return self._connection.recv(1) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def read_all(self) -> bytes:
        """Read until the server closes the connection."""
        heard = b""
        try:
            while piece := self._connection.recv(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard


@contextmanager
def raw_client(url: str) -> Iterator[RawClient]:
    """Open a connection to the server at a URL."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=40) as connection:
        yield RawClient(connection)
