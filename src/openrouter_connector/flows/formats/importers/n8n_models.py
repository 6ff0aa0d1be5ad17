"""Read the models of an n8n node: the model node that serves it, and those of its fallbacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ....openrouter.rehoming import N8N_MODEL, rehome_model
from ....values import Json, JsonObject, an_object
from .n8n_graph import Graph
from .n8n_workflow import Workflow
from .parameters import Parameters

MODEL = "ai_languageModel"
_OUR_MODEL = "lmChatOpenRouter"
_SELECTOR = "modelSelector"
_AUTHORS: Mapping[str, str | None] = {
    "lmChatAnthropic": "anthropic",
    "lmChatAzureOpenAi": "openai",
    "lmChatCohere": "cohere",
    "lmChatDeepSeek": "deepseek",
    "lmChatGoogleGemini": "google",
    "lmChatGoogleVertex": "google",
    "lmChatMistralCloud": "mistralai",
    "lmChatOpenAi": "openai",
    "lmChatXAiGrok": "x-ai",
}
"""The model nodes of other providers, with the author of their models."""
_OPTIONS = {
    "frequencyPenalty": "frequencyPenalty",
    "maxTokens": "maxTokens",
    "presencePenalty": "presencePenalty",
    "reasoningEffort": "reasoning",
    "temperature": "temperature",
    "topP": "topP",
}
_OF_THE_CONNECTION = ("maxRetries", "baseURL", "baseUrl", "timeout")
_READ = ("model", "modelName", "options", "notice", "builtInTools", "responsesApiEnabled")


def models_of(graph: Graph, name: str) -> list[str]:
    """Return the model nodes that serve a node, those behind a selector as well."""
    found = list[str]()
    for model in graph.into(name, MODEL):
        chosen = graph.into(model, MODEL) if graph.type_of(model) == _SELECTOR else [model]
        found += chosen
    return found


def is_ours(graph: Graph, name: str) -> bool:
    """Return whether a node calls OpenRouter: by its type, its address or its credentials."""
    if graph.type_of(name) == _OUR_MODEL:
        return True
    node = graph.nodes[name]
    options = an_object(an_object(node.get("parameters")).get("options"))
    address = str(options.get("baseURL") or options.get("baseUrl") or "")
    if "openrouter.ai" in address:
        return True
    credentials = an_object(node.get("credentials")).values()
    names = (str(an_object(one).get("name", "")) for one in credentials)
    return any("openrouter" in name.replace(" ", "").lower() for name in names)


def read_models(this: Workflow, models: list[str], parameters: Parameters) -> None:
    """Add the model of a step with its options, and the fallback models."""
    _read_model(this, models[0], parameters)
    for other in models[1:]:
        name = _model_of(this, other, parameters, "models")
        parameters.values.setdefault("models", []).append(name)
        source = this.graph.places[other]
        this.fixes.converted(source, parameters.at("models"), f"{other!r} is a fallback model")
        for option, value in _options(this, other).items():
            at = f"{source}.parameters.options.{option}"
            if value == _options(this, models[0]).get(option):
                this.fixes.converted(at, parameters.place, f"{option} is that of the first model")
            elif option in _OF_THE_CONNECTION:
                this.fixes.converted(at, "", "is a matter of the connection")
            else:
                this.fixes.dropped(at, f"the fallback model has no {option} of its own")


def report_selectors(this: Workflow, name: str, place: str) -> None:
    """Report the rules by which n8n selects one of several models."""
    for model in this.graph.into(name, MODEL):
        if this.graph.type_of(model) == _SELECTOR:
            message = f"{model!r} selects a model by rules; here the others are fallbacks"
            this.fixes.dropped(this.graph.places[model], message, place)


def _read_model(this: Workflow, model: str, parameters: Parameters) -> None:
    source = this.graph.places[model]
    parameters.values["model"] = _model_of(this, model, parameters, "model")
    this.fixes.converted(source, parameters.at("model"), f"{model!r} is the model of the step")
    for option, value in _options(this, model).items():
        at = f"{source}.parameters.options.{option}"
        if option in _OPTIONS and not (option == "maxTokens" and value == -1):
            name = _OPTIONS[option]
            converter = this.converter(model, at, parameters.at(name))
            parameters.values[name] = converter.text(value) if isinstance(value, str) else value
            message = f"{option} is {name}" if option != name else option
            this.fixes.kept(at, parameters.at(name), message)
        elif option == "responseFormat" and value == "json_object":
            schema = {"responseFormat": "JSON", "responseSchema": '{"type": "object"}'}
            parameters.values["response"] = schema
            this.fixes.converted(at, parameters.at("response"), "the answer is any object")
        elif option in _OF_THE_CONNECTION or option == "maxTokens" or value in ("text", "", None):
            this.fixes.converted(at, "", "is a matter of the connection, or the default")
        else:
            this.fixes.dropped(at, f"{option} has no counterpart")
    for key in _unread(this, model):
        this.fixes.dropped(f"{source}.parameters.{key}", f"{key} has no counterpart")


def _options(this: Workflow, model: str) -> JsonObject:
    return an_object(an_object(this.graph.nodes[model].get("parameters")).get("options"))


def _unread(this: Workflow, model: str) -> Iterator[str]:
    for key, value in an_object(this.graph.nodes[model].get("parameters")).items():
        if key not in _READ and value not in (None, "", False, {}, []):
            yield key


def _model_of(this: Workflow, model: str, parameters: Parameters, target: str) -> Json:
    """Return the model of a model node; n8n's default if it names none."""
    source, place = this.graph.places[model], parameters.at(target)
    node = an_object(this.graph.nodes[model].get("parameters"))
    value = node.get("model") or node.get("modelName")
    if isinstance(value, dict):  # `{__rl, value, mode}`: chosen from a list
        value = value.get("value")
    if not isinstance(value, str) or not value:
        if is_ours(this.graph, model):
            this.fixes.converted(source, place, f"names no model; n8n's default is {N8N_MODEL}")
            return N8N_MODEL
        this.fixes.choose(source, place, f"{model!r} names no model; choose one")
        return ""
    if is_ours(this.graph, model) or value.startswith("="):
        return this.converter(model, f"{source}.parameters.model", place).text(value)
    author = _AUTHORS.get(this.graph.type_of(model))
    rehomed = rehome_model(value.removeprefix("models/"), author)
    message = f"{value} of another provider is now {rehomed.name}"
    if rehomed.is_certain:
        this.fixes.converted(source, place, message)
    else:
        this.fixes.choose(source, place, f"{message}; check that OpenRouter serves it")
    return rehomed.name
