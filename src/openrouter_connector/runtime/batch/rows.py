"""The results of the items of a list, as the rows of one output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from time import monotonic

from ...definition.model import Action, ForEach
from ...errors import ConnectorError, FileError
from ...values import Json, JsonObject, Result
from .concurrency import HOPELESS
from .totals import total

Outcome = Result | ConnectorError


@dataclass(slots=True)
class Rows:
    """The items of a list, and the outcomes so far, by their index."""

    action: Action
    word: ForEach
    items: list[Json]
    outcomes: dict[int, Outcome] = field(default_factory=dict)
    lost: dict[int, float] = field(default_factory=dict)
    """The costs of calls that failed."""
    started: float = field(default_factory=monotonic)

    def result(self) -> Result:
        """Return a row for each item, with a failure in its place; raise the first if all fail."""
        outcomes = [self._outcome(index) for index in range(len(self.items))]
        failed = [outcome for outcome in outcomes if isinstance(outcome, ConnectorError)]
        if failed and len(failed) == len(outcomes):
            raise _all(failed, self.word.unit)
        shared = _shared(outcomes)
        rows = [self.row(index, shared) for index in range(len(self.items))]
        failures = [f"{len(failed)} of {len(outcomes)} {self.word.unit} failed"] if failed else []
        results = [outcome.metadata for outcome in outcomes if isinstance(outcome, Result)]
        warnings = [*shared, *failures]
        free = [] if rows else [0.0]  # no call was made, so the cost is known
        costs = [*self.lost.values(), *free]
        return Result(rows, total(results, self.started, warnings, costs))

    def row(self, index: int, shared: Sequence[str] = ()) -> JsonObject:
        """Return the row of an item, without the warnings that are `shared` by all."""
        item, shape = self.items[index], self.action.output.items
        outcome = self._outcome(index)
        row: JsonObject = {part.name: None for part in (shape.properties if shape else ())}
        row |= {"index": index, "name": item.get("name") if isinstance(item, dict) else None}
        if isinstance(outcome, ConnectorError):
            cost = self.lost.get(index)
            return row | {"warnings": [], "error": outcome.to_json(), "cost": cost}
        own = [warning for warning in outcome.metadata.warnings if warning not in shared]
        warnings = [*outcome.output.get("warnings", []), *own]
        return row | {**outcome.output, "warnings": warnings, "cost": outcome.metadata.cost}

    def _outcome(self, index: int) -> Outcome:
        """Return the outcome of an item; for one that was not sent, what stopped the others."""
        outcome = self.outcomes.get(index)
        if outcome is None:
            return next(
                outcome for outcome in self.outcomes.values() if isinstance(outcome, HOPELESS)
            )
        if not (isinstance(outcome, FileError) and outcome.path):
            return outcome
        path = placed(self.action, outcome.path, index)
        return FileError(outcome.message.replace(outcome.path, path, 1), path)


def placed(action: Action, path: str, index: int) -> str:
    """Return the path of an item by its index in the list; in its own call it is the first."""
    of = action.for_each.property if action.for_each else ""
    return path.replace(f"{of}[0]", f"{of}[{index}]", 1) if of else path


def _all(failed: list[ConnectorError], unit: str) -> ConnectorError:
    first, *others = failed
    if not others:
        return first
    message = f"all {len(failed)} {unit} failed; the first error: {first.message}"
    return first.replace(message=message)


def _shared(outcomes: list[Outcome]) -> list[str]:
    """Return the warnings that all calls have, which are listed once."""
    warnings = [outcome.metadata.warnings for outcome in outcomes if isinstance(outcome, Result)]
    if len(warnings) < 2:
        return []
    return [warning for warning in warnings[0] if all(warning in other for other in warnings[1:])]
