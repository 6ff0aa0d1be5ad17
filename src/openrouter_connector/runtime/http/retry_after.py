"""How long a server asks to wait, in any of the ways that servers say it."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from time import time

from ...money import parse_number
from ...values import Json, an_object

_LATEST = 1e10  # a time in seconds since 1970 is less, one in milliseconds is more
_EARLIEST = 1e9  # a number of seconds to wait is less


def wait_asked_for(headers: Mapping[str, str], body: Json = None) -> float | None:
    """Return the seconds that a refusal asks to wait: by its headers, or those that its body holds.

    `Retry-After` counts for more than `X-RateLimit-Reset`, which tells of a limit that may not be
    the one that was reached.
    """
    error = an_object(an_object(body).get("error"))
    metadata = an_object(error.get("metadata"))
    for known in (headers, an_object(metadata.get("headers"))):
        lower = {str(name).lower(): value for name, value in known.items()}
        asked = _seconds(lower.get("retry-after"))
        if asked is None and parse_number(lower.get("x-ratelimit-remaining", 0)) == 0:
            asked = _seconds(lower.get("x-ratelimit-reset"))
        if asked is not None:
            return asked
    places = an_object(error.get("availability")), metadata, error
    found = (_seconds(place.get("retry_after")) for place in places)
    return next((asked for asked in found if asked is not None), None)


def _seconds(value: object) -> float | None:
    """Read seconds to wait, a time in seconds or milliseconds since 1970, or an HTTP date."""
    seconds = parse_number(value)
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
