"""`/keys`: list, create, change and delete the API keys of the account, with a management key."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..checks.fields import (
    BOOLEAN,
    STRING,
    Check,
    check_fields,
    is_number,
    is_string,
    one_of,
    query_integer,
    require_fields,
)
from ..errors import RefusedRequest
from ..inference import json_body
from ..state import Key, State, state_of

LIMIT: Check = ("number of at least 0", lambda v: is_number(v) and v >= 0)
CHECKS: dict[str, Check] = {
    "name": ("string of at least 1", lambda v: is_string(v) and bool(v)),
    "limit": LIMIT,
    "limit_reset": one_of(["daily", "weekly", "monthly"]),
    "include_byok_in_limit": BOOLEAN,
    "disabled": BOOLEAN,
    "expires_at": STRING,
    "workspace_id": STRING,
}
PAGE = 100


async def keys(request: Request) -> Response:
    """`GET /keys`: the keys that were created here, newest first, without their secrets."""
    query = request.query_params
    disabled = query.get("include_disabled") == "true"
    created = [key for key in reversed(_created(request).values()) if disabled or not key.disabled]
    start = query_integer(query, "offset", 0, 0, 10**9)
    return JSONResponse({"data": [_record(key) for key in created[start : start + PAGE]]})


async def create(request: Request) -> Response:
    """`POST /keys`: a new key; its secret is in this response alone."""
    body = await json_body(request)
    require_fields(body, "name")
    check_fields(body, CHECKS)
    secret = f"sk-or-v1-{secrets.token_hex(32)}"
    key = Key(
        f"{secret[:12]}...{secret[-3:]}",
        limit=body.get("limit"),
        expires_at=body.get("expires_at"),
        spent=0.0,
        name=body["name"],
        hash=hashlib.sha256(secret.encode()).hexdigest(),
        limit_reset=body.get("limit_reset"),
    )
    state_of(request).keys[secret] = key
    return JSONResponse({"data": _record(key), "key": secret}, 201)


async def key(request: Request) -> Response:
    """`GET /keys/{hash}`: one key."""
    return JSONResponse({"data": _record(_found(request)[1])})


async def update(request: Request) -> Response:
    """`PATCH /keys/{hash}`: change its name, limit or state."""
    body = await json_body(request)
    check_fields(body, CHECKS)
    _, key = _found(request)
    for name in ("name", "limit", "limit_reset", "disabled"):
        if name in body:
            setattr(key, name, body[name])
    return JSONResponse({"data": _record(key)})


async def delete(request: Request) -> Response:
    """`DELETE /keys/{hash}`: delete a key; it is refused from now on."""
    secret, key = _found(request)
    key.deleted = True
    state_of(request).keys[secret] = key
    return JSONResponse({"deleted": True})


def _created(request: Request) -> dict[str, Key]:
    return _keys_by_hash(state_of(request))


def _keys_by_hash(state: State) -> dict[str, Key]:
    return {key.hash: key for key in state.keys.values() if key.hash and not key.deleted}


def _found(request: Request) -> tuple[str, Key]:
    wanted = request.path_params["hash"]
    for secret, key in state_of(request).keys.items():
        if key.hash == wanted and not key.deleted:
            return secret, key
    raise RefusedRequest(404, "API key not found")


def _record(key: Key) -> JsonObject:
    spent = round(key.spent or 0, 10)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    periods = ("", "_daily", "_weekly", "_monthly")
    return {
        "hash": key.hash,
        "name": key.name,
        "label": key.label,
        "disabled": key.disabled,
        "limit": key.limit,
        "limit_remaining": None if key.limit is None else max(0.0, round(key.limit - spent, 10)),
        "limit_reset": key.limit_reset,
        "include_byok_in_limit": False,
        **{f"usage{period}": spent for period in periods},
        **{f"byok_usage{period}": 0 for period in periods},
        "created_at": now,
        "updated_at": None,
        "last_used_at": None,
        "expires_at": key.expires_at,
        "creator_user_id": "user_sandbox",
        "external_user": None,
        "workspace_id": "a103d8b6-42f0-4e50-9a3c-bf41e2c3c1a7",
    }
