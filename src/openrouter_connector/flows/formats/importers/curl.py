"""Import curl commands: URL, method and body become a task; the key is dropped and reported.

Several commands, one after another, become several tasks.
"""

from __future__ import annotations

import json
import re
from urllib.parse import parse_qsl, urlsplit

from ....definition.load import Definition
from ....errors import InputError, Problem
from ....openrouter.rehoming import HOSTS
from ....values import Json, JsonObject
from ..report import FixUps
from .curl_command import Command, read_commands
from .fal import import_fal
from .n8n_http import api_path
from .names import Names, flow_document
from .openai_body import task_of_body
from .request_path import task_of_query


def import_curl(source: str, definition: Definition, fixes: FixUps) -> JsonObject:
    """Return a flow with a step for each command. InputError lists all that is wrong."""
    names, tasks, problems = Names(), list[JsonObject](), list[Problem]()
    commands = read_commands(source)
    for index, command in enumerate(commands):
        place = f"command {index + 1}" if len(commands) > 1 else "command"
        try:
            task = _task(command, definition, fixes, place, len(tasks), names)
        except InputError as error:
            problems += [Problem(p.path or place, p.message) for p in error.problems]
        else:
            tasks.append(task)
    if problems:
        raise InputError(problems)
    return flow_document(str(tasks[0]["label"]), tasks)


def _task(
    command: Command, definition: Definition, fixes: FixUps, place: str, index: int, names: Names
) -> JsonObject:
    target = f"tasks[{index}]"
    _report_options(command, fixes, place)
    url = urlsplit(_without_variables(command.url))
    if "fal" in (url.hostname or "") and "openrouter" in url.path:
        task: JsonObject = import_fal(_body(command, place), definition, fixes)["tasks"][0]
        return task
    author = HOSTS.get(url.hostname or "")
    path = api_path(url.geturl())
    _report_host(url.hostname or "", fixes, place, target)
    if command.method == "GET":
        query = dict(parse_qsl(url.query)) | dict(parse_qsl("&".join(command.data)))
        name = names.take(f"step_{index + 1}")
        task = task_of_query(definition, path, query, fixes, target, place, name, "")
        action = str(task["type"]).rpartition("/")[2]
        return task | {"name": names.take(f"{action}_1")}
    body = _form(command, fixes, place, target) if command.form else _body(command, place)
    if not isinstance(body, dict):
        raise InputError([Problem(place, "has no JSON body")])
    return task_of_body(
        definition,
        body,
        fixes,
        place=target,
        source=f"{place} body",
        names=names,
        path=path,
        author=author,
    )


def _without_variables(url: str) -> str:
    """Return a URL with `${BASE:-https://…}` filled in, and any other variable as OpenRouter's."""
    url = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", url)
    url = re.sub(r"^\$(\{\w+\}|\w+)", "https://openrouter.ai/api/v1", url)
    return url if "://" in url else f"https://{url}"


def _report_host(host: str, fixes: FixUps, place: str, target: str) -> None:
    if host == "openrouter.ai" or host.endswith(".openrouter.ai"):
        return
    if host in HOSTS:
        fixes.converted(f"{place} URL", target, f"{host} is now OpenRouter")
    else:
        message = f"the step is sent to the server of the connection, not to {host}"
        fixes.converted(f"{place} URL", target, message)


def _report_options(command: Command, fixes: FixUps, place: str) -> None:
    """Report headers and options. What may be a key is never repeated."""
    for name, value in command.headers:
        lower = name.lower()
        if lower in ("authorization", "x-api-key", "api-key", "proxy-authorization", "cookie"):
            is_variable = "$" in value
            message = "the key is that of the connection" if is_variable else "the key is dropped"
            if is_variable:
                fixes.converted(f"{place} header {name}", "", message)
            else:
                fixes.dropped(f"{place} header {name}", message)
        elif lower in ("content-type", "accept", "user-agent", "content-length", "host"):
            continue
        elif lower in ("http-referer", "x-title", "x-openrouter-title"):
            fixes.converted(f"{place} header {name}", "", "is a property of the connection")
        else:
            fixes.dropped(f"{place} header {name}", "has no counterpart")
    for option in command.ignored:
        fixes.converted(f"{place} {option}", "", "is a matter of the connection")
    for option in command.secrets:
        fixes.dropped(f"{place} {option}", "the key is dropped")


def _body(command: Command, place: str) -> Json:
    text = "&".join(command.data) if len(command.data) > 1 else "".join(command.data)
    if text.startswith("@"):
        message = f"the body is in the file {text[1:]!r}; put its content into the command"
        raise InputError([Problem(place, message)])
    try:
        return json.loads(text, strict=False)
    except RecursionError:
        raise InputError([Problem(place, "the body is nested too deeply")]) from None
    except ValueError as error:
        message = f"the body is not JSON: {error}" if text.strip() else "has no body"
        raise InputError([Problem(place, message)]) from None


def _form(command: Command, fixes: FixUps, place: str, target: str) -> JsonObject:
    """Return the fields of an upload as a body: `-F file=@speech.mp3 -F model=whisper-1`."""
    body: dict[str, Json] = {}
    for field in command.form:
        name, _, value = field.partition("=")
        if value.startswith("@"):
            message = f"attach the file {value[1:].split(';')[0]!r}, which is on another machine"
            fixes.choose(f"{place} form {name}", f"{target}.parameters.{name}", message)
        else:
            body[name] = _number(value)
    return body


def _number(value: str) -> Json:
    try:
        return (
            json.loads(value)
            if re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?|true|false", value)
            else value
        )
    except ValueError:
        return value
