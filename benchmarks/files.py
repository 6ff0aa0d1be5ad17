"""Upload and download large files: the time, and the memory above that of an idle process."""

from __future__ import annotations

import asyncio
import gc
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from re import search
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from openrouter_connector import Connector, FileEntry, FileStore
from openrouter_connector.definition.model import Pcm
from openrouter_connector.runtime.audio.wav import wav_header

Figures = dict[str, float]

_CHUNK = bytes(range(256)) * 3 * 1024  # 768 kB
_SMALL = 64 * 1024  # bytes; for the call that warms up
_WARM_UP = 4 * 1024 * 1024  # bytes; audio of this size is decoded, as the large one is
_WHOLE = {"model": "any", "partLength": 3600}
PCM = Pcm(rate=24_000, channels=1, width=2)


def transcribe(client: str, base_url: str, size: int) -> Figures:
    """Send an audio file of `size` bytes as base64 in JSON; ours reads it from the file store."""
    return asyncio.run({"ours": _ours_transcribes, "httpx": _httpx_sends}[client](base_url, size))


def speak(base_url: str, size: int) -> Figures:
    """Download `size` bytes of audio into the file store."""
    return asyncio.run(_ours_downloads(base_url, size, _speech_call))


def video(base_url: str, size: int) -> Figures:
    """Download a video of `size` bytes into the file store."""
    return asyncio.run(_ours_downloads(base_url, size, _video_call))


def _speech_call(size: int) -> tuple[str, dict[str, object]]:
    return "createSpeech", {"model": "any", "input": str(size), "voice": "any"}


def _video_call(size: int) -> tuple[str, dict[str, object]]:
    return "downloadVideo", {"jobId": str(size)}


async def _ours_transcribes(base_url: str, size: int) -> Figures:
    with TemporaryDirectory() as folder:
        store = FileStore(folder)
        small = await store.put(_audio(_WARM_UP), "small.wav", header=partial(wav_header, PCM))
        large = await store.put(_audio(size), "large.wav", header=partial(wav_header, PCM))
        async with Connector.load().connect("bench", base_url=base_url, files=store) as session:

            async def warm_up() -> None:
                await session.perform("createTranscription", {**_WHOLE, "file": small})

            async def work() -> None:
                parameters = {**_WHOLE, "file": large}
                received = (await session.perform("createTranscription", parameters)).output
                assert int(received) > size * 4 / 3, f"only {received} bytes arrived"

            return await _measured(warm_up, work)


def hour(base_url: str) -> Figures:
    """Transcribe an hour of speech, an MP3 of 24 kHz, in parts of five minutes."""
    return asyncio.run(_hour(base_url))


async def _hour(base_url: str) -> Figures:
    from openrouter_connector.runtime.audio.join import join_audio

    with TemporaryDirectory() as folder:
        store = FileStore(folder)
        minute = await store.put(_speech(60), "minute.mp3")
        loaded = await store.load(minute.to_json(), "minute", ())
        whole = await join_audio([loaded] * 60, store, "hour", "mp3")
        async with Connector.load().connect("bench", base_url=base_url, files=store) as session:

            async def transcribed(file: FileEntry, length: int) -> None:
                parameters = {"model": "any", "file": file, "partLength": length}
                text = (await session.perform("createTranscription", parameters)).output
                assert len(text.split()) > 3

            return await _measured(lambda: transcribed(minute, 10), lambda: transcribed(whole, 300))


def _speech(seconds: int) -> bytes:
    """Return tones and pauses, like words, as an MP3."""
    import av
    import numpy as np
    from av.audio.frame import AudioFrame

    at = np.arange(seconds * 24_000) / 24_000
    words = 8000 * np.sin(2 * np.pi * 180 * at) * (at % 4 < 3.4)
    sound = AudioFrame.from_ndarray(words.astype(np.int16).reshape(1, -1), "s16", "mono")
    sound.sample_rate = 24_000
    target = BytesIO()
    with av.open(target, "w", format="mp3") as container:
        stream = container.add_stream("libmp3lame", rate=24_000)
        for frame in (sound, None):
            container.mux(stream.encode(frame))
    return target.getvalue()


async def _httpx_sends(base_url: str, size: int) -> Figures:
    import httpx

    url, chunk = f"{base_url}/audio/transcriptions", b64encode(_CHUNK)

    async with httpx.AsyncClient(timeout=60) as http:

        async def send(size: int) -> None:
            left = 4 * -(-size // 3)

            async def body() -> AsyncIterator[bytes]:
                for start in range(0, left, len(chunk)):
                    yield chunk[: left - start]

            headers = {"content-length": str(left)}
            response = await http.post(url, content=body(), headers=headers)
            assert int(json.loads(response.content)["text"]) == left

        return await _measured(lambda: send(_SMALL), lambda: send(size))


async def _ours_downloads(
    base_url: str, size: int, call: Callable[[int], tuple[str, dict[str, object]]]
) -> Figures:
    with TemporaryDirectory() as folder:
        store = FileStore(folder)
        async with Connector.load().connect("bench", base_url=base_url, files=store) as session:

            async def download(size: int) -> None:
                entry = (await session.perform(*call(size))).output
                path = store.path_of(entry)
                assert path is not None
                assert path.stat().st_size == size

            return await _measured(lambda: download(_SMALL), lambda: download(size))


async def _measured(
    warm_up: Callable[[], Awaitable[None]], work: Callable[[], Awaitable[None]]
) -> Figures:
    await warm_up()
    with peak() as figures:
        began, cpu = perf_counter(), process_time()
        await work()
        figures |= {"wall_ms": (perf_counter() - began) * 1e3}
        figures |= {"cpu_ms": (process_time() - cpu) * 1e3}
    return figures


@contextmanager
def peak() -> Iterator[Figures]:
    """Yield figures that get the peak memory (MB) of the block, above that before it."""
    figures: Figures = {}
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forgets the high-water mark; see proc(5)
    idle = _memory("VmRSS")
    yield figures
    figures["peak_mb"] = (_memory("VmHWM") - idle) / 1024


def _memory(mark: str) -> int:
    found = search(rf"{mark}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found
    return int(found[1])


async def _audio(size: int) -> AsyncIterator[bytes]:
    for start in range(0, size, len(_CHUNK)):
        yield _CHUNK[: size - start]
