"""Turn a server's description of a key into a report for people.

Any part of it may be missing, of the wrong type, or malicious.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from ..definition.model import Account, Connection, KeyDetails
from ..definition.paths import at
from ..money import parse_number
from ..secret import Redactor
from ..values import Json, JsonObject

State = Literal[
    "ok", "unverified", "rejected", "noCredits", "forbidden", "management", "expired", "offline",
    "wrongHost", "malformed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyReport:
    """The outcome of a key check, as a state and a sentence, and what the server reported.

    Amounts are in USD. None means that the server did not report a value, or that the key has no
    limit.
    """

    state: State
    message: str
    label: str | None = None
    kind: Literal["standard", "management"] | None = None
    limit: float | None = None
    limit_remaining: float | None = None
    limit_reset: str | None = None
    usage: float | None = None
    free_tier: bool | None = None
    expires_at: str | None = None
    """In ISO 8601, UTC."""
    credits: float | None = None
    """The account's balance."""

    @property
    def ok(self) -> bool:
        """Whether the key was verified."""
        return self.state == "ok"

    def to_json(self) -> JsonObject:
        """Return all fields and `ok`, in camelCase."""
        return {
            "state": self.state,
            "ok": self.ok,
            "message": self.message,
            "label": self.label,
            "kind": self.kind,
            "limit": self.limit,
            "limitRemaining": self.limit_remaining,
            "limitReset": self.limit_reset,
            "usage": self.usage,
            "freeTier": self.free_tier,
            "expiresAt": self.expires_at,
            "credits": self.credits,
        }


def read_key_report(
    key: JsonObject, account: Json, token: str | None, connection: Connection
) -> KeyReport:
    """Judge a key by what `test` and `account` returned; both may be empty.

    The report never contains the token, even if the server echoes it.
    """
    places = connection.key_details or _NO_DETAILS
    management = any(_flag(at(key, path)) for path in places.management)

    def value(path: str | None) -> Json:
        return at(key, path) if path else None

    expires = _datetime(value(places.expires_at))
    report = KeyReport(
        "ok",
        "",
        label=to_one_line(value(places.label), token) or None,
        kind=_kind(connection, management),
        limit=parse_number(value(places.limit)),
        limit_remaining=parse_number(value(places.limit_remaining)),
        limit_reset=to_one_line(value(places.limit_reset), token) or None,
        usage=parse_number(value(places.usage)),
        free_tier=_flag(value(places.free_tier)),
        expires_at=expires.isoformat() if expires else None,
        credits=_balance(account, connection.account, management),
    )
    state, message = _verdict(report, expires, connection)
    return replace(report, state=state, message=message)


_NO_DETAILS = KeyDetails(path="none")  # an API that does not describe its keys


def to_one_line(text: Json, token: str | None, most: int = 80) -> str:
    """Return outside text as one short printable line, without the token."""
    if not isinstance(text, str):
        return ""
    # Redacted before it is shortened: a cut key might not be recognized.
    text = Redactor(token).redact_text(text)
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 10 * most])
    line = " ".join(shown.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _kind(connection: Connection, management: bool) -> Literal["standard", "management"] | None:
    """Return the kind of a key; None for an API that does not describe its keys."""
    if management:
        return "management"
    return "standard" if connection.key_details else None


def _verdict(
    report: KeyReport, expires: datetime | None, connection: Connection
) -> tuple[State, str]:
    keys, credits = _at(connection.help), _at(connection.credits)
    # First, since an expired key has limits and credits all the same.
    if expires and expires <= datetime.now(UTC):
        return "expired", f"the key expired on {expires:%Y-%m-%d}; make a new one{keys}"
    if report.kind == "management":
        return (
            "management",
            "this is a management key: it can read the account, but cannot call a model; "
            f"create a standard API key{keys}",
        )
    if report.limit_remaining is not None and report.limit_remaining <= 0:
        wait = f", or wait for its {report.limit_reset} reset" if report.limit_reset else ""
        return "noCredits", f"the limit of the key is used up; raise it{keys}{wait}"
    if report.credits is not None and report.credits <= 0:
        return "noCredits", f"the account has no credits left; add some{credits}"
    if report.free_tier:
        return (
            "ok",
            "the key works, on the free tier: free models only, and a few dozen requests a day; "
            f"for more, buy credits{credits}",
        )
    return "ok", "the key works"


def _at(page: str | None) -> str:
    return f" at {page}" if page else ""


def _balance(body: Json, account: Account | None, management: bool) -> float | None:
    """Return the account's balance; None if it is unknown.

    Instead of refusing, the server may report zeros to a key that may not read the account.
    """
    if account is None:
        return None
    bought, used = (parse_number(at(body, path)) for path in (account.bought, account.used))
    if bought is None or used is None or not (bought or used or management):
        return None
    return round(bought - used, 6)


def _flag(value: Json) -> bool | None:
    return (
        {"true": True, "false": False}.get(str(value).lower())
        if isinstance(value, bool | str)
        else None
    )


def _datetime(value: Json) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
