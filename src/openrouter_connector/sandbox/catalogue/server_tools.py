"""The server tools of the sandbox: their parameters, engines and prices."""

from __future__ import annotations

from openrouter_connector.values import JsonObject

from .models import models_by_id

FORMATS = ("responses", "chat-completions", "anthropic-messages")
_TEXT: JsonObject = {"type": "string"}
_TEXTS: JsonObject = {"type": "array", "items": _TEXT}
_COUNT: JsonObject = {"type": "integer", "minimum": 1}


def _one_of(*values: str) -> JsonObject:
    return {"type": "string", "enum": [*values]}


def _engine(name: str, price: str | None = None, unit: str = "request") -> JsonObject:
    priced = {"mode": None, "price": price, "unit": unit, "max_units_per_call": 10}
    return {
        "id": name,
        "name": name.title(),
        "executed_by": "provider" if name == "native" else "openrouter",
        "byok": "none",
        "default_mode": None,
        "data_regions": ["global"],
        "pricing": [priced] if price else [],
        "pricing_source": "openrouter" if price else "provider",
        "pricing_doc_url": None,
    }


# By id: the summary, the properties of its parameters, its engines.
_TOOLS: dict[str, tuple[str, JsonObject, list[JsonObject]]] = {
    "web_search": (
        "Searches the web.",
        {
            "engine": _one_of("auto", "native", "exa", "parallel", "firecrawl", "perplexity"),
            "max_results": _COUNT,
            "max_uses": _COUNT,
            "allowed_domains": _TEXTS,
            "excluded_domains": _TEXTS,
        },
        [_engine("native"), _engine("exa", "0.004", "result")],
    ),
    "web_fetch": (
        "Reads a page of the web.",
        {"max_uses": _COUNT, "allowed_domains": _TEXTS, "blocked_domains": _TEXTS},
        [_engine("openrouter", "0.001", "page")],
    ),
    "datetime": ("Tells the date and time.", {"timezone": _TEXT}, [_engine("openrouter")]),
    "image_generation": ("Generates an image.", {"model": _TEXT}, [_engine("openrouter")]),
    "bash": (
        "Runs shell commands in a container.",
        {"engine": _one_of("auto", "native", "openrouter"), "environment": {"type": "object"}},
        [_engine("openrouter", "0.03", "container hour")],
    ),
    "experimental__search_models": (
        "Searches the models of OpenRouter.",
        {"max_results": _COUNT},
        [_engine("openrouter")],
    ),
}
TOOLS = tuple(_TOOLS)
"""The ids of all tools."""


def server_tool(tool: str) -> JsonObject:
    """Return a tool as `GET /tools` lists it."""
    summary, properties, engines = _TOOLS[tool]
    name = f"openrouter:{tool}"
    outputs = [{"api_format": one, "type": f"{name}_call"} for one in FORMATS]
    return {
        "id": tool,
        "name": tool.removeprefix("experimental__").replace("_", " ").title(),
        "summary": summary,
        "tool_description": f"{summary} This is the sandbox: nothing leaves this machine.",
        "status": "active",
        "docs_url": "https://openrouter.ai/docs/guides/features/server-tools",
        "aliases": [{"type": name, "api_formats": [*FORMATS], "output_names": outputs}],
        "supported_api_formats": [*FORMATS],
        "parameters_schema": {"type": "object", "properties": properties},
        "input_schema": {"type": "object", "properties": {"query": _TEXT}},
        "output_schema": None,
        "default_engine": engines[0]["id"],
        "fallback_engine": None,
        "engines": engines,
        "native_support": {"endpoint_count": 1, "model_count": 1},
    }


def server_tool_details(tool: str) -> JsonObject:
    """Return a tool as `GET /tools/{name}` describes it: with the models that run it themselves."""
    model = models_by_id()["sandbox/echo"]
    support = {"endpoint_count": 1, "models": [{"slug": model.id, "providers": ["Sandbox"]}]}
    return server_tool(tool) | {"native_support": support | {"model_count": 1}}
