"""The profile of OpenRouter, and that of other servers which speak its API.

Billing and the checks of a model are imported when a call is checked: `ask` has no need of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..definition.paths import at
from ..errors import Problem
from ..money import parse_amount
from ..runtime.api_profile import NEUTRAL, ApiProfile, ErrorDetails
from ..runtime.prompt_parts import PromptFormat
from ..values import JsonObject, an_object
from . import hints

if TYPE_CHECKING:
    from ..runtime.preflight.estimate import Estimate
    from ..runtime.preflight.interval import Interval
    from ..runtime.preflight.planned_call import PlannedCall


@dataclass(frozen=True)
class OpenRouterProfile(ApiProfile):
    """OpenRouter's model names, catalogue rows and prices."""

    def details_of(self, error: JsonObject) -> ErrorDetails:
        """Return what an error says of providers, routing, moderation and quotas."""
        from .error_details import details_of

        return details_of(error)

    def cost_of(self, usage: JsonObject) -> float | None:
        """Return the cost in USD: with a provider key of the user (BYOK), its bill is added.

        OpenRouter reports 0 for such a call, since the provider bills the user itself.
        """
        billed = [usage.get("cost")]
        if billed == [None]:
            return None
        if usage.get("is_byok") is True:
            upstream = at(usage, "cost_details.upstream_inference_cost")
            billed += [] if upstream is None else [upstream]
        amounts = [parse_amount(value) for value in billed]
        if None in amounts:
            raise ValueError("the usage states a cost that is no amount")
        return sum(float(amount) for amount in amounts if amount is not None)

    def is_listed(self, model: str) -> bool:
        """Return whether a list can hold this name: only the server knows the model of a preset."""
        return not model.startswith("@")

    def listed_names(self, model: str) -> tuple[str, ...]:
        """Return a name as it is, without `@preset/…`, and without its `:variant`."""
        base = model.split("@preset/")[0]
        # A list holds `lab/model` alone; `lab/model:nitro@preset/x` is a way to call it.
        return (model, base, base.split(":")[0])

    def support_setting(self, body: JsonObject) -> str | None:
        """Return the routing setting that excludes providers which ignore a parameter."""
        is_set = an_object(body.get("provider")).get("require_parameters") is True
        return "provider.requireParameters" if is_set else None

    def not_in_bundle(self, body: JsonObject) -> Iterator[str]:
        """Yield what a batch does not support: other outputs than text, zero data retention …"""
        from .batches import not_in_batch

        yield from super().not_in_bundle(body)
        yield from not_in_batch(body, self.prompt_format)

    def same_in_bundle(self, model: str) -> tuple[str, ...]:
        """Return the response format for Google's models, which have one for a whole batch."""
        return ("response_format",) if model.startswith(("google/", "~google/")) else ()

    def bundle_variant(self, model: str) -> str:
        """Return the name of a model's batch variant."""
        return f"{model.split(':')[0]}:batch"

    def is_alias(self, model: str) -> bool:
        """Return whether a name means the newest model of a family: `~lab/model-latest`."""
        return model.startswith("~")

    def check_model(self, planned_call: PlannedCall) -> Iterator[Problem | str]:
        """Yield problems and warnings about a call, by the row of its model."""
        from .model_checks import CHECKS

        for check in CHECKS:
            yield from check(planned_call)

    def estimate(
        self,
        planned_call: PlannedCall,
        endpoints: list[JsonObject] | None = None,
        seconds: Interval | None = None,
    ) -> Estimate | None:
        """Return the cost in USD; None for a model of another kind, which is billed otherwise."""
        from .billing import estimate
        from .model_checks import of_other_kind

        if any(True for _ in of_other_kind(planned_call)):
            return None
        call, model_info = planned_call.call, planned_call.model_info
        return estimate(call, model_info, self.prompt_format, endpoints, seconds)


COMPATIBLE = OpenRouterProfile(
    hints=hints.COMPATIBLE,
    metadata_paths={"routing": "openrouter_metadata"},
    # Without it most servers leave the usage out of a stream.
    stream_fields={"chat": {"stream_options": {"include_usage": True}}},
    prompt_format=PromptFormat(
        fields=frozenset(
            {"messages", "prompt", "input", "system", "instructions", "tools", "response_format"}
            | {"text", "query", "documents", "input_references", "input_audio", "frame_images"}
        ),
        content_types={
            "image_url": "image", "input_image": "image", "image": "image",
            "input_audio": "audio", "audio_url": "audio",
            "video_url": "video", "input_video": "video",
            "file": "file", "input_file": "file", "document": "file",
        },
    ),
    largest_image=30_000_000,
    largest_request=100_000_000,
    parameter_aliases=(
        frozenset({"max_tokens", "max_completion_tokens"}),
        frozenset({"reasoning", "reasoning_effort", "include_reasoning"}),
        frozenset({"response_format", "structured_outputs"}),
    ),
)  # fmt: skip
"""Another server that speaks the API, such as LiteLLM, llama.cpp or vLLM."""
OPENROUTER = replace(
    COMPATIBLE, hints=NEUTRAL.hints, no_key_hint=None, key_limit_hint=hints.KEY_LIMIT
)
"""OpenRouter itself, a mock of it or a proxy to it."""
