"""Import the arguments of fal's OpenRouter router: with images `vision`, else `ask`."""

from __future__ import annotations

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....values import Json, JsonObject
from ..file_entries import file_entry
from ..report import FixUps
from .names import Names, flow_document
from .parameters import Parameters
from .recognize import fal_arguments
from .request_body import escaped

_MEDIA = (
    "image_urls",
    "audio_url",
    "audio_urls",
    "video_url",
    "video_urls",
    "file_urls",
    "pdf_url",
)
_ASK = {
    "prompt": "userPrompt",
    "system_prompt": "systemPrompt",
    "model": "model",
    "temperature": "temperature",
    "max_tokens": "maxTokens",
}
_VISION = {
    **_ASK,
    "prompt": "prompt",
    "reasoning": "reasoning",
}


def import_fal(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with the one step that takes these arguments."""
    arguments = fal_arguments(source) or (source if isinstance(source, dict) else None)
    if arguments is None or not isinstance(arguments.get("prompt"), str):
        raise InputError(
            [Problem("prompt", "is missing; fal's arguments hold a prompt and a model")]
        )
    is_vision = isinstance(arguments.get("image_urls"), list) and bool(arguments["image_urls"])
    action = "vision" if is_vision else "ask"
    parameters = Parameters({}, "", "tasks[0].parameters", fixes)
    if action == "ask":
        parameters.values |= {"format": "SIMPLE", "response": {"responseFormat": "TEXT"}}
    _read(arguments, _VISION if is_vision else _ASK, parameters, is_vision=is_vision)
    kind = definition.component.type_of(action)
    fixes.converted("", "tasks[0]", f"the call of fal is {kind}")
    title = definition.form(action).action.title
    task = {"label": title, "name": Names().take(f"{action}_1"), "type": kind}
    return flow_document(title, [{**task, "parameters": parameters.values}])


def _read(
    arguments: JsonObject, names: dict[str, str], parameters: Parameters, *, is_vision: bool
) -> None:
    files: list[JsonObject] = []
    for key, value in arguments.items():
        if key in names and value is not None:
            parameters.values[names[key]] = escaped(value)
            if names[key] == key:
                parameters.fixes.kept(key, parameters.at(key), f"{key} is unchanged")
            else:
                parameters.fixes.renamed(key, parameters.at(names[key]), f"{key} is {names[key]}")
        elif key in _MEDIA and value:
            urls = value if isinstance(value, list) else [value]
            files += [escaped(file_entry(str(url))) for url in urls]
            target = "imageUrls" if is_vision else "attachments"
            parameters.converted(target, f"{key} are files", key)
        elif key == "reasoning" and not value:
            parameters.note_converted(key, "ask returns the answer without the reasoning")
        elif key in ("stream", "sync_mode") or value is None:
            parameters.note_converted(key, "is chosen when the step runs")
        else:
            parameters.dropped(key, "has no counterpart")
    if files:
        parameters.values["imageUrls" if is_vision else "attachments"] = files
