"""Read how long a server asks to wait before a retry, in all the ways servers say it."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

from ...money import number
from ...values import Json, an_object

_LATEST = 1e10  # a larger number is milliseconds since 1970, not seconds
_EARLIEST = 1e9  # a larger number is a time, not a number of seconds to wait


def wait_asked_for(headers: Mapping[str, str], body: Json = None) -> float | None:
    """Return the seconds to wait, by the headers or by those that the body repeats; else None.

    `Retry-After` wins over `X-RateLimit-Reset`, which may describe another limit than the one that
    was reached.
    """
    error = an_object(an_object(body).get("error"))
    metadata = an_object(error.get("metadata"))
    for known in (headers, an_object(metadata.get("headers"))):
        lower = {str(name).lower(): value for name, value in known.items()}
        asked = _seconds(lower.get("retry-after"))
        if asked is None and number(lower.get("x-ratelimit-remaining", 0)) == 0:
            asked = _seconds(lower.get("x-ratelimit-reset"))
        if asked is not None:
            return asked
    places = an_object(error.get("availability")), metadata, error
    found = (_seconds(place.get("retry_after")) for place in places)
    return next((asked for asked in found if asked is not None), None)


def _seconds(value: object) -> float | None:
    """Return seconds from a number, a Unix time in seconds or milliseconds, or an HTTP date."""
    seconds = number(value)
    if seconds is None:
        return _until_date(value) if isinstance(value, str) else None
    if seconds > _LATEST:
        seconds /= 1000
    return max(seconds - time() if seconds > _EARLIEST else seconds, 0)


def _until_date(text: str) -> float | None:
    try:
        return max(parsedate_to_datetime(text).timestamp() - time(), 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
