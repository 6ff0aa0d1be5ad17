"""Whose certificates are trusted: certifi's list, or what the environment names."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx

from ...errors import InputError

# In this order, and each as OpenSSL, requests and curl have it; the first that is set counts.
_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FOLDER = "SSL_CERT_DIR"
WAY_OUT = (
    "If a certificate authority of your own signs it, name the file of its certificates (PEM) in "
    "SSL_CERT_FILE, or their folder in SSL_CERT_DIR"
)


def tls() -> ssl.SSLContext:
    """Return a context that verifies servers. InputError when what is named cannot be read."""
    name = next((name for name in (_FILES[0], _FOLDER, *_FILES[1:]) if os.environ.get(name)), None)
    if name is None:
        return httpx.create_ssl_context(trust_env=False)
    place = Path(os.environ[name])
    if not place.exists():
        raise InputError(f"{name} names {str(place)!r}, which does not exist")
    try:
        if place.is_dir():
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place)
    except OSError as error:  # SSLError is one
        told = f"{name} names {str(place)!r}, which holds no certificates that can be read"
        raise InputError(f"{told}: {error.strerror or error}") from error


def unverified(error: BaseException | None) -> str | None:
    """Say why a certificate does not verify, if that is what an error comes from."""
    while error:
        error = getattr(error, "certificate_error", error)  # as aiohttp wraps it
        if isinstance(error, ssl.SSLCertVerificationError):
            return getattr(error, "verify_message", "") or str(error)
        error = error.__cause__ or error.__context__
    return None
