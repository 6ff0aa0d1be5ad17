"""Addresses that are public, and those that lead into this machine or a private network."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address, ip_network
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from ..errors import ConnectorError, FileError

PRIVATE = "{} is this machine or in a private network; the server allows that by --allow-private"

_LOOKUP = 5.0  # seconds
_NAT64 = ip_network("64:ff9b::/96")  # its last 32 bits are an IPv4 address
# Old or local ways of writing addresses that are not public: RFC 3879, 8215, 4291, 2765.
_REFUSED = tuple(map(ip_network, ("fec0::/10", "64:ff9b:1::/48", "::/96", "::ffff:0:0:0/96")))


class PublicResolver(AbstractResolver):
    """Names to addresses, of which each must be public; `refused` makes the error of a name.

    The address is checked where it is resolved, so that a name cannot mean one thing to a check
    and another to the connection.
    """

    def __init__(self, refused: Callable[[str], ConnectorError]) -> None:
        self._resolver = aiohttp.ThreadedResolver()
        self._refused = refused

    async def resolve(  # noqa: D102 - as aiohttp has it
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if not all(is_public(result["host"]) for result in found):
            raise self._refused(host)
        return found

    async def close(self) -> None:  # noqa: D102
        await self._resolver.close()


class PrivateResolver(PublicResolver):
    """Names to addresses, none of which may be public: where a key may go unencrypted."""

    async def resolve(  # noqa: D102 - as aiohttp has it
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._resolver.resolve(host, port, family)
        if any(is_public(result["host"]) for result in found):
            raise self._refused(host)
        return found


async def private_fault(url: str) -> str | None:
    """Say why a URL that a caller gave leads into a private network; None when it does not.

    No connection is opened. What no address is, or has none now, is left to whoever connects.
    """
    resolver = PublicResolver(lambda host: FileError(PRIVATE.format(host)))
    with suppress(ValueError, OSError):
        host = urlsplit(url).hostname or ""
        if is_private_literal(host):
            return PRIVATE.format(host)
        try:
            async with asyncio.timeout(_LOOKUP):
                await resolver.resolve(host)
        except FileError as error:
            return error.message
    return None


def may_be_private(host: str) -> bool:
    """Tell whether a host may lead into a private network, which of a name its resolver tells."""
    try:
        return not is_public(host)
    except ValueError:  # a name; 134744072 is 8.8.8.8, and no resolver sees it
        return not host.replace(".", "").isdigit()


def is_private_literal(host: str) -> bool:
    """Tell whether a host is written as an address that is not public: no resolver sees those."""
    try:
        return not is_public(host)
    except ValueError:
        # 2130706433 is 127.0.0.1, and aiohttp does not resolve it; any other text is a name.
        return host.replace(".", "").isdigit()


def is_public(address: str) -> bool:
    """Tell whether an address is public, whatever it is wrapped in; ValueError when it is none."""
    one = ip_address(address.split("%")[0])
    mapped = getattr(one, "ipv4_mapped", None) or getattr(one, "sixtofour", None)
    if one in _NAT64:
        mapped = ip_address(int(one) & 0xFFFFFFFF)
    if any(one in network for network in _REFUSED):
        return False
    return (mapped or one).is_global and not one.is_multicast
