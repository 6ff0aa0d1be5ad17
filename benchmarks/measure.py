"""Every work in fresh processes, the libraries taking turns, and the medians of what they tell."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter

Figures = dict[str, float]
# Medians, by work and library.
Measured = dict[str, dict[str, Figures]]

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("openrouter-connector")

_ALL = {"ours": 3, "httpx": 3, "openai": 3, "openrouter": 3}
# How often each library does a work.
PLAN: dict[str, dict[str, int]] = {
    "one by one": _ALL,
    "64 at once": _ALL,
    # httpx goes through its list of calls for each of them: with 512 in it, one go is enough.
    "512 at once": {"ours": 3, "httpx": 1, "httpx-512": 1},
    "stream": _ALL,
    "transcribe": {"ours": 3, "httpx": 3},
    "speak 5 MB": {"ours": 3},
    "speak 200 MB": {"ours": 3},
    "first call": _ALL | {"ours": 7, "ours-run": 7, "httpx": 7, "httpx-sync": 7},
    "film": {"ours": 3},
    "hour": {"ours": 3},
    "look": {"ours": 5},
    "openai completions": {"ours": 3},
    "openai first chunk": {"ours": 3},
    "tools": {"ours": 5},
    "dropdown": {"ours": 3},
    "performs": {"ours": 3, "ours-python": 3},
    "streams": {"ours": 1},
    "help": {"ours": 7},
    "yaml read": {"ours": 1},
    "definition": {"ours": 7},
}


def measure(told: Callable[[str], None]) -> Measured:
    """Do all works; `told` is called with the name of each before it begins."""
    measured: Measured = {}
    with _server() as base_url:
        for work, times in PLAN.items():
            told(work)
            measured[work] = _medians(work, times, base_url)
    return measured


def _medians(work: str, times: dict[str, int], base_url: str) -> dict[str, Figures]:
    # In turns, so that what else the machine does meets all of them alike.
    rounds: dict[str, list[Figures]] = defaultdict(list)
    for i in range(max(times.values())):
        for client in times:
            if i < times[client]:
                rounds[client].append(_process(work, client, base_url))
    return {
        client: {figure: median(one[figure] for one in seen) for figure in seen[0]}
        for client, seen in rounds.items()
    }


def _process(work: str, client: str, base_url: str) -> Figures:
    """Do a work in a process of its own, and add the time from its start to its end."""
    module = [sys.executable, "-m", "benchmarks.works", work, client, base_url]
    command = [str(COMMAND), "--help"] if work == "help" else module
    began = perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    figures: Figures = {"process_ms": (perf_counter() - began) * 1e3}
    return figures if work == "help" else figures | json.loads(done.stdout)


@contextmanager
def _server() -> Iterator[str]:
    command = [sys.executable, "-m", "benchmarks.server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/api/v1"
        finally:
            process.terminate()
