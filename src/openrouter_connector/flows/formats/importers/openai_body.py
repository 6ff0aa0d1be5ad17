"""Import the body of a request, as OpenAI's SDK and OpenRouter's API take it.

    {"model": "gpt-4o", "messages": [{"role": "user", "content": "Hi"}]}

Its keys tell which action it is for. A curl command or an HTTP node names the path as well.
"""

from __future__ import annotations

from collections.abc import Mapping

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....openrouter.rehoming import rehome_model
from ....values import Json, JsonObject
from ..report import FixUps
from .chat_body import read_chat
from .image_size import read_size
from .names import Names, flow_document
from .parameters import Parameters
from .request_body import drop_one, read_body
from .request_path import action_at
from .texts import literals
from .transcript_format import read_granularities, read_transcript_format

_PATHS: Mapping[str, str] = {
    "/chat/completions": "sendChatCompletion",
    "/completions": "ask",
    "/images": "createImage",
    "/images/generations": "createImage",
    "/audio/speech": "createSpeech",
    "/audio/transcriptions": "createTranscription",
    "/embeddings": "createEmbeddings",
    "/messages": "createMessage",
    "/rerank": "createRerank",
    "/responses": "createResponse",
    "/videos": "createVideo",
}
"""The actions of paths; that of `/images/generations` is OpenAI's."""


def import_openai_body(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with the one step that sends this body."""
    if not isinstance(source, dict):
        raise InputError([Problem("", "must be an object with a model and messages")])
    names = Names()
    body = literals(source)
    task = task_of_body(definition, body, fixes, place="tasks[0]", source="", names=names)
    return flow_document(str(task["label"]), [task])


def task_of_body(
    definition: Definition,
    body: JsonObject,
    fixes: FixUps,
    *,
    place: str,
    source: str,
    names: Names,
    path: str | None = None,
    author: str | None = None,
    label: str = "",
) -> JsonObject:
    """Return the task that sends a body to a path. The texts of the body are those of a flow.

    `author` is that of a model without one. InputError for a body or path of no action.
    """
    action = _action_at(definition, path) if path else action_of_body(body)
    if action is None:
        known = "is no body of a request that is known: it needs a model with messages, a prompt"
        message = (
            f"{path} is no path of OpenRouter that is known" if path else f"{known} or an input"
        )
        raise InputError([Problem(source, message)])
    parameters = Parameters({}, source, f"{place}.parameters", fixes)
    body = _with_author(body, author, parameters)
    if action == "sendChatCompletion":
        action = read_chat(definition, body, parameters)
    elif action == "ask":
        _read_prompt(definition, body, parameters)
    elif action == "createImage":
        _read_image(definition, body, parameters)
    else:
        if action == "createTranscription":
            body = _with_transcript_format(body, parameters)
        read_body(definition.form(action).action, body, parameters)
    kind = definition.component.type_of(action)
    fixes.converted(source, place, f"is {kind}")
    title = label or definition.form(action).action.title
    return {
        "label": title,
        "name": names.take(label or f"{action}_1", action),
        "type": kind,
        "parameters": parameters.values,
    }


def _action_at(definition: Definition, path: str) -> str | None:
    found = action_at(definition, "POST", path)
    return _PATHS.get(path) or (found[0].name if found else None)


def action_of_body(body: JsonObject) -> str | None:
    """Return the action that a body is for, from its keys; None if it is for none."""
    model = str(body.get("model", "")).lower()
    if isinstance(body.get("messages"), list):
        return "createMessage" if "system" in body else "sendChatCompletion"
    if "documents" in body and "query" in body:
        return "createRerank"
    if "input" in body and "voice" in body:
        return "createSpeech"
    if "input_audio" in body:
        return "createTranscription"
    if "input" in body:
        return "createEmbeddings" if "embed" in model else "createResponse"
    if "prompt" in body and isinstance(body["prompt"], str):
        if "duration" in body or "generate_audio" in body:
            return "createVideo"
        drawn = {"size", "quality", "aspect_ratio", "resolution", "style"} & set(body)
        return "createImage" if drawn or any(word in model for word in _IMAGE_MODELS) else "ask"
    return None


_IMAGE_MODELS = ("image", "dall-e", "flux", "diffusion", "imagen", "seedream", "recraft")


def _with_author(body: JsonObject, author: str | None, parameters: Parameters) -> JsonObject:
    model = body.get("model")
    if not isinstance(model, str) or "/" in model or not model or "{" in model:
        return body
    rehomed = rehome_model(model, author)
    if rehomed.is_certain:
        parameters.converted("model", f"{model} is now {rehomed.name}")
    else:
        parameters.choose(
            "model", f"{model} is now {rehomed.name}; check that OpenRouter serves it"
        )
    return {**body, "model": rehomed.name}


def _with_transcript_format(body: JsonObject, parameters: Parameters) -> JsonObject:
    rest = dict(body)
    read_transcript_format(rest.pop("response_format", None), parameters, "response_format")
    key = "timestamp_granularities"
    read_granularities(rest.pop(key, None), parameters, key)
    return rest


def _read_prompt(definition: Definition, body: JsonObject, parameters: Parameters) -> None:
    rest = dict(body)
    parameters.values |= {"format": "SIMPLE", "response": {"responseFormat": "TEXT"}}
    if isinstance(body.get("prompt"), str):
        parameters.values["userPrompt"] = rest.pop("prompt")
        source, place = parameters.source_of("prompt"), parameters.at("userPrompt")
        parameters.fixes.renamed(source, place, "prompt is userPrompt")
    drop_one(rest, "answers", parameters)
    read_body(definition.form("ask").action, rest, parameters)


def _read_image(definition: Definition, body: JsonObject, parameters: Parameters) -> None:
    rest = dict(body)
    if isinstance(body.get("prompt"), str):
        parameters.values["imageMessages"] = [{"content": rest.pop("prompt")}]
        parameters.converted("imageMessages", "prompt is a message", "prompt")
    read_size(rest.pop("size", None), parameters)
    drop_one(rest, "images", parameters)
    read_body(definition.form("createImage").action, rest, parameters)
