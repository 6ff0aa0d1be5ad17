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
from ..references import texts_in
from ..report import FixUps
from .curl_command import Command, read_commands
from .fal import task_of_fal
from .names import Names, flow_document
from .openai_body import task_of_body
from .request_path import HEADERS, Request, action_at, api_path, header_values, task_of_query
from .texts import literal, literals


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
        return task_of_fal(_body(command, place), definition, fixes, target, place, names)
    path = literal(api_path(url.geturl()))
    _report_host(url.hostname or "", fixes, place, target)
    query = _query(url.query, fixes, place)
    has_body = bool(command.form or command.data) and command.method != "GET"
    is_read = command.method in ("GET", "HEAD")
    if not has_body and (is_read or action_at(definition, command.method, path)):
        query |= _query("&".join(command.data), fixes, place)
        request = Request(command.method, path, query, literals(dict(command.headers)))
        return task_of_query(definition, request, fixes, target, place, names)
    if command.method != "POST":
        fixes.dropped(f"{place} -X", f"the step is sent by POST, not by {command.method}")
    for key in query:
        fixes.dropped(f"{place} ?{key}", "has no counterpart")
    body = _form(command, fixes, place, target) if command.form else _body(command, place)
    if not isinstance(body, dict):
        raise InputError([Problem(place, "has no JSON body")])
    task = task_of_body(
        definition,
        literals(body),
        fixes,
        place=target,
        source=f"{place} body",
        names=names,
        path=path,
        author=HOSTS.get(url.hostname or ""),
    )
    form = definition.form(str(task["type"]).rpartition("/")[2])
    headers = literals(dict(command.headers))
    _report_variables(body, f"{place} body", fixes)
    task["parameters"] |= header_values(form.action, headers, fixes, place, target)
    return task


def _report_variables(body: Json, place: str, fixes: FixUps) -> None:
    """Report what looks like a variable of the shell: only in single quotes it is text."""
    for at, text in texts_in(body, place):
        for variable in dict.fromkeys(re.findall(r"\$\{?[A-Z_][A-Z0-9_]*\}?", text)):
            fixes.kept(at, "", f"{variable} stays text; a shell may have put a value there")


def _query(text: str, fixes: FixUps, place: str) -> dict[str, str]:
    """Return the pairs of a query as texts of a flow."""
    found: dict[str, str] = {}
    for part in filter(None, text.split("&")):
        ((name, value),) = parse_qsl(part, keep_blank_values=True) or [(part, "")]
        if name in found:
            fixes.dropped(f"{place} ?{name}", "stands twice in the query; the last one counts")
        found[name] = literal(value)
    return found


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
            message = "the key is that of the connection" if is_variable else "the key is left out"
            if is_variable:
                fixes.converted(f"{place} header {name}", "", message)
            else:
                fixes.secret(f"{place} header {name}", message)
        elif lower in ("content-type", "accept", "user-agent", "content-length", "host"):
            continue
        elif lower not in HEADERS:
            fixes.dropped(f"{place} header {name}", "has no counterpart")
    for option in command.ignored:
        fixes.converted(f"{place} {option}", "", "is a matter of the connection")
    for option in command.unread:
        fixes.dropped(f"{place} {option}", "is not read; its request may be another one")
    for option in command.secrets:
        fixes.secret(f"{place} {option}", "the key is left out")


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
        name = name.removesuffix("[]")
        if value.startswith(("@", "<")):
            message = f"attach the file {value[1:].split(';')[0]!r}, which is on another machine"
            fixes.choose(f"{place} form {name}", f"{target}.parameters.{name}", message)
        elif name in body:
            before = body[name]
            body[name] = [*(before if isinstance(before, list) else [before]), _number(value)]
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
