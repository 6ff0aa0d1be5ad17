"""Measure one library in a fresh process: `python -m benchmarks.workloads WORKLOAD CLIENT URL`.

Prints one JSON object of figures. Nothing heavy is imported here, because the first call is
measured from the start of the process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from time import perf_counter, process_time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .clients import Client

Figures = dict[str, float]

MB = 1024 * 1024
SECONDS = 1.0  # in which calls start
LONG = 120.0  # seconds of concurrent streams


def main() -> None:
    """Run the workload that the command line names, and print its figures."""
    name, client, base_url = sys.argv[1:]
    print(json.dumps(WORKLOADS[name](client, base_url)))


def _one_by_one(client: str, base_url: str) -> Figures:
    async def work(client: Client) -> Figures:
        await _for(0.3, client.ask)
        began, cpu = perf_counter(), process_time()
        count = await _for(SECONDS, client.ask)
        cpu, wall = process_time() - cpu, perf_counter() - began
        return {"cpu_us": cpu / count * 1e6, "wall_us": wall / count * 1e6}

    return _with(client, base_url, work)


def _concurrently(count: int, client: str, base_url: str) -> Figures:
    async def work(client: Client) -> Figures:
        import asyncio

        taken: list[float] = []

        async def ask() -> None:
            began = perf_counter()
            await client.ask()
            taken.append(perf_counter() - began)

        async def all_for(seconds: float) -> list[int | BaseException]:
            workers = (_for(seconds, ask) for _ in range(count))
            return await asyncio.gather(*workers, return_exceptions=True)

        await all_for(0)
        taken.clear()
        began = perf_counter()
        outcomes = await all_for(SECONDS)
        wall = perf_counter() - began
        errors = sum(isinstance(outcome, BaseException) for outcome in outcomes)
        p99 = sorted(taken)[int(len(taken) * 0.99)] if taken else float("nan")
        return {"rate": len(taken) / wall, "p99_ms": p99 * 1e3, "errors": errors}

    return _with(client, base_url, work)


def _stream(client: str, base_url: str) -> Figures:
    from .server import CHUNKS

    async def work(client: Client) -> Figures:
        async def once() -> None:
            chunks = [chunk async for chunk in client.stream()]
            assert len(chunks) == CHUNKS, f"{len(chunks)} chunks arrived"

        await _for(0.3, once)
        began, cpu = perf_counter(), process_time()
        count = await _for(SECONDS, once)
        cpu, wall = process_time() - cpu, perf_counter() - began
        return {"cpu_ms": cpu / count * 1e3, "wall_ms": wall / count * 1e3}

    return _with(client, base_url, work)


def _transcribe(client: str, base_url: str) -> Figures:
    from .files import transcribe

    return transcribe(client, base_url, 20 * MB)


def _hour(client: str, base_url: str) -> Figures:
    from .files import hour

    return hour(base_url)


def _openai(name: str, client: str, base_url: str) -> Figures:
    from .openai_face import WORKLOADS as openai_workloads

    return openai_workloads[name](base_url)


def _images(client: str, base_url: str) -> Figures:
    from .images import caption

    return caption(1000)


def _speak(size: int, client: str, base_url: str) -> Figures:
    from .files import speak

    return speak(base_url, size)


def _video(client: str, base_url: str) -> Figures:
    from .files import video

    return video(base_url, 200 * MB)


def _tools(client: str, base_url: str) -> Figures:
    """List all actions as tools, after the definitions and modules are loaded."""
    from openrouter_connector import Connector
    from openrouter_connector.faces.mcp.tools import Choice, choose_tools, list_tools

    definition = Connector.load().definition
    definition.check()
    began = perf_counter()
    tools = list_tools(definition, choose_tools(definition, Choice()))
    return {"wall_ms": (perf_counter() - began) * 1e3, "tools": len(tools)}


def _first_call(client: str, base_url: str) -> Figures:
    if client in _SYNC:
        _SYNC[client](base_url)
        return {}

    async def work(client: Client) -> Figures:
        await client.ask()
        return {}

    return _with(client, base_url, work)


def _httpx_sync(base_url: str) -> None:
    import httpx

    body = {"model": "any", "messages": []}
    with httpx.Client() as client:
        json.loads(client.post(f"{base_url}/chat/completions", json=body).content)


def _ours_run(base_url: str) -> None:
    from openrouter_connector import Connector

    parameters = {"model": "any", "userPrompt": "What is the answer?"}
    Connector.load().run("ask", parameters, "bench", base_url=base_url)


_SYNC = {"httpx-sync": _httpx_sync, "ours-run": _ours_run}


def _yaml_read(client: str, base_url: str) -> Figures:
    """Count the action files that are opened for one call of one action."""
    from pathlib import Path

    opened: set[str] = set()

    def note(event: str, args: tuple[object, ...]) -> None:
        if event == "open" and str(args[0]).endswith(".yaml"):
            opened.add(str(args[0]))

    sys.addaudithook(note)
    _first_call(client, base_url)
    return {"actions": sum(Path(file).parent.name == "definitions" for file in opened)}


def _definition(client: str, base_url: str) -> Figures:
    from openrouter_connector import Connector

    began = perf_counter()
    Connector.load().definition.check()
    return {"wall_ms": (perf_counter() - began) * 1e3}


def _flows(client: str, base_url: str) -> Figures:
    from .flows import flows

    return flows()


def _dropdown(client: str, base_url: str) -> Figures:
    from .http_face import dropdown

    return dropdown(base_url)


def _performs(client: str, base_url: str) -> Figures:
    """Measure the CPU time of a call over HTTP, or in Python for comparison."""
    if client == "ours-python":
        return _one_by_one("ours", base_url)
    from .http_face import performs

    return performs(base_url)


def _streams(client: str, base_url: str) -> Figures:
    from .http_face import streams

    return streams(base_url, LONG)


def _with(client: str, base_url: str, work: Callable[[Client], Awaitable[Figures]]) -> Figures:
    import asyncio

    from .clients import CLIENTS

    async def run() -> Figures:
        async with CLIENTS[client](base_url) as opened:
            return await work(opened)

    return asyncio.run(run())


async def _for(seconds: float, ask: Callable[[], Awaitable[object]]) -> int:
    """Make sequential calls, at least one, until the time is over; return their number."""
    until, count = perf_counter() + seconds, 0
    while not count or perf_counter() < until:
        await ask()
        count += 1
    return count


WORKLOADS: dict[str, Callable[[str, str], Figures]] = {
    "one by one": _one_by_one,
    "64 concurrent": lambda client, base_url: _concurrently(64, client, base_url),
    "512 concurrent": lambda client, base_url: _concurrently(
        512, client, base_url.replace("/api", "/later/api")
    ),
    "stream": _stream,
    "transcribe": _transcribe,
    "speak 5 MB": lambda client, base_url: _speak(5 * MB, client, base_url),
    "speak 200 MB": lambda client, base_url: _speak(200 * MB, client, base_url),
    "video": _video,
    "hour of audio": _hour,
    "images": _images,
    "openai completions": partial(_openai, "openai completions"),
    "openai first chunk": partial(_openai, "openai first chunk"),
    "tools": _tools,
    "dropdown": _dropdown,
    "performs": _performs,
    "streams": _streams,
    "first call": _first_call,
    "yaml read": _yaml_read,
    "definition": _definition,
    "flows": _flows,
}

if __name__ == "__main__":
    main()
