"""A caller without a token, who speaks to a server byte by byte.

with stranger(url) as line:
    line.says(b"GET / HTTP/1.1\\r\\n")
    assert line.hears().startswith(b"HTTP/1.1 431")
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


class Line:
    """An open connection."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def says(self, *pieces: bytes) -> bool:
        """Send pieces; tell whether all were taken."""
        try:
            for piece in pieces:
                self._connection.sendall(piece)
        except OSError:
            return False
        return True

    @property
    def closed(self) -> bool:
        """Whether the server closed it, without having said anything."""
        self._connection.setblocking(False)
        try:
            return self._connection.recv(1) == b""
        except BlockingIOError:
            return False
        except ConnectionError:
            return True

    def hears(self) -> bytes:
        """Read until the server closes the connection."""
        heard = b""
        try:
            while piece := self._connection.recv(65536):
                heard += piece
        except ConnectionError:
            pass
        return heard


@contextmanager
def stranger(url: str) -> Iterator[Line]:
    """Open a connection to the server at a URL."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=20) as connection:
        yield Line(connection)
