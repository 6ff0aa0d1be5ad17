"""What a person asks for: an action, the rows that it is performed for, and what they may cost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ....errors import InputError, Problem
from ....values import JsonObject
from ...rows import RowSource
from ..step_policy import MOST_RETRIES

CONCURRENCY = 64
"""Rows at the same time, by default."""
RETRIES = 3
"""How often a row is sent again that surely was not served, by default."""


@dataclass(frozen=True, slots=True)
class RowsRequest:
    """An action for many rows."""

    action: str
    parameters: JsonObject
    """With expressions such as `${row.text}`, which each row fills."""
    source: RowSource
    models: Sequence[str] = ()
    """Models to compare: each row is sent to all of them."""
    limit: int | None = None
    """Rows to read; all by default."""
    concurrency: int = CONCURRENCY
    retries: int = RETRIES
    budget: float | None = None
    """USD that the run may cost; the rest of the rows waits for another budget."""
    output: str = ""
    """Where the results go; it only tells apart two commands that are equal else."""

    via: Literal["", "api"] = ""
    """`api` sends all rows in one call, which the API answers later at a lower price."""

    def __post_init__(self) -> None:
        """Raise InputError for numbers that make no sense."""
        problems = [
            Problem(name, "must be at least 1")
            for name in ("concurrency", "limit")
            if (value := getattr(self, name)) is not None and value < 1
        ]
        if not 0 <= self.retries <= MOST_RETRIES:
            problems.append(Problem("retries", f"must be a number from 0 to {MOST_RETRIES}"))
        if self.via == "api" and (self.models or "${" in str(self.parameters.get("model"))):
            problems.append(Problem("via", "one call of the API has one model for all rows"))
        if problems:
            raise InputError(problems)
