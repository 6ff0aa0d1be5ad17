"""Choose the engine below the transport: by concurrency, and by the addresses it may reach."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from functools import partial

import httpx

from ...errors import InputError, Problem
from .certificates import tls
from .single import Single

Backend = Callable[[httpx.URL, httpx.Proxy | None], httpx.AsyncBaseTransport]
"""Makes the engine for a server, behind a proxy or without one."""


def single(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return an engine for one call at a time; it starts fastest."""
    return Single(_tls(base, proxy), proxy)


def pooled(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return an engine for many concurrent calls."""
    from .pooled import Pooled  # importing aiohttp takes as long as all the rest

    return Pooled(_tls(base, proxy), proxy)


def public(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return an engine that reaches public addresses only.

    Without a proxy: it would resolve names itself, so the addresses could not be checked.
    """
    from .pooled import Pooled
    from .public_addresses import PublicResolver, is_private_literal, public_socket

    if is_private_literal(base.host):
        raise _private(base.host)
    resolver, sockets = partial(PublicResolver, _private), public_socket(_private)
    return Pooled(_tls(base, None), None, resolver=resolver, sockets=sockets)


def private(base: httpx.URL, proxy: httpx.Proxy | None) -> httpx.AsyncBaseTransport:
    """Return an engine that reaches private addresses only: the only ones for unencrypted tokens.

    Without a proxy: it would resolve names itself, so the addresses could not be checked.
    """
    from .pooled import Pooled
    from .public_addresses import PrivateResolver, is_public_literal, private_socket

    if is_public_literal(base.host):
        raise _public(base.host)
    resolver, sockets = partial(PrivateResolver, _public), private_socket(_public)
    return Pooled(_tls(base, None), None, resolver=resolver, sockets=sockets)


def _public(host: str) -> InputError:
    message = f"{host} is a public address; a key is never sent there unencrypted, use https://"
    return InputError([Problem("base URL", message)])


def _private(host: str) -> InputError:
    from .public_addresses import PRIVATE

    return InputError([Problem("base URL", PRIVATE.format(host))])


def _tls(base: httpx.URL, proxy: httpx.Proxy | None) -> ssl.SSLContext:
    """Return the TLS context for a server; for plain http one that trusts nobody."""
    if base.scheme == "http" and (proxy is None or proxy.url.scheme == "http"):
        # Loading the authorities takes 50 ms, in vain for plain http.
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return tls()
