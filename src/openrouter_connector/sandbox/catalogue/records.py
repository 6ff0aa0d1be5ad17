"""Build the record of each model as `GET /models` lists it, from its entry in `models.yaml`."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from importlib import resources

import yaml

from openrouter_connector.values import Json, JsonObject

from ..faults.table import FAULTS, Fault

MODALITIES = ("text", "image", "file", "audio", "video")
SPARSE_KEYS = (
    *("id", "canonical_slug", "name", "created", "context_length", "architecture", "pricing"),
    *("top_provider", "per_request_limits", "supported_parameters", "default_parameters"),
    *("supported_voices", "links"),
)
"""The keys of a record without any optional key: real records lack them too."""


def read_entries() -> list[JsonObject]:
    """Read the entry of every model, completed with the defaults; fault models come last."""
    text = resources.files(__package__).joinpath("models.yaml").read_text("utf-8")
    # LibYAML is not in every build of PyYAML.
    data = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506
    entries = [*data["models"], *map(_listed_only, data["listed_only"])]
    entries += [_fault_model(name, fault) for name, fault in FAULTS.items()]
    return [data["defaults"] | entry for entry in entries]


def model_record(entry: JsonObject) -> JsonObject:
    """Return the record of a model with all keys that the API may send."""
    slug = _dated_slug(entry)
    reasoning = entry.get("reasoning")
    parameters = [*entry["parameters"]]
    if reasoning is not None and "reasoning" not in parameters:
        parameters += ["include_reasoning", "reasoning"]
    record: JsonObject = {
        "id": entry["id"],
        "canonical_slug": slug,
        # Empty, and not null, for models that are not on Hugging Face.
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
        # The voices differ by model; OpenAI's list is not valid for others.
        "supported_voices": entry.get("voices"),
        "knowledge_cutoff": None,
        "expiration_date": str(entry["expires"]) if "expires" in entry else None,
        "links": {"details": f"/api/v1/models/{slug}/endpoints"},
    }
    return record | _optional_keys(entry)


def _listed_only(line: list[Json]) -> JsonObject:
    slug, name, created, context, prompt, completion, details = line
    about = (
        f"{name} is one more model to list, search and compare. "
        "It answers as Echo does and exists only in this sandbox."
    )
    reasoning = (
        {"reasoning": {"mandatory": False, "supported_efforts": None}}
        if "reasons" in details
        else {}
    )
    return {
        "id": f"sandbox/{slug}",
        "name": f"Sandbox: {name}",
        "about": about,
        "created": created,
        "context": context,
        "prices": {"prompt": prompt, "completion": completion},
        **reasoning,
        **details,
    }


def _fault_model(name: str, fault: Fault) -> JsonObject:
    return {
        "id": name,
        "name": f"Sandbox fault: {name.partition('/')[2]}",
        "about": f"Simulates a failure. {fault.description}",
        "created": date(2025, 1, 1),
        "input": list(MODALITIES),
        "output": ["text"] if fault.job_status is None else ["text", "video"],  # a batch or a video
        "prices": {"prompt": 0.1, "completion": 0.2},
        "popularity": 1,
        "describes_images": True,
    }


def _optional_keys(entry: JsonObject) -> JsonObject:
    keys: JsonObject = {}
    if (reasoning := entry.get("reasoning")) is not None:
        keys["reasoning"] = reasoning
    if (index := entry.get("index")) is not None:
        scores = {f"{name}_index": value for name, value in index.items()}
        keys["benchmarks"] = {"artificial_analysis": scores, "design_arena": []}
    if entry["id"].startswith("~"):
        keys["alias_target"] = {"name": "Sandbox: Echo", "slug": entry["alias"]}
    return keys


def _dated_slug(entry: JsonObject) -> str:
    base = entry["id"].partition(":")[0].removeprefix("~")
    return f"{base}-{entry['created']:%Y%m%d}"


def _architecture(entry: JsonObject) -> JsonObject:
    inputs, outputs = entry["input"], entry["output"]
    return {
        "modality": f"{'+'.join(inputs)}->{'+'.join(outputs)}",
        "input_modalities": inputs,
        "output_modalities": outputs,
        "tokenizer": entry["tokenizer"],
        "instruct_type": None,
    }


def _pricing(entry: JsonObject) -> JsonObject:
    usual: JsonObject = {name: _per_unit(price) for name, price in entry.get("prices", {}).items()}
    return usual | dict(entry.get("pricing", {}))


def _per_unit(per_million: float) -> str:
    """Write a price per million as the API's text for one unit: `0.00000015`."""
    # The API filters in USD per million, but lists USD per token, as text and never as `1.5e-07`.
    price = Decimal(str(per_million)) / 1_000_000
    return f"{price.normalize():f}"
