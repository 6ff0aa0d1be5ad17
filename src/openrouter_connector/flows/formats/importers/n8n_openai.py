"""Make a task of n8n's OpenAI node, where its credentials are those of OpenRouter."""

from __future__ import annotations

from ....definition.model import snake
from ....errors import InputError, Problem
from ....values import Json, JsonObject, an_object
from .n8n_expressions import Converter
from .n8n_workflow import Workflow
from .names import Names
from .openai_body import task_of_body
from .texts import pill, with_texts

OPENAI = "openAi"
"""The type of the node."""
_READ = {
    "resource", "operation", "modelId", "model", "messages", "responses", "jsonOutput", "options",
    "text", "inputType", "imageUrls", "binaryPropertyName", "simplify", "notice",
}  # fmt: skip


def task_of_openai(this: Workflow, name: str, place: str) -> JsonObject:
    """Return the task of a message to a model. InputError for what is no message."""
    node, source = an_object(this.graph.nodes[name].get("parameters")), this.graph.places[name]
    at = f"{source}.parameters"
    converter = this.converter(name, at, f"{place}.parameters")
    task = task_of_body(
        this.definition,
        _body(this, node, source, place, converter),
        this.fixes,
        place=place,
        source=at,
        names=Names(),
        path="/chat/completions",
        label=name,
    )
    this.fixes.converted(source, place, f"the OpenAI node {name!r} is {task['type']}")
    for key, value in node.items():
        if key not in _READ and value not in (None, "", False, {}, []):
            this.fixes.dropped(f"{at}.{key}", f"{key} has no counterpart")
    this.setting_notes(name)
    return task | {"name": this.steps[name]}


def _body(
    this: Workflow, node: JsonObject, source: str, place: str, converter: Converter
) -> JsonObject:
    called = (node.get("resource", "text"), node.get("operation", "message"))
    if called in (("text", "message"), ("text", "response")):
        messages = _messages(node, converter)
    elif called == ("image", "analyze"):
        text: Json = {"type": "text", "text": converter.text(str(node.get("text", "")))}
        images = _images(this, node, source, place, converter)
        messages = [{"role": "user", "content": [text, *images]}]
    else:
        message = f"{called[1]} of {called[0]} is no message to a model, and stays out"
        raise InputError([Problem(source, message)])
    options = {snake(key): value for key, value in an_object(node.get("options")).items()}
    if options.pop("base_url", None):
        at = f"{source}.parameters.options.baseUrl"
        this.fixes.converted(at, "", "is a matter of the connection")
    if node.get("modelId") and node.get("model"):
        message = "is hidden in n8n: modelId is the model that is called"
        this.fixes.converted(f"{source}.parameters.model", "", message)
    json_mode = {"response_format": {"type": "json_object"}} if node.get("jsonOutput") else {}
    model = node.get("modelId") or node.get("model") or ""
    model = model.get("value") if isinstance(model, dict) else model
    model = converter.text(str(model))
    return {
        "model": model,
        "messages": messages,
        **with_texts(options, converter.text),
        **json_mode,
    }


def _messages(node: JsonObject, converter: Converter) -> list[Json]:
    written = an_object(node.get("messages") or node.get("responses")).get("values")
    listed = [an_object(one) for one in written] if isinstance(written, list) else []
    return [
        {"role": one.get("role") or "user", "content": converter.text(str(one.get("content", "")))}
        for one in listed
    ]


def _images(
    this: Workflow, node: JsonObject, source: str, place: str, converter: Converter
) -> list[Json]:
    if node.get("inputType") == "base64":
        key = str(node.get("binaryPropertyName") or "data")
        urls = [pill(this.input_of(None, key, source, f"{place}.parameters.attachments"))]
    else:
        urls = [one for one in converter.text(str(node.get("imageUrls", ""))).split(",") if one]
    return [{"type": "image_url", "image_url": {"url": url.strip()}} for url in urls]
