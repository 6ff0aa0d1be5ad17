"""Fetch a file that a FILE_ENTRY names by URL, from public addresses only."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from ipaddress import ip_address, ip_network
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ..errors import FileError

_REDIRECTS = 5
_NAT64 = ip_network("64:ff9b::/96")  # its last 32 bits are an IPv4 address
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=60)


async def download(url: str, *, largest: int, allow_private: bool = False) -> AsyncIterator[bytes]:
    """Read a file over http(s) in pieces, without any of our credentials.

    FileError when the address, or one it redirects to, is private, when the server refuses, or
    when there are more than `largest` bytes. The address is checked where it is resolved, so
    that a name cannot mean one thing to the check and another to the connection.
    """
    resolver = aiohttp.ThreadedResolver() if allow_private else _PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
    async with aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT) as session:
        try:
            for _ in range(_REDIRECTS + 1):
                _check_literal(url, allow_private)
                async with session.get(url, allow_redirects=False) as response:
                    if response.status in (301, 302, 303, 307, 308):
                        url = urljoin(url, response.headers.get("location", ""))
                        continue
                    if response.status != 200:
                        raise FileError(f"{_shown(url)} answered {response.status}")
                    size = 0
                    async for chunk in response.content.iter_chunked(64 * 1024):
                        size += len(chunk)
                        if size > largest:
                            raise FileError(f"{_shown(url)} is larger than {largest} bytes")
                        yield chunk
                    return
        except (aiohttp.ClientError, TimeoutError) as error:
            raise FileError(f"{_shown(url)} cannot be fetched: {_why(error)}") from error
    raise FileError(f"{_shown(url)} redirects too often")


class _PublicResolver(AbstractResolver):
    """Names to addresses, leaving no address that is not public."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(_public(result["host"]) for result in found):
            raise FileError(f"{host} is a private address, and files come from public ones")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _check_literal(url: str, allow_private: bool) -> None:
    """Check what the resolver never sees: the scheme, and an address written as such."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FileError(f"{_shown(url)} is not an http(s) URL")
    try:
        public = _public(parts.hostname)
    except ValueError:
        if not parts.hostname.replace(".", "").isdigit():
            return  # a name, which goes through the resolver
        public = False  # 2130706433 is 127.0.0.1, and aiohttp does not resolve it
    if not (public or allow_private):
        raise FileError(f"{parts.hostname} is a private address, and files come from public ones")


def _public(host: str) -> bool:
    address = ip_address(host.split("%")[0])
    mapped = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if address in _NAT64:
        mapped = ip_address(int(address) & 0xFFFFFFFF)
    return (mapped or address).is_global and not address.is_multicast


def _why(error: Exception) -> str:
    # These have the whole URL in their text, and a signature may be in it.
    if isinstance(error, aiohttp.InvalidURL):
        return "it is not a URL"
    return error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)


def _shown(url: str) -> str:
    """Show a URL without what may be secret in it."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}{parts.path}"
