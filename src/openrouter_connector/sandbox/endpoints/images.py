"""`POST /images`, and the lists of what each image model supports."""

from __future__ import annotations

import asyncio
import base64
import re
from collections.abc import Callable, Iterator

from starlette.requests import Request
from starlette.responses import Response

from openrouter_connector.values import Json, JsonObject

from ..catalogue.models import PROVIDERS, Model, models_by_id
from ..checks.fields import (
    OBJECT,
    RATIOS,
    STRING,
    TRACKING,
    Check,
    check_fields,
    instance_of,
    integer,
    is_one_of,
    is_url,
    one_of,
    require_fields,
)
from ..content.poster import MEDIA_TYPES, TIERS, Poster, render
from ..dialects.chat_events import DONE, event_stream, frame
from ..errors import RefusedRequest, invalid, wrong_endpoint
from ..inference import Inference, json_response
from ..list_response import cacheable

# The price of an image grows with its tier.
PARTIAL_IMAGES = 2
PRICE_FACTORS = {"512": 0.5, "1K": 1.0, "2K": 1.5, "4K": 2.5}
CHECKS: dict[str, Check] = {
    "model": STRING,
    "prompt": STRING,
    "n": integer(1, 10),
    "aspect_ratio": one_of(RATIOS),
    "resolution": one_of(["512", "768", "1K", "1.5K", "2K", "4K"]),
    "size": (
        "a tier such as 2K or pixels such as 2048x2048",
        lambda v: is_one_of(v, TIERS) or bool(re.fullmatch(r"[1-9]\d{1,3}x[1-9]\d{1,3}", str(v))),
    ),
    "quality": one_of(["auto", "low", "medium", "high", "xhigh", "max"]),
    "background": one_of(["auto", "transparent", "opaque"]),
    "output_format": one_of(["png", "jpeg", "webp", "svg"]),
    "output_compression": integer(0, 100),
    "seed": ("integer", lambda v: isinstance(v, int)),
    "stream": instance_of(bool, "boolean"),
    "input_references": ("array of up to 16", lambda v: isinstance(v, list) and len(v) <= 16),
    "provider": OBJECT,
    **TRACKING,
}


def check(body: JsonObject) -> None:
    """Check the body of an image request; raise RefusedRequest 400."""
    require_fields(body, "model", "prompt")
    check_fields(body, CHECKS)
    for index, reference in enumerate(body.get("input_references") or ()):
        url = reference.get("image_url") if isinstance(reference, dict) else None
        if not isinstance(url, dict) or not is_url(url.get("url")):
            raise invalid(f"input_references[{index}]", "an image_url part with a URL or data URL")
    if body.get("background") == "transparent" and body.get("output_format") == "jpeg":
        raise RefusedRequest(400, "background: transparent needs output_format png or webp")
    size = str(body.get("size") or "")
    if "x" in size and (body.get("resolution") or body.get("aspect_ratio")):
        raise RefusedRequest(
            400, "size in pixels contradicts resolution and aspect_ratio; send one"
        )


async def generate(inference: Inference) -> Response:
    """Draw `n` images of the requested size, and return them as base64."""
    _check_supported(inference.model, inference.body)
    body = inference.body
    count = body.get("n") or 1
    output_format = body.get("output_format") or "png"
    posters = [_poster(body, index) for index in range(count)]
    quality = body.get("output_compression")
    files = [
        # One after the other: several large images at once would need much memory.
        await asyncio.to_thread(render, poster, output_format, 85 if quality is None else quality)
        for poster in posters
    ]
    usage = _usage(inference.model, body, posters)
    inference.record(
        usage["cost"],
        {},
        num_media_completion=count,
        num_media_prompt=len(body.get("input_references") or ()),
        tokens_completion=usage["completion_tokens"],
    )
    data = [
        # Base64 only: the API never returns URLs of images.
        {"b64_json": base64.b64encode(file).decode(), "media_type": MEDIA_TYPES[output_format]}
        for file in files
    ]
    response = {"created": inference.created, "data": data, "usage": usage}
    # Models without streaming ignore the request for it.
    if inference.stream and _streams(inference.model):
        return event_stream(inference, [*map(frame, _stream_events(response)), DONE], pause=0.3)
    return json_response(response)


def _stream_events(response: JsonObject) -> Iterator[JsonObject]:
    """Yield what a stream has: partial images, then the finished ones."""
    for index in range(PARTIAL_IMAGES):
        image = response["data"][0]["b64_json"]
        yield {
            "type": "image_generation.partial_image",
            "b64_json": image,
            "partial_image_index": index,
        }
    for image in response["data"]:
        yield {
            "type": "image_generation.completed",
            **image,
            "created": response["created"],
            "usage": response["usage"],
        }


def _streams(model: Model) -> bool:
    return bool(model.entry.get("streams_images"))


async def models(request: Request) -> Response:
    """`GET /images/models`: the image models, with typed descriptors of their parameters."""
    rows = [_record(model) for model in models_by_id().values() if _serves_images(model)]
    return cacheable(request, {"data": rows})


