"""Recognize OpenRouter, a mock of it or a proxy to it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from ..runtime.http.hosts import normal_host
from .identity import KEY_PREFIX


def is_openrouter(base_url: str) -> bool:
    """Return whether a base URL leads to OpenRouter or a region of it.

    `openrouter.ai.example.com` and `myopenrouter.ai` belong to others.
    """
    try:
        parts = urlsplit(base_url)
        _ = parts.port  # ValueError for an invalid port
        host = normal_host(parts.hostname or "").rstrip(".")
    except ValueError:
        return False
    is_http = parts.scheme in ("http", "https") and not re.search(r"\s", base_url)
    # Regions have hosts of their own: `eu.openrouter.ai`.
    return is_http and re.fullmatch(r"([a-z0-9-]+\.)*openrouter\.ai", host) is not None


def acts_as_openrouter(base_url: str, token: str | None) -> bool:
    """Return whether a server is OpenRouter, a mock of it or a proxy to it.

    Only those are sent an `sk-or-` key.
    """
    return is_openrouter(base_url) or (token or "").startswith(KEY_PREFIX)
