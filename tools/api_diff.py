"""Report which actions a newer OpenAPI document, or a newer version of the SDK, affects.

    python tools/api_diff.py OLD NEW      documents as YAML or JSON; `make api-diff SPEC=NEW`
    python tools/api_diff.py OLD NEW      folders with installed SDKs; `make api-diff SDK=1.3.90`

    createEmbeddings · POST /embeddings · definitions/create_embeddings.yaml
      + encoding_format may be base32
      - parameter user is gone                                  (we send it)
    getKey · GET /key
      ! the endpoint is gone

For each action, its endpoint is compared: parameters that were added, removed or changed or are
newly required, and values of enums. New endpoints without an action are listed last.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from re import sub
from typing import Any

import yaml

from openrouter_connector.definition.load import Definition, load_component
from openrouter_connector.definition.model import Action, Property, snake

Json = Any
MAX_DEPTH = 5  # levels of nested objects
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an endpoint; nested ones are named `provider.order`."""

    kinds: frozenset[str]
    values: frozenset[str]
    required: bool


Endpoint = Mapping[str, Parameter]
Named = tuple[str, Parameter]


def main(arguments: list[str]) -> int:
    """Print the changes. Return 1 if an endpoint or a parameter was removed."""
    if len(arguments) != 2:
        print(__doc__)
        return 2
    old, new = (_endpoints_in(Path(name)) for name in arguments)
    report = list(changes(load_component(), old, new))
    print("\n".join(report) or "no action is touched")
    return int(any(line.lstrip().startswith(("!", "-")) for line in report))


