"""Check values that go into HTTP headers."""

from __future__ import annotations

NO_HEADER = "goes into a header, so it must be one line of printable ASCII"


def fits_header(text: str) -> bool:
    """Return whether a text arrives unchanged in a header, whatever proxies lie between."""
    return text.isascii() and text.isprintable()
