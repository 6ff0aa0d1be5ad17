"""The presets of the sandbox, and how a chat request uses one: `model: "@preset/pirate"`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from openrouter_connector.values import Json, JsonObject

from .errors import RefusedRequest

MARK = "@preset/"
Created = Mapping[str, list[JsonObject]]
"""The versions of presets that were created while the sandbox ran, by slug."""
PRESETS: dict[str, JsonObject] = {
    "pirate": {
        "description": "Echo with a system prompt that is easy to recognise.",
        "system_prompt": "You are a pirate.",
        "config": {"model": "sandbox/echo", "temperature": 0.7},
    },
    "deep-thought": {
        "description": "A reasoning model with a token limit.",
        "system_prompt": None,
        "config": {"model": "sandbox/thinker", "max_tokens": 4000},
    },
}


CONFIG = {
    *("model", "models", "max_tokens", "max_completion_tokens", "temperature", "top_p", "top_k"),
    *("frequency_penalty", "presence_penalty", "reasoning", "verbosity", "tools", "tool_choice"),
    *("provider", "plugins", "service_tier", "response_format", "seed", "stop"),
}
"""What a preset keeps of the request that it is made from."""


def apply_preset(body: JsonObject, created: Created) -> JsonObject:
    """Return the chat request merged with the preset it names; its own values take precedence.

    Raises RefusedRequest 404 for an unknown preset.
    """
    model, mark, slug = str(body.get("model") or "").partition(MARK)
    slug = slug if mark else str(body.get("preset") or "").removeprefix(MARK)
    if not slug:
        return body
    preset = find_preset(slug, created)
    # A model in front of the mark (`vendor/model@preset/pirate`) replaces the one of the preset.
    rest = {key: value for key, value in body.items() if key != "model"} if mark else body
    named: JsonObject = {"model": model} if mark and model else {}
    system: list[Json] = [{"role": "system", "content": preset["system_prompt"]}]
    messages = [*(system if preset["system_prompt"] else []), *body["messages"]]
    config: JsonObject = preset["config"]
    return config | rest | named | {"messages": messages, "preset": slug}


def find_preset(slug: str, created: Created) -> JsonObject:
    """Return the current version of a preset; raise RefusedRequest 404 for an unknown name."""
    return find_versions(slug, created)[-1]


def find_versions(slug: str, created: Created) -> list[JsonObject]:
    """Return the versions of a preset, oldest first; RefusedRequest 404 for an unknown name."""
    versions = [PRESETS[slug]] if slug in PRESETS else []
    if not (found := [*versions, *created.get(slug, ())]):
        raise RefusedRequest(404, f"Preset {slug} not found")
    return found


def preset_id(slug: Json) -> str | None:
    """Return the id of a preset, or None without a name."""
    return stable_id(slug) if isinstance(slug, str) else None


def stable_id(name: str) -> str:
    """Return a UUID that is the same for the same name in every sandbox."""
    # Not random: a stored id must still be valid after the sandbox is restarted.
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://sandbox.example/presets/{name}"))
