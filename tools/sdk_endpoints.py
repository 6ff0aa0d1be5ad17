"""Print the operations of an installed OpenRouter SDK, and their parameters, as JSON.

    python tools/sdk_endpoints.py FOLDER      a folder that holds the package `openrouter`

The shape is that of `api_diff.endpoints`: {"POST /videos": {"prompt": [kinds, values, required]}}.
The SDK is imported, so each version needs a process of its own.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin

MAX_DEPTH = 5  # levels of nested objects
_KINDS = {str: "string", int: "integer", float: "number", bool: "boolean", list: "array"}

Parameter = tuple[list[str], list[str], bool]


def main(arguments: list[str]) -> int:
    """Print the operations of the SDK in a folder."""
    folder = Path(arguments[0]).resolve()
    sys.path.insert(0, str(folder))
    models = {
        name: value
        for package in ("components", "operations")
        for name, value in _exported(f"openrouter.{package}").items()
    }
    found: dict[str, dict[str, Parameter]] = {}
    for line, request in sorted(_operations(folder / "openrouter")):
        # A path may have two operations: one with a JSON body, and one with a form.
        known = found.setdefault(line, {})
        known |= dict(_parameters(models[request])) if request in models else {}
    print(json.dumps(found))
    return 0


def _exported(package: str) -> dict[str, Any]:
    module = import_module(package)
    return {name: getattr(module, name) for name in module.__all__}


def _operations(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield `METHOD /path` and the name of the request model of each operation."""
    for file in sorted(folder.glob("*.py")):
        for function in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(function, ast.FunctionDef):
                yield from _operation(function)


def _operation(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    request = ""
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and _is_request(node):
            request = _named_model(node.value) or request
    for node in ast.walk(function):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "_build_request":
            words = {word.arg: word.value for word in node.keywords}
            method, path = words.get("method"), words.get("path")
            if isinstance(method, ast.Constant) and isinstance(path, ast.Constant):
                yield f"{method.value!s} {path.value!s}", request


def _named_model(value: ast.expr | None) -> str | None:
    """Return the model in `operations.Model(…)` or in `cast(operations.Model, request)`."""
    if not isinstance(value, ast.Call):
        return None
    named = [one.attr for one in (value.func, *value.args) if isinstance(one, ast.Attribute)]
    return next((name for name in named if name[0].isupper()), None)


def _is_request(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return any(isinstance(target, ast.Name) and target.id == "request" for target in targets)


def _parameters(model: Any) -> Iterator[tuple[str, Parameter]]:
    """Yield the parameters of a request: those of its path and query, and the members of its body.

    Headers are left out: every operation has the same.
    """
    for name, field in model.model_fields.items():
        places = [one for one in field.metadata if type(one).__name__ == "FieldMetadata"]
        if any(one.header for one in places):
            continue
        if any(one.request for one in places):
            yield from _members(field.annotation, "", 0)
        else:
            yield from _described(field.alias or name, field, 0)


def _members(annotation: Any, prefix: str, depth: int) -> Iterator[tuple[str, Parameter]]:
    for part in _alternatives(annotation):
        for name, field in getattr(part, "model_fields", {}).items():
            yield from _described(f"{prefix}{field.alias or name}", field, depth)


def _described(name: str, field: Any, depth: int) -> Iterator[tuple[str, Parameter]]:
    kinds, values = set[str](), set[str]()
    for part in _alternatives(field.annotation):
        if get_origin(part) is Literal:
            values |= {str(value) for value in get_args(part)}
            kinds |= {_KINDS.get(type(value), "object") for value in get_args(part)}
        elif part is not type(None):
            kinds.add(_KINDS.get(get_origin(part) or part, "object"))
    yield name, (sorted(kinds), sorted(values), field.is_required())
    if depth < MAX_DEPTH:
        yield from _members(field.annotation, f"{name}.", depth + 1)


def _alternatives(annotation: Any) -> Iterator[Any]:
    """Yield the types of a union; the marks of unset and unknown values are left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif hasattr(annotation, "__value__") and origin is None:  # an alias
        yield from _alternatives(annotation.__value__)
    elif hasattr(origin, "__value__") or str(origin) in _UNIONS:  # OptionalNullable[T], unions
        for part in get_args(annotation):
            yield from _alternatives(part)
    elif getattr(annotation, "__name__", "") not in ("Unset", "UnrecognizedStr"):
        yield annotation


_UNIONS = ("typing.Union", "<class 'types.UnionType'>", "typing.Optional")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
