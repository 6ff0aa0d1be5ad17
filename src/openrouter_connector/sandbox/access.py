"""Which API key may call what.

Any key with the real prefix is accepted. A word anywhere in a key (`sk-or-v1-sandbox-spent`) makes
it a test key: expired, spent, blocked and so on.
"""

from __future__ import annotations

from datetime import UTC, datetime

from .errors import RefusedRequest
from .state import Key, State, current_key

PREFIX = "sk-or-"
# The real API answers these without a key, so a connection test must not use them.
PUBLIC = ("/models", "/model/", "/providers", "/images/models", "/videos/models")
# The exchange of a code is the one POST without a key: the caller has none yet.
KEYLESS = ("/auth", "/auth/keys")
CREDITS_BOUGHT = 100.0
# What only a management key may call.
MANAGED = ("/credits", "/keys", "/activity", "/analytics/", "/organization/")
# What is posted without calling a model.
NOT_INFERENCE = ("/auth/", "/keys", "/analytics/", "/containers/", "/presets/", "/generation/")

TEST_KEYS: dict[str, Key] = {
    "management": Key("management key", CREDITS_BOUGHT, management=True),
    "expired": Key("expired key", CREDITS_BOUGHT, expires_at="2024-12-31T23:59:59+00:00"),
    "spent": Key("spent key", limit=10.0, spent=10.0),
    "freetier": Key("free tier key", free_tier=True),
    "unlimited": Key("unlimited key"),
}
"""Test keys by a word in their text."""

REFUSED_KEYS = {
    "disabled": (401, "User not found."),
    "blocked": (403, "This key is blocked by a guardrail of its workspace"),
}
"""Keys that are always refused, by a word in their text: status and message."""


def check_key(path: str, method: str, authorization: str | None, state: State) -> None:
    """Check that the key of a request may call the path; raise RefusedRequest 401, 402 or 403."""
    if path in KEYLESS or (method == "GET" and path.startswith(PUBLIC)):
        return
    # The real API has one message for a missing key and another for an unknown one.
    if authorization is None:
        raise RefusedRequest(401, "No auth credentials found")
    token = token_of(authorization)
    if token == authorization or not token.startswith(PREFIX):
        raise RefusedRequest(401, "User not found.")
    if word := next((word for word in REFUSED_KEYS if word in token), None):
        raise RefusedRequest(*REFUSED_KEYS[word])
    key = find_key(token, state)
    if key.disabled or key.deleted:
        raise RefusedRequest(401, "User not found.")
    # One report of an ordinary key with 200 and zeros exists (openchamber#3411); the documented 403
    # is the stricter test for a client.
    if path.startswith(MANAGED) and not key.management:
        raise RefusedRequest(403, "Only management keys can perform this operation")
    # A key that cannot pay may still read: a connection test shows its limit before a call fails.
    if method == "POST" and not path.startswith(NOT_INFERENCE):
        _check_inference(key)
    current_key.set(token)


def token_of(authorization: str) -> str:
    """Return the key in an Authorization header."""
    return authorization.removeprefix("Bearer ").strip()


def find_key(token: str, state: State) -> Key:
    """Return the key: one issued by OAuth, a test key, or else a default key."""
    if issued := state.keys.get(token):
        return issued
    # A word in the key, and not a list of keys: people can see in the key what it will do.
    named = (key for word, key in TEST_KEYS.items() if word in token)
    return next(named, Key("sandbox key", CREDITS_BOUGHT))


def _check_inference(key: Key) -> None:
    """Check that a key may call a model."""
    if key.management:
        raise RefusedRequest(403, "Management keys cannot perform inference")
    if key.expires_at and datetime.fromisoformat(key.expires_at) <= datetime.now(UTC):
        raise RefusedRequest(401, "API key expired")
    if None not in (key.limit, key.spent) and (key.spent or 0) >= (key.limit or 0):
        raise RefusedRequest(
            402, "The limit of this key is used up. Raise it in the settings of the key."
        )
