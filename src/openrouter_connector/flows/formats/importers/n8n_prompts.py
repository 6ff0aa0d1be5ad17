"""Make an `ask` task of an n8n agent or chain, and of the model node that serves it."""

from __future__ import annotations

from collections.abc import Callable

from ....values import Json, JsonObject, an_object
from ..file_entries import file_entry
from .n8n_expressions import Converter
from .n8n_models import read_models, report_selectors
from .n8n_schemas import add_schema, read_parsers, schema_of
from .n8n_switch import OTHER, has_other_category
from .n8n_workflow import Workflow
from .parameters import Parameters
from .texts import json_text, literal, pill

_PROMPTED = ("agent", "agentTool", "chainLlm")
"""The nodes whose whole prompt is in the file. Others have instructions of their own in n8n."""
_PLAIN_AGENTS = (None, "", "toolsAgent", "openAiFunctionsAgent")
_ROLES = {"System": "SYSTEM", "Human": "USER", "AI": "ASSISTANT"}
_N8N_SYSTEM_PROMPT = "You are a helpful assistant"  # what an agent without one sends
_SYSTEM_PROMPTS = ("systemMessage", "systemPromptTemplate")
_READ = {
    "agent", "promptType", "text", "prompt", "inputText", "options", "messages", "hasOutputParser",
    "needsFallback", "batching", "schemaType", "jsonSchemaExample", "inputSchema", "attributes",
    "code", "inputs", "outputs", "notice", "toolDescription",
}  # fmt: skip
"""The parameters of agents and chains that are read here, or say how n8n runs the node."""
_NEEDLESS = ("maxIterations", "returnIntermediateSteps", "enableStreaming", "batching")


def task_of_prompt(this: Workflow, name: str, models: list[str], place: str) -> JsonObject:
    """Return the task of a node that is served by model nodes, the first of them and fallbacks."""
    source = this.graph.places[name]
    kind = this.graph.type_of(name)
    parameters = Parameters({}, f"{source}.parameters", f"{place}.parameters", this.fixes)
    ask = this.definition.component.type_of("ask")
    this.fixes.converted(source, place, f"the {kind} {name!r} is {ask}")
    read_models(this, models, parameters)
    report_selectors(this, name, place)
    task: JsonObject = {"label": name, "name": this.steps[name], "type": ask}
    task["parameters"] = parameters.values
    if kind == "agentTool":
        task["metadata"] = _kept_description(this, name, place)
    if kind == "code":
        task["metadata"] = _kept_code(this, name, place)
    else:
        _read_prompt(this, name, parameters)
    read_parsers(this, name, parameters)
    parameters.values.setdefault("response", {"responseFormat": "TEXT"})
    _report_helpers(this, name, place)
    this.setting_notes(name)
    return task


def _kept_description(this: Workflow, name: str, place: str) -> JsonObject:
    """Return the metadata that keeps what a tool says of itself: no model calls it here."""
    text = an_object(this.graph.nodes[name].get("parameters")).get("toolDescription")
    source = f"{this.graph.places[name]}.parameters.toolDescription"
    target = f"{place}.metadata.n8n.toolDescription"
    this.fixes.converted(source, target, "is kept here; no model calls the step as a tool")
    return {"n8n": {"toolDescription": text}}


def _kept_code(this: Workflow, name: str, place: str) -> JsonObject:
    """Return the metadata that keeps the JavaScript of a code node, which no step runs."""
    code = an_object(this.graph.nodes[name].get("parameters")).get("code")
    source = f"{this.graph.places[name]}.parameters.code"
    message = "the JavaScript is kept here and does not run; write what it asks as the prompt"
    this.fixes.choose(source, f"{place}.metadata.n8n.code", message)
    return {"n8n": {"code": code}}


