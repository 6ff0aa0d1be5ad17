"""What an HTTP header can hold."""

from __future__ import annotations

NO_HEADER = "goes into a header, which holds letters, digits and signs of ASCII in one line"


def fits_header(text: str) -> bool:
    """Tell whether a text arrives in a header as it is, whatever is between us and the server."""
    return text.isascii() and text.isprintable()
