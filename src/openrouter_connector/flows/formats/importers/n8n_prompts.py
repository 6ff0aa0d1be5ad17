"""Make an `ask` task of an n8n agent or chain, and of the model node that serves it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Protocol

from ....definition.load import Definition
from ....openrouter.rehoming import N8N_MODEL
from ....values import Json, JsonObject, an_object
from ..file_entries import file_entry
from ..report import FixUps
from .json_example import schema_of_example
from .n8n_expressions import Converter, Read
from .n8n_graph import Graph
from .names import literal
from .parameters import Parameters

_PROMPTED = ("agent", "chainLlm")
"""The nodes whose whole prompt is in the file. Others have instructions of their own in n8n."""
_OPTIONS = {
    "frequencyPenalty": "frequencyPenalty",
    "maxTokens": "maxTokens",
    "presencePenalty": "presencePenalty",
    "reasoningEffort": "reasoning",
    "temperature": "temperature",
    "topP": "topP",
}
_ROLES = {"System": "SYSTEM", "Human": "USER", "AI": "ASSISTANT"}
_N8N_SYSTEM_PROMPT = "You are a helpful assistant"  # what an agent without one sends


class Workflow(Protocol):
    """What the import of a workflow offers for one node."""

    graph: Graph
    definition: Definition
    fixes: FixUps
    steps: dict[str, str]

    def converter(self, name: str, source: str, place: str) -> Converter:
        """Return what converts the expressions of a node."""

    def setting_notes(self, name: str) -> None:
        """Report the settings of a node itself."""


def task_of_prompt(this: Workflow, name: str, models: list[str], place: str) -> JsonObject:
    """Return the task of a node that is served by model nodes, the first of them and fallbacks."""
    source = this.graph.places[name]
    kind = this.graph.type_of(name)
    parameters = Parameters({}, f"{source}.parameters", f"{place}.parameters", this.fixes)
    this.fixes.converted(
        source, place, f"the {kind} {name!r} is {this.definition.component.type_of('ask')}"
    )
    _read_model(this, models[0], place, parameters)
    for other in models[1:]:
        _read_fallback(this, other, place, parameters)
    _read_prompt(this, name, parameters)
    _read_parser(this, name, parameters)
    _report_helpers(this, name)
    this.setting_notes(name)
    return {
        "label": name,
        "name": this.steps[name],
        "type": this.definition.component.type_of("ask"),
        "parameters": parameters.values,
    }


def _read_model(this: Workflow, model: str, place: str, parameters: Parameters) -> None:
    node, source = an_object(this.graph.nodes[model].get("parameters")), this.graph.places[model]
    parameters.values["model"] = _model_of(this, model, place)
    for option, value in an_object(node.get("options")).items():
        at = f"{source}.parameters.options.{option}"
        if option in _OPTIONS and not (option == "maxTokens" and value == -1):
            name = _OPTIONS[option]
            converter = this.converter(model, at, parameters.at(name))
            parameters.values[name] = converter.text(value) if isinstance(value, str) else value
            this.fixes.kept(
                at, parameters.at(name), f"{option} is {name}" if option != name else option
            )
        elif option == "responseFormat" and value in ("json_object", "text"):
            _read_json_mode(at, str(value), parameters)
        elif option in ("maxRetries", "baseURL", "maxTokens"):
            this.fixes.converted(at, "", "is a matter of the connection, or the default")
        else:
            this.fixes.dropped(at, f"{option} has no counterpart")


def _read_json_mode(at: str, value: str, parameters: Parameters) -> None:
    if value == "json_object":
        schema = {"responseFormat": "JSON", "responseSchema": '{"type": "object"}'}
        parameters.values["response"] = schema
        parameters.fixes.converted(at, parameters.at("response"), "the answer is any object")


def _model_of(this: Workflow, model: str, place: str) -> Json:
    """Return the model of a model node; n8n's default if it names none."""
    source = this.graph.places[model]
    value = an_object(this.graph.nodes[model].get("parameters")).get("model")
    if isinstance(value, dict):  # `{__rl, value, mode}`: chosen from a list
        value = value.get("value")
    target = f"{place}.parameters.model"
    if not isinstance(value, str) or not value:
        this.fixes.converted(source, target, f"names no model; n8n's default is {N8N_MODEL}")
        return N8N_MODEL
    return this.converter(model, f"{source}.parameters.model", target).text(value)


def _read_fallback(this: Workflow, model: str, place: str, parameters: Parameters) -> None:
    source = this.graph.places[model]
    if this.graph.type_of(model) == "lmChatOpenRouter":
        parameters.values.setdefault("models", []).append(_model_of(this, model, place))
        this.fixes.converted(source, parameters.at("models"), f"{model!r} is a fallback model")
    else:
        this.fixes.dropped(source, f"{model!r} is a fallback model of another provider")


