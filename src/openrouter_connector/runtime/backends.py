"""What sends, below the transport: chosen by how many calls there are and where they may go."""

from __future__ import annotations

import ssl
from functools import partial
from urllib.request import getproxies, proxy_bypass

import httpx

from ..errors import InputError, Problem


def single(base: httpx.URL) -> httpx.AsyncBaseTransport:
    """Give what starts soonest, for one call at a time."""
    return httpx.AsyncHTTPTransport(verify=_tls(base), proxy=_proxy(base))


def pooled(base: httpx.URL) -> httpx.AsyncBaseTransport:
    """Give what serves many calls at a time."""
    from .pooled import Pooled  # aiohttp takes as long to import as all the rest

    return Pooled(_tls(base), _proxy(base))


def public(base: httpx.URL) -> httpx.AsyncBaseTransport:
    """Give what sends to public addresses only, and past any proxy, which would look names up."""
    from .addresses import PublicResolver, is_private_literal
    from .pooled import Pooled

    if is_private_literal(base.host):
        raise _private(base.host)
    return Pooled(_tls(base), None, resolver=partial(PublicResolver, _private))


def private(base: httpx.URL) -> httpx.AsyncBaseTransport:
    """Give what sends to addresses of private networks only, and past any proxy."""
    from .addresses import PrivateResolver, may_be_private
    from .pooled import Pooled

    if not may_be_private(base.host):
        raise _public(base.host)
    return Pooled(_tls(base), None, resolver=partial(PrivateResolver, _public))


def _public(host: str) -> InputError:
    told = f"{host} is a public address, where a key never goes unencrypted; use https://"
    return InputError([Problem("base URL", told)])


def _private(host: str) -> InputError:
    told = (
        f"{host} is an address of this machine or of a private network; store a connection to it, "
        "or let parameters name such servers (--allow-private)"
    )
    return InputError([Problem("base URL", told)])


def _tls(base: httpx.URL) -> ssl.SSLContext:
    """Give the context for a server; for plain http an empty one, which trusts nobody."""
    if base.scheme == "http":
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    return httpx.create_ssl_context()


def _proxy(base: httpx.URL) -> httpx.Proxy | None:
    """Give the proxy that the environment names for this server, found once and not per call."""
    if proxy_bypass(base.host) or base.host in ("127.0.0.1", "::1", "localhost"):
        return None
    url = getproxies().get(base.scheme)
    if not url:
        return None
    try:
        proxy = httpx.Proxy(url if "://" in url else f"http://{url}")
    except (ValueError, httpx.InvalidURL) as error:
        raise InputError("the proxy that the environment names is no http(s) address") from error
    if proxy.url.scheme not in ("http", "https"):
        raise InputError(f"a proxy by {proxy.url.scheme} is not known; give one by http")
    return proxy
