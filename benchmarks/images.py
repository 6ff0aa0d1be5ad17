"""Caption a thousand images, 64 concurrently, with a sandbox that takes 50 ms for each."""

from __future__ import annotations

import asyncio
import math
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from openrouter_connector import Connector, FileStore

from .files import peak

Figures = dict[str, float]

CONCURRENCY = 64
LATENCY = 0.05


def caption(count: int) -> Figures:
    """Caption `count` different images of 640 × 480 from a folder."""
    with TemporaryDirectory() as folder, _sandbox() as base_url:
        paths = [Path(folder, f"{i}.jpg") for i in range(count)]
        for path, content in zip(paths, _images(), strict=False):
            path.write_bytes(content)
        return asyncio.run(_captioned(base_url, paths))


@contextmanager
def _sandbox() -> Iterator[str]:
    """Run a sandbox in a process of its own."""
    command = [sys.executable, "-c", _SERVING.format(latency=LATENCY)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


_SERVING = """
import time
from openrouter_connector.sandbox import Sandbox

with Sandbox(latency={latency}) as sandbox:
    print(sandbox.base_url, flush=True)
    time.sleep(600)
"""


async def _captioned(base_url: str, paths: list[Path]) -> Figures:
    with TemporaryDirectory() as folder:
        store = FileStore(folder)
        async with Connector.load(cache=False).connect(
            "sk-or-v1-sandbox", base_url=base_url, files=store
        ) as session:
            parameters = {
                "model": "sandbox/echo",
                "taskType": "caption",
                "maxConcurrentRequests": CONCURRENCY,
            }
            await session.perform("analyzeImages", {**parameters, "images": paths[:CONCURRENCY]})
            with peak() as figures:
                began, cpu = perf_counter(), process_time()
                result = await session.perform("analyzeImages", {**parameters, "images": paths})
                wall = perf_counter() - began
                figures["cpu_ms"] = (process_time() - cpu) / len(paths) * 1e3
            assert all(row["error"] is None for row in result.output)
    ideal = math.ceil(len(paths) / CONCURRENCY) * LATENCY
    return figures | {"wall_s": wall, "ideal_s": ideal, "times_ideal": wall / ideal}


def _images() -> Iterator[bytes]:
    """Yield different images of about 90 kB."""
    from PIL import Image

    noise = Image.effect_noise((640, 480), 40).convert("RGB")
    for hue in range(1 << 16):
        tint = Image.new("RGB", noise.size, (hue % 256, hue // 4 % 256, 120))
        out = BytesIO()
        Image.blend(noise, tint, 0.5).save(out, "JPEG", quality=70)
        yield out.getvalue()
