"""What a task says of its own failure: `maxRetries`, `timeout`, `onError`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from ...errors import Problem
from ...values import Json
from ..formats.steps import Step

MOST_RETRIES = 20
"""The most retries of a step."""
_DURATION = re.compile(r"(?:PT)?(\d+(?:\.\d+)?)\s*(ms|s|m|h)?", re.I)
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class StepPolicy:
    """How often a step is retried, how long it may take, and what its failure means."""

    retries: int = 0
    timeout: float | None = None
    """Seconds for each try."""
    on_error: Literal["stop", "continue"] = "stop"


def policy_of(step: Step) -> StepPolicy:
    """Return the policy of a step; what is invalid is the default (see `policy_problems`)."""
    task = step.task
    retries, on_error = task.get("maxRetries"), task.get("onError")
    return StepPolicy(
        cast("int", retries) if _is_count(retries) else 0,
        seconds(task.get("timeout")),
        "continue" if on_error == "continue" else "stop",
    )


def policy_problems(step: Step) -> Iterator[Problem]:
    """Yield what is invalid in the policy of a step."""
    task, place = step.task, step.place
    retries, timeout, on_error = task.get("maxRetries"), task.get("timeout"), task.get("onError")
    if retries is not None and not _is_count(retries):
        yield Problem(f"{place}.maxRetries", f"must be a whole number from 0 to {MOST_RETRIES}")
    if timeout is not None and seconds(timeout) is None:
        yield Problem(
            f"{place}.timeout", "must be a number of seconds, or a text such as 30s or 5m"
        )
    if on_error not in (None, "stop", "continue"):
        yield Problem(f"{place}.onError", "must be stop or continue")


def is_caught(step: Step) -> bool:
    """Return whether the flow goes on after a failure of this step."""
    inner, around = step, (step, *step.containers)
    for one in around:
        if one.word == "on-error" and inner.slot == "main-branch":
            return True
        if policy_of(one).on_error == "continue":
            return True
        inner = one
    return False


def seconds(value: Json) -> float | None:
    """Return the seconds of `30`, `30s`, `5m`, `1h` or `PT30S`; None for anything else."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if value > 0 else None
    found = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if not found:
        return None
    return float(found[1]) * _SECONDS[(found[2] or "s").lower()] or None


def _is_count(value: Json) -> bool:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    return is_whole and 0 <= value <= MOST_RETRIES
