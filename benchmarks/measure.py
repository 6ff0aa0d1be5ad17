"""Run every workload in fresh processes, the libraries in turns, and return the medians."""

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
# Medians, by workload and library.
Measured = dict[str, dict[str, Figures]]

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("openrouter-connector")

_ALL = {"ours": 3, "httpx": 3, "openai": 3, "openrouter": 3}
# How often each library runs a workload.
PLAN: dict[str, dict[str, int]] = {
    "one by one": _ALL,
    "64 concurrent": _ALL,
    # httpx scans its list of requests for each request: with 512 of them, one run is enough.
    "512 concurrent": {"ours": 3, "httpx": 1, "httpx-512": 1},
    "stream": _ALL,
    "transcribe": {"ours": 3, "httpx": 3},
    "speak 5 MB": {"ours": 3},
    "speak 200 MB": {"ours": 3},
    "first call": _ALL | {"ours": 7, "ours-run": 7, "httpx": 7, "httpx-sync": 7},
    "video": {"ours": 3},
    "hour of audio": {"ours": 3},
    "images": {"ours": 5},
    "openai completions": {"ours": 3},
    "openai first chunk": {"ours": 3},
    "tools": {"ours": 5},
    "dropdown": {"ours": 3},
    "performs": {"ours": 3, "ours-python": 3},
    "streams": {"ours": 1},
    "help": {"ours": 7},
    "yaml read": {"ours": 1},
    "definition": {"ours": 7},
    "flows": {"ours": 3},
}


def measure(on_start: Callable[[str], None]) -> Measured:
    """Run all workloads, and call `on_start` with the name of each before it starts."""
    measured: Measured = {}
    with a_server() as base_url:
        for workload, times in PLAN.items():
            on_start(workload)
            measured[workload] = _medians(workload, times, base_url)
    return measured


def _medians(workload: str, times: dict[str, int], base_url: str) -> dict[str, Figures]:
    # In turns, so that other load on the machine affects all libraries alike.
    rounds: dict[str, list[Figures]] = defaultdict(list)
    for i in range(max(times.values())):
        for client in times:
            if i < times[client]:
                rounds[client].append(_process(workload, client, base_url))
    return {
        client: {figure: median(run[figure] for run in runs) for figure in runs[0]}
        for client, runs in rounds.items()
    }


def _process(workload: str, client: str, base_url: str) -> Figures:
    """Run a workload in a process of its own, and add the wall time of the process."""
    module = [sys.executable, "-m", "benchmarks.workloads", workload, client, base_url]
    command = [str(COMMAND), "--help"] if workload == "help" else module
    began = perf_counter()
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE)
    figures: Figures = {"process_ms": (perf_counter() - began) * 1e3}
    return figures if workload == "help" else figures | json.loads(done.stdout)


@contextmanager
def a_server(module: str = "benchmarks.server") -> Iterator[str]:
    """Start a module that prints its port and serves an API; yield the base URL of that."""
    command = [sys.executable, "-m", module]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}/api/v1"
        finally:
            process.terminate()
