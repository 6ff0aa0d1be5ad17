"""OpenRouter's side of OAuth with PKCE: a page of consent, codes, and the keys they become.

`GET /auth` shows the page, its buttons post to it, `POST /api/v1/auth/keys` gives the key.
"""

from __future__ import annotations

import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from math import isfinite
from secrets import token_hex
from urllib.parse import parse_qs, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from openrouter_connector.values import Json, JsonObject

from ..errors import Refusal, invalid
from ..inference import json_body
from ..state import Grant, Key, Ledger
from .consent_pages import code_page, consent_page, wrong_page

GOOD_FOR = 600.0  # seconds of a code
METHODS = ("S256", "plain")
LONGEST_LABEL = 100


async def consent(request: Request) -> Response:
    """`GET /auth`: the page that asks; 400 with all that is wrong with the request."""
    if found := list(_problems(request.query_params)):
        return _page(wrong_page(found), 400)
    callback = request.query_params.get("callback_url")
    who = urlsplit(callback).netloc if callback else None
    return _page(consent_page(who, *_terms(request.query_params)))


async def decide(request: Request) -> Response:
    """`POST /auth`: a button of the page; back to the callback, or the code to copy."""
    asked = request.query_params
    if found := list(_problems(asked)):
        return _page(wrong_page(found), 400)
    form = parse_qs((await request.body()).decode(errors="replace"))
    decision = form.get("decision", ["deny"])[0]
    callback = asked.get("callback_url")
    if decision not in ("allow", "expired"):
        return _back(callback, error="access_denied") if callback else _page(code_page(None))
    code = _granted(_ledger(request), asked, expired=decision == "expired")
    return _back(callback, code=code) if callback else _page(code_page(code))


async def exchange(request: Request) -> Response:
    """`POST /auth/keys`: a key for a code; without a key in its header. Refusal 400 or 403."""
    body = await json_body(request)
    code, verifier, method = (
        body.get(name) for name in ("code", "code_verifier", "code_challenge_method")
    )
    if not isinstance(code, str):
        raise invalid("code", "string")
    if verifier is not None and not isinstance(verifier, str):
        raise invalid("code_verifier", "string")
    if method not in (*METHODS, None):
        raise invalid("code_challenge_method", "one of S256|plain|null")
    ledger = _ledger(request)
    grant = ledger.grants.get(code)
    if grant is None:
        raise Refusal(403, "Invalid code or code_verifier")
    if time.monotonic() >= grant.until:
        raise Refusal(403, "Authorization code expired")
    if method != grant.method:
        raise Refusal(400, "Invalid code_challenge_method")
    if grant.challenge and _shown(verifier or "", grant.method) != grant.challenge:
        raise Refusal(403, "Invalid code or code_verifier")
    del ledger.grants[code]
    key = f"sk-or-v1-sandbox{token_hex(24)}"
    ledger.keys[key] = Key(grant.label or "OAuth key", grant.limit, grant.key_expires, spent=0.0)
    return JSONResponse({"key": key, "user_id": "user_sandbox"})


async def code_of_key(request: Request) -> Response:
    """`POST /auth/keys/code`: a code for one who has a key already; Refusal 400."""
    body = await json_body(request)
    if not isinstance(body.get("callback_url"), str):
        raise invalid("callback_url", "string")
    known = ("callback_url", "code_challenge", "code_challenge_method", "limit", "key_label")
    asked = {name: str(body[name]) for name in known if body.get(name) is not None}
    if found := list(_problems(asked)):
        raise Refusal(400, "; ".join(found))
    code = _granted(_ledger(request), asked, key_expires=_moment(body.get("expires_at")))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    data: JsonObject = {"id": code, "app_id": 1, "created_at": created}
    return JSONResponse({"data": data})


def _granted(
    ledger: Ledger,
    asked: Mapping[str, str],
    *,
    expired: bool = False,
    key_expires: str | None = None,
) -> str:
    """Make a code and remember what it stands for."""
    limit, label = _terms(asked)
    challenge = asked.get("code_challenge")
    method = asked.get("code_challenge_method", "plain") if challenge else None
    until = time.monotonic() + (0 if expired else GOOD_FOR)
    code = f"auth_code_{token_hex(16)}"
    ledger.grants[code] = Grant(challenge, method, until, limit, label, key_expires)
    while len(ledger.grants) > 1000:
        ledger.grants.popitem(last=False)
    return code


def _problems(asked: Mapping[str, str]) -> Iterator[str]:
    """Find all that is wrong with a request for consent."""
    callback, challenge = asked.get("callback_url"), asked.get("code_challenge")
    if callback is not None and not _is_callback(callback):
        yield "callback_url must be https, or localhost or 127.0.0.1 on any port"
    if callback is None and not challenge:
        yield "code_challenge is required without a callback_url"
    if asked.get("code_challenge_method", "S256") not in METHODS:
        yield "code_challenge_method must be S256 or plain"
    if (limit := asked.get("limit")) is not None and _amount(limit) is None:
        yield "limit must be an amount of USD above 0"
    label = asked.get("key_label", "")
    if len(label) > LONGEST_LABEL or (label and not label.isprintable()):
        yield f"key_label must be one line of at most {LONGEST_LABEL} characters"


def _is_callback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    local = parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _terms(asked: Mapping[str, str]) -> tuple[float | None, str | None]:
    """Give the limit and the label that the key is to have."""
    return _amount(asked.get("limit", "")), asked.get("key_label")


def _amount(text: str) -> float | None:
    try:
        amount = float(text)
    except ValueError:
        return None
    return amount if isfinite(amount) and amount > 0 else None


def _moment(value: Json) -> str | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        raise invalid("expires_at", "ISO 8601 date-time") from None


def _shown(verifier: str, method: str | None) -> str:
    """Give the challenge of a verifier."""
    if method != "S256":
        return verifier
    return (
        urlsafe_b64encode(sha256(verifier.encode(errors="replace")).digest()).decode().rstrip("=")
    )


def _back(callback: str, **told: str) -> Response:
    parts = urlsplit(callback)
    query = "&".join(filter(None, (parts.query, urlencode(told))))
    return RedirectResponse(parts._replace(query=query).geturl(), 303)


def _page(html: str, status: int = 200) -> Response:
    quiet = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(html, status, headers=quiet | policy)


def _ledger(request: Request) -> Ledger:
    ledger: Ledger = request.app.state.ledger
    return ledger
