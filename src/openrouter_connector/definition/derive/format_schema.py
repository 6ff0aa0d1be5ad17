"""The format itself, for editors and for people: JSON Schemas (2020-12), and tables of its words.

Both come from the models, and their explanations from the source of these: reading it is too slow
for every start, so the models do not carry them.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from itertools import pairwise

from pydantic.fields import FieldInfo

from ...values import Json, JsonObject
from .. import model
from ..model import Action, Component, Filter, Source, Words
from .json_schema import DIALECT

_FILES: dict[str, type[Words]] = {
    "connector.schema.json": Component,
    "action.schema.json": Action,
    "options.schema.json": Source,
}
_SHARED: JsonObject = {
    "title": "Shared",
    "description": "A file of `definitions/shared/`; further words replace its own.",
    "type": "object",
    "properties": {"shared": {"type": "string", "description": "The file, in camelCase."}},
    "required": ["shared"],
}


def format_schemas() -> dict[str, JsonObject]:
    """Give the schemas of the three kinds of YAML file, by the name of the committed file."""
    return {file: {"$schema": DIALECT, **_schema(words)} for file, words in _FILES.items()}


def format_tables() -> str:
    """Give the words of each part of the format as a Markdown table, under its heading."""
    parts: dict[str, JsonObject] = {}
    for words in _FILES.values():
        parts |= _parts(_schema(words))
    return "\n\n".join(_table(name, part) for name, part in parts.items())


def _schema(words: type[Words]) -> JsonObject:
    """Give pydantic's schema of a model, with our explanations in place of its titles."""
    schema: JsonObject = words.model_json_schema(by_alias=True)
    models = _models()
    for part in [schema, *schema.get("$defs", {}).values()]:
        explained = _explanations(models[part["title"]])
        for name, field in models[part["title"]].model_fields.items():
            if part["title"] == "Filter" and name not in Filter.words:
                del part["properties"][_word(name, field)]
                continue
            word: JsonObject = part["properties"][_word(name, field)]
            word.pop("title", None)
            if name in explained:
                word["description"] = explained[name]
    if words is Action:
        schema["$defs"]["Shared"] = _SHARED
        _share(schema)
    return schema


def _share(schema: JsonObject) -> None:
    """Let a shared file stand where a property does, or a part of the output."""
    shared: JsonObject = {"$ref": "#/$defs/Shared"}
    parts = [schema, *(schema["$defs"][name] for name in ("Property", "Output", "Shape", "Part"))]
    schema["properties"]["output"] = {"anyOf": [schema["properties"]["output"], shared]}
    for words in (part["properties"] for part in parts):
        listed = words["properties"]
        listed["items"] = {"anyOf": [listed["items"], shared]}
        if "items" in words:
            words["items"]["anyOf"].append(shared)


def _parts(schema: JsonObject) -> dict[str, JsonObject]:
    """Give a schema and all that it refers to, in the order in which it does."""
    parts = {schema["title"]: schema}
    waiting = [schema["properties"]]
    for part in waiting:
        for name in re.findall(r"#/\$defs/(\w+)", json.dumps(part)):
            if name not in parts:
                parts[name] = schema["$defs"][name]
                waiting.append(parts[name])
    return parts


def _models() -> dict[str, type[Words]]:
    found = {name: value for name, value in vars(model).items() if inspect.isclass(value)}
    return {name: one for name, one in found.items() if issubclass(one, Words) and one is not Words}


def _word(name: str, field: FieldInfo) -> str:
    return field.alias or name


def _explanations(words: type[Words]) -> dict[str, str]:
    """Read the text below each field in the source of a model, and of what it is made from."""
    base = words.__base__
    inherited = _explanations(base) if base and issubclass(base, Words) else {}
    statements = ast.parse(inspect.getsource(words)).body[0]
    assert isinstance(statements, ast.ClassDef)  # noqa: S101 - for the type checker
    return inherited | {
        field.target.id: inspect.cleandoc(text).replace("\n", " ")
        for field, below in pairwise(statements.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if (text := _text(below))
    }


def _text(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return text
    return None


def _table(name: str, schema: JsonObject) -> str:
    head = ["| word | value | default | |", "| --- | --- | --- | --- |"]
    required = schema.get("required", [])
    rows = (_row(word, part, word in required) for word, part in schema["properties"].items())
    return "\n".join([f"### {name}", "", schema["description"], "", *head, *rows])


def _row(word: str, schema: JsonObject, required: bool) -> str:
    default = schema.get("default")
    unset = default is None or default in ([], {})
    told = "*required*" if required else "" if unset else f"`{str(default).lower()}`"
    value = " or ".join(dict.fromkeys(_values(schema))).replace("|", "\\|")
    return f"| `{word}` | {value} | {told} | {schema.get('description', '')} |"


def _values(schema: JsonObject) -> Iterator[str]:
    """Say which values a schema allows, one alternative at a time."""
    if "anyOf" in schema:
        for alternative in schema["anyOf"]:
            yield from _values(alternative)
    elif "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif "enum" in schema or "const" in schema:
        yield ", ".join(f"`{_yaml(value)}`" for value in schema.get("enum", [schema.get("const")]))
    elif schema.get("type") == "array":
        yield f"list of {' or '.join(dict.fromkeys(_values(schema['items'])))}"
    elif isinstance(of := schema.get("additionalProperties"), dict):
        yield f"mapping to {' or '.join(dict.fromkeys(_values(of)))}"
    elif schema.get("type") != "null":
        yield _NAMES.get(schema.get("type", ""), "anything")


_NAMES = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false"}


def _yaml(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
