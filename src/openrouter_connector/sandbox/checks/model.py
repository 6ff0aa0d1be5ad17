"""Check that the chosen model can answer a chat request."""

from __future__ import annotations

from openrouter_connector.values import JsonObject

from ..catalogue.models import Model
from ..content import conversation
from ..content.image_inspection import read_header
from ..errors import RefusedRequest, no_endpoints, wrong_endpoint

AFFORDABLE_TOKENS = 100_000
OTHER_ENDPOINTS = {
    "embeddings": ("an embedding", "/embeddings"),
    "rerank": ("a rerank", "/rerank"),
}
INPUT_MODALITIES = {"image": "image", "audio clip": "audio", "video": "video"}
"""The modality that an attachment needs, by its kind; any model accepts files."""
PARAMETERS = {
    *("temperature", "top_p", "top_k", "min_p", "top_a", "frequency_penalty", "presence_penalty"),
    *("repetition_penalty", "seed", "stop", "logit_bias", "logprobs", "top_logprobs", "tools"),
    *("response_format", "reasoning"),
}


def check_model(model: Model, body: JsonObject) -> None:
    """Check the request against what the model supports; raise RefusedRequest."""
    for item in conversation.attachments(body["messages"]):
        modality = INPUT_MODALITIES.get(item.kind)
        if modality is not None and modality not in model.input_modalities:
            raise no_endpoints(f"No endpoints found that support {modality} input", model.id)
        # Every model that accepts images checks the header, which is cheap; only some decode it.
        if item.kind == "image":
            read_header(item.data)
    if body.get("tools") and "tools" not in model.parameters:
        raise no_endpoints("No endpoints found that support tool use", model.id)
    _check_modalities(model, body.get("modalities"))
    _check_routing(model, body)
    _check_reasoning(model, body)
    _check_affordable(model, body)


def token_limit(body: JsonObject) -> int | None:
    """Return the token limit of a request, or None without one."""
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return None if limit is None else int(limit)


def _check_modalities(model: Model, modalities: list[str] | None) -> None:
    for output, (kind, path) in OTHER_ENDPOINTS.items():
        if output in model.output_modalities:
            raise wrong_endpoint(
                f"{model.id} is {kind} model and cannot be used with the chat/completions "
                f"endpoint. Use the {path} endpoint instead.",
                model.id,
            )
    if not {"text", "image", "audio"} & set(model.output_modalities):
        raise no_endpoints(f"No endpoints found for {model.id} that support chat", model.id)
    # The default is text: an image-only model is refused unless `modalities` is exactly `[image]`.
    requested = modalities or ["text"]
    if set(requested) - set(model.output_modalities):
        listed = ", ".join(sorted(requested))
        raise no_endpoints(
            f"No endpoints found that support the requested output modalities: {listed}", model.id
        )


def _check_routing(model: Model, body: JsonObject) -> None:
    routing = body.get("provider") or {}
    allowed = set(model.entry["providers"]) - set(routing.get("ignore") or ())
    if (only := routing.get("only")) is not None:
        allowed &= {slug.partition("/")[0] for slug in only}
    # A 404, although the address is right: routing constraints have excluded every provider.
    if not allowed and not model.is_played:
        raise RefusedRequest(404, "No allowed providers are available for the selected model.")
    if routing.get("require_parameters"):
        # Without `require_parameters`, unsupported parameters are ignored silently.
        sent = {name for name in PARAMETERS & body.keys() if body[name] is not None}
        if sent - set(model.parameters):
            raise no_endpoints(
                "No endpoints found that can handle the requested parameters.", model.id
            )
    for name, most in (routing.get("max_price") or {}).items():
        # `max_price` is per million tokens, while the catalogue has prices per token.
        if model.price(name) * 1_000_000 > float(most):
            raise no_endpoints("No endpoints found within your maximum price.", model.id)


def _check_reasoning(model: Model, body: JsonObject) -> None:
    reasoning = body.get("reasoning") or {}
    effort = reasoning.get("effort") or body.get("reasoning_effort")
    disabled = effort == "none" or reasoning.get("enabled") is False
    if disabled and (model.record.get("reasoning") or {}).get("mandatory"):
        raise RefusedRequest(
            400, "Reasoning is mandatory for this endpoint and cannot be disabled."
        )


def _check_affordable(model: Model, body: JsonObject) -> None:
    # A 402 need not mean "no money": the real API compares the balance with the largest possible
    # answer, so a lower `max_tokens` helps.
    requested = token_limit(body)
    if requested is not None and requested > AFFORDABLE_TOKENS and model.price("completion") > 0:
        raise RefusedRequest(
            402,
            "This request requires more credits, or fewer max_tokens. "
            f"You requested up to {requested} tokens, but can only afford {AFFORDABLE_TOKENS}. "
            "To increase, visit https://openrouter.ai/settings/credits "
            "and upgrade to a paid account",
            metadata={"provider_name": None, "error_type": "payment_required"},
        )