async def endpoints(request: Request) -> Response:
    """`GET /images/models/{author}/{slug}/endpoints`; the response has no `data` around it."""
    name = f"{request.path_params['author']}/{request.path_params['slug']}"
    model = models_by_id().get(name)
    if model is None or not _serves_images(model):
        raise RefusedRequest(404, "Resource not found")
    # Unlike all other lists, this one has no `data` around it.
    rows = [_endpoint(model, provider) for provider in model.entry["providers"]]
    return cacheable(request, {"id": model.id, "endpoints": rows})


def _serves_images(model: Model) -> bool:
    return "image" in model.entry and model.entry.get("image_api", True)


def _record(model: Model) -> JsonObject:
    architecture = model.record["architecture"]
    return {
        "id": model.id,
        "name": model.record["name"],
        "description": model.record["description"],
        "created": model.record["created"],
        "architecture": {
            key: architecture[key] for key in ("input_modalities", "output_modalities")
        },
        # An object of descriptors here, while `GET /models` has a list of names under the same key.
        "supported_parameters": model.entry["image"],
        "supports_streaming": _streams(model),
        "endpoints": f"/api/v1/images/models/{model.id}/endpoints",
    }


def _endpoint(model: Model, provider: str) -> JsonObject:
    tiers = model.entry["image"]["resolution"]["values"]
    price = model.entry["price_image"] * model.price_factor(provider)
    return {
        "provider_name": PROVIDERS[provider][0],
        "provider_slug": provider,
        "provider_tag": None,
        "supported_parameters": model.entry["image"],
        "allowed_passthrough_parameters": [],
        "supports_streaming": _streams(model),
        "pricing": [
            {
                "billable": "output_image",
                "unit": "image",
                "cost_usd": round(price * PRICE_FACTORS[tier], 6),
                "variant": tier,
            }
            for tier in tiers
        ],
    }


SUPPORTS: dict[str, Callable[[JsonObject, Json], bool]] = {
    "enum": lambda descriptor, value: value in descriptor["values"],
    "range": lambda descriptor, value: descriptor["min"] <= value <= descriptor["max"],
    "boolean": lambda descriptor, value: True,
}


def _check_supported(model: Model, body: JsonObject) -> None:
    """Check the body against the descriptors of the model; raise RefusedRequest 400."""
    if not _serves_images(model):
        raise wrong_endpoint(f"{model.id} does not serve /images; use /chat/completions", model.id)
    if model.is_played:
        return
    descriptors = model.entry["image"]
    for name, value in _described_parameters(body).items():
        descriptor = descriptors.get(name)
        if descriptor is None and value not in DEFAULTS.get(name, ()):
            raise RefusedRequest(400, f"{model.id} does not support the parameter {name}")
        if descriptor is not None and not SUPPORTS[descriptor["type"]](descriptor, value):
            raise RefusedRequest(400, f"{name}: {value} is not supported by {model.id}")


# Values that change nothing, so that they need no support.
DEFAULTS = {"n": (1,), "aspect_ratio": ("1:1", "auto"), "background": ("auto", "opaque")}


def _described_parameters(body: JsonObject) -> JsonObject:
    names = ("aspect_ratio", "resolution", "background", "output_format", "output_compression")
    parameters = {name: body[name] for name in (*names, "n", "seed") if body.get(name) is not None}
    if body.get("size") in TIERS:
        parameters["resolution"] = body["size"]
    if (references := body.get("input_references")) is not None:
        parameters["input_references"] = len(references)
    return parameters


def _poster(body: JsonObject, index: int) -> Poster:
    size = str(body.get("size") or "")
    seed = body.get("seed")
    poster = Poster.of(
        body["prompt"],
        aspect_ratio=body.get("aspect_ratio"),
        resolution=body.get("resolution") or (size if size in TIERS else None),
        seed=seed if not index else (seed or 0) + index,
        references=[part["image_url"]["url"] for part in body.get("input_references") or ()],
        transparent=body.get("background") == "transparent",
    )
    if "x" not in size:
        return poster
    width, height = map(int, size.split("x"))
    return Poster(
        poster.prompt, (width, height), f"{width}x{height}", poster.seed, poster.references
    )


def _usage(model: Model, body: JsonObject, posters: list[Poster]) -> JsonObject:
    tier = str(body.get("resolution") or body.get("size"))
    price = model.entry["price_image"] * PRICE_FACTORS.get(tier, 1.0)
    image_tokens = sum(
        width * height // 250 for width, height in (poster.size for poster in posters)
    )
    cost = round(price * len(posters), 6)
    return {
        "prompt_tokens": 0,
        "completion_tokens": image_tokens,
        "total_tokens": image_tokens,
        "cost": cost,
        "is_byok": False,
        "completion_tokens_details": {"image_tokens": image_tokens},
        "cost_details": {
            "upstream_inference_cost": cost,
            "upstream_inference_prompt_cost": 0,
            "upstream_inference_completions_cost": cost,
        },
    }
