"""What a server says of a key, made plain. Any of it may be missing, odd, or meant to harm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from ..definition.model import Connection
from ..money import number
from ..secret import Hiding
from ..values import Json, JsonObject

State = Literal[
    "ok", "unverified", "rejected", "noCredits", "forbidden", "management", "expired", "offline",
    "wrongHost", "malformed",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyReport:
    """What became of the test, in a word and in a sentence, and what the server told.

    Amounts are in USD. None is what the server did not tell; a key without a limit has none.
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
    """What the account has left."""

    @property
    def ok(self) -> bool:
        """Whether the key was proven good."""
        return self.state == "ok"

    def to_json(self) -> JsonObject:
        """Give all of it, `ok` too, in camelCase."""
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


def report(
    key: JsonObject, account: JsonObject, token: str | None, connection: Connection
) -> KeyReport:
    """Judge a key by what `test` says of it, and `account` of the credits; both may be empty.

    The token stands in no part of the report, even where the server echoes it.
    """
    management = any(_truth(key.get(name)) for name in ("is_management_key", "is_provisioning_key"))
    expires = _moment(key.get("expires_at"))
    told = KeyReport(
        "ok",
        "",
        label=one_line(key.get("label"), token) or None,
        kind=_kind(connection, management),
        limit=number(key.get("limit")),
        limit_remaining=number(key.get("limit_remaining")),
        limit_reset=one_line(key.get("limit_reset"), token) or None,
        usage=number(key.get("usage")),
        free_tier=_truth(key.get("is_free_tier")),
        expires_at=expires.isoformat() if expires else None,
        credits=_balance(account, management),
    )
    state, message = _verdict(told, expires, connection)
    return replace(told, state=state, message=message)


def one_line(text: Json, token: str | None, most: int = 80) -> str:
    """Make one short printable line of a text from outside, without the token in it."""
    if not isinstance(text, str):
        return ""
    text = Hiding(token).in_text(text)
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: 10 * most])
    line = " ".join(shown.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def _kind(connection: Connection, management: bool) -> Literal["standard", "management"] | None:
    """Return the kind of a key; None for an API that does not describe its keys."""
    if management:
        return "management"
    return "standard" if connection.key_details else None


def _verdict(
    told: KeyReport, expires: datetime | None, connection: Connection
) -> tuple[State, str]:
    keys, credits = _at(connection.help), _at(connection.credits)
    if expires and expires <= datetime.now(UTC):
        return "expired", f"the key expired on {expires:%Y-%m-%d}; make a new one{keys}"
    if told.kind == "management":
        return (
            "management",
            "this is a management key: it can read the account, but cannot call a model; make an "
            f"ordinary key{keys}",
        )
    if told.limit_remaining is not None and told.limit_remaining <= 0:
        wait = f", or wait for its {told.limit_reset} reset" if told.limit_reset else ""
        return "noCredits", f"the limit of the key is used up; raise it{keys}{wait}"
    if told.credits is not None and told.credits <= 0:
        return "noCredits", f"the account has no credits left; add some{credits}"
    if told.free_tier:
        return (
            "ok",
            "the key works, on the free tier: only free models answer, a few dozen times a day, "
            f"until credits are bought{credits}",
        )
    return "ok", "the key works"


def _at(page: str | None) -> str:
    return f" at {page}" if page else ""


def _balance(account: JsonObject, management: bool) -> float | None:
    """Give what is left. Zeros are what an ordinary key may be told in place of a refusal."""
    bought, used = number(account.get("total_credits")), number(account.get("total_usage"))
    if bought is None or used is None or not (bought or used or management):
        return None
    return round(bought - used, 6)


def _truth(value: Json) -> bool | None:
    return (
        {"true": True, "false": False}.get(str(value).lower())
        if isinstance(value, bool | str)
        else None
    )


def _moment(value: Json) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment is None:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
