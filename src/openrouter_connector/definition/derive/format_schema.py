"""Generate the schemas of the YAML format for editors, and tables of its words for people.

Both come from the models. The description and example of a word are the text below it in the source
of its model. They are read from there, since models that carry them would slow down every start.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

import yaml

from ...values import Json, JsonObject
from .. import model
from ..model import Action, Component, Source, Words
from .json_schema import DIALECT

_FILES: dict[str, type[Words]] = {
    "connector.schema.json": Component,
    "action.schema.json": Action,
    "options.schema.json": Source,
}
_SHARED: JsonObject = {
    "title": "Shared",
    "description": "A file of `definitions/shared/`. Further words replace those of the file.",
    "type": "object",
    "properties": {
        "shared": {
            "type": "string",
            "description": "The name of the file in camelCase.",
            "examples": ["extraBody"],
        }
    },
    "required": ["shared"],
}


class Explanation(NamedTuple):
    """What the source of a model says about a word."""

    description: str
    example: Json


def format_schemas() -> dict[str, JsonObject]:
    """Return the schemas of the three kinds of YAML file, by the name of the committed file."""
    return {file: {"$schema": DIALECT, **_schema(words)} for file, words in _FILES.items()}


def format_tables() -> str:
    """Return the words of each part of the format as a Markdown table below its heading."""
    parts: dict[str, JsonObject] = {}
    for words in _FILES.values():
        parts |= _parts(_schema(words))
    return "\n\n".join(_table(name, part) for name, part in parts.items())


def _schema(words: type[Words]) -> JsonObject:
    """Return pydantic's schema of a model, with our explanations in place of its titles."""
    schema: JsonObject = words.model_json_schema(by_alias=True)
    models = _models()
    for part in [schema, *schema.get("$defs", {}).values()]:
        explained = _explanations(models[part["title"]])
        for name, field in models[part["title"]].model_fields.items():
            word: JsonObject = part["properties"][field.alias or name]
            word.pop("title", None)
            if name in explained:
                description, example = explained[name]
                word |= {"description": description, "examples": [example]}
                part["properties"][field.alias or name] = word
    if words is Action:
        schema["$defs"]["Shared"] = _SHARED
        _allow_shared(schema)
    return schema


def _allow_shared(schema: JsonObject) -> None:
    """Allow a shared file in place of a property, or of a part of the output."""
    shared: JsonObject = {"$ref": "#/$defs/Shared"}
    parts = [schema, *(schema["$defs"][name] for name in ("Property", "Output", "Shape", "Part"))]
    output = schema["properties"]["output"]
    schema["properties"]["output"] = _explained(output, {"anyOf": [_bare(output), shared]})
    for words in (part["properties"] for part in parts):
        listed = words["properties"]
        listed["items"] = {"anyOf": [listed["items"], shared]}
        if "items" in words:
            words["items"]["anyOf"].append(shared)


def _explained(word: JsonObject, schema: JsonObject) -> JsonObject:
    """Return a schema with the explanation of a word: editors show only that of the top level."""
    return schema | {key: word[key] for key in ("description", "examples") if key in word}


def _bare(word: JsonObject) -> JsonObject:
    return {key: value for key, value in word.items() if key not in ("description", "examples")}


def _parts(schema: JsonObject) -> dict[str, JsonObject]:
    """Return a schema and everything that it refers to, in the order of the references."""
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
    return {
        name: model
        for name, model in found.items()
        if issubclass(model, Words) and model is not Words
    }


def _explanations(words: type[Words]) -> dict[str, Explanation]:
    """Read the text below each word in the source of a model, and of its base classes."""
    base = words.__base__
    inherited = _explanations(base) if base and issubclass(base, Words) else {}
    statements = ast.parse(inspect.getsource(words)).body[0]
    assert isinstance(statements, ast.ClassDef)  # noqa: S101 - for the type checker
    return inherited | {
        field.target.id: _explanation(text)
        for field, below in pairwise(statements.body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if (text := _text(below))
    }


def _explanation(text: str) -> Explanation:
    """Split the text below a word: its description, then `Example:` and a value in YAML."""
    description, _, example = inspect.cleandoc(text).partition("\nExample: ")
    return Explanation(description.replace("\n", " "), yaml.safe_load(example))


def _text(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Expr(value=ast.Constant(value=str() as text)):
            return text
    return None


def _table(name: str, schema: JsonObject) -> str:
    head = ["| word | value | default | description | example |", "| --- | --- | --- | --- | --- |"]
    required = schema.get("required", [])
    rows = (_row(word, part, word in required) for word, part in schema["properties"].items())
    return "\n".join([f"### {name}", "", schema["description"], "", *head, *rows])


def _row(word: str, schema: JsonObject, required: bool) -> str:
    default = schema.get("default")
    unset = default is None or default in ([], {})
    shown = "*required*" if required else "" if unset else f"`{str(default).lower()}`"
    value = " or ".join(dict.fromkeys(_value_kinds(schema)))
    cells = [f"`{word}`", value, shown, schema["description"], f"`{_flow(schema['examples'][0])}`"]
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _value_kinds(schema: JsonObject) -> Iterator[str]:
    """Yield the kinds of value that a schema allows, one for each alternative."""
    if "anyOf" in schema:
        for alternative in schema["anyOf"]:
            yield from _value_kinds(alternative)
    elif "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif "enum" in schema or "const" in schema:
        yield ", ".join(f"`{_plain(value)}`" for value in schema.get("enum", [schema.get("const")]))
    elif schema.get("type") == "array":
        yield f"list of {' or '.join(dict.fromkeys(_value_kinds(schema['items'])))}"
    elif isinstance(values := _schema_of_values(schema), dict):
        yield f"mapping to {' or '.join(dict.fromkeys(_value_kinds(values)))}"
    elif schema.get("type") != "null":
        yield _NAMES.get(schema.get("type", ""), "anything")


def _schema_of_values(schema: JsonObject) -> Json:
    """Return the schema of the values of a mapping, whose keys may have a pattern."""
    patterns = schema.get("patternProperties") or {"": schema.get("additionalProperties")}
    return next(iter(patterns.values()))


_NAMES = {"string": "text", "integer": "number", "number": "number", "boolean": "true or false"}


def _plain(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _flow(value: Json) -> str:
    """Return a value as one line of YAML."""
    text = yaml.safe_dump(
        value, default_flow_style=True, width=10**6, sort_keys=False, allow_unicode=True
    )
    return text.removesuffix("\n").removesuffix("\n...")
