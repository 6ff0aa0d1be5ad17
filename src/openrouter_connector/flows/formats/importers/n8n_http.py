"""Make a task of an n8n HTTP node that calls OpenRouter."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from ....values import Json, JsonObject, an_object
from ..report import FixUps
from .n8n_expressions import Converter, spans
from .n8n_prompts import Workflow
from .names import Names, literal
from .openai_body import task_of_body
from .request_path import task_of_query

_MARK = "pill\u2060{}\u2060"  # stands for an expression while its JSON is parsed
_MARKS = re.compile("pill\u2060(\\d+)\u2060")


def task_of_request(this: Workflow, name: str, place: str) -> JsonObject:
    """Return the task of an HTTP node, or a `sendChatCompletion` that a person must fill in."""
    node, source = an_object(this.graph.nodes[name].get("parameters")), this.graph.places[name]
    converter = this.converter(name, f"{source}.parameters", f"{place}.parameters")
    path = api_path(str(node["url"]))
    method = str(node.get("method") or node.get("requestMethod") or "GET").upper()
    this.setting_notes(name)
    _report_settings(node, source, this.fixes)
    if method == "GET":
        return task_of_query(
            this.definition, path, {}, this.fixes, place, source, this.steps[name], name
        )
    body = _Body(converter)
    found = body.read(node)
    if not isinstance(found, dict):
        message = "the body is JavaScript; write the model and the messages"
        this.fixes.choose(f"{source}.parameters", f"{place}.parameters", message)
        found = {"model": "", "messages": []}
    task = task_of_body(
        this.definition,
        found,
        this.fixes,
        place=place,
        source=f"{source}.parameters",
        names=Names(),
        path=path,
        escape=body.restored,
        label=name,
    )
    return task | {"name": this.steps[name]}


def api_path(url: str) -> str:
    """Return the path of a URL below its version: `/chat/completions`."""
    path = urlsplit(url.removeprefix("=").strip()).path
    return re.sub(r"^(/api)?(/v\d+(beta)?)?(?=/)", "", path.rstrip("/"))


class _Body:
    """Reads the body of a node. Expressions in it are parsed as tokens, and put back afterwards."""

    def __init__(self, converter: Converter) -> None:
        self._converter = converter
        self._codes: list[str] = []

    def read(self, node: JsonObject) -> Json:
        """Return the body as JSON; None if it is code, or missing."""
        written = node.get("jsonBody") or node.get("bodyParametersJson") or node.get("body")
        if isinstance(written, str):
            return self._parsed(written)
        if isinstance(written, dict):
            return written
        pairs = an_object(node.get("bodyParameters") or node.get("bodyParametersUi"))
        listed = pairs.get("parameters") or pairs.get("parameter")
        if not isinstance(listed, list):
            return None
        return {
            str(pair.get("name")): self._value(pair.get("value"))
            for pair in listed
            if isinstance(pair, dict)
        }

    def restored(self, text: str) -> str:
        """Return a text of the body with pills in the places of its tokens."""
        parts, done = [], 0
        for found in _MARKS.finditer(text):
            code = self._codes[int(found[1])]
            parts += [literal(text[done : found.start()])]
            parts.append(self._converter.expression(code, in_json=True))
            done = found.end()
        return "".join([*parts, literal(text[done:])])

    def _value(self, value: Json) -> Json:
        """Return the value of a name and value pair: messages are written as JSON there."""
        if not isinstance(value, str):
            return value
        if value.removeprefix("=").lstrip()[:1] in ("{", "[") and not value.startswith("={{"):
            parsed = self._parsed(value)
            return value if parsed is None else parsed
        return self._tokens(value.removeprefix("=")) if value.startswith("=") else value

    def _parsed(self, text: str) -> Json:
        is_template = text.startswith("=")
        text = text.removeprefix("=").strip()
        # The whole body may be one expression around an object: `={{ JSON.stringify({…}) }}`.
        whole = re.fullmatch(
            r"\{\{\s*(?:JSON\.stringify\()?(\{.*\})\)?\s*;?\s*\}\}", text, re.DOTALL
        )
        if whole:
            return self._loaded(whole[1])
        return self._loaded(self._tokens(text, in_json=True) if is_template else text)

    def _loaded(self, text: str) -> Json:
        try:
            return json.loads(text, strict=False)  # raw line ends in texts are common
        except (ValueError, RecursionError):
            return None

    def _tokens(self, text: str, *, in_json: bool = False) -> str:
        """Return a text with each `{{ … }}` replaced; outside of quotes the token gets some."""
        parts, done, quoted = [], 0, False
        for start, end in spans(text):
            before = text[done:start]
            quoted ^= len(re.findall(r'(?<!\\)"', before)) % 2 == 1
            token = _MARK.format(len(self._codes))
            self._codes.append(text[start + 2 : end - 2])
            parts += [before, token if quoted or not in_json else f'"{token}"']
            done = end
        return "".join([*parts, text[done:]])


def _report_settings(node: JsonObject, source: str, fixes: FixUps) -> None:
    if node.get("authentication") or node.get("sendHeaders") or node.get("headerParameters"):
        fixes.converted(
            f"{source}.parameters", "", "the key and the headers are those of the connection"
        )
    for option, value in an_object(node.get("options")).items():
        if value and option in ("batching", "timeout", "redirect", "response"):
            fixes.converted(
                f"{source}.parameters.options.{option}", "", "is a matter of the connection"
            )
        elif value:
            fixes.dropped(f"{source}.parameters.options.{option}", f"{option} has no counterpart")
