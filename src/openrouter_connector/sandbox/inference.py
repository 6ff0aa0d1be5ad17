"""What every inference endpoint has in common: check, choose a model, answer, record.

request ──▶ check ──▶ translate to chat, preset, files ──▶ choose a model (fallbacks, faults)
    ──▶ answer ──▶ fault in the response
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
from .content import conversation
from .errors import RefusedRequest, invalid
from .faults.table import FAULTS, Fault
from .presets import apply_preset, preset_id
from .recording import NoJson
from .state import State, state_of
from .uploads import add_file_names

PARSED_BODY = "openrouter.parsed"
"""The key in the ASGI scope under which the middleware stores the parsed body."""
STAND_INS = {
    "image": "sandbox/painter",
    "tts": "sandbox/speaker",
    "stt": "sandbox/listener",
    "video": "sandbox/filmer",
    "embeddings": "sandbox/indexer",
    "rerank": "sandbox/ranker",
}
"""The model that answers for a fault model or a played one, by the `api_type` of the endpoint."""
Endpoint = Callable[[Request], Awaitable[Response]]
ReadBody = Callable[[Request], Awaitable[JsonObject]]


@dataclass(frozen=True, slots=True)
class Inference:
    """One inference request that passed its checks, and the model that answers it.

    `original_body` is the body as it was sent. `body` is the same, or the chat request that another
    dialect was translated to.
    """

    kind: str
    original_body: JsonObject
    body: JsonObject
    model: Model
    fault: Fault | None
    generation: str
    created: int
    state: State
    user_agent: str | None
    routing: JsonObject | None = None
    """How the request was routed, if the client wants to know."""

    @property
    def stream(self) -> bool:
        """Whether the client requested a stream."""
        return bool(self.body.get("stream"))

    async def pause(self, share: float = 1.0) -> None:
        """Wait for a share of the latency."""
        if self.state.settings.latency:
            await asyncio.sleep(self.state.settings.latency * share)

    def alter_rows(self, response: JsonObject) -> JsonObject:
        """Return a response with rows, altered by the fault if there is one."""
        alter = self.fault.alter_rows if self.fault is not None else None
        return response if alter is None else alter(response)

    def record(self, cost: float, output: JsonObject, **counters: Json) -> None:
        """Store the generation for `GET /generation`."""
        record = _empty_record(self) | {"total_cost": cost, "usage": cost} | counters
        messages = {"messages": self.body.get("messages")}
        content: JsonObject = {
            "input": messages if self.kind == "completions" else {"prompt": _prompt(self.body)},
            "output": {"completion": None, "reasoning": None} | output,
            "error": None,
        }
        self.state.store_generation(record, content)


def endpoint(
    kind: str,
    check: Callable[[JsonObject], None],
    answer: Callable[[Inference], Awaitable[Response]],
    read_body: ReadBody | None = None,
    to_chat: Callable[[JsonObject], JsonObject] | None = None,
) -> Endpoint:
    """Return the HTTP handler of an inference endpoint; `kind` is the `api_type` of its records.

    `to_chat` translates a checked body of another dialect into a chat request.
    """

    async def handle(request: Request) -> Response:
        original_body = await (read_body or json_body)(request)
        # Before the translation, so that errors name the fields of the dialect that was called.
        check(original_body)
        body = to_chat(original_body) if to_chat is not None else original_body
        if kind == "completions":
            body = add_file_names(apply_preset(body, state_of(request).presets), state_of(request))
        inference = _admit(kind, original_body, body, request)
        await inference.pause()
        response = await answer(inference)
        # For binary audio this header is the only place of the generation id.
        response.headers["X-Generation-Id"] = inference.generation
        if inference.fault is not None and inference.fault.alter_response is not None:
            response = inference.fault.alter_response(response, inference.state.settings)
        return response

    return handle


async def json_body(request: Request) -> JsonObject:
    """Return the JSON object that the middleware has parsed; raise RefusedRequest 400."""
    body = request.scope[PARSED_BODY]
    if body is NoJson:
        raise RefusedRequest(400, "Invalid JSON in the request body")
    if not isinstance(body, dict):
        raise invalid("body", "object")
    return body


def json_response(value: Json) -> Response:
    """Return a JSON response, written several times as fast as Starlette's own."""
    return Response(to_json(value, inf_nan_mode="null"), media_type="application/json")


