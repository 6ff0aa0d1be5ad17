"""The HTTP API in a process of its own on loopback: a dropdown, calls, many long streams."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import aiohttp

Figures = dict[str, float]
_Workload = Callable[["Served", aiohttp.ClientSession], Awaitable[Figures]]

ASK = {"parameters": {"model": "any", "userPrompt": "What is the answer?"}}
CONCURRENCY = 200
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: its URL, and its process."""

    url: str
    process: int

    @property
    def cpu(self) -> float:
        """The CPU seconds used so far."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> float:
        """The resident memory in MB."""
        return int(Path(f"/proc/{self.process}/statm").read_text().split()[1]) * _PAGE / 1024**2


def dropdown(base_url: str) -> Figures:
    """Request a cached list of 400 models."""

    async def work(served: Served, http: aiohttp.ClientSession) -> Figures:
        taken = []
        for _ in range(220):
            began = perf_counter()
            async with http.post(
                f"{served.url}/api/actions/ask/options/model", json={}
            ) as response:
                found = json.loads(await response.read())["options"]
            taken.append((perf_counter() - began) * 1e3)
            assert len(found) == 400, f"{len(found)} models arrived"
        warm = sorted(taken[20:])
        return {"p50_ms": warm[len(warm) // 2], "p99_ms": warm[int(len(warm) * 0.99)]}

    return _with(base_url, work)


def performs(base_url: str) -> Figures:
    """Perform calls one after another, and return the CPU time of the server for each."""

    async def work(served: Served, http: aiohttp.ClientSession) -> Figures:
        async def once() -> None:
            async with http.post(f"{served.url}/api/actions/ask/perform", json=ASK) as response:
                assert response.status == 200, await response.text()
                await response.read()

        for _ in range(200):
            await once()
        cpu, count = served.cpu, 1500
        for _ in range(count):
            await once()
        return {"cpu_us": (served.cpu - cpu) / count * 1e6}

    return _with(base_url, work)


def streams(base_url: str, seconds: float) -> Figures:
    """Run 200 concurrent streams, and return errors, streams a second, and memory growth."""

    async def work(served: Served, http: aiohttp.ClientSession) -> Figures:
        ended, failed = 0, 0
        until = perf_counter() + seconds

        async def one_after_another() -> None:
            nonlocal ended, failed
            while perf_counter() < until:
                if await _streamed(http, served.url):
                    ended += 1
                else:
                    failed += 1

        async def watched() -> float:
            await asyncio.sleep(seconds / 4)
            return served.memory

        began = perf_counter()
        early = asyncio.create_task(watched())
        await asyncio.gather(*(one_after_another() for _ in range(CONCURRENCY)))
        rate = ended / (perf_counter() - began)
        grown = served.memory - await early
        return {"errors": failed, "rate": rate, "memory_mb": served.memory, "grown_mb": grown}

    return _with(base_url.replace("/api", "/later/api"), work)


async def _streamed(http: aiohttp.ClientSession, url: str) -> bool:
    """Read a stream to its end, and return whether it ended with a result."""
    headers = {"Accept": "text/event-stream"}
    last = b""
    try:
        async with http.post(
            f"{url}/api/actions/ask/perform", json=ASK, headers=headers
        ) as response:
            async for line in response.content:
                if line.startswith(b"event: "):
                    last = line
    except aiohttp.ClientError:
        return False
    return last.strip() == b"event: result"


def _with(base_url: str, work: _Workload) -> Figures:
    async def run() -> Figures:
        with _server(base_url) as served:
            connector = aiohttp.TCPConnector(limit=0)
            timeout = aiohttp.ClientTimeout(total=None)
            async with aiohttp.ClientSession(connector=connector, timeout=timeout) as http:
                return await work(served, http)

    return asyncio.run(run())


@contextmanager
def _server(base_url: str) -> Iterator[Served]:
    """Start `serve` as a user does, with a connection to the server of the benchmarks."""
    with tempfile.TemporaryDirectory() as folder:
        places = ("CONFIG", "CACHE", "FILES")
        known = {f"OPENROUTER_CONNECTOR_{name}": f"{folder}/{name}" for name in places}
        key = {"OPENROUTER_API_KEY": "sk-or-v1-bench", "OPENROUTER_BASE_URL": base_url}
        command = [sys.executable, "-m", "openrouter_connector", "serve", "--no-token"]
        log = f"{folder}/audit.log"
        with subprocess.Popen(
            [*command, "--port", "0", "--audit-log", log],
            env={**os.environ, **known, **key},
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            try:
                url = next(line for line in process.stderr if "http://" in line)
                yield Served(url.strip().rstrip("/"), process.pid)
            finally:
                process.terminate()
