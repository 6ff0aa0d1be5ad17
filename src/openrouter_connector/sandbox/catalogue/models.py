"""The models of the sandbox: looked up by id, alias, dated slug or routing variant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from openrouter_connector.values import JsonObject

from ..errors import no_such_model
from ..faults.table import FAULTS
from ..state import REHEARSAL, current_key
from .records import SPARSE_KEYS, model_record, read_entries

ROUTING_VARIANTS = {"nitro", "floor", "online", "exacto", "extended", "thinking"}
PROVIDERS = {
    "sandbox": ("Sandbox", None, None),
    "sandbox-eu": ("Sandbox Europe", "DE", ["DE"]),
    "sandbox-us": ("Sandbox America", "US", ["US"]),
}
"""The name, the country and the datacenters of each provider, by its slug."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `record` is what `GET /models` lists, `entry` its whole entry in `models.yaml`."""

    id: str
    record: JsonObject
    entry: JsonObject
    fault: str | None = None
    """The fault model whose failure it shows, as `sandbox/echo:cut-off` does."""
    is_played: bool = False
    """Whether only its name is known, so that none of its limits is."""

    @property
    def slug(self) -> str:
        """The dated name that responses have as `model`; it differs from the requested id."""
        return str(self.record["canonical_slug"])

    @property
    def input_modalities(self) -> list[str]:
        """The modalities it accepts."""
        return list(self.record["architecture"]["input_modalities"])

    @property
    def output_modalities(self) -> list[str]:
        """The modalities it answers with."""
        return list(self.record["architecture"]["output_modalities"])

    @property
    def parameters(self) -> list[str]:
        """The request parameters it supports."""
        return list(self.record["supported_parameters"])

    def price(self, name: str, prompt_tokens: int = 0) -> Decimal:
        """Return the USD for one unit of `name`; long prompts may have an override."""
        prices = dict(self.record["pricing"])
        for override in prices.get("overrides", ()):
            if prompt_tokens >= override.get("min_prompt_tokens", 0):
                prices |= override
        return Decimal(prices.get(name, "0"))

    def price_factor(self, provider: str) -> float:
        """Return the factor of a provider's prices over the listed ones."""
        return float(self.entry.get("factors", {}).get(provider, 1))

    def pricing_of(self, provider: str) -> JsonObject:
        """Return the `pricing` of one provider; the record has that of the first."""
        prices: JsonObject = self.record["pricing"]
        factor = Decimal(str(self.price_factor(provider)))
        if factor == 1:
            return prices
        # Prices are decimal texts: a float would turn 0.0000001 into `1e-07`.
        main = ("prompt", "completion")
        return prices | {name: f"{(Decimal(prices[name]) * factor).normalize():f}" for name in main}


def find_model(name: str) -> Model:
    """Return the model for an id, a dated slug, an alias, a routing variant or one with a fault.

    Raises RefusedRequest 400 for an unknown name.
    """
    models = models_by_id()
    base, _, variant = name.rpartition(":")
    if base and f"sandbox/{variant}" in FAULTS:
        return replace(find_model(base), fault=f"sandbox/{variant}")
    id_or_slug = base if variant in ROUTING_VARIANTS else name
    model = models.get(id_or_slug) or models_by_slug().get(id_or_slug)
    if model is None:
        if "/" in name and REHEARSAL in current_key.get():
            return _played(name)
        raise no_such_model(name)
    # The response then names the model that answered, and not the alias: clients must not compare
    # the two.
    target = model.entry.get("alias")
    return models[target] if target is not None else model


def stand_in(model: Model, other: str) -> Model:
    """Return another model under the name of one that cannot answer at an endpoint itself."""
    record = models_by_id()[other].record
    named = {"id": model.id, "canonical_slug": model.slug, "name": model.record["name"]}
    return replace(model, record=record | named, entry=models_by_id()[other].entry)


@cache
def models_by_id() -> Mapping[str, Model]:
    """Return every model by its id, in the order of the list."""
    return {entry["id"]: _model(entry) for entry in read_entries()}


@cache
def models_by_slug() -> Mapping[str, Model]:
    """Return every model by its dated slug, without the free variants, which share the slug."""
    return {model.slug: model for model in models_by_id().values() if ":" not in model.id}


def _played(name: str) -> Model:
    echo = models_by_id()["sandbox/echo"]
    outputs = {"output_modalities": ["text", "image", "audio"]}
    record = echo.record | {
        "id": name,
        "canonical_slug": name,
        "name": name,
        "architecture": echo.record["architecture"] | outputs,
    }
    return replace(echo, id=name, record=record, is_played=True)


def _model(entry: JsonObject) -> Model:
    record = model_record(entry)
    if entry.get("sparse"):
        record = {key: record[key] for key in SPARSE_KEYS}
    return Model(entry["id"], record, entry)
