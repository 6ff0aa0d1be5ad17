"""The models of the sandbox, as the API lists them: read from `models.yaml` once."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources

import yaml

from openrouter_connector.values import Json, JsonObject

from ..errors import no_such_model
from ..faults.table import FAULTS, Fault

ROUTING_VARIANTS = {"nitro", "floor", "online", "exacto", "extended", "thinking"}
MODALITIES = ("text", "image", "file", "audio", "video")


@dataclass(frozen=True, slots=True)
class Model:
    """A model: `row` is its record in `GET /models`, `facts` what else the sandbox knows of it."""

    id: str
    row: JsonObject
    facts: JsonObject

    @property
    def slug(self) -> str:
        """The dated name by which replies call it."""
        return str(self.row["canonical_slug"])

    @property
    def takes(self) -> list[str]:
        """The modalities it reads."""
        return list(self.row["architecture"]["input_modalities"])

    @property
    def gives(self) -> list[str]:
        """The modalities it answers with."""
        return list(self.row["architecture"]["output_modalities"])

    @property
    def parameters(self) -> list[str]:
        """The request parameters it supports."""
        return list(self.row["supported_parameters"])

    def price(self, name: str, prompt_tokens: int = 0) -> Decimal:
        """US dollars for one unit of `name`, by the override that fits a prompt of this length."""
        prices = dict(self.row["pricing"])
        for override in prices.get("overrides", ()):
            if prompt_tokens >= override.get("min_prompt_tokens", 0):
                prices |= override
        return Decimal(prices.get(name, "0"))

    def factor(self, provider: str) -> float:
        """How many times the listed price a provider takes."""
        return float(self.facts.get("factors", {}).get(provider, 1))

    def priced_by(self, provider: str) -> JsonObject:
        """The `pricing` of one provider; the row's own is that of the first."""
        prices: JsonObject = self.row["pricing"]
        factor = Decimal(str(self.factor(provider)))
        if factor == 1:
            return prices
        main = ("prompt", "completion")
        return prices | {name: f"{(Decimal(prices[name]) * factor).normalize():f}" for name in main}


def find(asked: str) -> Model:
    """Give the model that answers to an id, a dated slug, an alias or a routing variant.

    Raises Refusal 400 for an id that is not listed.
    """
    models = by_id()
    base, _, variant = asked.rpartition(":")
    name = base if variant in ROUTING_VARIANTS else asked
    model = models.get(name) or by_slug().get(name)
    if model is None:
        raise no_such_model(asked)
    target = model.facts.get("alias")
    return models[target] if target is not None else model


def stand_in(fault: Model, model: str) -> Model:
    """Give `model` under the name of a fault model, so that it can fail at any endpoint."""
    other = by_id()[model]
    named = {"id": fault.id, "canonical_slug": fault.slug, "name": fault.row["name"]}
    return replace(other, id=fault.id, row=other.row | named)


@cache
def by_id() -> Mapping[str, Model]:
    """Every model by its id, in the order of the list."""
    return {model.id: model for model in _read()}


@cache
def by_slug() -> Mapping[str, Model]:
    """Every model by its dated slug; a free variant shares the slug, and does not take it."""
    return {model.slug: model for model in by_id().values() if ":" not in model.id}


def _read() -> list[Model]:
    text = resources.files(__package__).joinpath("models.yaml").read_text("utf-8")
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    entries = [*data["models"], *map(_of_crowd, data["crowd"])]
    entries += [_of_fault(name, fault) for name, fault in FAULTS.items()]
    return [_model(data["defaults"] | entry) for entry in entries]


def _of_crowd(line: list[Json]) -> JsonObject:
    slug, name, created, context, prompt, completion, more = line
    about = (
        f"{name} is here to be listed, searched and compared. It answers as Echo does, "
        "and it exists in this sandbox alone."
    )
    thinks = (
        {"reasoning": {"mandatory": False, "supported_efforts": None}} if "thinks" in more else {}
    )
    return {
        "id": f"sandbox/{slug}",
        "name": f"Sandbox: {name}",
        "about": about,
        "created": created,
        "context": context,
        "prices": {"prompt": prompt, "completion": completion},
        **thinks,
        **more,
    }


