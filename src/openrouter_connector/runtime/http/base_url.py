"""Check base URLs without a request."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from .hosts import normal_host

NO_ADDRESS = "is not a URL such as https://openrouter.ai/api/v1"
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
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password; give a token instead"
    if "?" in base_url or "#" in base_url:
        return "must end with its path, without ? and #"
    if named := _ENDPOINT.search(parts.path):
        return f"is an endpoint, not a base URL; remove {named[1]} and what follows"
    return None


def is_openrouter(base_url: str | None) -> bool:
    """Return whether a base URL is OpenRouter or a region of it; None means OpenRouter.

    `openrouter.ai.example.com` and `myopenrouter.ai` belong to others.
    """
    if base_url is None:
        return True
    parts = _split(base_url)
    try:
        host = normal_host(parts.hostname or "").rstrip(".") if parts else ""
    except ValueError:
        return False
    return re.fullmatch(r"([a-z0-9-]+\.)*openrouter\.ai", host) is not None


def _split(url: str) -> SplitResult | None:
    """Split an http(s) URL; None for anything else."""
    try:
        parts = urlsplit(url)
        _ = parts.port  # ValueError if invalid
    except ValueError:
        return None
    fits = parts.scheme in ("http", "https") and parts.hostname and not re.search(r"\s", url)
    return parts if fits else None
