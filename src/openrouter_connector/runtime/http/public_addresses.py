"""Tell public addresses from those of this machine and of private networks.

Used where somebody else chooses a URL: it must not lead a server into its own network (SSRF).
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ...errors import ConnectorError, FileError
from .hosts import normal_host

PRIVATE = (
    "{} is this machine or in a private network; the server allows that if it is started with "
    "--allow-private"
)
Refused = Callable[[str], ConnectorError]
"""Returns the error for a host that must not be reached."""
AddrInfo = tuple[int, int, int, str, tuple[object, ...]]

_LOOKUP = 5.0  # seconds
_NAT64 = ip_network("64:ff9b::/96")  # its last 32 bits are an IPv4 address
_ISATAP = {0x00005EFE, 0x02005EFE}  # before the IPv4 address in the last 64 bits: RFC 5214
# Not public, though some versions of `ipaddress` say so: obsolete and local notations (RFC 3879,
# 8215, 4291, 2765), special purposes (RFC 6890, 9602, 9637), Teredo and similar (2001::/23), and
# the address at which an Azure virtual machine reaches its host.
_REFUSED = tuple(
    map(
        ip_network,
        ("fec0::/10", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96", "2001::/23", "3fff::/20",
         "5f00::/16", "192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
    )
)  # fmt: skip


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses one with a private address.

    The check happens where the connection is made, so a name cannot resolve to one address for the
    check and to another for the connection (DNS rebinding).
    """

    def __init__(self, refused: Refused) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._refused = refused

    async def resolve(  # noqa: D102 - as aiohttp has it
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        # One private address among several is enough: the client may choose any of them.
        if not all(is_public(result["host"]) for result in found):
            raise self._refused(host)
        return found

    async def close(self) -> None:  # noqa: D102
        await self._resolver.close()


class PrivateResolver(PublicResolver):
    """Resolves names, and refuses one with a public address: a key may go there unencrypted."""

    async def resolve(  # noqa: D102 - as aiohttp has it
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(is_public(result["host"]) for result in found):
            raise self._refused(host)
        return found


def public_socket(refused: Refused) -> Callable[[AddrInfo], socket.socket]:
    """Return a function that creates a socket to a public address, and raises for any other.

    The last check before a connection: an address in the URL itself is never resolved.
    """
    return partial(_socket, refused, True)


def private_socket(refused: Refused) -> Callable[[AddrInfo], socket.socket]:
    """Return a function that creates a socket to a private address, and raises for any other."""
    return partial(_socket, refused, False)


def _socket(refused: Refused, public: bool, info: AddrInfo) -> socket.socket:
    family, kind, protocol, _, address = info
    # Here the address is final: nothing resolves it again.
    if is_public(str(address[0])) is not public:
        raise refused(str(address[0]))
    return socket.socket(family, kind, protocol)


async def private_fault(url: str) -> str | None:
    """Return why a caller's URL is refused as private; None if it is public.

    No connection is opened. A name that does not resolve now is checked when it is connected to.
    """
    resolver = PublicResolver(lambda host: FileError(PRIVATE.format(host)))
    with suppress(ValueError, OSError):
        host = normal_host(urlsplit(url).hostname or "")
        if is_private_literal(host):
            return PRIVATE.format(host)
        try:
            # A name server that does not answer must not stall a form. The connection checks again.
            async with asyncio.timeout(_LOOKUP):
                await resolver.resolve(host)
        except FileError as error:
            return error.message
    return None


def is_private_literal(host: str) -> bool:
    """Return whether a normal host is a literal address that is not public; False for a name."""
    try:
        return not is_public(host)
    except ValueError:
        return False


def is_public_literal(host: str) -> bool:
    """Return whether a normal host is a literal public address; False for a name."""
    try:
        return is_public(host)
    except ValueError:
        return False


def is_public(address: str) -> bool:
    """Return whether an address is public, also when embedded in another. ValueError if invalid."""
    if "%" in address:  # a zone names an interface of this machine
        return False
    ip = ip_address(address)
    inner = list(_wrapped(ip)) if isinstance(ip, IPv6Address) else []
    mapped = isinstance(ip, IPv6Address) and ip.ipv4_mapped is not None
    return all(map(_is_global, inner if mapped else [ip, *inner]))


def _wrapped(ip: IPv6Address) -> Iterator[IPv4Address]:
    """Yield the IPv4 addresses that an IPv6 address embeds."""
    if ip.ipv4_mapped:
        yield ip.ipv4_mapped
    if ip.sixtofour:
        yield ip.sixtofour
    if ip in _NAT64 or int(ip) >> 32 & 0xFFFFFFFF in _ISATAP:
        yield IPv4Address(int(ip) & 0xFFFFFFFF)


def _is_global(ip: IPv4Address | IPv6Address) -> bool:
    refused = any(ip in network for network in _REFUSED)
    wraps = isinstance(ip, IPv6Address) and (ip in _NAT64 or ip.sixtofour is not None)
    return not refused and (wraps or ip.is_global) and not ip.is_multicast
