"""What sends, below the transport: chosen by how many calls there are and where they may go."""

from __future__ import annotations

import ssl
from functools import partial

import httpx

from ...errors import InputError, Problem
from .certificates import tls
from .single import Single


def single(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return a transport for one call at a time; it starts soonest."""
    return Single(_tls(base, proxy), proxy)


def pooled(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return a transport for many calls at a time."""
    from .pooled import Pooled  # aiohttp takes as long to import as all the rest

    return Pooled(_tls(base, proxy), proxy)


def public(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return a transport to public addresses only; no proxy, which would look names up."""
    from .pooled import Pooled
    from .public_addresses import PublicResolver, is_private_literal, public_socket

    if is_private_literal(base.host):
        raise _private(base.host)
    resolver, sockets = partial(PublicResolver, _private), public_socket(_private)
    return Pooled(_tls(base, None), None, resolver=resolver, sockets=sockets)


def private(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return a transport to private addresses only; no proxy, which would look names up.

    Only there may a token go unencrypted.
    """
    from .pooled import Pooled
    from .public_addresses import PrivateResolver, is_public_literal, private_socket

    if is_public_literal(base.host):
        raise _public(base.host)
    resolver, sockets = partial(PrivateResolver, _public), private_socket(_public)
    return Pooled(_tls(base, None), None, resolver=resolver, sockets=sockets)


def _public(host: str) -> InputError:
    told = f"{host} is a public address, where a key never goes unencrypted; use https://"
    return InputError([Problem("base URL", told)])


def _private(host: str) -> InputError:
    from .public_addresses import PRIVATE

    return InputError([Problem("base URL", PRIVATE.format(host))])


def _tls(base: httpx.URL, proxy: httpx.Proxy | None) -> ssl.SSLContext:
    """Return the context for a server; for plain http an empty one, which trusts nobody."""
    if base.scheme == "http" and (proxy is None or proxy.url.scheme == "http"):
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return tls()
