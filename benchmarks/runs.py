"""Durable runs beside plain calls: `python -m benchmarks.runs [--database postgresql://…]`.

A durable step beside the same `perform`; a thousand items at the same time; two workers beside one.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
import subprocess
import sys
import tempfile
import time
from math import ceil
from pathlib import Path
from typing import Any

from openrouter_connector import Connector, Flow, Runs
from openrouter_connector.flows.runs import EngineLimits

from .clients import MODEL
from .measure import a_server

ITEMS, AT_ONCE = 1000, 128
RUNS, ITEMS_OF_RUN, CALLS_OF_WORKER = 24, 16, 32
_STEPS = 200


def ask(name: str, prompt: str) -> dict[str, Any]:
    parameters = {"model": MODEL, "userPrompt": prompt}
    return {"name": name, "type": "openRouter/v1/ask", "parameters": parameters}


def items(count: int) -> Flow:
    row = ask("row", "item ${rows.item}")
    parameters = {"items": f"=range(1, {count})", "iteratee": [row]}
    return Flow.from_json(
        {"tasks": [{"name": "rows", "type": "each/v1", "parameters": parameters}], "outputs": []}
    )


async def steps(url: str, database: str, folder: Path) -> None:
    """Print the median of a plain call, and of a step of a chain."""
    async with Connector.load().connect("bench", base_url=url, files=folder / "files") as session:
        plain = []
        for _ in range(_STEPS):
            began = time.perf_counter()
            await session.perform("ask", {"model": MODEL, "userPrompt": "x"})
            plain.append(time.perf_counter() - began)
        chain = [ask(f"s{n}", f"x ${{s{n - 1}.y}}" if n else "x") for n in range(_STEPS)]
        async with Runs(session, database) as runs:
            run = await runs.start(Flow.from_json({"tasks": chain}))
            ended = [event["at"] async for event in run.events() if event["type"] == "result"]
        durable = [after - before for before, after in itertools.pairwise(ended)]
        a, b = statistics.median(plain) * 1e3, statistics.median(durable) * 1e3
        print(f"step: {b:.2f} ms, plain call {a:.2f} ms, {b - a:.2f} ms more (6)", flush=True)


async def many_items(url: str, database: str, folder: Path, most: float) -> None:
    """Print how long a thousand items take that a second each would."""
    limits = EngineLimits(calls=AT_ONCE, calls_of_connection=AT_ONCE)
    session = Connector.load().connect("bench", base_url=url, files=folder / "files")
    async with session, Runs(session, database, limits=limits) as runs:
        await (await runs.start(items(3))).result()
        began = time.perf_counter()
        await (await runs.start(items(ITEMS))).result()
        took, ideal = time.perf_counter() - began, ceil(ITEMS / AT_ONCE)
        print(f"{ITEMS} items: {took:.1f} s, {took / ideal:.2f} × ideal ({most})", flush=True)


async def queue(url: str, database: str, folder: Path) -> None:
    session = Connector.load().connect("bench", base_url=url, files=folder / "files")
    async with session, Runs(session, database) as runs:
        for _ in range(RUNS):
            await runs.start(items(ITEMS_OF_RUN), queued=True)


async def worker(url: str, database: str, folder: Path) -> None:
    """Take runs until there are none; print when the last one ended, by the clock."""
    limits = EngineLimits(
        calls=CALLS_OF_WORKER, calls_of_connection=CALLS_OF_WORKER, runs=CALLS_OF_WORKER // 8
    )
    session = Connector.load().connect("bench", base_url=url, files=folder / "files")
    async with session:
        runs = Runs(session, database, limits=limits)
        await runs.work()
        while True:
            listed = await runs.list(limit=RUNS)
            if all(run.ended for run in listed):
                break
            await asyncio.sleep(0.2)
        await runs.aclose()


def workers(url: str, database: str, folder: Path, count: int) -> float:
    """Return the seconds from the first start of a queued run to the last end."""
    asyncio.run(queue(url, database, folder))
    command = [sys.executable, "-m", "benchmarks.runs", "--worker", url, database, str(folder)]
    started = [subprocess.Popen(command) for _ in range(count)]
    for process in started:
        process.wait()

    async def span() -> float:
        session = Connector.load().connect("bench", base_url=url, files=folder / "files")
        async with session, Runs(session, database) as runs:
            listed = await runs.list(limit=RUNS)
            began = []
            for run in listed:
                [first, *_] = [e async for e in (await runs.get(run.id)).events()]
                began.append(first["at"])
            last: float = max(run.ended or 0.0 for run in listed)
            return last - float(min(began))

    return asyncio.run(span())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.runs", description=__doc__)
    parser.add_argument("--database", default="", help="a URL of PostgreSQL; else SQLite")
    parser.add_argument("--worker", nargs=3)
    args = parser.parse_args()
    if args.worker:
        url, database, place = args.worker
        asyncio.run(worker(url, database, Path(place)))
        return
    with tempfile.TemporaryDirectory() as name, a_server() as url:
        folder = Path(name)
        database, most = args.database or str(folder / "runs.sqlite3"), 1.4
        if args.database:
            most = 1.3
        second = url.replace("/api/", "/second/api/")
        asyncio.run(steps(url, database, folder))
        asyncio.run(many_items(second, database, folder, most))
        one = workers(second, database, folder, 1)
        two = workers(second, database, folder, 2)
        calls = RUNS * ITEMS_OF_RUN
        print(f"{calls} calls, one worker {one:.1f} s, two {two:.1f} s: {one / two:.2f} × (1.9)")


if __name__ == "__main__":
    main()