def _of_fault(name: str, fault: Fault) -> JsonObject:
    return {
        "id": name,
        "name": f"Sandbox fault: {name.partition('/')[2]}",
        "about": f"A rehearsal of failure. {fault.about}",
        "created": date(2025, 1, 1),
        "input": list(MODALITIES),
        "output": ["text"] if fault.job is None else ["video"],
        "prices": {"prompt": 0.1, "completion": 0.2},
        "popularity": 1,
        "sees": True,
    }


def _model(entry: JsonObject) -> Model:
    full = {"entry": entry}["entry"]
    row = _row(full)
    if full.get("sparse"):
        row = {key: row[key] for key in SPARSE}
    return Model(full["id"], row, full)


SPARSE = (
    *("id", "canonical_slug", "name", "created", "context_length", "architecture", "pricing"),
    *("top_provider", "per_request_limits", "supported_parameters", "default_parameters"),
    *("supported_voices", "links"),
)


def _row(entry: JsonObject) -> JsonObject:
    slug = _slug(entry)
    reasoning = entry.get("reasoning")
    parameters = [*entry["parameters"]]
    if reasoning is not None and "reasoning" not in parameters:
        parameters += ["include_reasoning", "reasoning"]
    row: JsonObject = {
        "id": entry["id"],
        "canonical_slug": slug,
        "hugging_face_id": entry.get("hugging_face", ""),
        "name": entry["name"],
        "created": calendar.timegm(entry["created"].timetuple()),
        "description": entry["about"],
        "context_length": entry["context"],
        "architecture": _architecture(entry),
        "pricing": _pricing(entry),
        "top_provider": {
            "context_length": entry.get("provider_context", entry["context"]),
            "max_completion_tokens": entry["output_limit"],
            "is_moderated": entry.get("moderated", False),
        },
        "per_request_limits": None,
        "supported_parameters": sorted(parameters),
        "default_parameters": {},
        "supported_voices": entry.get("voices"),
        "knowledge_cutoff": None,
        "expiration_date": str(entry["expires"]) if "expires" in entry else None,
        "links": {"details": f"/api/v1/models/{slug}/endpoints"},
    }
    return row | _optional(entry)


def _optional(entry: JsonObject) -> JsonObject:
    found: JsonObject = {}
    if (reasoning := entry.get("reasoning")) is not None:
        found["reasoning"] = reasoning
    if (index := entry.get("index")) is not None:
        scores = {f"{name}_index": value for name, value in index.items()}
        found["benchmarks"] = {"artificial_analysis": scores, "design_arena": []}
    if entry["id"].startswith("~"):
        found["alias_target"] = {"name": "Sandbox: Echo", "slug": entry["alias"]}
    return found


def _slug(entry: JsonObject) -> str:
    base = entry["id"].partition(":")[0].removeprefix("~")
    return f"{base}-{entry['created']:%Y%m%d}"


def _architecture(entry: JsonObject) -> JsonObject:
    takes, gives = entry["input"], entry["output"]
    return {
        "modality": f"{'+'.join(takes)}->{'+'.join(gives)}",
        "input_modalities": takes,
        "output_modalities": gives,
        "tokenizer": entry["tokenizer"],
        "instruct_type": None,
    }


def _pricing(entry: JsonObject) -> JsonObject:
    usual: JsonObject = {name: _each(price) for name, price in entry.get("prices", {}).items()}
    return usual | dict(entry.get("pricing", {}))


def _each(per_million: float) -> str:
    """Write a price per million as the API writes the price of one: `0.00000015`."""
    price = Decimal(str(per_million)) / 1_000_000
    return f"{price.normalize():f}"
