"""aiohttp behind httpx's API, for many concurrent calls, with the exact httpx error for a failure.

httpx-aiohttp reports any broken connection as ConnectTimeout, and passes aiohttp's own error on for
a response that is not HTTP. Whether a call may be retried depends on telling these apart.
"""

from __future__ import annotations

import select
import socket
import ssl
from collections.abc import Callable
from functools import partial
from typing import Any

import aiohttp
import httpx
from aiohttp.abc import AbstractResolver
from aiohttp.client_proto import ResponseHandler
from aiohttp.http import HttpProcessingError
from httpx_aiohttp import AiohttpTransport

from .certificates import unverified
from .proxies import with_password

# The first match counts: a timeout is a connection error as well.
_NAMES: tuple[tuple[type[Exception], type[httpx.TransportError]], ...] = (
    (aiohttp.ConnectionTimeoutError, httpx.ConnectTimeout),
    (aiohttp.ServerTimeoutError, httpx.ReadTimeout),
    (aiohttp.ClientHttpProxyError, httpx.ProxyError),
    (aiohttp.ClientConnectorError, httpx.ConnectError),
    (aiohttp.ClientConnectionError, httpx.ReadError),
    (aiohttp.ClientPayloadError, httpx.ReadError),
    (aiohttp.ClientResponseError, httpx.RemoteProtocolError),
)
_MOST_INTERIM = 100
"""Interim responses (1xx) per call."""

Sockets = Callable[[Any], socket.socket]


class Pooled(AiohttpTransport):
    """An unlimited connection pool, through a proxy if there is one.

    `resolver` replaces the system's name resolution; `sockets` creates the socket to an address.
    Both exist to check addresses where they are used.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        proxy: httpx.Proxy | None,
        *,
        resolver: Callable[[], AbstractResolver] | None = None,
        sockets: Sockets | None = None,
    ) -> None:
        client = partial(_session, context, resolver, sockets)
        if proxy:
            # aiohttp warns about a password unless it is in the URL.
            url, proxy = with_password(proxy), httpx.Proxy(proxy.url, headers=proxy.headers)
            proxy.url = url
        super().__init__(verify=context, client=client, proxy=proxy)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request. Raises the httpx.TransportError that names the failure."""
        try:
            return await super().handle_async_request(request)
        except (httpx.TransportError, aiohttp.ClientError) as error:
            failure, why = _named(error), unverified(error)
        # Raised outside the block: aiohttp's error would be its context, and holds the token.
        raise failure from (_UnverifiedError(why) if why else None)


class _UnverifiedError(ssl.SSLCertVerificationError):
    def __init__(self, why: str) -> None:
        super().__init__(1, why)
        self.verify_message = why


def _named(error: Exception) -> Exception:
    cause = error.__cause__ if isinstance(error, httpx.TransportError) else error
    name = next((name for kind, name in _NAMES if isinstance(cause, kind)), None)
    if isinstance(cause, aiohttp.ClientHttpProxyError):
        return httpx.ProxyError(f"{cause.status} {cause.message}")
    if isinstance(cause, aiohttp.ClientResponseError):
        # Without the status: it is aiohttp's own, and would read as the server's.
        why = cause.message.partition("\n")[0].rstrip(":")
        return httpx.RemoteProtocolError(f"the server's response is not valid HTTP ({why})")
    return name(str(getattr(cause, "os_error", cause))) if name else error


def _session(
    context: ssl.SSLContext,
    resolver: Callable[[], AbstractResolver] | None,
    sockets: Sockets | None,
) -> aiohttp.ClientSession:
    lookup = resolver() if resolver else None
    connector = _Connector(
        limit=0, ssl=context, keepalive_timeout=30, resolver=lookup, socket_factory=sockets
    )
    session = aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False
    )
    # aiohttp would silently repeat a lost GET, PUT or DELETE, and no attempt would be counted.
    session._retry_connection = False
    return session


class _Connector(aiohttp.TCPConnector):
    """Keeps an idle connection only while no unexpected bytes arrive on it.

    aiohttp would take such bytes for the response to the next call.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._factory = partial(_Protocol, loop=self._loop)  # type: ignore[assignment]

    def _release(self, key: Any, protocol: Any, *, should_close: bool = False) -> None:
        super()._release(key, protocol, should_close=should_close)
        protocol.idle = True

    async def _get(self, key: Any, traces: Any) -> Any:
        while connection := await super()._get(key, traces):
            protocol = connection.protocol
            if isinstance(protocol, _Protocol) and protocol.is_clean():
                protocol.idle = False
                return connection
            connection.close()
        return None


class _Protocol(ResponseHandler):
    """Reads one connection."""

    idle = False
    _interim = 0

    def data_received(self, data: bytes) -> None:
        if self.idle and data:
            self.close()
            return
        # Feed the head alone: aiohttp drops a response that arrives in one read with bytes that are
        # not HTTP, unless its head was parsed before.
        if data.startswith(b"HTTP/") and 4 <= (end := data.find(b"\r\n\r\n") + 4) < len(data):
            super().data_received(data[:end])
            data = data[end:]
        super().data_received(data)

    def set_exception(self, exc: BaseException, *cause: BaseException) -> None:
        """Fail, and fail the reader of the body too: aiohttp forgets it for an invalid chunk."""
        super().set_exception(exc, *cause)
        payload = self._payload if isinstance(exc, HttpProcessingError) else None
        if payload is not None and not payload.is_eof():
            payload.set_exception(aiohttp.ClientPayloadError("invalid chunk"))

    def feed_data(self, data: Any, size: int = 0) -> None:
        if self._interim > _MOST_INTERIM:
            return
        self._interim = self._interim + 1 if data[0].code < 200 else 0
        if self._interim <= _MOST_INTERIM:
            super().feed_data(data, size)
            return
        message = f"more than {_MOST_INTERIM} interim responses"
        self.set_exception(aiohttp.ClientConnectionError(message))
        if self.transport is not None:
            self.transport.close()

    def is_clean(self) -> bool:
        """Return whether nothing arrived since the last response, and nothing waits to be read."""
        transport = None if self.should_close else self.transport
        if transport is None or (connected := transport.get_extra_info("socket")) is None:
            return False
        descriptor = connected.fileno()
        if not hasattr(select, "poll"):  # Windows
            return not select.select([descriptor], [], [], 0)[0]
        # `select` fails for descriptors above 1023, which a busy server reaches.
        poll = select.poll()
        poll.register(descriptor, select.POLLIN)
        return not poll.poll(0)
