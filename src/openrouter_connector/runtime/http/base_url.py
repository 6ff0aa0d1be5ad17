"""Check base URLs without a request."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from .hosts import normal_host

NO_ADDRESS = "is not a URL such as https://api.example.com/v1"
OVERHEARD = (
    "would carry the token unencrypted, where others can read it; use https://, a tunnel to this "
    "machine, no token, or for a server in a private network allow it (allowHttp, --allow-http)"
)
# `/models` alone may be a base: Azure serves its endpoints below it.
_ENDPOINT = re.compile(r"(/chat/completions|/completions|(?<=/v\d)/models)/*$")


def address_fault(base_url: str) -> str | None:
    """Return why a text cannot be a base URL, and what to do; None if it can."""
    parts = _split(base_url)
    if parts is None:
        return NO_ADDRESS
    try:
        normal_host(parts.hostname or "")
    except ValueError as error:
        return f"{NO_ADDRESS}: its host cannot be one ({error})"
    # A password in a URL would end up in logs and in error messages.
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password; give a token instead"
    if "?" in base_url or "#" in base_url:
        return "must end with its path, without ? and #"
    # People copy the URL of an example call: every path would be appended to an endpoint.
    if named := _ENDPOINT.search(parts.path):
        return f"is an endpoint, not a base URL; remove {named[1]} and what follows"
    return None


def is_same_server(base_url: str, own: str) -> bool:
    """Return whether a base URL leads to the host of another one, or to a host below it.

    A region is such a host: `eu.api.example.com` belongs to `https://api.example.com/v1`.
    """
    there, here = _place(base_url), _place(own)
    if there is None or here is None or there[1] != here[1]:
        return False
    # With the dot: `notexample.com` does not belong to `example.com`.
    return there[0] == here[0] or there[0].endswith(f".{here[0]}")


def _place(base_url: str) -> tuple[str, int | None] | None:
    """Return host and port, without the port that http or https has by default."""
    parts = _split(base_url)
    try:
        host = normal_host(parts.hostname or "").rstrip(".") if parts else ""
    except ValueError:
        return None
    port = parts.port if parts else None
    return (host, None if port in (80, 443) else port) if host else None


def _split(url: str) -> SplitResult | None:
    """Split an http(s) URL; None for anything else."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError if invalid
    except ValueError:
        return None
    fits = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", url)
    return parts if fits else None
