"""Download a file that a FILE_ENTRY names by its URL, from public addresses only."""

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
    """A file during its download: the type that the server declares, and its bytes in chunks."""

    mime_type: str
    chunks: AsyncIterator[bytes]


@asynccontextmanager
async def download(
    url: str, *, largest: int, allow_private: bool = False
) -> AsyncGenerator[Download]:
    """Open a file over http(s), without any of our credentials.

    Raises FileError, here or while the file is read: for a private address, also after a redirect;
    when the server refuses; for more than `largest` bytes.

    The address is checked at the moment of the connection. A name that resolves to a public address
    for a check and to a private one for the connection (DNS rebinding) gains nothing. The exception
    is a proxy that is configured for downloads, since it opens the connection itself.
    """
    first = _target(url, allow_private)
    proxy = proxy_for_downloads()
    guarded = not allow_private and proxy is None
    connector = aiohttp.TCPConnector(
        resolver=PublicResolver(_private) if guarded else aiohttp.ThreadedResolver(),
        socket_factory=public_socket(_private) if guarded else None,
        # A cached address would skip the check of the resolver.
        use_dns_cache=False,
        # A connection that stays open would be used again without a check of its address.
        force_close=True,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        timeout=_TIMEOUT,
        # aiohttp decompresses without a limit: some kB become gigabytes.
        auto_decompress=False,
        headers={"accept-encoding": ACCEPTED},
    )
    try:
        via = str(with_password(proxy)) if proxy else None
        async with session, _follow(session, first, allow_private, via) as response:
            chunks = _limit(response, largest, _shown(response.url))
            yield Download(response.content_type, chunks)
    except (aiohttp.ClientError, TimeoutError, DecodeError) as error:
        failure = f"{_shown(first)} cannot be downloaded"
        failure = f"{failure} through {shown(proxy)}" if proxy else failure
        # Without its cause: the error of aiohttp contains the URL, which may contain a signature.
        raise_without_context(FileError(f"{failure}: {_reason(error)}"))


async def _limit(
    response: aiohttp.ClientResponse, largest: int, shown: str
) -> AsyncIterator[bytes]:
    encodings = ", ".join(response.headers.getall("content-encoding", []))
    size = 0
    async for chunk in decoded(response.content.iter_chunked(64 * 1024), encodings):
        size += len(chunk)
        # Counted here, since `Content-Length` may be missing or wrong.
        if size > largest:
            raise FileError(f"{shown} is larger than {largest} bytes")
        yield chunk


@asynccontextmanager
async def _follow(
    session: aiohttp.ClientSession, url: URL, allow_private: bool, proxy: str | None
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """Follow redirects, checking each address, to a response with a file."""
    context = None
    for _ in range(_REDIRECTS + 1):
        if url.scheme == "https" and context is None:
            context = tls()  # reads the list of certificate authorities, which is slow
        async with session.get(
            url, allow_redirects=False, ssl=context or True, proxy=proxy
        ) as response:
            if response.status in (301, 302, 303, 307, 308):
                # Each hop is checked anew: a public host may redirect into a private network.
                url = _target(response.headers.get("location", ""), allow_private, url)
                continue
            if response.status != 200:
                raise FileError(f"{_shown(url)} answered {response.status}")
            yield response
            return
    raise FileError(f"{_shown(url)} redirects too many times")


def _target(text: str, allow_private: bool, base: URL | None = None) -> URL:
    """Return a URL with its host in the form that the client connects to. Raises FileError."""
    try:
        url = URL(text) if base is None else base.join(URL(text))
        if url.scheme not in ("http", "https") or not url.raw_host:
            raise FileError(f"{_shown(url)} is not an http(s) URL")
        host = normal_host(url.raw_host)
        url = url if host == url.raw_host else url.with_host(host)
    except ValueError as error:  # from yarl or normal_host
        raise FileError(f"the URL is invalid: {error}") from error
    if not allow_private and is_private_literal(host):
        raise _private(host)
    return url


def _private(host: str) -> FileError:
    return FileError(f"{host} is a private address; files are downloaded from public ones only")


def _reason(error: Exception) -> str:
    # The text of this error is the whole URL, which may contain a signature.
    if isinstance(error, aiohttp.InvalidURL):
        return "not a URL"
    if reason := unverified(error):
        return f"its certificate does not verify ({reason}). {WAY_OUT}"
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return f"the proxy answered {error.status} {error.message}"
    if isinstance(error, DecodeError):
        return f"the response {error}"
    if isinstance(error, TimeoutError):
        return f"the server stopped sending, or the download took more than {_TOTAL} s"
    if isinstance(error, aiohttp.ClientConnectorError):
        return f"no connection to {error.host}: {error.os_error.strerror or error.os_error}"
    return error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)


def _shown(url: URL) -> str:
    """Return a URL without its credentials, query and fragment, which may be secret."""
    return f"{url.scheme}://{url.raw_host}{url.raw_path}"