def _admit(kind: str, original_body: JsonObject, body: JsonObject, request: Request) -> Inference:
    """Choose the first of the requested models that does not refuse; raise the last refusal."""
    state = state_of(request)
    names = _requested_models(body)
    attempts: list[JsonObject] = []
    # Only failures that another model could avoid lead to the next one: a bad request stays one.
    for name in names:
        try:
            model, fault = _find_model(kind, name, state, original_body, body)
            break
        except RefusedRequest as refusal:
            if not refusal.retryable or name == names[-1]:
                raise
            attempts.append({"model": name, "provider": "Sandbox", "status": refusal.status})
    # The id of real generations: the Unix time, then 20 letters or digits.
    now = int(time.time())
    generation = f"gen-{now}-{secrets.token_hex(10)}"
    user_agent = request.headers.get("user-agent")
    wanted = request.headers.get("x-openrouter-metadata", "").lower() == "enabled"
    routing = _routing(model, names, attempts) if wanted else None
    return Inference(
        kind, original_body, body, model, fault, generation, now, state, user_agent, routing
    )


def _routing(model: Model, names: list[str], failed: list[JsonObject]) -> JsonObject:
    """Return how a request was routed: the models that were tried, and the one that answers."""
    served = {"model": model.slug, "provider": "Sandbox", "status": 200}
    endpoint = {"model": model.slug, "provider": "Sandbox", "selected": True}
    return {
        "requested": names[0],
        "strategy": "fallback" if failed else "direct",
        "region": None,
        "summary": f"attempt {len(failed) + 1} of {len(names)}, served by Sandbox",
        "attempt": len(failed) + 1,
        "is_byok": False,
        "endpoints": {"total": 1, "available": [endpoint]},
        "attempts": [*failed, served],
    }


def _requested_models(body: JsonObject) -> list[str]:
    # Without any model the account default answers; here it is Echo.
    first = [body["model"]] if body.get("model") is not None else []
    return [*first, *(body.get("models") or ())] or ["sandbox/echo"]


def _find_model(
    kind: str, name: str, state: State, original_body: JsonObject, body: JsonObject
) -> tuple[Model, Fault | None]:
    model = private_model.find(name)
    fault = FAULTS.get(model.fault or model.id)
    answering = model
    # A fault model is listed for chat; elsewhere a model of that endpoint answers in its name.
    if kind in STAND_INS and (model.id in FAULTS or model.is_played):
        answering = stand_in(model, STAND_INS[kind])
    if fault is None:
        return answering, None
    second_try = fault.once and not state.refuses(_fingerprint(name, kind, original_body))
    unaffected = fault.every_other and not _fails_by_content(kind, body)
    if fault.refuse is not None and not second_try and not unaffected:
        raise fault.refuse(model.id)
    return answering, fault


def _fails_by_content(kind: str, body: JsonObject) -> bool:
    """Whether the images or the audio of a request are among those that fail: about every other.

    The bytes decide, so that a retry fails again and parallel calls do not change the outcome.
    """
    data: list[str] = []
    if kind == "completions":
        attached = conversation.attachments(body["messages"])
        data = [item.data for item in attached if item.kind in ("image", "audio clip")]
    elif kind == "stt":
        data = [body["input_audio"].get("data") or ""]
    return bool(data) and zlib.crc32("".join(data).encode()) % 2 == 1


def _fingerprint(name: str, kind: str, body: JsonObject) -> str:
    """Return a hash by which the second try of a request is recognised."""
    # The key is not part of it: a retry may come with another one.
    text = json.dumps([name, kind, body], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _prompt(body: JsonObject) -> str:
    """Return the input as one text; several inputs as JSON."""
    value = body.get("prompt") or body.get("input") or body.get("query") or ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _empty_record(inference: Inference) -> JsonObject:
    """Return a generation record with every key that the API promises."""
    # Records are in milliseconds, the settings in seconds.
    waited = inference.state.settings.latency * 1000
    return UNKNOWN | {
        "id": inference.generation,
        "model": inference.model.slug,
        "provider_name": "Sandbox",
        "api_type": inference.kind,
        "created_at": datetime.fromtimestamp(inference.created, UTC).isoformat(),
        "streamed": inference.stream,
        "cancelled": False,
        "is_byok": False,
        "latency": waited + 1,
        "generation_time": waited + 2,
        "origin": "",
        "user_agent": inference.user_agent,
        "data_region": "global",
        "preset_id": preset_id(inference.body.get("preset")),
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
"""Keys of a generation record that are null unless they are known."""
