"""OpenAI's protocol through our HTTP API, compared with direct calls of the upstream API.

`python -m benchmarks.openai_face` measures this alone.
"""

from __future__ import annotations

import json
from statistics import median
from time import perf_counter

import aiohttp

from .http_face import Figures, Served, _with

_BODY = {"model": "any", "messages": [{"role": "user", "content": "What is the answer?"}]}
_HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer any"}


def completions(base_url: str) -> Figures:
    """Complete chats one after another, and return the CPU time of our server for each.

    All of it is overhead: client and upstream API do the same work in a direct call.
    """
    return _cpu(base_url, stream=False, count=1500)


def streams(base_url: str) -> Figures:
    """Stream 200 chunks repeatedly, and return the CPU time of our server for each stream."""
    return _cpu(base_url, stream=True, count=300)


def first_chunk(base_url: str) -> Figures:
    """Measure the time to the first chunk of a stream, in turns through the server and direct."""

    async def work(served: Served, http: aiohttp.ClientSession) -> Figures:
        through, direct = f"{served.url}/openai/v1", base_url
        taken: dict[str, list[float]] = {through: [], direct: []}
        for _ in range(420):
            for url, times in taken.items():
                times.append(await _call(http, url, stream=True))
        ours, other = (median(times[20:]) * 1e3 for times in taken.values())
        return {"first_ms": ours, "direct_ms": other, "more_ms": ours - other}

    return _with(base_url, work)


def _cpu(base_url: str, *, stream: bool, count: int) -> Figures:
    async def work(served: Served, http: aiohttp.ClientSession) -> Figures:
        url = f"{served.url}/openai/v1"
        for _ in range(count // 5):
            await _call(http, url, stream=stream)
        cpu, began = served.cpu, perf_counter()
        for _ in range(count):
            await _call(http, url, stream=stream)
        wall = perf_counter() - began
        return {"cpu_us": (served.cpu - cpu) / count * 1e6, "wall_us": wall / count * 1e6}

    return _with(base_url, work)


async def _call(http: aiohttp.ClientSession, url: str, *, stream: bool) -> float:
    """Make a call, read the whole response, and return the seconds to its first chunk."""
    body = json.dumps({**_BODY, "stream": stream}, separators=(",", ":"))
    began, first = perf_counter(), 0.0
    async with http.post(f"{url}/chat/completions", data=body, headers=_HEADERS) as response:
        assert response.status == 200, await response.text()
        async for _ in response.content.iter_any():
            first = first or perf_counter() - began
    return first


WORKLOADS = {
    "openai completions": completions,
    "openai streams": streams,
    "openai first chunk": first_chunk,
}


def main() -> None:
    """Measure against the server of the benchmarks, and print the figures."""
    from .measure import a_server

    with a_server() as base_url:
        for name, work in WORKLOADS.items():
            figures = {key: round(value, 2) for key, value in work(base_url).items()}
            print(f"{name}: {json.dumps(figures)}")


if __name__ == "__main__":
    main()
