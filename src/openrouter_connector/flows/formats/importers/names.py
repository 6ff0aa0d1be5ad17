"""Names for the tasks and inputs that importers make."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....values import JsonObject
from ..names import is_reserved


class Names:
    """Hands out names that expressions can read, each once."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def take(self, text: str, fallback: str = "step") -> str:
        """Return a camelCase name for a text: `AI Agent` is `aiAgent`, the second `aiAgent_2`."""
        words = re.findall(r"[A-Za-z0-9_]+", text[:200])
        first = words[0] if words else fallback
        name = first.lower() if first.isupper() else first[:1].lower() + first[1:]
        name += "".join(word[:1].upper() + word[1:] for word in words[1:])
        name = name[:60]
        if name[:1].isdigit():
            name = f"{fallback}_{name}"
        if is_reserved(name.lower()):
            name += "_1"
        unique = name
        while unique in self._used:
            self._used[name] += 1
            unique = f"{name}_{self._used[name]}"
        self._used[unique] = 1
        return unique


class Inputs:
    """The inputs of a flow, made for the values that an importer finds no step for."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._inputs: dict[str, JsonObject] = {}
        self._named: dict[str, JsonObject] = {}
        """Those that were taken, by their names."""

    def take(self, key: str, suggestion: str, kind: str = "string", label: str = "") -> str:
        """Return the name of the input for a key of the source, always the same one."""
        if key not in self._inputs:
            name = self._names.take(suggestion, "input")
            self._inputs[key] = self._named[name] = {
                "name": name,
                "label": label or suggestion,
                "type": kind,
                "required": True,
            }
        return str(self._inputs[key]["name"])

    def __contains__(self, key: str) -> bool:
        return key in self._inputs

    def narrow(self, name: str, kind: str) -> None:
        """Give an input that was taken for a text the type that a use of it shows."""
        found = self._named.get(name)
        if found and found["type"] == "string":
            found["type"] = kind

    def relax(self, names: Iterable[str]) -> None:
        """Let inputs be missing."""
        for name in self._named.keys() & set(names):
            self._named[name]["required"] = False

    def add(self, key: str, declared: JsonObject) -> None:
        """Add an input that the source declares."""
        self._inputs[key] = declared

    def to_json(self) -> list[JsonObject]:
        """Return the inputs as a flow lists them."""
        return list(self._inputs.values())


def flow_document(
    label: str, tasks: list[JsonObject], inputs: list[JsonObject] | None = None
) -> JsonObject:
    """Return the document of a flow that an importer made."""
    return {
        "label": label,
        "description": "",
        "inputs": inputs or [],
        "triggers": [],
        "tasks": tasks,
    }
