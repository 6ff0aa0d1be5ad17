"""`/presets`: list the presets, read one and its versions, or make one from a chat request."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import JsonObject

from ..checks.fields import require_fields
from ..errors import RefusedRequest
from ..inference import json_body
from ..list_response import page
from ..presets import CONFIG, PRESETS, find_versions, stable_id
from ..state import State, state_of

CREATED = "2026-02-03T04:05:06Z"


async def presets(request: Request) -> Response:
    """`GET /presets`: one page of the presets."""
    state = state_of(request)
    slugs = dict.fromkeys([*PRESETS, *state.presets])
    records = [_record(slug, state) for slug in slugs]
    rows, _ = page(records, request.query_params, default=50, most=100)
    return JSONResponse({"data": rows, "total_count": len(slugs)})


async def preset(request: Request) -> Response:
    """`GET /presets/{slug}`: one preset with its current version."""
    return _details(_slug(request), state_of(request))


async def create(request: Request) -> Response:
    """`POST /presets/{slug}/…`: a new preset, or a new version of one, from a chat request."""
    slug, state, body = _slug(request), state_of(request), await json_body(request)
    require_fields(body, "model")
    config = {key: value for key, value in body.items() if key in CONFIG}
    made: JsonObject = {"description": None, "system_prompt": body.get("instructions")}
    state.presets.setdefault(slug, []).append(made | {"config": config})
    return _details(slug, state)


async def versions(request: Request) -> Response:
    """`GET /presets/{slug}/versions`: the versions of a preset, newest first."""
    slug, state = _slug(request), state_of(request)
    newest = _versions(slug, state)[::-1]
    rows, _ = page(newest, request.query_params, default=50, most=100)
    return JSONResponse({"data": rows, "total_count": len(newest)})


async def version(request: Request) -> Response:
    """`GET /presets/{slug}/versions/{version}`: one version, by its number or its id."""
    wanted = str(request.path_params["version"])
    for known in _versions(_slug(request), state_of(request)):
        if wanted in (str(known["version"]), known["id"]):
            return JSONResponse({"data": known})
    raise RefusedRequest(404, f"Version {wanted} not found")


def _slug(request: Request) -> str:
    return str(request.path_params["slug"])


def _details(slug: str, state: State) -> Response:
    current = _versions(slug, state)[-1]
    return JSONResponse({"data": _record(slug, state) | {"designated_version": current}})


def _versions(slug: str, state: State) -> list[JsonObject]:
    return [
        {
            "id": stable_id(f"{slug}/{number}"),
            "preset_id": stable_id(slug),
            "creator_id": "user_sandbox",
            "version": number,
            "system_prompt": known["system_prompt"],
            "config": known["config"],
            "created_at": CREATED,
            "updated_at": CREATED,
        }
        for number, known in enumerate(find_versions(slug, state.presets), 1)
    ]


def _record(slug: str, state: State) -> JsonObject:
    known = find_versions(slug, state.presets)
    return {
        "id": stable_id(slug),
        "name": slug,
        "slug": slug,
        "description": known[0]["description"],
        "status": "active",
        "status_updated_at": None,
        "creator_user_id": "user_sandbox",
        "workspace_id": None,
        "designated_version_id": stable_id(f"{slug}/{len(known)}"),
        "created_at": CREATED,
        "updated_at": CREATED,
    }
