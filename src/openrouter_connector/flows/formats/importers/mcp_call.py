"""Import tool calls of MCP: of our own tools, and of those that are named after the API.

{"name": "ask", "arguments": {…}}                                    our names
{"name": "openrouter_ai_create_audio_speech", "arguments": {…}}      operations of the API
"""

from __future__ import annotations

import json

from ....definition.load import Definition
from ....definition.model import Action, snake
from ....errors import InputError, Problem
from ....suggest import did_you_mean
from ....values import Json, JsonObject, an_object
from ..report import FixUps
from .chat_body import read_chat
from .names import Names, flow_document
from .parameters import Parameters
from .recognize import MESSAGE_PARTS, mcp_calls
from .request_body import read_body
from .texts import literals

_HEADERS = {"HTTP-Referer", "X-Title", "X-OpenRouter-Title", "X-OpenRouter-Categories"}


def import_mcp_call(source: Json, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with a step for each call. InputError lists all tools that are unknown."""
    calls = mcp_calls(source)
    if not calls:
        raise InputError([Problem("", "must be a tool call: a name and its arguments")])
    names, tasks, problems = Names(), list[JsonObject](), list[Problem]()
    for index, call in enumerate(calls):
        place = f"calls[{index}]" if len(calls) > 1 else ""
        try:
            tasks.append(_task(call, definition, fixes, place, len(tasks), names))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if an_object(source).keys() & set(MESSAGE_PARTS):
        fixes.dropped("", "of the message only its tool calls come over")
    return flow_document(str(tasks[0]["label"]), tasks)


def _task(
    call: JsonObject, definition: Definition, fixes: FixUps, source: str, index: int, names: Names
) -> JsonObject:
    name = str(call["name"])
    arguments = literals(_arguments(call["arguments"], source))
    action, is_ours = _action(name, definition, source)
    inside = f"{source}.arguments".removeprefix(".")
    parameters = Parameters({}, inside, f"tasks[{index}].parameters", fixes)
    chosen = action.name
    if is_ours:
        parameters.values = arguments
        fixes.kept(inside, parameters.place, "the arguments are the parameters")
    else:
        body = {key: value for key, value in arguments.items() if key not in _HEADERS}
        for header in arguments.keys() & _HEADERS:
            parameters.note_converted(header, "headers are those of the connection")
        if action.name == "sendChatCompletion":
            chosen = read_chat(definition, body, parameters)
        else:
            read_body(action, body, parameters)
    kind = definition.component.type_of(chosen)
    fixes.converted(source, f"tasks[{index}]", f"the tool {name} is {kind}")
    title = definition.form(chosen).action.title
    own = names.take(f"{chosen}_{index + 1}")
    return {"label": title, "name": own, "type": kind, "parameters": parameters.values}


def _action(name: str, definition: Definition, source: str) -> tuple[Action, bool]:
    """Return the action of a tool, and whether its arguments have our names."""
    # A client may put the name of the server before that of the tool.
    bare = name.rpartition("__")[2]
    actions = definition.component.actions
    if bare in actions:
        return definition.form(bare).action, True
    for own in actions:
        action = definition.form(own).action
        operation = snake(action.operation_id or action.name)
        if bare in (operation, snake(own)) or bare.endswith(f"openrouter_ai_{operation}"):
            return action, bare == snake(own) != operation
    place = f"{source}.name".removeprefix(".")
    raise InputError([Problem(place, f"there is no tool {name!r}{did_you_mean(bare, actions)}")])


def _arguments(arguments: Json, source: str) -> JsonObject:
    if isinstance(arguments, str):  # OpenAI's tool calls hold them as text
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError):
            arguments = None
    if not isinstance(arguments, dict):
        raise InputError([Problem(f"{source}.arguments".removeprefix("."), "must be an object")])
    return arguments
