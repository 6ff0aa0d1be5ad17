"""The expressions of flows, and the check of a large flow."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from time import perf_counter

from openrouter_connector.flows.flow import Flow
from openrouter_connector.flows.formats.expressions import ExpressionError, read_template

_SCOPE = {"ask_1": {"items": [{"name": "x"}]}, "each_1": {"item": "a"}, "n": 3, "items": [1, 2]}
_PILLS = ("${ask_1}", "${ask_1.items[0].name}", "Dear ${each_1.item}")
_FORMULAS = ("=each_1.item + '_' + n", "=size(items) > 0 ? items[0] : n", "=range(1,4)")
_HOSTILE = (
    "(" * 3000,
    "1" + "+1" * 999,
    "not " * 499 + "x",
    "a" + "[0" * 49 + "]" * 49,
    "a?" * 900,
    "contains(" * 40 + "a" + ",1)" * 40,
    "toJson(range(1, 100000))",
)


def flows() -> dict[str, float]:
    """Measure the slowest of some pills, formulas and hostile texts, and a flow of 5,000 steps."""
    return {
        "pill_us": max(map(_microseconds, _PILLS)),
        "formula_us": max(map(_microseconds, _FORMULAS)),
        "hostile_ms": max(map(_hostile_ms, _HOSTILE)),
        "check_ms": _check_ms(),
    }


def _microseconds(text: str) -> float:
    """Return the time of one evaluation of a text that was read before."""
    times = 10_000

    def many() -> None:
        for _ in range(times):
            read_template(text).evaluate(_SCOPE)

    return _best(many) / times * 1e6


def _hostile_ms(text: str) -> float:
    """Return the time to read and evaluate a text once. A space more makes it new to the cache."""
    spaces = iter(range(100))

    def once() -> None:
        with suppress(ExpressionError):
            read_template(f"={text}{' ' * next(spaces)}").evaluate(_SCOPE)

    return _best(once) * 1e3


def _check_ms() -> float:
    tasks = [
        {
            "name": f"ask_{n}",
            "type": "openRouter/v1/ask",
            "parameters": {"model": "a/b", "userPrompt": f"${{ask_{n - 1}}}" if n else "x"},
        }
        for n in range(5000)
    ]
    return _best(lambda: Flow.from_json({"tasks": tasks}).check()) * 1e3


def _best(measured: Callable[[], object]) -> float:
    seconds = []
    for _ in range(3):
        began = perf_counter()
        measured()
        seconds.append(perf_counter() - began)
    return min(seconds)
