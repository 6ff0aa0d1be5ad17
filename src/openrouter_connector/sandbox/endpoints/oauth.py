"""OAuth with PKCE as OpenRouter has it: a consent page, codes, and the keys made from them.

`GET /auth` shows the page, its buttons post to it, and `POST /api/v1/auth/keys` returns the key.
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

from ..errors import RefusedRequest, invalid
from ..inference import json_body
from ..state import Grant, Key, State, state_of
from .consent_pages import code_page, consent_page, problems_page

CODE_LIFETIME = 600.0  # seconds, as documented for OpenRouter
METHODS = ("S256", "plain")
MAX_LABEL = 100


async def show_consent(request: Request) -> Response:
    """`GET /auth`: the consent page; 400 with everything that is wrong with the request."""
    if problems := list(_problems(request.query_params)):
        return _page(problems_page(problems), 400)
    callback = request.query_params.get("callback_url")
    host = urlsplit(callback).netloc if callback else None
    return _page(consent_page(host, *_terms(request.query_params)))


async def submit_consent(request: Request) -> Response:
    """`POST /auth`: a button was pressed; redirect to the callback, or show the code."""
    params = request.query_params
    if problems := list(_problems(params)):
        return _page(problems_page(problems), 400)
    form = parse_qs((await request.body()).decode(errors="replace"))
    decision = form.get("decision", ["deny"])[0]
    callback = params.get("callback_url")
    if decision not in ("allow", "expired"):
        return _redirect(callback, error="access_denied") if callback else _page(code_page(None))
    code = _grant(state_of(request), params, expired=decision == "expired")
    return _redirect(callback, code=code) if callback else _page(code_page(code))


async def exchange_code(request: Request) -> Response:
    """`POST /auth/keys`: exchange a code for a key, without a key; RefusedRequest 400 or 403."""
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
    state = state_of(request)
    grant = state.grants.get(code)
    # As documented: the same 403 for an unknown code and for a wrong verifier.
    if grant is None:
        raise RefusedRequest(403, "Invalid code or code_verifier")
    if time.monotonic() >= grant.expires:
        raise RefusedRequest(403, "Authorization code expired")
    # As at OpenRouter, the method must be the one of the first step.
    if method != grant.method:
        raise RefusedRequest(400, "Invalid code_challenge_method")
    if grant.challenge and _challenge(verifier or "", grant.method) != grant.challenge:
        raise RefusedRequest(403, "Invalid code or code_verifier")
    # A code works once.
    del state.grants[code]
    key = f"sk-or-v1-sandbox{token_hex(24)}"
    state.keys[key] = Key(grant.label or "OAuth key", grant.limit, grant.key_expires, spent=0.0)
    return JSONResponse({"key": key, "user_id": "user_sandbox"})


async def create_code(request: Request) -> Response:
    """`POST /auth/keys/code`: create a code with an existing key; RefusedRequest 400."""
    body = await json_body(request)
    if not isinstance(body.get("callback_url"), str):
        raise invalid("callback_url", "string")
    known = ("callback_url", "code_challenge", "code_challenge_method", "limit", "key_label")
    params = {name: str(body[name]) for name in known if body.get(name) is not None}
    if problems := list(_problems(params)):
        raise RefusedRequest(400, "; ".join(problems))
    code = _grant(state_of(request), params, key_expires=_to_utc(body.get("expires_at")))
    created = datetime.now(UTC).isoformat(timespec="seconds")
    data: JsonObject = {"id": code, "app_id": 1, "created_at": created}
    return JSONResponse({"data": data})


def _grant(
    state: State,
    params: Mapping[str, str],
    *,
    expired: bool = False,
    key_expires: str | None = None,
) -> str:
    """Return a new code, and store what it grants."""
    limit, label = _terms(params)
    challenge = params.get("code_challenge")
    method = params.get("code_challenge_method", "plain") if challenge else None
    expires = time.monotonic() + (0 if expired else CODE_LIFETIME)
    code = f"auth_code_{token_hex(16)}"
    state.grants[code] = Grant(challenge, method, expires, limit, label, key_expires)
    # Anyone may open the page, so the codes are bounded.
    while len(state.grants) > 1000:
        state.grants.popitem(last=False)
    return code


def _problems(params: Mapping[str, str]) -> Iterator[str]:
    """Yield everything that is wrong with a request for consent."""
    callback, challenge = params.get("callback_url"), params.get("code_challenge")
    if callback is not None and not _is_callback(callback):
        yield "callback_url must be https, or localhost or 127.0.0.1 on any port"
    if callback is None and not challenge:
        yield "code_challenge is required without a callback_url"
    if params.get("code_challenge_method", "S256") not in METHODS:
        yield "code_challenge_method must be S256 or plain"
    if (limit := params.get("limit")) is not None and _amount(limit) is None:
        yield "limit must be an amount of USD above 0"
    label = params.get("key_label", "")
    if len(label) > MAX_LABEL or (label and not label.isprintable()):
        yield f"key_label must be one line of at most {MAX_LABEL} characters"


def _is_callback(url: str) -> bool:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    local = parts.hostname in ("localhost", "127.0.0.1")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and local))


def _terms(params: Mapping[str, str]) -> tuple[float | None, str | None]:
    """Return the limit and the label of the future key."""
    return _amount(params.get("limit", "")), params.get("key_label")


def _amount(text: str) -> float | None:
    try:
        amount = float(text)
    except ValueError:
        return None
    return amount if isfinite(amount) and amount > 0 else None


def _to_utc(value: Json) -> str | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(value).astimezone(UTC).isoformat()
    except (TypeError, ValueError, OverflowError):
        raise invalid("expires_at", "ISO 8601 date-time") from None


def _challenge(verifier: str, method: str | None) -> str:
    """Return the challenge that belongs to a verifier."""
    if method != "S256":
        return verifier
    return (
        # A JSON string may contain half a surrogate pair, which has no encoding; it must not match.
        urlsafe_b64encode(sha256(verifier.encode(errors="replace")).digest()).decode().rstrip("=")
    )


def _redirect(callback: str, **params: str) -> Response:
    parts = urlsplit(callback)
    query = "&".join(filter(None, (parts.query, urlencode(params))))
    return RedirectResponse(parts._replace(query=query).geturl(), 303)


def _page(html: str, status: int = 200) -> Response:
    # A page may show a code, and its address has the challenge: neither may be stored or passed on.
    private = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    policy = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'"}
    return HTMLResponse(html, status, headers=private | policy)
