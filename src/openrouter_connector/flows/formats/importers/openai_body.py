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
from .bytechef import nearest_ratio
from .chat_body import read_chat
from .names import Names, flow_document, literal
from .parameters import Parameters
from .request_body import Escape, read_body

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
    task = task_of_body(definition, source, fixes, place="tasks[0]", source="", names=names)
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
    escape: Escape = literal,
    label: str = "",
) -> JsonObject:
    """Return the task that sends a body to a path. `author` is that of a model without one."""
    action = _PATHS.get(path) if path else action_of_body(body)
    if action is None:
        known = "a model with messages, a prompt or an input"
        raise InputError(
            [Problem(source, f"is no body of a request that is known: it needs {known}")]
        )
    parameters = Parameters({}, source, f"{place}.parameters", fixes)
    body = _with_author(body, author, parameters)
    if action == "sendChatCompletion":
        action = read_chat(definition, body, parameters, escape)
    elif action == "ask":
        _read_prompt(definition, body, parameters, escape)
    elif action == "createImage":
        _read_image(definition, body, parameters, escape)
    else:
        read_body(definition.form(action).action, body, parameters, escape)
    kind = definition.component.type_of(action)
    fixes.converted(source, place, f"is {kind}")
    title = label or definition.form(action).action.title
    return {
        "label": title,
        "name": names.take(label or f"{action}_1", action),
        "type": kind,
        "parameters": parameters.values,
    }


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


def _read_prompt(
    definition: Definition, body: JsonObject, parameters: Parameters, escape: Escape
) -> None:
    rest = {key: value for key, value in body.items() if key not in ("prompt", "n")}
    parameters.values |= {"format": "SIMPLE", "userPrompt": escape(str(body.get("prompt", "")))}
    parameters.values["response"] = {"responseFormat": "TEXT"}
    parameters.fixes.renamed(
        f"{parameters.source}.prompt".removeprefix("."),
        parameters.at("userPrompt"),
        "prompt is userPrompt",
    )
    read_body(definition.form("ask").action, rest, parameters, escape)


def _read_image(
    definition: Definition, body: JsonObject, parameters: Parameters, escape: Escape
) -> None:
    rest = {key: value for key, value in body.items() if key not in ("prompt", "size")}
    parameters.values["imageMessages"] = [{"content": escape(str(body.get("prompt", "")))}]
    parameters.converted("imageMessages", "prompt is a message", "prompt")
    width, _, height = str(body.get("size", "")).partition("x")
    if width.isdigit() and height.isdigit() and int(width) and int(height):
        ratio = nearest_ratio(int(width), int(height))
        parameters.values["aspectRatio"] = ratio
        parameters.converted("aspectRatio", f"{width}x{height} is now {ratio}", "size")
    elif (size := body.get("size")) is not None and size != "auto":
        parameters.dropped("size", f"{size} is no width and height")
    if rest.get("n") == 1:
        del rest["n"]
        parameters.note_converted("n", "1 is the only number of images; it needs no property")
    read_body(definition.form("createImage").action, rest, parameters, escape)
