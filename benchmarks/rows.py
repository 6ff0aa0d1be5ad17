"""The table: what is measured, who is shown beside us, and what is to be reached."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# The figures of one work, by library.
Shown = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached, in words, and whether these figures reach it."""

    words: str
    met: Callable[[Shown], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """One line: a figure of a work, under the libraries that it is known of."""

    title: str
    work: str
    figure: str
    unit: str
    target: Target | None = None
    httpx: str = "httpx"
    """Which httpx stands in its column, and is the measure of the ratio."""
    digits: int = 0


def at_most(times: float, other: str = "httpx") -> Target:
    """Ours is at most so many times the other's."""
    return Target(f"≤ {times:g} × httpx", lambda shown: shown["ours"] <= times * shown[other])


def at_least(times: float, other: str) -> Target:
    """Ours is at least so many times the other's."""
    name = "httpx" if other.startswith("httpx") else other
    return Target(f"≥ {times:g} × {name}", lambda shown: shown["ours"] >= times * shown[other])


def below(limit: float, unit: str) -> Target:
    """Ours is no more than a fixed number."""
    return Target(f"≤ {limit:g} {unit}".strip(), lambda shown: shown["ours"] <= limit)


ROWS = [
    Row("`ask`, one after another", "one by one", "cpu_us", "µs of CPU", at_most(1)),
    Row("`ask`, 64 at once", "64 at once", "rate", "calls/s", at_least(4, "httpx")),
    Row("the same", "64 at once", "rate", "calls/s", at_least(30, "openrouter")),
    Row(
        "`ask`, 512 at once, each 50 ms",
        "512 at once",
        "rate",
        "calls/s",
        at_least(30, "httpx-512"),
        "httpx-512",
    ),
    Row("the same, httpx with its 100 connections", "512 at once", "rate", "calls/s"),
    Row("the slowest of 100", "512 at once", "p99_ms", "ms", below(400, "ms"), "httpx-512"),
    Row("failed", "512 at once", "errors", "calls", below(0, ""), "httpx-512"),
    Row("a stream of 200 chunks", "stream", "cpu_ms", "ms of CPU", at_most(1), digits=1),
    Row("the same", "stream", "wall_ms", "ms", at_most(1), digits=1),
    Row("`createTranscription` of 100 MB", "transcribe", "wall_ms", "ms", at_most(1.5)),
    Row("the same, memory", "transcribe", "peak_mb", "MB", below(8, "MB"), digits=1),
    Row("`createSpeech` of 5 MB, memory", "speak 5 MB", "peak_mb", "MB", below(8, "MB"), digits=1),
    Row("… of 200 MB, memory", "speak 200 MB", "peak_mb", "MB", below(8, "MB"), digits=1),
    Row("import and first call", "first call", "process_ms", "ms", at_most(2)),
    Row("the same, beside `httpx.Client`", "first call", "process_ms", "ms", httpx="httpx-sync"),
    Row("`openrouter-connector --help`", "help", "process_ms", "ms", below(150, "ms")),
    Row("actions read for one", "yaml read", "actions", "files", below(1, "file")),
    Row("loading the whole definition", "definition", "wall_ms", "ms", below(60, "ms")),
]
