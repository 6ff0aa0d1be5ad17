"""`/batches`: many requests at half price, which take a fraction of a second instead of minutes.

202 validating ──▶ in_progress ──▶ finalizing ──▶ completed
            └──▶ failed, if one of the requests is invalid: the 202 does not tell
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject, an_object

from ..catalogue import private_model
from ..checks.chat import check_chat
from ..checks.fields import OBJECT, STRING, Check, check_fields, query_integer, require_fields
from ..errors import RefusedRequest, invalid, payload_too_large
from ..faults.table import FAULTS, Fault
from ..inference import PARSED_BODY, Endpoint, endpoint, json_body, json_response
from ..state import Batch, State, current_key, state_of
from ..usage import price_factor
from . import chat, embeddings, messages, responses

MAX_REQUESTS = 5000
MAX_BYTES = 200_000_000
MAX_BATCHES = 100  # that the sandbox remembers
HALF = Decimal("0.5")
DAY = 24 * 60 * 60
STATUSES = ((0.1, "validating"), (0.4, "in_progress"), (0.5, "finalizing"))
"""The status of a batch until an age in seconds; after the last, it has ended."""
LISTED = {"validating", "in_progress", "completed", "failed", "expired", "cancelled"}
FINAL = {"completed", "failed", "expired", "cancelled"}
CHECKS: dict[str, Check] = {
    "endpoint": STRING,
    "model": STRING,
    "provider": OBJECT,
    "completion_window": ('"24h"', lambda v: v == "24h"),
    "callback_url": ("https URL", lambda v: isinstance(v, str) and v.startswith("https://")),
    "requests": (
        "array of {custom_id, body}",
        lambda v: isinstance(v, list) and bool(v) and all(map(_is_request, v)),
    ),
}
BEFORE_REQUESTS = ("endpoint", "model", "callback_url")


class Kind(NamedTuple):
    """One kind of request that a batch takes: its checks, and what answers it."""

    check: Callable[[JsonObject], None]
    answer: Endpoint


KINDS = {
    "/v1/chat/completions": Kind(
        check_chat, endpoint("completions", check_chat, chat.complete)
    ),
    "/v1/responses": Kind(
        responses.check,
        endpoint("completions", responses.check, responses.answer, to_chat=responses.to_chat),
    ),
    "/v1/messages": Kind(
        messages.check,
        endpoint("completions", messages.check, messages.answer, to_chat=messages.to_chat),
    ),
    "/v1/embeddings": Kind(
        embeddings.check, endpoint("embeddings", embeddings.check, embeddings.embed)
    ),
}  # fmt: skip


async def submit(request: Request) -> Response:
    """`POST /batches`: accept a batch with 202; its requests are checked later."""
    body = await json_body(request)
    _check(body, int(request.headers.get("content-length") or 0))
    state = state_of(request)
    batch = Batch(
        f"batch_{secrets.token_hex(12)}", current_key.get(), body, _invalid_request(body),
        int(time.time()), time.monotonic(),
    )  # fmt: skip
    state.batches[batch.id] = batch
    while len(state.batches) > MAX_BATCHES:
        state.batches.pop(next(iter(state.batches)))
    return JSONResponse(await _described(batch, request), 202)


async def read(request: Request) -> Response:
    """`GET /batches/{id}`: a batch, with its results once it has ended."""
    batch = _find(request)
    described = await _described(batch, request)
    if described["status"] in FINAL:
        described["results"] = await _results(batch, request, described["status"])
    return json_response(described)


async def list_batches(request: Request) -> Response:
    """`GET /batches`: one page without results, newest first; `after` is the last id before it."""
    query, state = request.query_params, state_of(request)
    wanted = query.getlist("status")
    if unknown := set(wanted) - LISTED:
        raise invalid("status", f"one of {'|'.join(sorted(LISTED))}, received {unknown.pop()}")
    since, until = (_time(query.get(f"created_{side}"), side) for side in ("after", "before"))
    own = [one for one in state.batches.values() if one.owner == current_key.get()]
    rows = [await _described(one, request) for one in reversed(own)]
    rows = [row for row in rows if not wanted or _stored(row["status"]) in wanted]
    rows = [row for row in rows if since < row["created_at"] < until]
    ids = [row["id"] for row in rows]
    after = query.get("after")
    if after is not None and after not in ids:
        raise invalid("after", "the last_id of the page before")
    start = ids.index(after) + 1 if after is not None else 0
    end = start + query_integer(query, "limit", 20, 1, 100)
    page = rows[start:end]
    return JSONResponse(
        {
            "object": "list",
            "data": page,
            "first_id": page[0]["id"] if page else None,
            "last_id": page[-1]["id"] if page else None,
            "has_more": end < len(rows),
        }
    )


async def delete(request: Request) -> Response:
    """`DELETE /batches/{id}`: delete a batch that has ended; 409 for one that has not."""
    batch = _find(request)
    status = _status(batch, state_of(request))
    if status not in FINAL:
        message = f"Batch {batch.id} is {status}; only a batch in a terminal status can be deleted"
        raise RefusedRequest(409, message)
    del state_of(request).batches[batch.id]
    deletion = {"openrouter": "deleted", "upstream": {"provider": "Sandbox", "status": "deleted"}}
    return JSONResponse({"id": batch.id, "object": "batch", "deletion": deletion})


def _check(body: JsonObject, size: int) -> None:
    """Check what is known when a batch is submitted; raise RefusedRequest 400 or 413."""
    if size > MAX_BYTES:
        raise payload_too_large()
    require_fields(body, "endpoint", "model")
    check_fields(body, CHECKS)
    if body["endpoint"] not in KINDS:
        raise invalid("endpoint", "one of " + "|".join(KINDS))
    if "requests" not in body:
        raise invalid("requests", "array of {custom_id, body}")
    keys = list(body)
    # The real API reads a body as a stream, and must know all this before the first request.
    for name in BEFORE_REQUESTS:
        if name in body and keys.index(name) > keys.index("requests"):
            raise RefusedRequest(400, f"{name} must appear before requests in the request body")
    if len(body["requests"]) > MAX_REQUESTS:
        raise invalid("requests", f"at most {MAX_REQUESTS} requests")
    ids = [request["custom_id"] for request in body["requests"]]
    if len(set(ids)) < len(ids):
        twice = next(own for own in ids if ids.count(own) > 1)
        raise RefusedRequest(400, f"requests: duplicate custom_id {twice!r}")
    private_model.find(body["model"])


def _is_request(value: Json) -> bool:
    request = an_object(value)
    own = request.get("custom_id")
    return isinstance(own, str) and bool(own) and isinstance(request.get("body"), dict)


def _invalid_request(body: JsonObject) -> str | None:
    """Return what is wrong with the first invalid request, which fails the whole batch later."""
    kind, model = KINDS[body["endpoint"]], body["model"]
    for request in body["requests"]:
        own, named = request["body"], request["body"].get("model")
        try:
            if named not in (None, model):
                raise invalid("model", f"{model}, received {named}")
            if own.get("stream"):
                raise invalid("stream", "false in a batch")
            if "data:" in json.dumps(own) and '"url": "data:' in json.dumps(own):
                raise RefusedRequest(400, "images must be public http(s) URLs")
            kind.check({**own, "model": model})
        except RefusedRequest as refusal:
            return f"Request {request['custom_id']!r}: {refusal.message}"
    return None


async def _described(batch: Batch, request: Request) -> JsonObject:
    """Return a batch without its results."""
    status = _status(batch, state_of(request))
    total, age = len(batch.body["requests"]), time.monotonic() - batch.started
    counts = {"total": total, "completed": 0, "failed": 0}
    usage = None
    if status in FINAL and batch.fault is None:
        found = await _results(batch, request, status) or []
        counts["completed"] = sum(one["error"] is None for one in found)
        counts["failed"] = (
            total - counts["completed"]
            if status == "completed"
            else len(found) - counts["completed"]
        )
        usage = _usage([one for one in found if one["error"] is None])
    elif status in ("in_progress", "finalizing"):
        (begin, _), (end, _) = STATUSES[0], STATUSES[1]
        fault = _fault(batch)
        if fault is not None and fault.slow_job:
            end = state_of(request).settings.slow
        share = min(1.0, max(0.0, (age - begin) / (end - begin)))
        counts["completed"] = int(total * share)
    return {
        "id": batch.id,
        "object": "batch",
        "endpoint": batch.body["endpoint"],
        "model": batch.body["model"],
        "provider": None if status == "validating" else "Sandbox",
        "completion_window": "24h",
        "created_at": batch.created,
        "expires_at": batch.created + DAY,
        "finalized_at": int(time.time()) if status in FINAL else None,
        "status": status,
        "request_counts": counts,
        "error": _error(batch, status),
        "results": None,
        "usage": usage,
    }


def _error(batch: Batch, status: str) -> JsonObject | None:
    if batch.fault:
        return {"message": batch.fault} if status == "failed" else None
    return (
        {"message": "The sandbox was asked for a batch that fails."} if status == "failed" else None
    )


def _status(batch: Batch, state: State) -> str:
    age, fault = time.monotonic() - batch.started, _fault(batch)
    final = fault.job_status if fault and fault.job_status else "completed"
    if batch.fault:
        final = "failed"
    elif fault is not None and fault.slow_job and STATUSES[-1][0] <= age < state.settings.slow:
        return "in_progress"
    return next((status for until, status in STATUSES if age < until), final)


def _fault(batch: Batch) -> Fault | None:
    model = private_model.find(batch.body["model"])
    return FAULTS.get(model.fault or model.id)


async def _results(batch: Batch, request: Request, status: str) -> list[JsonObject] | None:
    """Return the results, which are made once; a batch that expired has the first half of them."""
    if batch.fault or status in ("failed", "cancelled"):
        return None
    if batch.results is None:
        batch.results = asyncio.create_task(_answered(batch, request))
    found = await asyncio.shield(batch.results)
    return found[: len(found) // 2] if status == "expired" else found


async def _answered(batch: Batch, request: Request) -> list[JsonObject]:
    price_factor.set(HALF)  # of this task alone
    fault, results = _fault(batch), list[JsonObject]()
    model = batch.body["model"]
    if fault is not None and (fault.job_status or fault.batch):  # the requests themselves are fine
        is_chat = batch.body["endpoint"] != "/v1/embeddings"
        model = "sandbox/echo" if is_chat else "sandbox/indexer"
    for index, one in enumerate(batch.body["requests"]):
        body = {**one["body"], "model": model}
        failed = fault is not None and fault.batch == "partly" and index % 2 == 1
        outcome = _FAILED if failed else await _outcome(batch, body, request)
        results.append(
            {"id": f"batch_req_{secrets.token_hex(8)}", "custom_id": one["custom_id"], **outcome}
        )
        await asyncio.sleep(0)
    # The real ones come in any order.
    results.reverse()
    if fault is not None and fault.batch == "gaps":
        results = [
            one for one in results if one["custom_id"] != batch.body["requests"][1]["custom_id"]
        ]
        results.append({**results[0], "custom_id": "nobody-sent-this"})
    return results


async def _outcome(batch: Batch, body: JsonObject, request: Request) -> JsonObject:
    answer = KINDS[batch.body["endpoint"]].answer
    try:
        response = await answer(Request({**request.scope, PARSED_BODY: body}))
    except RefusedRequest as refusal:
        kind = (refusal.metadata or {}).get("error_type") or "server"
        error = {"message": refusal.message, "param": None, "type": "api_error", "error_type": kind}
        return {"response": None, "error": error}
    found = json.loads(bytes(response.body))
    generation = response.headers["X-Generation-Id"]
    return {
        "response": {"status_code": 200, "request_id": generation, "body": found},
        "error": None,
    }


_FAILED: JsonObject = {
    "response": None,
    "error": {
        "message": "The sandbox was asked for a batch that fails partly.",
        "param": None,
        "type": "api_error",
        "error_type": "provider_unavailable",
    },
}


def _usage(results: list[JsonObject]) -> JsonObject | None:
    used = [one["response"]["body"].get("usage") or {} for one in results]
    if not used:
        return None
    prompt = sum(one.get("prompt_tokens", one.get("input_tokens", 0)) for one in used)
    written = sum(one.get("completion_tokens", one.get("output_tokens", 0)) for one in used)
    return {
        "prompt_tokens": prompt,
        "completion_tokens": written,
        "total_tokens": prompt + written,
        "cost": round(sum(one.get("cost", 0) for one in used), 10),
        "is_byok": False,
    }


def _stored(status: str) -> str:
    """Return a status as the list knows it: it has fewer of them."""
    return "in_progress" if status in ("finalizing", "cancelling") else status


def _time(text: str | None, side: str) -> float:
    if text is None:
        return 0.0 if side == "after" else float("inf")
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise invalid(f"created_{side}", "a date or time in ISO 8601") from None


def _find(request: Request) -> Batch:
    batch = state_of(request).batches.get(request.path_params["batch"])
    # A batch of another key is not found, rather than forbidden: ids must not be confirmed.
    if batch is None or batch.owner != current_key.get():
        raise RefusedRequest(404, f"Batch {request.path_params['batch']} not found")
    return batch
