"""httpx's API over aiohttp, for many calls at once; each failure under the name httpx has for it.

httpx-aiohttp calls any broken connection a ConnectTimeout, and lets an answer that is no HTTP
through as aiohttp's own error; whether a call may be sent again hangs on telling them apart.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from httpx_aiohttp import AiohttpTransport

# The first that fits counts: a timeout is a broken connection as well.
_NAMES: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
)


class Pooled(AiohttpTransport):
    """Connections without a limit, reused, through a proxy if there is one.

    `resolver` looks names up in another way than the system's.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        proxy: httpx.Proxy | None,
        *,
        resolver: Callable[[], AbstractResolver] | None = None,
    ) -> None:
        super().__init__(verify=context, client=lambda: _session(context, resolver), proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; raises the httpx.TransportError that names what went wrong."""
        try:
            return await super().handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError) as error:
            failure = _named(error)
        # Outside the block, for aiohttp's error holds the request and with it the token.
        raise failure


def _named(error: Exception) -> Exception:
    cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
    name = next((name for kind, name in _NAMES if isinstance(cause, kind)), None)
    return name(str(cause)) if name else error


def _session(
    context: ssl.SSLContext, resolver: Callable[[], AbstractResolver] | None
) -> aiohttp.ClientSession:
    lookup = resolver() if resolver else None
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=0, ssl=context, keepalive_timeout=30, resolver=lookup),
        cookie_jar=aiohttp.DummyCookieJar(),
        auto_decompress=False,
    )
    # By itself aiohttp sends a lost GET, PUT or DELETE once more, and nobody would count it.
    session._retry_connection = False
    return session
