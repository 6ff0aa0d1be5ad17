"""The `usage` of an answer: its tokens, and what it would have cost."""

from __future__ import annotations

import math
from contextvars import ContextVar
from decimal import Decimal

from openrouter_connector.values import JsonObject

from .catalogue.models import Model

CHARACTERS_PER_TOKEN = 4
price_factor: ContextVar[Decimal] = ContextVar("price_factor", default=Decimal(1))
"""The share of the usual price at which the current request is billed."""


def count_tokens(text: str) -> int:
    """Estimate tokens at four characters each."""
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def chat_usage(
    model: Model,
    prompt: int,
    completion: int,
    *,
    reasoning: int = 0,
    images: int = 0,
    searches: int = 0,
) -> JsonObject:
    """Return the `usage` of a chat; `completion` includes the reasoning and image tokens."""
    prompt_cost = prompt * model.price("prompt", prompt)
    # Models without a price for image output bill image tokens as other output tokens.
    image_price = model.price("image_output") or model.price("completion", prompt)
    output_cost = (completion - images) * model.price("completion", prompt) + images * image_price
    upstream = prompt_cost + output_cost
    usage: JsonObject = {
        "prompt_tokens": prompt,
        "completion_tokens": completion,
        "total_tokens": prompt + completion,
        "cost": to_dollars(upstream + searches * model.price("web_search")),
        # With a provider key of the user (BYOK), the real `cost` is 0, and only the upstream cost
        # counts.
        "is_byok": False,
        "prompt_tokens_details": {
            "cached_tokens": 0,
            "cache_write_tokens": 0,
            "audio_tokens": 0,
            "video_tokens": 0,
        },
        "cost_details": {
            "upstream_inference_cost": to_dollars(upstream),
            "upstream_inference_prompt_cost": to_dollars(prompt_cost),
            "upstream_inference_completions_cost": to_dollars(output_cost),
        },
        "completion_tokens_details": {
            "reasoning_tokens": reasoning,
            "image_tokens": images,
            "audio_tokens": 0,
        },
    }
    if searches:
        usage["server_tool_use_details"] = {
            "web_search_requests": searches,
            "tool_calls_requested": searches,
            "tool_calls_executed": searches,
        }
    return usage


def input_usage(model: Model, prompt: int) -> JsonObject:
    """Return the `usage` of an answer without output tokens: only the input costs."""
    cost = to_dollars(prompt * model.price("prompt", prompt))
    return {
        "prompt_tokens": prompt,
        "total_tokens": prompt,
        "cost": cost,
        "is_byok": False,
        "cost_details": {
            "upstream_inference_cost": cost,
            "upstream_inference_prompt_cost": cost,
            "upstream_inference_completions_cost": 0,
        },
    }


def to_dollars(amount: Decimal) -> float:
    """Return an amount as the JSON number that the API sends."""
    # The API sends costs as JSON numbers, while its prices are texts.
    return float(round(amount * price_factor.get(), 10))
