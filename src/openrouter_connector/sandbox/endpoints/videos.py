"""`/videos`: a job that takes a fraction of a second, to test what takes minutes in reality."""

from __future__ import annotations

import asyncio
import re
import time

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..catalogue.models import models_by_id
from ..checks.fields import (
    OBJECT,
    STRING,
    TRACKING,
    Check,
    check_fields,
    instance_of,
    integer,
    require_fields,
)
from ..content.video import render_video
from ..errors import RefusedRequest, invalid, wrong_endpoint
from ..faults.table import Fault
from ..inference import Inference
from ..list_response import cacheable
from ..state import Settings, State, current_key, state_of

STATUSES = ((0.1, "pending"), (0.3, "in_progress"))
"""The status of a job until an age in seconds; after the last, it has ended."""
ASPECT_RATIOS = ["16:9", "9:16", "1:1"]
CHECKS: dict[str, Check] = {
    "model": STRING,
    "prompt": STRING,
    "duration": integer(1),
    "resolution": STRING,
    "aspect_ratio": (
        "a ratio such as 16:9",
        lambda v: bool(re.fullmatch(r"[1-9]\d?:[1-9]\d?", str(v))),
    ),
    "seed": integer(0),
    "generate_audio": instance_of(bool, "boolean"),
    "previous_job_id": STRING,
    "input_references": instance_of(list, "array"),
    "provider": OBJECT,
    **TRACKING,
}


def check(body: JsonObject) -> None:
    """Check the body of a video request; raise RefusedRequest 400."""
    require_fields(body, "model", "prompt")
    check_fields(body, CHECKS)


async def submit(inference: Inference) -> Response:
    """`POST /videos`: start a job; the status is 202, and the polling URL is relative."""
    limits = inference.model.entry.get("video")
    if limits is None:
        model = inference.model.id
        raise wrong_endpoint(f"{model} does not make videos", model)
    known = {
        "duration": limits["durations"],
        "resolution": limits["resolutions"],
        "aspect_ratio": ASPECT_RATIOS,
    }
    for name, values in known.items():
        value = inference.body.get(name)
        if value not in (None, *values) and not inference.model.is_played:
            raise invalid(name, "one of " + "|".join(map(str, values)))
    if (previous := inference.body.get("previous_job_id")) is not None:
        _check_previous(previous, inference.state)
    seconds = inference.body.get("duration") or limits["durations"][0]
    cost = round(seconds * float(limits["price_second"]), 6)
    inference.record(cost, {}, num_media_completion=1)
    job_id = f"job-{inference.generation.removeprefix('gen-')}"
    job = {"generation_id": inference.generation, "cost": cost, "body": inference.body}
    job |= {"fault": inference.fault, "owner": current_key.get()}
    inference.state.jobs[job_id] = (time.monotonic(), job)
    # 202 and not 200: a client that compares with 200 fails here as it would in reality.
    return JSONResponse(_job_response(job_id, "pending"), 202)


def _check_previous(job_id: str, state: State) -> None:
    """Check the job whose video is edited; raise RefusedRequest 400 if it made none."""
    started, job = state.jobs.get(job_id, (0.0, {}))
    own = job.get("owner") == current_key.get()
    if not own or _status(time.monotonic() - started, job["fault"], state.settings) != "completed":
        raise invalid("previous_job_id", "the id of a completed job")


async def poll(request: Request) -> Response:
    """`GET /videos/{id}`: the status of a job."""
    job_id, status, job = _find_job(request)
    response = _job_response(job_id, status)
    if status == "failed":
        response["error"] = "The sandbox was asked for a job that fails."
    if status == "completed":
        response |= {
            "generation_id": job["generation_id"],
            # "Unsigned" means that the download needs the key too.
            "unsigned_urls": [f"{request.base_url}api/v1/videos/{job_id}/content?index=0"],
            "usage": {"cost": job["cost"], "is_byok": False},
        }
    return JSONResponse(response)


async def content(request: Request) -> Response:
    """`GET /videos/{id}/content`: the video of a completed job."""
    _, status, job = _find_job(request)
    if status != "completed" or request.query_params.get("index", "0") != "0":
        raise RefusedRequest(404, "Video content is not available")
    return Response(await asyncio.to_thread(_render, job["body"]), media_type="video/mp4")


async def models(request: Request) -> Response:
    """`GET /videos/models`: what each video model supports."""
    rows = [
        {
            "id": model.id,
            "canonical_slug": model.slug,
            "name": model.record["name"],
            "created": model.record["created"],
            "description": model.record["description"],
            "hugging_face_id": model.record["hugging_face_id"] or None,
            "supported_resolutions": limits["resolutions"],
            "supported_aspect_ratios": ASPECT_RATIOS,
            "supported_sizes": None,
            "supported_durations": limits["durations"],
            "supported_frame_images": None,
            "generate_audio": False,
            "seed": True,
            "pricing_skus": {"duration_seconds": limits["price_second"]},
            "allowed_passthrough_parameters": [],
            "creativity": None,
            "upscale_factor": None,
        }
        for model in models_by_id().values()
        if (limits := model.entry.get("video")) is not None
    ]
    return cacheable(request, {"data": rows})


def _job_response(job_id: str, status: str) -> JsonObject:
    # Relative, as in the specification: a client must resolve it against the host.
    return {"id": job_id, "polling_url": f"/api/v1/videos/{job_id}", "status": status}


def _find_job(request: Request) -> tuple[str, str, JsonObject]:
    state = state_of(request)
    job_id = request.path_params["job"]
    started, job = state.jobs.get(job_id, (0.0, {}))
    # A job of another key is not found, rather than forbidden: ids must not be confirmed.
    if job.get("owner") != current_key.get():
        raise RefusedRequest(404, f"Job {job_id} not found")
    return job_id, _status(time.monotonic() - started, job["fault"], state.settings), job


def _status(age: float, fault: Fault | None, settings: Settings) -> str:
    """Return the status at an age in seconds; with a fault it may be slow or end differently."""
    final = "completed" if fault is None or fault.job_status is None else fault.job_status
    if fault is not None and fault.slow_job and STATUSES[-1][0] <= age < settings.slow:
        return "in_progress"
    return next((status for until, status in STATUSES if age < until), final)


def _render(body: JsonObject) -> bytes:
    return render_video(
        body["prompt"],
        resolution=body.get("resolution") or "480p",
        aspect_ratio=body.get("aspect_ratio") or "16:9",
        seconds=body.get("duration") or 2,
        seed=body.get("seed") or 0,
    )
