"""Find the proxy for a server in the environment, as curl, requests and httpx do.

`HTTPS_PROXY` or `HTTP_PROXY` by the scheme of the server, else `ALL_PROXY`; none for a server that
`NO_PROXY` lists: `example.com` with all below it, `.example.com`, `*.example.com`,
`example.com:8443`, `10.0.0.1`, `10.0.0.0/8`, `[::1]`, `*`.
"""

from __future__ import annotations

import os
from ipaddress import ip_address, ip_network
from urllib.request import getproxies, proxy_bypass

import httpx

from ...errors import InputError
from .certificates import tls
from .loopback import is_loopback

DOWNLOADS = "OPENROUTER_CONNECTOR_DOWNLOAD_PROXY"


def proxy_for(base: httpx.URL) -> httpx.Proxy | None:
    """Return the proxy for a server, or None. InputError for an invalid one."""
    found = getproxies()
    url = found.get(base.scheme) or found.get("all")
    # A proxy cannot reach this machine, whether NO_PROXY lists it or not.
    if not url or is_loopback(base.host):
        return None
    port = base.port or (443 if base.scheme == "https" else 80)
    # `proxy_bypass` reads the exceptions in the system settings of macOS and Windows.
    if _is_listed(found.get("no", ""), base.host, port) or proxy_bypass(base.host):
        return None
    return _proxy(url, f"{base.scheme.upper()}_PROXY or ALL_PROXY")


def proxy_for_downloads() -> httpx.Proxy | None:
    """Return the proxy for downloads by URL, which has a variable of its own.

    The proxy resolves names itself, so private addresses cannot be refused here.
    """
    url = os.environ.get(DOWNLOADS, "").strip()
    return _proxy(url, DOWNLOADS) if url else None


def shown(proxy: httpx.Proxy) -> str:
    """Return the address of a proxy without its password."""
    return f"{proxy.url.scheme}://{proxy.url.netloc.decode()}"


def with_password(proxy: httpx.Proxy) -> httpx.URL:
    """Return the URL of a proxy with user and password, where aiohttp expects them."""
    user, password = proxy.auth or ("", "")
    return proxy.url.copy_with(username=user, password=password) if user else proxy.url


def _proxy(url: str, named: str) -> httpx.Proxy:
    try:
        # `HTTPS_PROXY=proxy:8080` without a scheme is common, and works with curl.
        proxy = httpx.Proxy(url.strip() if "://" in url else f"http://{url.strip()}")
        if not proxy.url.host:
            raise ValueError
    except (ValueError, httpx.InvalidURL):  # whose text may hold a password
        raise InputError(f"{named} is not an http(s) URL") from None
    if proxy.url.scheme not in ("http", "https"):
        raise InputError(
            f"{named} names a {proxy.url.scheme} proxy, which is not supported; use an http proxy, "
            "or list the server in NO_PROXY"
        )
    if proxy.url.scheme == "https":
        proxy.ssl_context = tls()
    return proxy


def _is_listed(listed: str, host: str, port: int) -> bool:
    return any(_matches(entry.strip().lower(), host, port) for entry in listed.split(","))


def _matches(listed: str, host: str, port: int) -> bool:
    """Return whether an entry of NO_PROXY matches a server."""
    if listed == "*":
        return True
    name, _, listed_port = listed.rpartition(":")
    if listed_port.isdigit() and (name.endswith("]") or ":" not in name):
        if int(listed_port) != port:
            return False
        listed = name
    listed = listed.strip("[]").removeprefix("*").strip(".")
    host = host.strip("[]").strip(".").lower()
    try:
        address = ip_address(host)
    except ValueError:
        return bool(listed) and (host == listed or host.endswith(f".{listed}"))
    try:
        return address in ip_network(listed, strict=False)
    except ValueError:
        return False
