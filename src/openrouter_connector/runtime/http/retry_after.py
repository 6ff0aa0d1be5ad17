"""Read how long a server asks to wait before a retry, in all the forms that servers use."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

from ...money import parse_number
from ..api_profile import ErrorDetails

_LATEST = 1e10  # a larger number is milliseconds since 1970, not seconds
_EARLIEST = 1e9  # a larger number is a time, not a number of seconds to wait


def retry_delay(headers: Mapping[str, str], details: ErrorDetails) -> float | None:
    """Return the seconds to wait, by the headers, or by what the error body repeats; else None.

    `Retry-After` wins over `X-RateLimit-Reset`, which may describe another limit than the one that
    was reached.
    """
    for known in (headers, details.headers):
        lower = {str(name).lower(): value for name, value in known.items()}
        delay = _seconds(lower.get("retry-after"))
        if delay is None and parse_number(lower.get("x-ratelimit-remaining", 0)) == 0:
            delay = _seconds(lower.get("x-ratelimit-reset"))
        if delay is not None:
            return delay
    return next((delay for delay in map(_seconds, details.delays) if delay is not None), None)


def _seconds(value: object) -> float | None:
    """Return seconds from a number, a Unix time in seconds or milliseconds, or an HTTP date."""
    seconds = parse_number(value)
    if seconds is None:
        return _until_date(value) if isinstance(value, str) else None
    # `X-RateLimit-Reset` has no standard: some servers send milliseconds, others seconds.
    if seconds > _LATEST:
        seconds /= 1000
    return max(seconds - time() if seconds > _EARLIEST else seconds, 0)


def _until_date(text: str) -> float | None:
    try:
        return max(parsedate_to_datetime(text).timestamp() - time(), 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
