"""The functions of expressions that make and change dates, which are texts in ISO 8601."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ....values import Json
from .casts import characters, integer
from .dates import from_pattern, to_pattern
from .errors import ExpressionError
from .values import is_number

UNITS: Mapping[str, timedelta | int] = {
    "micros": timedelta(microseconds=1),
    "millis": timedelta(milliseconds=1),
    "seconds": timedelta(seconds=1),
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "months": 1,
    "years": 12,
}
"""The units of dates, each as a duration or as a number of months: `plusDays`, `minusYears` …"""
_OUT_OF_RANGE = "makes a date that is out of range"
_DATE_ALONE = len("2026-01-31")


def now() -> str:
    """Return the current time in UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def timestamp() -> int:
    """Return the milliseconds since 1970."""
    return int(datetime.now(UTC).timestamp() * 1000)


def date(value: Json) -> datetime:
    """Return a date from an ISO 8601 text or from milliseconds since 1970."""
    try:
        if is_number(value):
            return datetime.fromtimestamp(value / 1000, UTC)
        return datetime.fromisoformat(characters(value))
    except (ValueError, OverflowError, OSError):
        message = f"needs a date such as 2026-01-31T12:00:00, not {value!r:.60}"
        raise ExpressionError(message) from None


def parse(value: Json, pattern: Json = None) -> str:
    """Return a date that is written in a pattern as an ISO 8601 text."""
    return _parsed(value, pattern).isoformat()


def parse_date(value: Json, pattern: Json = None) -> str:
    """Return the date alone that is written in a pattern: `2026-01-31`."""
    return _parsed(value, pattern).date().isoformat()


def parse_date_time(value: Json, pattern: Json = None) -> str:
    """Return the date and time that is written in a pattern, without a zone."""
    return _parsed(value, pattern).replace(tzinfo=None).isoformat()


def written(value: Json, pattern: Json = None) -> str:
    """Return a date in a pattern, by default in ISO 8601 without its zone."""
    if pattern is not None:
        return to_pattern(date(value), characters(pattern))
    return _iso(date(value).replace(tzinfo=None), value)


def shifted(value: Json, amount: Json, unit: Json, sign: int) -> str:
    """Return a date that is `amount` units later, or earlier with the sign -1.

    A date alone stays one, unless the unit is shorter than a day.
    """
    name = characters(unit).lower().rstrip("s") + "s"
    step = UNITS.get(name)
    if step is None:
        raise ExpressionError(f"does not know the unit {characters(unit)!r:.40}")
    number, start = sign * integer(amount), date(value)
    try:
        moved = (
            _months_later(start, number * step) if isinstance(step, int) else start + number * step
        )
    except (OverflowError, ValueError):
        raise ExpressionError(_OUT_OF_RANGE) from None
    is_short = isinstance(step, timedelta) and step < timedelta(days=1)
    return moved.isoformat() if is_short else _iso(moved, value)


def at_zone(value: Json, zone: Json) -> str:
    """Return a date in a time zone such as `Europe/Vienna`; one without a zone counts as UTC."""
    try:
        place = ZoneInfo(characters(zone))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ExpressionError(f"does not know the time zone {zone!r:.60}") from None
    moment = date(value)
    try:
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return known.astimezone(place).isoformat()
    except OverflowError:
        raise ExpressionError(_OUT_OF_RANGE) from None


def _months_later(start: datetime, months: int) -> datetime:
    """Return the same day of another month, or its last day: January 31 becomes February 28."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1] if 1 <= year <= 9999 else 1
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def _parsed(value: Json, pattern: Json) -> datetime:
    text = characters(value)
    return date(text) if pattern is None else from_pattern(text, characters(pattern))


def _iso(moment: datetime, value: Json) -> str:
    """Return a date in ISO 8601, without a time if the value that it comes from has none."""
    is_date_alone = isinstance(value, str) and len(value) == _DATE_ALONE
    return moment.date().isoformat() if is_date_alone else moment.isoformat()
