"""`POST /images`, and the lists of what each model of it supports."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import Model, by_id
from ..checks.fields import (
    OBJECT,
    RATIOS,
    TEXT,
    TIERS,
    Check,
    a,
    check_fields,
    is_among,
    is_link,
    one_of,
    required,
    whole,
)
from ..content.poster import MEDIA_TYPES, Poster, render
from ..errors import Refusal, invalid, wrong_endpoint
from ..inference import Exchange, json_reply
from .models import PROVIDERS, cached

FACTORS = {"512": 0.5, "1K": 1.0, "2K": 1.5, "4K": 2.5}
CHECKS: dict[str, Check] = {
    "model": TEXT,
    "prompt": TEXT,
    "n": whole(1, 10),
    "aspect_ratio": one_of(RATIOS),
    "resolution": one_of(["512", "1K", "2K", "4K"]),
    "size": (
        "a tier such as 2K or pixels such as 2048x2048",
        lambda v: is_among(v, TIERS) or bool(re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", str(v))),
    ),
    "quality": one_of(["auto", "low", "medium", "high"]),
    "background": one_of(["auto", "transparent", "opaque"]),
    "output_format": one_of(["png", "jpeg", "webp", "svg"]),
    "output_compression": whole(0, 100),
    "seed": ("integer", lambda v: isinstance(v, int)),
    "stream": a(bool, "boolean"),
    "input_references": ("array of up to 16", lambda v: isinstance(v, list) and len(v) <= 16),
    "provider": OBJECT,
}


def check(body: JsonObject) -> None:
    """Check the body of an image request; raises Refusal 400."""
    required(body, "model", "prompt")
    check_fields(body, CHECKS)
    for number, reference in enumerate(body.get("input_references") or ()):
        url = reference.get("image_url") if isinstance(reference, dict) else None
        if not isinstance(url, dict) or not is_link(url.get("url")):
            raise invalid(f"input_references[{number}]", "an image_url part with a URL or data URL")
    if body.get("background") == "transparent" and body.get("output_format") == "jpeg":
        raise Refusal(400, "background: transparent needs output_format png or webp")
    size = str(body.get("size") or "")
    if "x" in size and (body.get("resolution") or body.get("aspect_ratio")):
        raise Refusal(400, "size in pixels contradicts resolution and aspect_ratio; send one")


async def paint(exchange: Exchange) -> Response:
    """Draw `n` pictures of the asked size, and give them as base64."""
    _check_supported(exchange.model, exchange.body)
    body = exchange.body
    many = body.get("n") or 1
    kind = body.get("output_format") or "png"
    pictures = [_picture(body, number) for number in range(many)]
    quality = body.get("output_compression")
    files = [
        await asyncio.to_thread(render, picture, kind, 85 if quality is None else quality)
        for picture in pictures
    ]
    usage = _usage(exchange.model, body, pictures)
    exchange.record(
        usage["cost"],
        {},
        num_media_completion=many,
        num_media_prompt=len(body.get("input_references") or ()),
        tokens_completion=usage["completion_tokens"],
    )
    data = [
        {"b64_json": base64.b64encode(file).decode(), "media_type": MEDIA_TYPES[kind]}
        for file in files
    ]
    return json_reply({"created": exchange.created, "data": data, "usage": usage})


async def models(request: Request) -> Response:
    """`GET /images/models`: what each image model takes, as typed descriptors."""
    rows = [_listed(model) for model in by_id().values() if _paints(model)]
    return cached(request, {"data": rows})


async def endpoints(request: Request) -> Response:
    """`GET /images/models/{author}/{slug}/endpoints`; the reply has no `data` around it."""
    name = f"{request.path_params['author']}/{request.path_params['slug']}"
    model = by_id().get(name)
    if model is None or not _paints(model):
        raise Refusal(404, "Resource not found")
    rows = [_endpoint(model, provider) for provider in model.facts["providers"]]
    return cached(request, {"id": model.id, "endpoints": rows})


def _paints(model: Model) -> bool:
    return "image" in model.facts and model.facts.get("image_api", True)


def _listed(model: Model) -> JsonObject:
    architecture = model.row["architecture"]
    return {
        "id": model.id,
        "name": model.row["name"],
        "description": model.row["description"],
        "created": model.row["created"],
        "architecture": {
            key: architecture[key] for key in ("input_modalities", "output_modalities")
        },
        "supported_parameters": model.facts["image"],
        "supports_streaming": False,
        "endpoints": f"/api/v1/images/models/{model.id}/endpoints",
    }


def _endpoint(model: Model, provider: str) -> JsonObject:
    tiers = model.facts["image"]["resolution"]["values"]
    price = model.facts["price_image"] * model.factor(provider)
    return {
        "provider_name": PROVIDERS[provider][0],
        "provider_slug": provider,
        "provider_tag": None,
        "supported_parameters": model.facts["image"],
        "allowed_passthrough_parameters": [],
        "supports_streaming": False,
        "pricing": [
            {
                "billable": "output_image",
                "unit": "image",
                "cost_usd": round(price * FACTORS[tier], 6),
                "variant": tier,
            }
            for tier in tiers
        ],
    }


HOLDS: dict[str, Callable[[JsonObject, Json], bool]] = {
    "enum": lambda descriptor, value: value in descriptor["values"],
    "range": lambda descriptor, value: descriptor["min"] <= value <= descriptor["max"],
    "boolean": lambda descriptor, value: True,
}


def _check_supported(model: Model, body: JsonObject) -> None:
    """Hold the body to the descriptors of the model; raises Refusal 400."""
    if not _paints(model):
        raise wrong_endpoint(f"{model.id} does not serve /images; use /chat/completions", model.id)
    described = model.facts["image"]
    for name, value in _measured(body).items():
        descriptor = described.get(name)
        if descriptor is None and value not in UNSAID.get(name, ()):
            raise Refusal(400, f"{model.id} does not support the parameter {name}")
        if descriptor is not None and not HOLDS[descriptor["type"]](descriptor, value):
            raise Refusal(400, f"{name}: {value} is not supported by {model.id}")


UNSAID = {"n": (1,), "aspect_ratio": ("1:1", "auto"), "background": ("auto", "opaque")}


def _measured(body: JsonObject) -> JsonObject:
    names = ("aspect_ratio", "resolution", "background", "output_format", "output_compression")
    found = {name: body[name] for name in (*names, "n", "seed") if body.get(name) is not None}
    if body.get("size") in TIERS:
        found["resolution"] = body["size"]
    if (references := body.get("input_references")) is not None:
        found["input_references"] = len(references)
    return found


def _picture(body: JsonObject, number: int) -> Poster:
    size = str(body.get("size") or "")
    seed = body.get("seed")
    picture = Poster.of(
        body["prompt"],
        aspect_ratio=body.get("aspect_ratio"),
        resolution=body.get("resolution") or (size if size in TIERS else None),
        seed=seed if not number else (seed or 0) + number,
        references=[part["image_url"]["url"] for part in body.get("input_references") or ()],
        transparent=body.get("background") == "transparent",
    )
    if "x" not in size:
        return picture
    width, height = map(int, size.split("x"))
    return Poster(
        picture.prompt, (width, height), f"{width}x{height}", picture.seed, picture.references
    )


def _usage(model: Model, body: JsonObject, pictures: list[Poster]) -> JsonObject:
    tier = str(body.get("resolution") or body.get("size"))
    price = model.facts["price_image"] * FACTORS.get(tier, 1.0)
    written = sum(width * height // 250 for width, height in (p.size for p in pictures))
    cost = round(price * len(pictures), 6)
    return {
        "prompt_tokens": 0,
        "completion_tokens": written,
        "total_tokens": written,
        "cost": cost,
        "is_byok": False,
        "completion_tokens_details": {"image_tokens": written},
        "cost_details": {
            "upstream_inference_cost": cost,
            "upstream_inference_prompt_cost": 0,
            "upstream_inference_completions_cost": cost,
        },
    }
