"""Fetch a file that a FILE_ENTRY names by URL, from public addresses only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import aiohttp

from ..errors import FileError
from ..secret import raise_alone
from .addresses import PublicResolver, is_private_literal

_REDIRECTS = 5
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)


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
    it is resolved, so that a name cannot mean one thing to the check and another to the connection.
    """
    resolver = aiohttp.ThreadedResolver() if allow_private else PublicResolver(_private)
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session,
            _served(session, url, allow_private) as response,
        ):
            shown = _shown(str(response.url))
            yield Download(response.content_type, _limited(response, largest, shown))
    except (aiohttp.ClientError, TimeoutError) as error:
        # Alone, for aiohttp's error holds the URL, and there may be a signature in it.
        raise_alone(FileError(f"{_shown(url)} cannot be fetched: {_why(error)}"))


@asynccontextmanager
async def _served(
    session: aiohttp.ClientSession, url: str, allow_private: bool
) -> AsyncGenerator[aiohttp.ClientResponse]:
    """Follow redirects, each of them checked, to an answer that is a file."""
    for _ in range(_REDIRECTS + 1):
        _check(url, allow_private)
        async with session.get(url, allow_redirects=False) as response:
            if response.status in (301, 302, 303, 307, 308):
                url = urljoin(url, response.headers.get("location", ""))
                continue
            if response.status != 200:
                raise FileError(f"{_shown(url)} answered {response.status}")
            yield response
            return
    raise FileError(f"{_shown(url)} redirects too often")


async def _limited(
    response: aiohttp.ClientResponse, largest: int, shown: str
) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in response.content.iter_chunked(64 * 1024):
        size += len(chunk)
        if size > largest:
            raise FileError(f"{shown} is larger than {largest} bytes")
        yield chunk


def _check(url: str, allow_private: bool) -> None:
    """Check what the resolver never sees: the scheme, and an address written as such."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise FileError(f"the URL is broken: {error}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FileError(f"{_shown(url)} is not an http(s) URL")
    if not allow_private and is_private_literal(parts.hostname):
        raise _private(parts.hostname)


def _private(host: str) -> FileError:
    return FileError(f"{host} is a private address, and files come from public ones")


def _why(error: Exception) -> str:
    # These have the whole URL in their text, and a signature may be in it.
    if isinstance(error, aiohttp.InvalidURL):
        return "it is not a URL"
    return error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)


def _shown(url: str) -> str:
    """Show a URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"