def _read_prompt(this: Workflow, name: str, parameters: Parameters) -> None:
    node, source = an_object(this.graph.nodes[name].get("parameters")), this.graph.places[name]
    kind = this.graph.type_of(name)

    def convert(text: Json, key: str, target: str) -> str:
        at = f"{source}.parameters.{key}"
        return this.converter(name, at, parameters.at(target)).text(str(text))

    prompt = _prompt_text(this, name, node, parameters, convert)
    options = an_object(node.get("options"))
    key = next((key for key in _SYSTEM_PROMPTS if options.get(key)), _SYSTEM_PROMPTS[0])
    system = options.get(key)
    messages = an_object(node.get("messages")).get("messageValues")
    if kind in ("agent", "agentTool") and system is None:
        system = _N8N_SYSTEM_PROMPT
    if isinstance(messages, list) and messages and kind == "chainLlm":
        _read_messages(this, messages, prompt, parameters, convert)
    else:
        parameters.values |= {"format": "SIMPLE", "userPrompt": prompt}
        if isinstance(system, str) and system:
            text = convert(system, f"options.{key}", "systemPrompt")
            parameters.values["systemPrompt"] = text
    has_own_system = kind not in _PROMPTED and key != "systemPromptTemplate"
    if has_own_system or node.get("agent") not in _PLAIN_AGENTS:
        message = f"n8n has instructions of its own for {kind}; write them into systemPrompt"
        parameters.choose("systemPrompt", message, "")
    place = parameters.at("response.responseSchema")
    _read_own_schema(node, this.converter(name, parameters.source, place), parameters)
    _report_options(node, options, parameters)


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
    giver = this.giver(name)
    # What somebody writes into the chat, whatever runs in between.
    source = f"{this.graph.places[name]}.parameters"
    giver = None if giver in this.steps else giver
    return pill(this.input_of(giver, "chatInput", source, parameters.at("userPrompt")))


def _read_messages(
    this: Workflow,
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
            if message.get("imageDetail") not in (None, "", "auto"):
                parameters.dropped(f"{key}.imageDetail", "ask sends images in the default detail")
            url = convert(message["imageUrl"], f"{key}.imageUrl", "messages")
            said.append({"role": "USER", "content": "", "attachments": [file_entry(url)]})
        elif kind == "imageBinary":
            image = str(message.get("binaryImageDataKey") or "data")
            source, place = f"{parameters.source}.{key}", parameters.at("messages")
            entry = pill(this.input_of(None, image, source, place, "file_entry"))
            said.append({"role": "USER", "content": "", "attachments": [entry]})
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


def _read_own_schema(node: JsonObject, converter: Converter, parameters: Parameters) -> None:
    """Add the schema of an extractor, and the categories of a classifier as one."""
    listed = an_object(node.get("categories")).get("categories")
    categories = [
        {key: converter.text(str(text)) for key, text in an_object(one).items() if text}
        for one in (listed if isinstance(listed, list) else ())
    ]
    if names := [one["category"] for one in categories if "category" in one]:
        if has_other_category(node):
            names = list(dict.fromkeys([*names, OTHER]))
        both = [one for one in categories if {"category", "description"} <= one.keys()]
        described = (f"{one['category']}: {one['description']}" for one in both)
        category = {"type": "string", "enum": names, "description": "; ".join(described)}
        schema = {"type": "object", "properties": {"category": category}, "required": ["category"]}
        add_schema(json_text(schema), parameters)
        parameters.converted("response", "the categories are those of the schema", "categories")
    elif any(node.get(key) for key in ("jsonSchemaExample", "inputSchema", "attributes")):
        own = schema_of(node, converter)
        if own is None:
            parameters.choose("response", "the schema is no JSON; write it again", "inputSchema")
        else:
            add_schema(json_text(own), parameters)
            parameters.converted("response", "the fields are those of the schema", "schemaType")


def _report_options(node: JsonObject, options: JsonObject, parameters: Parameters) -> None:
    read = _READ | ({"categories"} if "response" in parameters.values else set())
    for key, value in node.items():
        if key not in read and value not in (None, "", False, {}, []):
            parameters.dropped(key, f"{key} has no counterpart")
    for option, value in options.items():
        if option in _SYSTEM_PROMPTS:
            continue
        if option in _NEEDLESS:
            parameters.note_converted(f"options.{option}", "a single call needs no such option")
        elif option == "fallback" and has_other_category(node):
            parameters.converted("response", f"{OTHER} is a category", "options.fallback")
        elif option == "summarizationMethodAndPrompts":
            _read_summary_prompt(an_object(an_object(value).get("values")), parameters)
        elif value not in (None, "", False, {}, []):
            parameters.dropped(f"options.{option}", f"{option} has no counterpart")


def _read_summary_prompt(values: JsonObject, parameters: Parameters) -> None:
    """Keep the prompts of a summary: n8n puts the document into them, and may use both."""
    prompts = [str(values[key]) for key in ("prompt", "combineMapPrompt") if values.get(key)]
    if prompts:
        text = "\n\n".join(one.removeprefix("=") for one in prompts)
        parameters.values["systemPrompt"] = literal(text)
        message = "these are n8n's prompts, in which {text} is the document; make them one"
        parameters.choose("systemPrompt", message, "options.summarizationMethodAndPrompts")


def _report_helpers(this: Workflow, name: str, place: str) -> None:
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
            this.fixes.dropped(this.graph.places[helper], f"{what} of {name!r}: {why}", place)
