"""What came of each item of a list, as the rows of one output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ...definition.model import Action, ForEach
from ...errors import ConnectorError, FileError
from ...values import Json, JsonObject, Result
from .concurrency import HOPELESS
from .totals import Totals

Outcome = Result | ConnectorError


@dataclass(slots=True)
class Rows:
    """The items, and what came of each so far, by its place."""

    action: Action
    word: ForEach
    items: list[Json]
    came: dict[int, Outcome] = field(default_factory=dict)
    lost: dict[int, float | None] = field(default_factory=dict)
    """What calls did cost that gave nothing."""
    totals: Totals = field(default_factory=Totals)

    def result(self) -> Result:
        """Give a row for each item, with a failure in its place; raises the first when all fail."""
        outcomes = [self._outcome(index) for index in range(len(self.items))]
        failed = [one for one in outcomes if isinstance(one, ConnectorError)]
        if len(failed) == len(outcomes):
            raise _all(failed, self.word.unit)
        self.totals.add(one.metadata for one in outcomes if isinstance(one, Result))
        for cost in self.lost.values():
            self.totals.pay(cost)
        shared = _shared(outcomes)
        rows = [self.row(index, shared) for index in range(len(self.items))]
        told = [f"{len(failed)} of {len(outcomes)} {self.word.unit} failed"] if failed else []
        return Result(rows, self.totals.metadata([*shared, *told]))

    def row(self, index: int, shared: Sequence[str] = ()) -> JsonObject:
        """Give the row of an item, without the warnings that are `shared` with the others."""
        item, shape = self.items[index], self.action.output.items
        outcome = self._outcome(index)
        row: JsonObject = {part.name: None for part in (shape.properties if shape else ())}
        row |= {"index": index, "name": item.get("name") if isinstance(item, dict) else None}
        if isinstance(outcome, ConnectorError):
            cost = self.lost.get(index)
            return row | {"warnings": [], "error": outcome.to_json(), "cost": cost}
        told = [one for one in outcome.metadata["warnings"] if one not in shared]
        warnings = [*outcome.output.get("warnings", []), *told]
        found = {**outcome.output, "warnings": warnings, "cost": outcome.metadata["cost"]}
        return row | found

    def _outcome(self, index: int) -> Outcome:
        """Give what came of an item; of one that was not sent, what stopped the others."""
        came = self.came.get(index)
        if came is None:
            return next(one for one in self.came.values() if isinstance(one, HOPELESS))
        if not (isinstance(came, FileError) and came.path):
            return came
        path = placed(self.action, came.path, index)
        return FileError(came.message.replace(came.path, path, 1), path)


def placed(action: Action, path: str, index: int) -> str:
    """Give the path of an item by its place in the list: in its own call it is the first."""
    of = action.for_each.property if action.for_each else ""
    return path.replace(f"{of}[0]", f"{of}[{index}]", 1) if of else path


def _all(failed: list[ConnectorError], unit: str) -> ConnectorError:
    if len(failed) > 1:
        failed[0].message = f"all {len(failed)} {unit} failed; the first: {failed[0].message}"
    return failed[0]


def _shared(outcomes: list[Outcome]) -> list[str]:
    """Give the warnings that all calls have, to be told once."""
    told = [one.metadata["warnings"] for one in outcomes if isinstance(one, Result)]
    return [one for one in told[0] if all(one in other for other in told[1:])] if told[1:] else []
