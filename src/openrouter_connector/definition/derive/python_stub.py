"""Generate `actions.pyi`: the actions as typed functions, for editors and type checkers.

Its types are those of the JSON Schema of the parameters; an object becomes a TypedDict.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import wrap

from ...values import Json, JsonObject
from ..load import Definition
from .json_schema import FILE_ENTRY

_HEAD = '''\
"""The actions as typed functions. Generated from the definition by `make docs`; do not edit."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NotRequired, TypeAlias, TypedDict

from .values import FileEntry, Json, JsonObject, Result

class FileJson(TypedDict):
    """A FILE_ENTRY as JSON."""

    extension: str
    mimeType: str
    name: str
    url: str

File: TypeAlias = FileEntry | Path | FileJson | str
"""A file: an entry of a result, a `Path` of this machine, or an http(s) or data: URL."""
'''
_ACTIONS = '''
class Actions:
    """The actions of a session as functions: `await session.actions.ask(model=…, userPrompt=…)`."""

    def __init__(
        self, perform: Callable[[str, JsonObject], Awaitable[Result]], names: Sequence[str]
    ) -> None: ...
'''
_SCALARS = {
    "string": "str",
    "number": "float",
    "integer": "int",
    "boolean": "bool",
    "null": "None",
    "object": "JsonObject",
    "array": "Sequence[Json]",
}


def python_stub(definition: Definition) -> str:
    """Return the text of the stub for all actions of a component."""
    objects = _Objects()
    functions: list[str] = []
    for name in definition.component.actions:
        functions += _function(name, definition.form(name).schema, objects)
    body = "\n".join(functions)
    return "\n".join([_HEAD, *objects.texts, f"{_ACTIONS}\n{body}"]).rstrip("\n") + "\n"


def _function(name: str, schema: JsonObject, objects: _Objects) -> Iterator[str]:
    required = schema.get("required", [])
    yield f"    async def {name}("
    yield "        self,"
    yield from ["        *,"] if schema["properties"] else []
    for key, part in schema["properties"].items():
        kind = objects.type_of(part, (name, key))
        yield (
            f"        {key}: {kind}," if key in required else f"        {key}: {kind} | None = ...,"
        )
    yield "    ) -> Result:"
    yield f'        """{_plain(schema["description"])}'
    described = {
        key: part["description"]
        for key, part in schema["properties"].items()
        if "description" in part
    }
    if described:
        yield ""
        yield "        Args:"
    for key, text in described.items():
        indent = " " * 16
        yield from wrap(
            f"{key}: {_plain(text)}", 100, initial_indent=" " * 12, subsequent_indent=indent
        )
    yield '        """'
    yield ""


class _Objects:
    """The TypedDicts of the stub: equal objects of several actions are one."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._names: dict[str, str] = {}

    def type_of(self, schema: JsonObject, path: tuple[str, ...]) -> str:
        """Return the Python type of a value; `path` names an object inside it."""
        if "enum" in schema:
            return f"Literal[{', '.join(map(repr, schema['enum']))}]"
        if "anyOf" in schema:
            kinds = [self.type_of(one, path) for one in schema["anyOf"]]
            return " | ".join(dict.fromkeys(kinds))
        if schema.get("properties") == FILE_ENTRY["properties"]:
            return "File"
        kind = schema.get("type")
        if isinstance(kind, list):
            return " | ".join(_SCALARS[one] for one in kind)
        if isinstance(items := schema.get("items"), dict):
            return f"Sequence[{self.type_of(items, (*path, 'item'))}]"
        if schema.get("properties"):
            return self._typed_dict(schema, path)
        if isinstance(values := schema.get("additionalProperties"), dict):
            return f"Mapping[str, {self.type_of(values, (*path, 'value'))}]"
        return _SCALARS[kind] if kind else "Json"

    def _typed_dict(self, schema: JsonObject, path: tuple[str, ...]) -> str:
        required = schema.get("required", [])
        lines = []
        for key, part in schema["properties"].items():
            kind = self.type_of(part, (*path, key))
            lines.append(f"    {key}: {kind if key in required else f'NotRequired[{kind} | None]'}")
            if text := part.get("description"):
                lines += _documented(text)
        body = "\n".join(lines)
        if body not in self._names:
            self._names[body] = self._new_name(path)
            self.texts.append(f"class {self._names[body]}(TypedDict):\n{body}\n")
        return self._names[body]

    def _new_name(self, path: tuple[str, ...]) -> str:
        """Return a name that is free: that of the property, or with its action before it."""
        short, long = ("".join(map(_pascal, steps)) for steps in (path[1:], path))
        return long if short in self._names.values() else short


def _documented(text: str) -> list[str]:
    lines = wrap(f'"""{_plain(text)}"""', 96)
    return [f"    {line}" for line in lines]


def _pascal(name: str) -> str:
    return name[:1].upper() + name[1:]


def _plain(text: Json) -> str:
    """Return text that can stand in a docstring."""
    written = json.dumps(" ".join(str(text).split()), ensure_ascii=False)[1:-1]
    return written.replace('\\"', '"').replace('"""', "'''").rstrip('"')
