"""What every inference endpoint has in common: read, check, choose a model, answer, record.

request ──▶ check ──▶ as chat, preset, files ──▶ admit (fallbacks, fault models) ──▶ answer
    ──▶ fault on the wire
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import secrets
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from .catalogue import private_model
from .catalogue.models import Model, stand_in
from .content import answers
from .endpoints import files, presets
from .errors import Refusal, invalid
from .faults.table import FAULTS, Fault
from .state import Ledger, NoJson

PARSED = "openrouter.parsed"
"""Where the ASGI scope holds the body of a request as JSON."""
STAND_INS = {
    "image": "sandbox/painter",
    "tts": "sandbox/speaker",
    "stt": "sandbox/listener",
    "video": "sandbox/filmer",
    "embeddings": "sandbox/indexer",
    "rerank": "sandbox/ranker",
}
Endpoint = Callable[[Request], Awaitable[Response]]
ReadBody = Callable[[Request], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Exchange:
    """One inference call which was admitted: what was asked, and who answers.

    `asked` is the body as it came, `body` what it means: the same, or the chat that another skin
    of the API was translated to.
    """

    kind: str
    asked: JsonObject
    body: JsonObject
    model: Model
    fault: Fault | None
    generation: str
    created: int
    ledger: Ledger
    agent: str | None

    @property
    def stream(self) -> bool:
        """Whether events are asked for."""
        return bool(self.body.get("stream"))

    async def pause(self, share: float = 1.0) -> None:
        """Wait a share of the latency."""
        if self.ledger.settings.latency:
            await asyncio.sleep(self.ledger.settings.latency * share)

    def spoiled(self, rows: JsonObject) -> JsonObject:
        """Give a reply that lists rows, and what a fault makes of it."""
        spoil = self.fault.rows if self.fault is not None else None
        return rows if spoil is None else spoil(rows)

    def record(self, cost: float, output: JsonObject, **more: Json) -> None:
        """Keep the generation for `GET /generation`, with the counters that `more` names."""
        record = _blank(self) | {"total_cost": cost, "usage": cost} | more
        words = {"prompt": _prompt(self.body)}
        messages = {"messages": self.body.get("messages")}
        content: JsonObject = {
            "input": messages if self.kind == "completions" else words,
            "output": {"completion": None, "reasoning": None} | output,
            "error": None,
        }
        self.ledger.keep(record, content)


def endpoint(
    kind: str,
    check: Callable[[JsonObject], None],
    answer: Callable[[Exchange], Awaitable[Response]],
    read: ReadBody | None = None,
    as_chat: Callable[[JsonObject], JsonObject] | None = None,
) -> Endpoint:
    """Give the HTTP handler of an inference endpoint; `kind` is the `api_type` of its records.

    `as_chat` translates the body of another skin, once it is checked, into that of a chat.
    """

    async def handle(request: Request) -> Response:
        asked = await (read or json_body)(request)
        check(asked)
        body = as_chat(asked) if as_chat is not None else asked
        if kind == "completions":
            body = files.named(presets.applied(body), request.app.state.ledger)
        exchange = admit(kind, asked, body, request)
        await exchange.pause()
        response = await answer(exchange)
        response.headers["X-Generation-Id"] = exchange.generation
        if exchange.fault is not None and exchange.fault.wire is not None:
            response = exchange.fault.wire(response, exchange.ledger.settings)
        return response

    return handle


async def json_body(request: Request) -> JsonObject:
    """Give the JSON object that the door has read; raises Refusal 400."""
    body = request.scope[PARSED]
    if body is NoJson:
        raise Refusal(400, "Invalid JSON in the request body")
    if not isinstance(body, dict):
        raise invalid("body", "object")
    return body


def json_reply(value: Json) -> Response:
    """Answer with JSON, which is written several times as quick as by starlette."""
    return Response(to_json(value, inf_nan_mode="null"), media_type="application/json")


def admit(kind: str, asked: JsonObject, body: JsonObject, request: Request) -> Exchange:
    """Choose the first of the asked models that does not refuse; raises the last refusal."""
    ledger: Ledger = request.app.state.ledger
    names = _asked_models(body)
    for name in names:
        try:
            model, fault = _called(kind, name, ledger, asked, body)
            break
        except Refusal as refusal:
            if not refusal.retryable or name == names[-1]:
                raise
    now = int(time.time())
    name = f"gen-{now}-{secrets.token_hex(10)}"
    agent = request.headers.get("user-agent")
    return Exchange(kind, asked, body, model, fault, name, now, ledger, agent)


def _asked_models(body: JsonObject) -> list[str]:
    first = [body["model"]] if body.get("model") is not None else []
    return [*first, *(body.get("models") or ())] or ["sandbox/echo"]


def _called(
    kind: str, name: str, ledger: Ledger, asked: JsonObject, body: JsonObject
) -> tuple[Model, Fault | None]:
    model = private_model.find(name)
    fault = FAULTS.get(model.id)
    if fault is None:
        return model, None
    again = fault.once and not ledger.first_time(_print(name, kind, asked))
    spared = fault.some and not _is_hit(kind, body)
    if fault.refuse is not None and not again and not spared:
        raise fault.refuse(model.id)
    return (stand_in(model, STAND_INS[kind]) if kind in STAND_INS else model), fault


def _is_hit(kind: str, body: JsonObject) -> bool:
    """Whether the pictures or the sound of a request are of those that fail: every other one."""
    data: list[str] = []
    if kind == "completions":
        found = answers.attachments(body["messages"])
        data = [one.data for one in found if one.kind in ("image", "audio clip")]
    elif kind == "stt":
        data = [body["input_audio"]["data"]]
    return bool(data) and zlib.crc32("".join(data).encode()) % 2 == 1


def _print(name: str, kind: str, body: JsonObject) -> str:
    """Give the fingerprint by which the second try of a request is known."""
    text = json.dumps([name, kind, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _prompt(body: JsonObject) -> str:
    """Give what was asked as one text: many inputs as JSON."""
    given = body.get("prompt") or body.get("input") or body.get("query") or ""
    return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)


def _blank(exchange: Exchange) -> JsonObject:
    """Give a generation record with every key that the API promises."""
    waited = exchange.ledger.settings.latency * 1000
    return UNKNOWN | {
        "id": exchange.generation,
        "model": exchange.model.slug,
        "provider_name": "Sandbox",
        "api_type": exchange.kind,
        "created_at": datetime.fromtimestamp(exchange.created, UTC).isoformat(),
        "streamed": exchange.stream,
        "cancelled": False,
        "is_byok": False,
        "latency": waited + 1,
        "generation_time": waited + 2,
        "origin": "",
        "user_agent": exchange.agent,
        "data_region": "global",
        "preset_id": presets.id_of(exchange.body.get("preset")),
    }


UNKNOWN: JsonObject = dict.fromkeys(
    (
        *("upstream_id", "cache_discount", "upstream_inference_cost", "app_id", "cancelled"),
        *("finish_reason", "native_finish_reason", "tokens_prompt", "tokens_completion"),
        *("native_tokens_prompt", "native_tokens_completion", "native_tokens_reasoning"),
        *("native_tokens_cached", "native_tokens_completion_images", "num_media_prompt"),
        *("num_media_completion", "num_input_audio_prompt", "num_search_results"),
        *("num_fetches", "moderation_latency", "http_referer", "external_user", "router"),
        *("service_tier", "web_search_engine", "workspace_id", "request_id"),
        *("session_id", "response_cache_source_id", "provider_responses"),
    )
)
"""What a generation record says null about, unless it is known."""
