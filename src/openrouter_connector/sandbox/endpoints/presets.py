"""`/presets`, and what a request becomes that names one: `model: "@preset/pirate"`."""

from __future__ import annotations

import uuid

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from openrouter_connector.values import Json, JsonObject

from ..errors import Refusal
from .models import page

MARK = "@preset/"
MADE = "2026-02-03T04:05:06Z"
PRESETS: dict[str, JsonObject] = {
    "pirate": {
        "description": "Echo, with a system prompt that everybody recognises.",
        "system_prompt": "You are a pirate.",
        "config": {"model": "sandbox/echo", "temperature": 0.7},
    },
    "deep-thought": {
        "description": "A model that thinks, with a limit to what it may write.",
        "system_prompt": None,
        "config": {"model": "sandbox/thinker", "max_tokens": 4000},
    },
}


async def presets(request: Request) -> Response:
    """`GET /presets`: one page of the presets of the sandbox."""
    rows, _ = page([*map(_row, PRESETS)], request.query_params, default=50, most=100)
    return JSONResponse({"data": rows, "total_count": len(PRESETS)})


async def preset(request: Request) -> Response:
    """`GET /presets/{slug}`: one preset with the version that is in force."""
    slug = str(request.path_params["slug"])
    known = _known(slug)
    version = {
        "id": _id(f"{slug}/1"),
        "preset_id": _id(slug),
        "creator_id": "user_sandbox",
        "version": 1,
        "system_prompt": known["system_prompt"],
        "config": known["config"],
        "created_at": MADE,
        "updated_at": MADE,
    }
    return JSONResponse({"data": _row(slug) | {"designated_version": version}})


def applied(body: JsonObject) -> JsonObject:
    """Give a chat with the preset it names worked in; what the chat says itself wins.

    Raises Refusal 404 for a preset that there is not.
    """
    model, mark, slug = str(body.get("model") or "").partition(MARK)
    slug = slug if mark else str(body.get("preset") or "").removeprefix(MARK)
    if not slug:
        return body
    known = _known(slug)
    rest = {key: value for key, value in body.items() if key != "model"} if mark else body
    named: JsonObject = {"model": model} if mark and model else {}
    system: list[Json] = [{"role": "system", "content": known["system_prompt"]}]
    messages = [*(system if known["system_prompt"] else []), *body["messages"]]
    config: JsonObject = known["config"]
    return config | rest | named | {"messages": messages, "preset": slug}


def id_of(slug: Json) -> str | None:
    """Give the id of a preset by its slug."""
    return _id(slug) if slug in PRESETS else None


def _known(slug: str) -> JsonObject:
    if slug not in PRESETS:
        raise Refusal(404, f"Preset {slug} not found")
    return PRESETS[slug]


def _row(slug: str) -> JsonObject:
    return {
        "id": _id(slug),
        "name": slug,
        "slug": slug,
        "description": PRESETS[slug]["description"],
        "status": "active",
        "status_updated_at": None,
        "creator_user_id": "user_sandbox",
        "workspace_id": None,
        "designated_version_id": _id(f"{slug}/1"),
        "created_at": MADE,
        "updated_at": MADE,
    }


def _id(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://sandbox.example/presets/{name}"))
