"""httpx's own engine, for one call at a time: it starts fastest."""

from __future__ import annotations

import ssl
from typing import Any

import httpx


class Single(httpx.AsyncHTTPTransport):
    """Reuses a connection only if no unread bytes are left on it.

    httpx checks the socket, but takes bytes that it already buffered for the next response.
    """

    def __init__(self, context: ssl.SSLContext, proxy: httpx.Proxy | None) -> None:
        super().__init__(verify=context, proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request over a clean connection."""
        for connection in self._pool.connections:
            if connection.is_idle() and not _is_clean(connection):
                await connection.aclose()
        return await super().handle_async_request(request)


def _is_clean(connection: Any) -> bool:
    """Return whether HTTP, TLS and socket buffers are empty; False if that cannot be seen."""
    try:
        # The connection of a proxy or a tunnel wraps the one that has the state.
        while not hasattr(connection, "_h11_state"):
            connection = connection._connection
        unread, stream = (
            [connection._h11_state.trailing_data[0]],
            connection._network_stream._stream,
        )
        while hasattr(stream, "transport_stream"):
            unread += stream._ssl_object.pending(), stream._read_bio.pending
            stream = stream.transport_stream
        return not any([*unread, stream._protocol.read_queue])
    # Another version of httpx may name these otherwise: a new connection is always right.
    except AttributeError:
        return False
