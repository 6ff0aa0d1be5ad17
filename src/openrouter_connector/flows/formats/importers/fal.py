"""Import the arguments of fal's OpenRouter router: with images `vision`, else `ask`."""

from __future__ import annotations

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....values import Json, JsonObject, an_object
from ..file_entries import file_entry
from ..report import FixUps
from .names import Names, flow_document
from .parameters import Parameters
from .recognize import fal_arguments
from .texts import literals

_MEDIA = (
    "image_urls",
    "audio_url",
    "audio_urls",
    "video_url",
    "video_urls",
    "file_urls",
    "pdf_url",
)
_CALL = {"endpoint", "endpoint_id", "application", "arguments", "input"}
"""The keys of a call, around its arguments."""
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
    task = task_of_fal(source, definition, fixes, "tasks[0]", "", Names())
    return flow_document(str(task["label"]), [task])


def task_of_fal(
    source: Json, definition: Definition, fixes: FixUps, place: str, at: str, names: Names
) -> JsonObject:
    """Return the task of a call. `at` is its place in the source. InputError without a prompt."""
    arguments = fal_arguments(source) or (source if isinstance(source, dict) else None)
    if arguments is None or not isinstance(arguments.get("prompt"), str):
        message = "is missing; fal's arguments hold a prompt and a model"
        raise InputError([Problem(f"{at} prompt".strip(), message)])
    if arguments is not source:
        for key in sorted(an_object(source).keys() - _CALL):
            fixes.dropped(f"{at}.{key}".removeprefix("."), "has no counterpart")
    is_vision = isinstance(arguments.get("image_urls"), list) and bool(arguments["image_urls"])
    action = "vision" if is_vision else "ask"
    parameters = Parameters({}, at, f"{place}.parameters", fixes)
    if action == "ask":
        parameters.values |= {"format": "SIMPLE", "response": {"responseFormat": "TEXT"}}
    _read(arguments, _VISION if is_vision else _ASK, parameters, is_vision=is_vision)
    kind = definition.component.type_of(action)
    fixes.converted(at, place, f"the call of fal is {kind}")
    title = definition.form(action).action.title
    task = {"label": title, "name": names.take(f"{action}_1"), "type": kind}
    return {**task, "parameters": parameters.values}


def _read(
    arguments: JsonObject, names: dict[str, str], parameters: Parameters, *, is_vision: bool
) -> None:
    files: list[JsonObject] = []
    for key, value in arguments.items():
        if key in names and value is not None:
            parameters.values[names[key]] = literals(value)
            if names[key] == key:
                message = f"{key} is unchanged"
                parameters.fixes.kept(parameters.source_of(key), parameters.at(key), message)
            else:
                source, place = parameters.source_of(key), parameters.at(names[key])
                parameters.fixes.renamed(source, place, f"{key} is {names[key]}")
        elif key in _MEDIA and value:
            for index, url in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(url, str):
                    files.append(literals(file_entry(url)))
                else:
                    parameters.dropped(f"{key}[{index}]", "is no URL")
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