def _read_prompt(this: Workflow, name: str, parameters: Parameters) -> None:
    node, source = an_object(this.graph.nodes[name].get("parameters")), this.graph.places[name]
    kind = this.graph.type_of(name)

    def convert(text: Json, key: str, target: str) -> str:
        at = f"{source}.parameters.{key}"
        return this.converter(name, at, parameters.at(target)).text(str(text))

    prompt = _prompt_text(this, name, node, parameters, convert)
    options = an_object(node.get("options"))
    system = options.get("systemMessage")
    messages = an_object(node.get("messages")).get("messageValues")
    if kind == "agent" and system is None:
        system = _N8N_SYSTEM_PROMPT
    if isinstance(messages, list) and messages and kind == "chainLlm":
        _read_messages(messages, prompt, parameters, convert)
    else:
        parameters.values |= {"format": "SIMPLE", "userPrompt": prompt}
        if isinstance(system, str) and system:
            text = convert(system, "options.systemMessage", "systemPrompt")
            parameters.values["systemPrompt"] = text
    if kind not in _PROMPTED:
        message = f"n8n has instructions of its own for {kind}; write them into systemPrompt"
        parameters.choose("systemPrompt", message, "")
    parameters.values.setdefault("response", {"responseFormat": "TEXT"})
    _report_options(options, parameters)


def _prompt_text(
    this: Workflow,
    name: str,
    node: JsonObject,
    parameters: Parameters,
    convert: Callable[[Json, str, str], str],
) -> str:
    """Return the user prompt; what a chat trigger hands over if the node defines none."""
    key = next(
        (key for key in ("text", "prompt", "inputText") if isinstance(node.get(key), str)), ""
    )
    if key and node.get("promptType") not in ("auto", "guardrails"):
        return convert(node[key], key, "userPrompt")
    source = f"{this.graph.places[name]}.parameters"
    converter = this.converter(name, source, parameters.at("userPrompt"))
    return "${" + converter.resolve(Read(None, ("chatInput",), "")) + "}"


def _read_messages(
    messages: list[Json],
    prompt: str,
    parameters: Parameters,
    convert: Callable[[Json, str, str], str],
) -> None:
    """Add the messages of a chain: a system prompt alone, or a conversation before the prompt."""
    said: list[JsonObject] = []
    for index, item in enumerate(messages):
        message = an_object(item)
        role = next(
            (r for word, r in _ROLES.items() if str(message.get("type")).startswith(word)), "SYSTEM"
        )
        key = f"messages.messageValues[{index}]"
        kind = message.get("messageType", "text")
        if kind == "imageUrl" and isinstance(message.get("imageUrl"), str):
            url = convert(message["imageUrl"], f"{key}.imageUrl", "messages")
            said.append({"role": "USER", "content": "", "attachments": [file_entry(url)]})
        elif kind == "imageBinary":
            why = "the image is in n8n's binary data; attach a file"
            parameters.fixes.choose(f"{parameters.source}.{key}", parameters.at("messages"), why)
        else:
            text = convert(message.get("message", ""), f"{key}.message", "messages")
            said.append({"role": role, "content": text})
    if not said or [one["role"] for one in said] == ["SYSTEM"]:
        system = {"systemPrompt": said[0]["content"]} if said else {}
        parameters.values |= {"format": "SIMPLE", "userPrompt": prompt, **system}
        return
    last = said[-1]
    if last.get("attachments") and not last["content"]:
        last["content"] = prompt  # n8n adds the prompt to the message with the image
    else:
        said.append({"role": "USER", "content": prompt})
    parameters.values |= {"format": "ADVANCED", "messages": said}


def _report_options(options: JsonObject, parameters: Parameters) -> None:
    for option, value in options.items():
        if option == "systemMessage":
            continue
        if option in ("maxIterations", "returnIntermediateSteps", "enableStreaming", "batching"):
            parameters.note_converted(f"options.{option}", "a single call needs no such option")
        elif value not in (None, "", False):
            parameters.dropped(f"options.{option}", f"{option} has no counterpart")


def _read_parser(this: Workflow, name: str, parameters: Parameters) -> None:
    """Turn a structured output parser into a response schema, and report any other."""
    for parser in this.graph.into(name, "ai_outputParser"):
        source = this.graph.places[parser]
        schema = _schema_of(an_object(this.graph.nodes[parser].get("parameters")))
        if this.graph.type_of(parser) == "outputParserStructured" and schema is not None:
            text = literal(json.dumps(schema, ensure_ascii=False))
            parameters.values["response"] = {"responseFormat": "JSON", "responseSchema": text}
            message = f"the schema of {parser!r} is the response schema"
            this.fixes.converted(source, parameters.at("response.responseSchema"), message)
        else:
            this.fixes.dropped(
                source, f"{parser!r} ({this.graph.type_of(parser)}) checks no answer here"
            )


def _schema_of(parser: JsonObject) -> JsonObject | None:
    """Return the schema of a structured output parser, written out or by an example."""
    example = parser.get("jsonSchemaExample")
    written = parser.get("inputSchema") or parser.get("jsonSchema")
    is_manual = parser.get("schemaType", "fromJson" if example else "manual") == "manual"
    text = written if is_manual and written else example or written
    try:
        found = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None
    if found is None:
        return None
    if text is example:
        return schema_of_example(found)
    return found if isinstance(found, dict) else None


def _report_helpers(this: Workflow, name: str) -> None:
    whys = {
        "ai_tool": "tools run inside n8n; sendChatCompletion takes tools of your own",
        "ai_memory": "a step remembers nothing; put earlier messages into `messages`",
        "ai_retriever": "a retriever runs inside n8n",
        "ai_vectorStore": "a vector store runs inside n8n",
        "ai_document": "a document loader runs inside n8n",
    }
    for kind, why in whys.items():
        for helper in this.graph.into(name, kind):
            what = f"{helper!r} ({this.graph.type_of(helper)})"
            this.fixes.dropped(this.graph.places[helper], f"{what} of {name!r}: {why}")
