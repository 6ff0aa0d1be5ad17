"""`/presets`: list the presets, or read one with its current version."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..list_response import page
from ..presets import PRESETS, find_preset, stable_id

CREATED = "2026-02-03T04:05:06Z"


async def presets(request: Request) -> Response:
    """`GET /presets`: one page of the presets."""
    rows, _ = page([*map(_record, PRESETS)], request.query_params, default=50, most=100)
    return JSONResponse({"data": rows, "total_count": len(PRESETS)})


async def preset(request: Request) -> Response:
    """`GET /presets/{slug}`: one preset with its current version."""
    slug = str(request.path_params["slug"])
    preset = find_preset(slug)
    version = {
        "id": stable_id(f"{slug}/1"),
        "preset_id": stable_id(slug),
        "creator_id": "user_sandbox",
        "version": 1,
        "system_prompt": preset["system_prompt"],
        "config": preset["config"],
        "created_at": CREATED,
        "updated_at": CREATED,
    }
    return JSONResponse({"data": _record(slug) | {"designated_version": version}})


def _record(slug: str) -> JsonObject:
    return {
        "id": stable_id(slug),
        "name": slug,
        "slug": slug,
        "description": PRESETS[slug]["description"],
        "status": "active",
        "status_updated_at": None,
        "creator_user_id": "user_sandbox",
        "workspace_id": None,
        "designated_version_id": stable_id(f"{slug}/1"),
        "created_at": CREATED,
        "updated_at": CREATED,
    }
