"""Check rows against their models and estimate what all of them cost, before one is paid for.

Every row is checked against the form. Against its model, a sample: its average stands for the rest.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ....connector import Session
from ....errors import InputError, Problem
from ....parameters import plain_parameters
from ....runtime.preflight.estimate import Estimate
from ....values import JsonObject
from .bundle import bundle_of, bundle_parameters, request_line
from .request import RowsRequest
from .stored import PreparedRows, prepare, prepared_rows
from .template import RowTemplate, StoredRow

_SAMPLE = 20  # rows


@dataclass(frozen=True, slots=True)
class RowsPreflight:
    """What is known of rows before they are sent."""

    rows: int
    """Requests of the action; several for each row, if models are compared."""
    checked: int
    """Rows that were checked against their model."""
    warnings: tuple[str, ...]
    estimate: Estimate | None
    """Of all rows, from the average of the checked ones; None if nothing is known."""

    def to_json(self) -> JsonObject:
        """Return `{rows, checked, warnings, estimate}`."""
        estimate = self.estimate.to_json() if self.estimate else None
        known = {"rows": self.rows, "checked": self.checked}
        return {**known, "warnings": list(self.warnings), "estimate": estimate}


async def check_rows(
    session: Session,
    action: str,
    template: RowTemplate,
    prepared: PreparedRows,
    *,
    sample: int = _SAMPLE,
) -> RowsPreflight:
    """Check a sample of prepared rows, spread over all of them. InputError lists its problems."""
    every = max(1, prepared.count // sample)
    problems: list[Problem] = []
    warnings: dict[str, None] = {}
    estimates: list[Estimate] = []
    checked = 0
    for row in await asyncio.to_thread(lambda: list(_spread(prepared, every, sample))):
        found = await session.check(action, template.filled(row, trusts_paths=True))
        checked += 1
        where = f"row {row.source}"
        problems += [Problem(f"{where} {one.path}".strip(), one.message) for one in found.problems]
        warnings |= dict.fromkeys(found.warnings)
        estimates += [found.estimate] if found.estimate else []
    if problems:
        raise InputError(problems)
    estimate = _scaled(estimates, checked, prepared.count)
    return RowsPreflight(prepared.count, checked, tuple(warnings), estimate)


async def preflight_rows(session: Session, request: RowsRequest) -> RowsPreflight:
    """Check all rows of a request, and a sample of them against their models.

    InputError lists what would fail. Nothing is sent but reads of the catalogue.
    """
    parameters = plain_parameters(request.parameters)
    template, form = RowTemplate(parameters), session.definition.form(request.action)
    prepared = await asyncio.to_thread(
        prepare, request.source, template, form, models=request.models, limit=request.limit
    )
    try:
        if request.via == "api":
            return await _check_bundle(session, request, template, prepared)
        return await check_rows(session, request.action, template, prepared)
    finally:
        prepared.discard()


async def _check_bundle(
    session: Session, request: RowsRequest, template: RowTemplate, prepared: PreparedRows
) -> RowsPreflight:
    """Check all rows as one call of the API. InputError lists its problems."""
    bundle = bundle_of(session.definition, request.action)
    with tempfile.TemporaryDirectory(prefix="rows-") as folder:
        path = Path(folder, "requests.jsonl")
        await asyncio.to_thread(_write_requests, path, template, prepared)
        model = request.parameters.get("model")
        parameters = bundle_parameters(bundle, request.action, model, path)
        found = await session.check(bundle.name, parameters)
    if found.problems:
        raise InputError(found.problems)
    return RowsPreflight(prepared.count, prepared.count, tuple(found.warnings), found.estimate)


def _write_requests(path: Path, template: RowTemplate, prepared: PreparedRows) -> None:
    with path.open("wb") as file:
        file.writelines(request_line(template, row) for row in prepared_rows(prepared))


def _spread(prepared: PreparedRows, every: int, most: int) -> Iterator[StoredRow]:
    left = most
    for row in prepared_rows(prepared):
        if row.index % every == 0 and left:
            left -= 1
            yield row
        if not left:
            return


def _scaled(estimates: list[Estimate], checked: int, count: int) -> Estimate | None:
    """Return the cost of all rows, if that of each checked one is known."""
    if not estimates or len(estimates) < checked:
        return None
    total = sum(estimates[1:], estimates[0]) * (count / checked)
    basis = () if checked == count else (f"from {checked} of {count:,} rows",)
    return replace(total, basis=(*basis, *total.basis))
