"""Make a task of an n8n HTTP node that calls OpenRouter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

from ....values import Json, JsonObject, an_object
from ..references import texts_in
from ..report import FixUps
from .n8n_expressions import Converter, Hidden, parsed_json, shortened
from .n8n_workflow import Workflow
from .names import Names
from .openai_body import task_of_body
from .request_path import HEADERS, Request, action_at, api_path, header_values, task_of_query
from .texts import unescaped, with_texts

_READ = {
    "url", "method", "requestMethod", "authentication", "genericAuthType", "nodeCredentialType",
    "sendBody", "sendHeaders", "sendQuery", "specifyBody", "specifyHeaders", "specifyQuery",
    "contentType", "bodyContentType", "rawContentType", "jsonParameters", "jsonBody", "body",
    "bodyParametersJson", "bodyParameters", "bodyParametersUi", "jsonQuery", "queryParameters",
    "queryParametersUi", "queryParametersJson", "jsonHeaders", "headerParameters",
    "headerParametersUi", "headerParametersJson", "options", "responseFormat",
    "allowUnauthorizedCerts", "provideSslCertificates",
}  # fmt: skip
"""The parameters of HTTP nodes that are read here, or are settings of the connection."""


def task_of_request(this: Workflow, name: str, place: str) -> JsonObject:
    """Return the task of an HTTP node; InputError if it calls no action.

    A body that is code becomes a `sendChatCompletion` that a person must fill in.
    """
    node, source = an_object(this.graph.nodes[name].get("parameters")), this.graph.places[name]
    at = f"{source}.parameters"
    kept: list[str] = []
    converter = this.converter(name, at, f"{place}.parameters", kept.append)
    path, query = _address(node, converter)
    method = str(node.get("method") or node.get("requestMethod") or "GET").upper()
    headers = _pairs(node, "header", converter)
    names = Names()
    if method == "GET" or (method != "POST" and action_at(this.definition, method, path)):
        request = Request(method, path, query, headers)
        task = task_of_query(this.definition, request, this.fixes, place, source, names, name)
    else:
        found = _body(node, converter)
        is_code = not isinstance(found, dict)
        if is_code:
            message = "the body is JavaScript; write the model and the messages"
            this.fixes.choose(at, f"{place}.parameters", message)
            found = {"model": "", "messages": []}
        task = task_of_body(
            this.definition,
            found,
            this.fixes,
            place=place,
            source=at,
            names=names,
            path=path,
            label=name,
        )
        for key in query:
            this.fixes.dropped(f"{source} ?{key}", "has no counterpart")
        action = this.definition.form(str(task["type"]).rpartition("/")[2]).action
        if is_code:
            task["metadata"] = {"n8n": {"body": _written_body(node)}}
        task["parameters"] |= header_values(action, headers, this.fixes, source, place)
    for code in dict.fromkeys(kept):
        _report_code(code, task, at, place, this.fixes)
    this.setting_notes(name)
    _report_settings(node, headers, source, this.fixes)
    return task | {"name": this.steps[name]}


def _report_code(code: str, task: JsonObject, source: str, place: str, fixes: FixUps) -> None:
    """Report each place where JavaScript stays text; all of the step if it is in none."""
    parameters = f"{place}.parameters"
    texts = texts_in(task["parameters"], parameters)
    places = [at for at, text in texts if code in unescaped(text)]
    for at in places:
        message = f"{shortened(code)} is JavaScript and stays text; replace it by a pill"
        fixes.choose(source, at, message)
    if not places:
        message = f"{shortened(code)} stays text in a key or a schema; write its value instead"
        fixes.choose(source, parameters, message)


def _address(node: JsonObject, converter: Converter) -> tuple[str, dict[str, str]]:
    """Return the path and the query of a URL with its expressions as pills."""
    url = str(node.get("url", ""))
    hidden = Hidden(converter)
    parsed = urlsplit((hidden.text(url[1:]) if url.startswith("=") else url).strip())
    query = {key: hidden.shown(value) for key, value in parse_qsl(parsed.query)}
    return hidden.shown(api_path(parsed.geturl())), query | _pairs(node, "query", converter)


def _pairs(node: JsonObject, kind: str, converter: Converter) -> dict[str, str]:
    """Return the names and values of the query or the headers of a node."""
    written = node.get(f"json{kind.capitalize()}") or node.get(f"{kind}ParametersJson")
    if isinstance(written, str):
        return {
            key: str(value) for key, value in an_object(parsed_json(written, converter)).items()
        }
    listed = _listed(node.get(f"{kind}Parameters") or node.get(f"{kind}ParametersUi"))
    return {
        str(pair.get("name")): converter.text(str(pair.get("value", "")))
        for pair in listed
        if pair.get("name")
    }


def _body(node: JsonObject, converter: Converter) -> Json:
    """Return the body as JSON; None if it is code, or missing."""
    listed = list(_listed(node.get("bodyParameters") or node.get("bodyParametersUi")))
    written = _written_body(node)
    if listed and (node.get("specifyBody") == "keypair" or not written):
        pairs = [
            (converter.text(str(p.get("name"))), _value(p.get("value"), converter)) for p in listed
        ]
        return dict(pairs)
    if isinstance(written, str):
        return parsed_json(written, converter)
    return _converted(written, converter) if isinstance(written, dict) else None


def _written_body(node: JsonObject) -> Json:
    return node.get("jsonBody") or node.get("bodyParametersJson") or node.get("body")


def _listed(pairs: Json) -> Iterator[JsonObject]:
    found = an_object(pairs).get("parameters") or an_object(pairs).get("parameter")
    yield from (pair for pair in found or () if isinstance(pair, dict))


def _converted(value: Json, converter: Converter) -> Json:
    return with_texts(value, converter.text)


def _value(value: Json, converter: Converter) -> Json:
    """Return the value of a name and value pair: messages are written as JSON there."""
    if not isinstance(value, str):
        return _converted(value, converter)
    if value.removeprefix("=").lstrip()[:1] in ("{", "[") and not value.startswith("={{"):
        parsed = parsed_json(value, converter)
        return converter.text(value) if parsed is None else parsed
    return converter.text(value)


def _report_settings(
    node: JsonObject, headers: Mapping[str, str], source: str, fixes: FixUps
) -> None:
    at = f"{source}.parameters"
    if node.get("authentication") or node.get("sendHeaders") or node.get("headerParameters"):
        fixes.converted(at, "", "the key and the headers are those of the connection")
    for header in headers:
        if header.lower() not in {*HEADERS, *_OF_THE_CONNECTION}:
            fixes.dropped(f"{source} header {header}", "has no counterpart")
    for name, value in node.items():
        if name not in _READ and value not in (None, "", False, {}, []):
            fixes.dropped(f"{at}.{name}", f"{name} has no counterpart")
    for option, value in an_object(node.get("options")).items():
        if value and option in ("batching", "timeout", "redirect", "response"):
            fixes.converted(f"{at}.options.{option}", "", "is a matter of the connection")
        elif value:
            fixes.dropped(f"{at}.options.{option}", f"{option} has no counterpart")


_OF_THE_CONNECTION = {
    "authorization", "content-type", "accept", "user-agent", "content-length", "host", "x-api-key",
}  # fmt: skip
