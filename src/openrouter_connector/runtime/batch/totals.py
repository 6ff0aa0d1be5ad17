"""What several calls tell of themselves, told as of one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from time import monotonic

from ...money import parse_amount
from ...values import Json, JsonObject, Result


@dataclass(slots=True)
class Totals:
    """The metadata of several calls: what can be counted is added up, names are listed once."""

    started: float = field(default_factory=monotonic)
    usage: JsonObject = field(default_factory=dict)
    names: dict[str, dict[str, None]] = field(default_factory=dict)
    files: list[JsonObject] = field(default_factory=list)
    attempts: int = 0
    cost: float | None = None
    """None as long as nobody told any."""

    def add(self, calls: Iterable[JsonObject]) -> None:
        """Count calls in, by their metadata."""
        for metadata in calls:
            self.attempts += metadata["attempts"]
            self.pay(metadata.get("cost"))
            self.files += metadata.get("files", [])
            self.usage = _sum(self.usage, metadata.get("usage"))
            for key, name in _NAMES.items():
                if value := metadata.get(key):
                    self.names.setdefault(name, {})[value] = None

    def pay(self, cost: float | None) -> None:
        """Count what a call did cost, if it told that."""
        if cost is not None:
            self.cost = round((self.cost or 0.0) + cost, 12)

    def metadata(self, warnings: list[str]) -> JsonObject:
        """Give `{models, providers, generationIds, usage, files, cost, attempts, latency, ...}`."""
        named = {name: list(values) for name, values in self.names.items()}
        known = {**named, "usage": self.usage, "files": self.files}
        return {key: value for key, value in known.items() if value} | {
            "cost": self.cost,
            "attempts": self.attempts,
            "latency": round(monotonic() - self.started, 4),
            "warnings": warnings,
        }


def warnings_of(results: Iterable[Result]) -> list[str]:
    """Give the warnings of several calls, each once."""
    return list(dict.fromkeys(told for one in results for told in one.metadata["warnings"]))


_NAMES = {"model": "models", "provider": "providers", "generationId": "generationIds"}


def _sum(one: Json, other: Json, depth: int = 3) -> JsonObject:
    """Add up the numbers of two objects, and of the objects in them, as far as they are amounts."""
    total = dict(one) if isinstance(one, dict) else {}
    for key, value in other.items() if isinstance(other, dict) else ():
        if isinstance(value, dict):
            if depth:
                total[key] = _sum(total.get(key), value, depth - 1)
        elif not isinstance(value, str) and parse_amount(value) is not None:
            before = total.get(key)
            total[key] = round((0 if isinstance(before, dict) else before or 0) + value, 12)
    return total
