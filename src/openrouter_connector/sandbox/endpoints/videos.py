"""`/videos`: a job of a fraction of a second, for rehearsing jobs that take minutes."""

from __future__ import annotations

import asyncio
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..catalogue.models import by_id
from ..checks.fields import OBJECT, TEXT, Check, a, check_fields, required, whole
from ..content.video import film
from ..errors import Refusal, invalid, wrong_endpoint
from ..faults.table import FAULTS
from ..inference import Exchange
from ..state import Ledger, Settings, caller
from .models import cached

STEPS = ((0.1, "pending"), (0.3, "in_progress"))
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "prompt": TEXT,
    "duration": whole(1),
    "resolution": TEXT,
    "aspect_ratio": ("16:9, 9:16 or 1:1", lambda v: v in ("16:9", "9:16", "1:1")),
    "seed": whole(0),
    "generate_audio": a(bool, "boolean"),
    "provider": OBJECT,
}


def check(body: JsonObject) -> None:
    """Check the body of a video request; raises Refusal 400."""
    required(body, "model", "prompt")
    check_fields(body, CHECKS)


async def submit(exchange: Exchange) -> Response:
    """Take a job; the reply is 202, and the polling URL has no host."""
    can = exchange.model.facts.get("video")
    if can is None:
        raise wrong_endpoint(f"{exchange.model.id} does not make videos", exchange.model.id)
    for name, values in (("duration", can["durations"]), ("resolution", can["resolutions"])):
        if (value := exchange.body.get(name)) is not None and value not in values:
            raise invalid(name, "one of " + "|".join(map(str, values)))
    seconds = exchange.body.get("duration") or can["durations"][0]
    cost = round(seconds * float(can["price_second"]), 6)
    exchange.record(cost, {}, num_media_completion=1)
    name = f"job-{exchange.generation.removeprefix('gen-')}"
    job = {"generation_id": exchange.generation, "cost": cost, "body": exchange.body}
    job |= {"model": exchange.model.id, "owner": caller.get()}
    exchange.ledger.jobs[name] = (time.monotonic(), job)
    return JSONResponse(_reply(name, "pending"), 202)


async def poll(request: Request) -> Response:
    """Tell how far a job is."""
    name, status, job = _job(request)
    response = _reply(name, status)
    if status == "failed":
        response["error"] = "The sandbox was asked for a job that fails."
    if status == "completed":
        response |= {
            "generation_id": job["generation_id"],
            "unsigned_urls": [f"{request.base_url}api/v1/videos/{name}/content?index=0"],
            "usage": {"cost": job["cost"], "is_byok": False},
        }
    return JSONResponse(response)


async def content(request: Request) -> Response:
    """Give the film of a finished job."""
    _, status, job = _job(request)
    if status != "completed" or request.query_params.get("index", "0") != "0":
        raise Refusal(404, "Video content is not available")
    return Response(await asyncio.to_thread(_film, job["body"]), media_type="video/mp4")


async def models(request: Request) -> Response:
    """`GET /videos/models`: what each video model can do."""
    rows = [
        {
            "id": model.id,
            "canonical_slug": model.slug,
            "name": model.row["name"],
            "created": model.row["created"],
            "description": model.row["description"],
            "hugging_face_id": model.row["hugging_face_id"] or None,
            "supported_resolutions": can["resolutions"],
            "supported_aspect_ratios": ["16:9", "9:16", "1:1"],
            "supported_sizes": None,
            "supported_durations": can["durations"],
            "supported_frame_images": None,
            "generate_audio": False,
            "seed": True,
            "pricing_skus": {"duration_seconds": can["price_second"]},
            "allowed_passthrough_parameters": [],
            "creativity": None,
            "upscale_factor": None,
        }
        for model in by_id().values()
        if (can := model.facts.get("video")) is not None
    ]
    return cached(request, {"data": rows})


def _reply(name: str, status: str) -> JsonObject:
    return {"id": name, "polling_url": f"/api/v1/videos/{name}", "status": status}


def _job(request: Request) -> tuple[str, str, JsonObject]:
    ledger: Ledger = request.app.state.ledger
    name = request.path_params["job"]
    started, job = ledger.jobs.get(name, (0.0, {}))
    if job.get("owner") != caller.get():
        raise Refusal(404, f"Job {name} not found")
    return name, _status(time.monotonic() - started, job["model"], ledger.settings), job


def _status(age: float, model: str, settings: Settings) -> str:
    """Tell the status at an age in seconds; a fault model takes its time, or ends otherwise."""
    fault = FAULTS.get(model)
    end = "completed" if fault is None or fault.job is None else fault.job
    if fault is not None and fault.lasts and STEPS[-1][0] <= age < settings.slow:
        return "in_progress"
    return next((status for until, status in STEPS if age < until), end)


def _film(body: JsonObject) -> bytes:
    return film(
        body["prompt"],
        resolution=body.get("resolution") or "480p",
        aspect_ratio=body.get("aspect_ratio") or "16:9",
        seconds=body.get("duration") or 2,
        seed=body.get("seed") or 0,
    )
