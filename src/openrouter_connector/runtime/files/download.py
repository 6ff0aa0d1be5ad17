"""Fetch a file that a FILE_ENTRY names by URL, from public addresses only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from yarl import URL

from ...errors import FileError
from ...secret import raise_without_context
from ..http.certificates import WAY_OUT, tls, unverified
from ..http.decoding import ACCEPTED, DecodeError, decoded
from ..http.hosts import normal_host
from ..http.proxies import proxy_for_downloads, shown, with_password
from ..http.public_addresses import PublicResolver, is_private_literal, public_socket

_REDIRECTS = 5
_TOTAL = 3600  # seconds, from the first request to the last byte
_TIMEOUT = aiohttp.ClientTimeout(total=_TOTAL, sock_connect=10, sock_read=60)


@dataclass(frozen=True, slots=True)
class Download:
    """A file that is being fetched: its type, as the server has it, and its bytes in pieces."""

    mime_type: str
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def download(
    url: str, *, largest: int, allow_private: bool = False
) -> AsyncGenerator[Download]:
    """Open a file over http(s), without any of our credentials.

    FileError, here or while it is read, when the address, or one it redirects to, is private, when
    the server refuses, or when there are more than `largest` bytes. The address is checked where
    it is connected to, so that nothing can mean one address to a check and another to a
    connection; only a proxy that is named for downloads connects by itself.
    """
    first = _target(url, allow_private)
    proxy = proxy_for_downloads()
    guarded = not allow_private and proxy is None
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(_private) if guarded else aiohttp.ThreadedResolver(),
        socket_factory=public_socket(_private) if guarded else None,
        use_dns_cache=False,
        force_close=True,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=_TIMEOUT,
        auto_decompress=False,
        headers={"accept-encoding": ACCEPTED},
    )
    try:
        via = str(with_password(proxy)) if proxy else None
        async with session, _served(session, first, allow_private, via) as response:
            chunks = _limited(response, largest, _shown(response.url))
            yield Download(response.content_type, chunks)
    except (aiohttp.ClientError, TimeoutError, DecodeError) as error:
        told = f"{_shown(first)} cannot be fetched"
        told = f"{told} through {shown(proxy)}" if proxy else told
        # Alone, for aiohttp's error holds the URL, and there may be a signature in it.
        raise_without_context(FileError(f"{told}: {_why(error)}"))


async def _limited(
    response: aiohttp.ClientResponse, largest: int, shown: str
) -> AsyncIterator[bytes]:
    encodings = ", ".join(response.headers.getall("content-encoding", []))
    size = 0
    async for chunk in decoded(response.content.iter_chunked(64 * 1024), encodings):
        size += len(chunk)
        if size > largest:
            raise FileError(f"{shown} is larger than {largest} bytes")
        yield chunk


@asynccontextmanager
async def _served(
    session: aiohttp.ClientSession, url: URL, allow_private: bool, proxy: str | None
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """Follow redirects, each of them checked, to an answer that is a file."""
    context = None
    for _ in range(_REDIRECTS + 1):
        if url.scheme == "https" and context is None:
            context = tls()  # the list of authorities takes a while to read
        async with session.get(
            url, allow_redirects=False, ssl=context or True, proxy=proxy
        ) as response:
            if response.status in (301, 302, 303, 307, 308):
                place = response.headers.get("location", "")
                url = _target(place, allow_private, url)
                continue
            if response.status != 200:
                raise FileError(f"{_shown(url)} answered {response.status}")
            yield response
            return
    raise FileError(f"{_shown(url)} redirects too often")


def _target(place: str, allow_private: bool, base: URL | None = None) -> URL:
    """Return a URL with the host that the client connects to; FileError for one not to fetch."""
    try:
        url = URL(place) if base is None else base.join(URL(place))
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise FileError(f"{_shown(url)} is not an http(s) URL")
        host = normal_host(url.raw_host)
        url = url if host == url.raw_host else url.with_host(host)
    except ValueError as error:  # of yarl, of normal_host
        raise FileError(f"the URL is broken: {error}") from error
    if not allow_private and is_private_literal(host):
        raise _private(host)
    return url


def _private(host: str) -> FileError:
    return FileError(f"{host} is a private address, and files come from public ones")


def _why(error: Exception) -> str:
    # These have the whole URL in their text, and a signature may be in it.
    if isinstance(error, aiohttp.InvalidURL):
        return "it is not a URL"
    if why := unverified(error):
        return f"its certificate does not verify ({why}). {WAY_OUT}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}"
    if isinstance(error, DecodeError):
        return f"the answer {error}"
    if isinstance(error, TimeoutError):
        return f"no byte came in time, or it was not done after {_TOTAL} s"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}: {error.os_error.strerror or error.os_error}"
    return error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)


def _shown(url: URL) -> str:
    """Show a URL without what may be secret in it."""
    return f"{url.scheme}://{url.raw_host}{url.raw_path}"
