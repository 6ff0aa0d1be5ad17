"""Export steps as curl commands, whose bodies are those that the runtime would send.

The key is never written: the command reads it from the environment.
"""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterator
from urllib.parse import urlencode

from ....definition.form import Form
from ....definition.load import Definition
from ....definition.model import Action, snake
from ....errors import InputError, Problem
from ....values import Call, Embedded, Json, JsonObject, is_url
from ..flow import Flow
from ..steps import Step
from .stand_ins import with_files, with_stand_ins
from .written import Written, environment_of, own_steps, safe_name

_BY_MODEL = (
    "follows no model, since an export asks no catalogue: a run chooses `modalities` and the "
    'endpoint by the model; for one that only draws, write ["image"]'
)


def write(
    flow: Flow, format: str, step: str | None, definition: Definition, base_url: str | None
) -> Written:
    """Return a command for each request of the steps. InputError lists all invalid parameters."""
    notes, commands, problems = list[Problem](), list[str](), list[Problem]()
    for one in own_steps(flow, step, definition):
        try:
            commands += _commands(one, definition, base_url, notes)
        except InputError as error:
            problems += [_placed(problem, one) for problem in error.problems]
    if problems:
        raise InputError(problems)
    return Written("\n".join(commands), "text/x-shellscript", notes)


def _placed(problem: Problem, step: Step) -> Problem:
    place = f"{step.place}.parameters.{problem.path}" if problem.path else step.place
    return Problem(place, problem.message)


def _commands(
    step: Step, definition: Definition, base_url: str | None, notes: list[Problem]
) -> Iterator[str]:
    """Yield the commands of one step: an action with a list makes one call for each item."""
    from ....runtime.batch.for_each import calls_of
    from ....runtime.build import build
    from ....runtime.endpoints import named_server

    form = definition.form(step.type.rpartition("/")[2])
    action, place = form.action, f"{step.place}.parameters"
    if action.bundle:
        message = "sends many requests, which no curl command builds; export its JSON or Python"
        raise InputError([Problem("", message)])
    words = list[Problem]()
    values = _accepted(form, step, place, notes, words)
    own_server = named_server(action, values)
    server = _server(definition, str(own_server) if own_server else base_url)
    key = "API_KEY" if own_server else environment_of(definition)[0]
    for each in calls_of(action, values):
        call = build(action, each)
        notes += [Problem(step.place, warning) for warning in call.warnings]
        written = _Writer(step.place, notes, _file_name(action, call.body or {}))
        if "modalities" in (call.body or {}) and "modalities" not in each:
            notes.append(Problem(step.place, _BY_MODEL))
        command = "".join(_lines(call, action, server, _key_header(definition, key), written))
        used = [note for note in words if note.message.split()[-1] in command]
        notes += [note for note in used if note not in notes]
        yield f"# {' '.join(f'{step.name}: {step.label}'.split())}\n{command}"
    if action.poll:
        message = "submits the job; its status and result need further calls"
        notes.append(Problem(step.place, message))


def _accepted(
    form: Form, step: Step, place: str, notes: list[Problem], words: list[Problem]
) -> JsonObject:
    """Return valid values with their files, and stand-ins for expressions.

    `words` receives a note for each placeholder of a file: of one that is sent, or of its text.
    """
    properties = form.action.properties
    filled = with_stand_ins(properties, step.parameters, place, notes)
    return with_files(properties, form.accept(filled).values, place, words)


def _server(definition: Definition, base_url: str | None) -> str:
    """Return the start of the URL in double quotes, in which the shell fills in variables."""
    if base_url is not None:
        return _double_quoted(base_url.rstrip("/"))
    variable = environment_of(definition)[1]
    return f"${{{variable}:-{definition.component.base_url.rstrip('/')}}}"


def _key_header(definition: Definition, variable: str) -> str:
    connection = definition.component.connection
    if connection.type == "API_KEY" and connection.header:
        return f"{connection.header}: ${variable}"
    return f"Authorization: Bearer ${variable}"


def _double_quoted(text: str) -> str:
    """Return a text escaped for the double quotes of a shell."""
    for character in '\\"$`':
        text = text.replace(character, f"\\{character}")
    return text


def _lines(
    call: Call, action: Action, server: str, key_header: str, written: _Writer
) -> Iterator[str]:
    query = f"?{urlencode(call.query)}" if call.query else ""
    has_body = call.body is not None
    method = "" if call.method == ("POST" if has_body else "GET") else f"-X {call.method} "
    yield f'curl {method}"{server}{_double_quoted(call.path + query)}" \\\n'
    yield f'  -H "{key_header}"'
    for name, value in call.headers.items():
        yield f" \\\n  -H {shlex.quote(f'{name}: {value}')}"
    if call.multipart and call.body:
        yield from (
            f" \\\n  {option} {shlex.quote(part)}" for option, part in written.form(call.body)
        )
    elif has_body:
        body = json.dumps(written.json(call.body), ensure_ascii=False, indent=2)
        yield ' \\\n  -H "Content-Type: application/json"'
        yield f" \\\n  -d {shlex.quote(body)}"
    file = action.output.file
    if file is not None and file.items is None:
        yield f" \\\n  --output {shlex.quote(written.file_name)}"
    yield "\n"


def _file_name(action: Action, body: JsonObject) -> str:
    file = action.output.file
    extension = body.get(snake(file.extension)) if file and file.extension else None
    name = file.name if file else ""
    return safe_name(f"{name}.{extension}" if extension else name)


class _Writer:
    """Writes a body, with files in it as URLs or base64."""

    def __init__(self, place: str, notes: list[Problem], file_name: str) -> None:
        self.file_name = file_name
        """The file that the response is written to, if it is one."""
        self._place = place
        self._notes = notes

    def json(self, value: Json) -> Json:
        """Return a body as plain JSON."""
        if isinstance(value, Embedded):
            return self._embedded(value)
        if isinstance(value, dict):
            return {key: self.json(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.json(item) for item in value]
        return value

    def form(self, body: JsonObject) -> Iterator[tuple[str, str]]:
        """Yield the fields of an upload with their options: `-F` would open `@name` in a text."""
        for name, value in body.items():
            if isinstance(value, Embedded):
                entry = value.file.entry
                safe = safe_name(entry.name)
                what = f"the file {entry.name!r}" if safe == entry.name else "the file"
                self._note(f"put {what} beside the command, as {safe!r}")
                yield "-F", f"{name}=@{safe}"
            else:
                text = value if isinstance(value, str) else json.dumps(value)
                yield "--form-string", f"{name}={text}"

    def _embedded(self, value: Embedded) -> str:
        file, url = value.file, value.file.entry.url
        if file.content is not None:
            return value.prefix + base64.b64encode(file.content).decode()
        if value.prefix.startswith("data:") and is_url(url):
            return url  # the API loads public URLs itself
        safe = safe_name(file.entry.name)
        self._note(f"put the base64 of {file.entry.name!r} in the place of BASE64_OF_{safe}")
        return f"{value.prefix}BASE64_OF_{safe}"

    def _note(self, message: str) -> None:
        self._notes.append(Problem(self._place, message))
