"""How the models and actions of other providers are called at OpenRouter.

The importers of flows use these tables. They know names, not the catalogue: whether a model is
served today is checked when the flow is checked with a session.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

AUTHORS: Mapping[str, str | None] = {
    "amazonBedrock": None,
    "anthropic": "anthropic",
    "azureOpenAi": "openai",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "gemini": "google",
    "groq": None,
    "huggingFace": None,
    "liteLlm": None,
    "mistral": "mistralai",
    "nanoGpt": None,
    "nvidia": None,
    "ollama": None,
    "openAi": "openai",
    "perplexity": "perplexity",
    "requesty": None,
    "vertexGemini": "google",
    "xai": "x-ai",
}
"""Components of ByteChef that call models, with the author of their models; None if they host those
of many authors."""

HOSTS: Mapping[str, str | None] = {
    "api.anthropic.com": "anthropic",
    "api.cohere.ai": "cohere",
    "api.deepseek.com": "deepseek",
    "api.groq.com": None,
    "api.mistral.ai": "mistralai",
    "api.openai.com": "openai",
    "api.perplexity.ai": "perplexity",
    "api.together.xyz": None,
    "api.x.ai": "x-ai",
}
"""The same for the hosts of HTTP APIs."""

_BY_PREFIX: Mapping[str, str] = {
    r"gpt|chatgpt|o[134]\b|text-embedding|dall-e|tts-|whisper|davinci": "openai",
    r"claude": "anthropic",
    r"gemini|gemma|imagen|veo": "google",
    r"mistral|mixtral|ministral|magistral|codestral|devstral|pixtral|voxtral|open-mi": "mistralai",
    r"llama|meta-llama": "meta-llama",
    r"qwen|qwq": "qwen",
    r"deepseek": "deepseek",
    r"grok": "x-ai",
    r"command|embed-": "cohere",
    r"sonar": "perplexity",
    r"kimi": "moonshotai",
    r"glm": "z-ai",
    r"nova-": "amazon",
}
_NOT_SERVED = re.compile(r"dall-e|tts-1|gpt-3\.5-turbo-16k|davinci|babbage|mistral-embed")


class RehomedModel(NamedTuple):
    """The name of a model at OpenRouter."""

    name: str
    is_certain: bool
    """Whether only the author was added; otherwise a person should look at it."""


def rehome_model(model: str, author: str | None) -> RehomedModel:
    """Return the name of another provider's model at OpenRouter: `gpt-4` is `openai/gpt-4`."""
    name = model.strip()
    if "/" in name:
        return RehomedModel(name, True)
    bare = name.removeprefix("openrouter:")
    owner = author or _author_of(bare)
    slug = _slug(bare, owner)
    if owner is None:
        return RehomedModel(bare, False)
    return RehomedModel(f"{owner}/{slug}", slug == bare and not _NOT_SERVED.match(bare))


def _author_of(name: str) -> str | None:
    found = (author for prefix, author in _BY_PREFIX.items() if re.match(prefix, name, re.I))
    return next(found, None)


def _slug(name: str, author: str | None) -> str:
    """Return the part after the slash: OpenRouter's names have no date and no `-latest`."""
    if author == "anthropic":
        # claude-3-5-sonnet-20241022 is claude-3.5-sonnet, claude-sonnet-4-5 is claude-sonnet-4.5
        return re.sub(r"-(\d)-(\d)(?=-|$)", r"-\1.\2", re.sub(r"-(\d{8}|latest)$", "", name))
    if author == "mistralai":
        return re.sub(r"-latest$", "", name).removeprefix("open-")
    if author == "meta-llama":
        return re.sub(r"-(versatile|instant)$", "-instruct", name)
    return name


ROBOFLOW_MODELS: Mapping[str, str] = {
    "Kimi K2.5 - OpenRouter": "moonshotai/kimi-k2.5",
    "Kimi K2.6 - OpenRouter": "moonshotai/kimi-k2.6",
    "Qwen 3.5 9B - OpenRouter": "qwen/qwen3.5-9b",
    "Qwen 3.5 27B - OpenRouter": "qwen/qwen3.5-27b",
    "Qwen 3.5 122B A10B - OpenRouter": "qwen/qwen3.5-122b-a10b",
    "Qwen 3.5 397B A17B - OpenRouter": "qwen/qwen3.5-397b-a17b",
    "Qwen 3.5 Flash 02-23 - OpenRouter": "qwen/qwen3.5-flash-02-23",
    "Qwen 3.5 Plus 20260420 - OpenRouter": "qwen/qwen3.5-plus-20260420",
    "Qwen 3.6 27B - OpenRouter": "qwen/qwen3.6-27b",
    "Qwen 3.6 35B A3B - OpenRouter": "qwen/qwen3.6-35b-a3b",
    "Qwen 3.6 Flash - OpenRouter": "qwen/qwen3.6-flash",
    "Qwen 3.6 Plus - OpenRouter": "qwen/qwen3.6-plus",
    "Qwen 3.6 Max Preview - OpenRouter": "qwen/qwen3.6-max-preview",
}
"""The models of Roboflow's blocks by their labels in its form."""
N8N_MODEL = "openai/gpt-4.1-mini"
"""What n8n's OpenRouter node calls if it names no model."""
