"""The rows of the table: what is measured, the libraries it is compared with, and the target."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

# One figure of a workload, by library.
Shown = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """A target in words, and whether our figure meets it."""

    words: str
    met: Callable[[float, Shown], bool]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure of a workload, and which variants of ours and of httpx are shown."""

    title: str
    workload: str
    figure: str
    unit: str
    target: Target | None = None
    ours: str = "ours"
    httpx: str = "httpx"
    digits: int = 0


def _at_most(times: float) -> Target:
    return Target(f"≤ {times:g} × httpx", lambda ours, shown: ours <= times * shown["httpx"])


def _at_least(times: float, other: str) -> Target:
    words = f"≥ {times:g} × {other.partition('-')[0]}"
    return Target(words, lambda ours, shown: ours >= times * shown[other])


def _limit(limit: float, unit: str) -> Target:
    return Target(f"≤ {limit:g} {unit}", lambda ours, _: ours <= limit)


_MEMORY = _limit(8, "MB")
_MORE = Target(
    "≤ 2,000 µs more than in Python", lambda ours, shown: ours <= shown["ours-python"] + 2000
)
_PROCESS = ("first call", "process_ms", "ms")
_MANY = ("512 concurrent", "rate", "calls/s")
_WIDE = "httpx-512"

ROWS = [
    Row("`ask` one after another", "one by one", "cpu_us", "µs of CPU", _at_most(1)),
    Row("`ask`, 64 concurrent calls", "64 concurrent", "rate", "calls/s", _at_least(4, "httpx")),
    Row(
        "… compared with openrouter",
        "64 concurrent",
        "rate",
        "calls/s",
        _at_least(30, "openrouter"),
    ),
    Row("`ask`, 512 concurrent calls of 50 ms", *_MANY, _at_least(30, _WIDE), httpx=_WIDE),
    Row("… httpx with 100 connections", *_MANY),
    Row("… 99th percentile", "512 concurrent", "p99_ms", "ms", _limit(400, "ms"), httpx=_WIDE),
    Row("… failed", "512 concurrent", "errors", "calls", _limit(0, "calls"), httpx=_WIDE),
    Row("a stream of 200 chunks", "stream", "cpu_ms", "ms of CPU", _at_most(1), digits=1),
    Row("… from start to end", "stream", "wall_ms", "ms", _at_most(1), digits=1),
    Row("`createTranscription` of 20 MB", "transcribe", "wall_ms", "ms", _at_most(1.5)),
    Row("… memory above idle", "transcribe", "peak_mb", "MB", _MEMORY, digits=1),
    Row("`createSpeech` of 5 MB, memory", "speak 5 MB", "peak_mb", "MB", _MEMORY, digits=1),
    Row("… of 200 MB, memory", "speak 200 MB", "peak_mb", "MB", _MEMORY, digits=1),
    Row(
        "a cached dropdown of 400 models over HTTP",
        "dropdown",
        "p50_ms",
        "ms",
        _limit(10, "ms"),
        digits=1,
    ),
    Row("`ask` over HTTP", "performs", "cpu_us", "µs of CPU", _MORE),
    Row("… the same in Python", "performs", "cpu_us", "µs of CPU", None, "ours-python"),
    Row("200 concurrent streams over HTTP, 2 min", "streams", "rate", "streams/s"),
    Row("… failed", "streams", "errors", "streams", _limit(0, "streams")),
    Row(
        "… memory, from the first quarter to the end",
        "streams",
        "grown_mb",
        "MB more",
        _limit(8, "MB"),
        digits=1,
    ),
    Row("`downloadVideo` of 200 MB, memory", "video", "peak_mb", "MB", _limit(60, "MB"), digits=1),
    Row(
        "a chat through `/openai/v1`, overhead",
        "openai completions",
        "cpu_us",
        "µs of CPU",
        _limit(1500, "µs"),
    ),
    Row(
        "… its first chunk, delay",
        "openai first chunk",
        "more_ms",
        "ms",
        _limit(5, "ms"),
        digits=1,
    ),
    Row("1,000 images, 64 concurrent calls of 50 ms", "images", "wall_s", "s", digits=2),
    Row(
        "… relative to the ideal time",
        "images",
        "times_ideal",
        "times",
        _limit(1.6, "times"),
        digits=2,
    ),
    Row("… memory", "images", "peak_mb", "MB", _limit(60, "MB"), digits=1),
    Row("transcription of an hour of audio", "hour of audio", "wall_ms", "ms"),
    Row("… memory above idle", "hour of audio", "peak_mb", "MB", _limit(200, "MB"), digits=1),
    Row("`tools/list` of all actions", "tools", "wall_ms", "ms", _limit(50, "ms"), digits=1),
    Row("first call of a process, `run`", *_PROCESS, _at_most(2), "ours-run"),
    Row("… compared with `httpx.Client`", *_PROCESS, None, "ours-run", "httpx-sync"),
    Row("… in a session", *_PROCESS, _at_most(2)),
    Row("`openrouter-connector --help`", "help", "process_ms", "ms", _limit(150, "ms")),
    Row("action files read to use one action", "yaml read", "actions", "files", _limit(1, "file")),
    Row("loading the whole definition", "definition", "wall_ms", "ms", _limit(150, "ms")),
    Row("a pill of a flow", "flows", "pill_us", "µs", _limit(5, "µs"), digits=1),
    Row("… a formula", "flows", "formula_us", "µs", _limit(30, "µs"), digits=1),
    Row("… a hostile expression", "flows", "hostile_ms", "ms", _limit(50, "ms"), digits=1),
    Row("check of a flow of 5,000 steps", "flows", "check_ms", "ms", _limit(1000, "ms")),
]