def changes(
    definition: Definition, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Iterator[str]:
    """Yield the lines of the report."""
    actions = [definition.form(name).action for name in definition.component.actions]
    for action in actions:
        line = _anonymous(action.request)
        differences = list(_action_changes(action, line, old, new))
        if differences:
            yield f"{action.name} · {action.request} · definitions/{snake(action.name)}.yaml"
            yield from (f"  {difference}" for difference in differences)
    known = {_anonymous(action.request) for action in actions}
    for line in sorted(new.keys() - old.keys() - known):
        yield f"new, and no action has it: {line}"


def _endpoints_in(place: Path) -> dict[str, Endpoint]:
    """Return the endpoints of a document, or of the SDK that is installed in a folder."""
    if not place.is_dir():
        return endpoints(_read(place))
    # In a process of its own, since two versions of a package cannot be imported into one.
    script = str(Path(__file__).with_name("sdk_endpoints.py"))
    done = subprocess.run([sys.executable, script, str(place)], capture_output=True, check=True)  # noqa: S603
    found: dict[str, dict[str, Parameter]] = {}
    for line, parameters in json.loads(done.stdout).items():
        found.setdefault(_anonymous(line), {}).update(
            {
                name: Parameter(frozenset(kinds), frozenset(values), required)
                for name, (kinds, values, required) in parameters.items()
            }
        )
    return dict(found)


def endpoints(document: Json) -> dict[str, Endpoint]:
    """Return the parameters of each operation, by keys such as `GET /models/{}/endpoints`."""
    found: dict[str, Endpoint] = {}
    for path, operations in document.get("paths", {}).items():
        shared = operations.get("parameters", [])
        for method in METHODS:
            if isinstance(operation := operations.get(method), dict):
                listed = [*shared, *operation.get("parameters", [])]
                line = _anonymous(f"{method.upper()} {path}")
                found[line] = _joined(_parameters(document, listed, operation.get("requestBody")))
    return found


def _joined(found: Iterable[Named]) -> Endpoint:
    """Merge the alternatives of each parameter."""
    joined: dict[str, Parameter] = {}
    for name, one in found:
        other = joined.get(name, one)
        required = one.required or other.required
        joined[name] = Parameter(one.kinds | other.kinds, one.values | other.values, required)
    return joined


def _action_changes(
    action: Action, line: str, old: Mapping[str, Endpoint], new: Mapping[str, Endpoint]
) -> Iterator[str]:
    if line not in new:
        if line in old:
            yield "! the endpoint is gone"
        return
    before, after = old.get(line, {}), new[line]
    sent = set(_sent(action.properties))
    for name in sorted(after.keys() - before.keys()):
        must = ", and is required" if after[name].required else ""
        yield f"+ parameter {name}{must}"
    for name in sorted(before.keys() - after.keys()):
        yield f"- parameter {name} is gone{' (we send it)' if name in sent else ''}"
    for name in sorted(before.keys() & after.keys()):
        yield from (
            f"~ {name} {difference}" for difference in _differences(before[name], after[name])
        )


def _differences(before: Parameter, after: Parameter) -> Iterator[str]:
    if before.kinds != after.kinds:
        yield f"was {_either(before.kinds)}, and is {_either(after.kinds)}"
    if grown := after.values - before.values:
        yield f"may also be {_either(grown)}" if before.values else f"is one of {_either(grown)}"
    if lost := before.values - after.values:
        yield f"may no longer be {_either(lost)}" if after.values else "may be anything"
    if after.required != before.required:
        yield "is now required" if after.required else "is no longer required"


def _parameters(document: Json, listed: Iterable[Json], body: Json) -> Iterator[Named]:
    for parameter in (_resolved(document, one) for one in listed):
        if parameter.get("in") in ("query", "path"):
            schema = parameter.get("schema", {})
            yield from _described(document, parameter["name"], schema, parameter.get("required"), 0)
    for content in _resolved(document, body or {}).get("content", {}).values():
        yield from _inside(document, "", content.get("schema", {}), 0)


def _inside(document: Json, prefix: str, schema: Json, depth: int) -> Iterator[Named]:
    for part in _alternatives(document, schema):
        required = part.get("required", [])
        for name, inner in part.get("properties", {}).items():
            yield from _described(document, f"{prefix}{name}", inner, name in required, depth)


def _described(
    document: Json, name: str, schema: Json, required: bool | None, depth: int
) -> Iterator[Named]:
    parts = list(_alternatives(document, schema))
    kinds = {str(kind) for part in parts for kind in _listed(part.get("type"))}
    values = {
        str(value) for part in parts for value in part.get("enum", _listed(part.get("const")))
    }
    yield name, Parameter(frozenset(kinds), frozenset(values), bool(required))
    if depth < MAX_DEPTH:
        yield from _inside(document, f"{name}.", schema, depth + 1)


def _alternatives(
    document: Json, schema: Json, seen: frozenset[str] = frozenset()
) -> Iterator[Json]:
    """Yield a schema and all parts of its `allOf`, `anyOf` and `oneOf`."""
    reference = schema.get("$ref")
    if reference in seen:
        return
    known = seen | {reference} if reference else seen
    schema = _resolved(document, schema)
    yield schema
    for word in ("allOf", "anyOf", "oneOf"):
        for part in schema.get(word, []):
            yield from _alternatives(document, part, known)


def _resolved(document: Json, value: Json) -> Json:
    while isinstance(value, dict) and isinstance(value.get("$ref"), str):
        found: Json = document
        for step in value["$ref"].removeprefix("#/").split("/"):
            found = found.get(step.replace("~1", "/").replace("~0", "~"), {})
        value = found
    return value if isinstance(value, dict) else {}


def _sent(properties: Iterable[Property], prefix: str = "") -> Iterator[str]:
    for prop in properties:
        if prop.send is not False:
            target = (prop.send.to if prop.send else None) or snake(prop.name or "")
            yield f"{prefix}{target}"
            yield from _sent(prop.properties, f"{prefix}{target}.")


def _anonymous(line: str) -> str:
    """Remove the names in a path: `{author}/{slug}` and `{model}` are the same to an endpoint."""
    return sub(r"(\{\w+\}/)?\{\w+\}", "{}", line.partition("?")[0])


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _either(words: Iterable[str]) -> str:
    return " or ".join(sorted(words)) or "anything"


def _read(file: Path) -> Json:
    text = file.read_text(encoding="utf-8")
    if file.suffix == ".json":
        return json.loads(text)
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
