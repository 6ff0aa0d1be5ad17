"""Choose the certificate authorities to trust: certifi's, or those the environment names."""

from __future__ import annotations

import os
import ssl
from pathlib import Path

import httpx

from ...errors import InputError

# The variables of OpenSSL, requests and curl, in this order; the first that is set counts.
_FILES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_FOLDER = "SSL_CERT_DIR"
WAY_OUT = (
    "If your own certificate authority signed it, set SSL_CERT_FILE to its certificates (PEM), or "
    "SSL_CERT_DIR to their folder"
)


def tls() -> ssl.SSLContext:
    """Return a TLS context that verifies servers. InputError for an unreadable file or folder."""
    name = next((name for name in (_FILES[0], _FOLDER, *_FILES[1:]) if os.environ.get(name)), None)
    if name is None:
        # certifi's list is the same on every machine; that of the system may be years old.
        return httpx.create_ssl_context(trust_env=False)
    place = Path(os.environ[name])
    if not place.exists():
        raise InputError(f"{name} names {str(place)!r}, which does not exist")
    try:
        if place.is_dir():
            return ssl.create_default_context(capath=place)
        return ssl.create_default_context(cafile=place)
    except OSError as error:  # SSLError is one
        message = f"{name} names {str(place)!r}, which has no readable certificates"
        raise InputError(f"{message}: {error.strerror or error}") from error


def unverified(error: BaseException | None) -> str | None:
    """Return why a certificate did not verify; None for an error with another cause."""
    while error:
        error = getattr(error, "certificate_error", error)  # as aiohttp wraps it
        if isinstance(error, ssl.SSLCertVerificationError):
            return getattr(error, "verify_message", "") or str(error)
        error = error.__cause__ or error.__context__
    return None
