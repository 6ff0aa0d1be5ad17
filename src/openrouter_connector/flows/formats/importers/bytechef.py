"""Import ByteChef's workflows and actions: equal data in the same order.

Only the tasks of other providers change: `openAi/v1/ask` becomes `openRouter/v1/ask`, keeps its
name, so that the pills that read it stay valid, and its model gets its author.
"""

from __future__ import annotations

from copy import deepcopy

from ....definition.load import Definition
from ....openrouter.rehoming import AUTHORS, rehome_model
from ....values import Json, JsonObject
from ..flow import Flow
from ..report import FixUps
from ..steps import Step
from .image_size import read_size, read_width_and_height
from .parameters import Parameters
from .transcript_format import read_transcript_format

_ACTIONS = {"streamAsk": "ask"}


def import_bytechef(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return the document of a workflow, or of one action as a flow of one step.

    The source is changed in place. InputError lists all problems of its structure.
    """
    flow = Flow.from_json(source)
    for step in flow.steps:
        if step.word in AUTHORS and step.word != definition.component.name:
            _rehome(step, definition, fixes)
        elif step.word == definition.component.name:
            fixes.kept(step.place, step.place, f"{step.type} is unchanged")
    return flow.document


def _rehome(step: Step, definition: Definition, fixes: FixUps) -> None:
    action = step.type.rpartition("/")[2]
    action = _ACTIONS.get(action, action)
    if action not in _REHOMED:
        message = f"{step.type} has no counterpart and stays as it is; it does not run here"
        fixes.kept(step.place, step.place, message)
        return
    old, author = step.type, AUTHORS[step.word]
    step.task["type"] = f"{definition.component.name}/v{definition.component.version}/{action}"
    fixes.converted(step.place, step.place, f"{old} is now {step.task['type']}")
    place = f"{step.place}.parameters"
    # A copy: YAML may share the parts of a step with others.
    parameters = Parameters(deepcopy(step.parameters), place, place, fixes)
    _rehome_model(parameters, author)
    _REHOMED[action](parameters)
    known = {prop.name for prop in definition.form(action).action.properties}
    for name in list(parameters.values):
        if name not in known:
            parameters.drop(name, f"{definition.component.type_of(action)} has no such property")
    step.task["parameters"] = parameters.values


def _rehome_model(parameters: Parameters, author: str | None) -> None:
    model = parameters.values.get("model")
    if not isinstance(model, str) or not model:
        return
    if "${" in model or model.startswith("="):
        message = "must name the model with its author, such as `openai/gpt-5-mini`"
        parameters.fixes.choose(parameters.at("model"), parameters.at("model"), message)
        return
    rehomed = rehome_model(model, author)
    parameters.values["model"] = rehomed.name
    if rehomed.is_certain and rehomed.name != model:
        parameters.converted("model", f"{model} is now {rehomed.name}")
    elif not rehomed.is_certain:
        message = f"{model} is now {rehomed.name}; check that OpenRouter serves it"
        parameters.choose("model", message)


def _ask(parameters: Parameters) -> None:
    values = parameters.values
    old_format = values.pop("responseFormat", None)
    if "response" not in values:
        # The versions before `response` had 0 for text and 1 for JSON.
        is_json = old_format in (1, "1", "JSON", "json_object") and not isinstance(old_format, bool)
        if not is_json and old_format not in (None, 0, "0", "TEXT", "text"):
            message = f"{old_format!r} is no format that is known; choose text or JSON"
            parameters.choose("response", message, "responseFormat")
        schema = {"responseSchema": '{"type":"object"}'} if is_json else {}
        values["response"] = {"responseFormat": "JSON" if is_json else "TEXT", **schema}
        parameters.converted("response", f"is {values['response']['responseFormat']}")
    elif old_format is not None:
        parameters.note_converted("responseFormat", "was replaced by `response` long ago")
    if "format" not in values:
        values["format"] = "SIMPLE" if "userPrompt" in values else "ADVANCED"
        parameters.converted("format", f"is {values['format']}, from what the step holds")
    messages = values.get("messages")
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        role = message.get("role") if isinstance(message, dict) else None
        if isinstance(role, str) and role.upper() != role and "${" not in role:
            message["role"] = role.upper()
            parameters.converted(f"messages[{index}].role", f"is {role.upper()}")
    _drop_count(parameters)


def _drop_count(parameters: Parameters) -> None:
    if parameters.values.get("n") == 1:
        del parameters.values["n"]
        parameters.note_converted("n", "1 is the only number of answers; it needs no property")


def _create_image(parameters: Parameters) -> None:
    _drop_count(parameters)
    taken = parameters.values.pop
    size, width, height = taken("size", None), taken("width", None), taken("height", None)
    read_size(size, parameters)
    read_width_and_height(width, height, parameters)


def _create_speech(parameters: Parameters) -> None:
    values = parameters.values
    for name in ("voice", "responseFormat"):
        value = values.get(name)
        if isinstance(value, str) and value.isupper():
            values[name] = value.lower()
            parameters.converted(name, f"{value} is now {value.lower()}")
    if values.get("responseFormat") in ("aac", "flac", "opus"):
        parameters.drop("responseFormat", "OpenRouter makes mp3, wav and pcm; the default is mp3")


def _create_transcription(parameters: Parameters) -> None:
    answer = parameters.values.pop("responseFormat", None)
    read_transcript_format(answer, parameters, "responseFormat")
    language = parameters.values.get("language")
    if isinstance(language, str) and "${" not in language and language != language.upper():
        parameters.values["language"] = language.upper()
        parameters.converted("language", f"{language} is now {language.upper()}")


_REHOMED = {
    "ask": _ask,
    "createImage": _create_image,
    "createSpeech": _create_speech,
    "createTranscription": _create_transcription,
}
