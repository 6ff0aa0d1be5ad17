"""What work on long audio needs: little memory, disk space only for a while, and an extra."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import tracemalloc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from openrouter_connector import FileError
from openrouter_connector.runtime.audio.split import split_at_silences
from openrouter_connector.runtime.audio.values import AudioPart
from openrouter_connector.values import FileEntry, LoadedFile
from support import audio
from support.audio import (
    SPEECH,
    loaded,
    noise,
    parts_of,
    spoken,
    unnamed_files,
    wait_for_workers,
    wav,
)


class Pieces:
    """A WAV file of ten minutes, made of the same ten seconds again and again."""

    seconds = 600

    def __init__(self) -> None:
        phrase = wav(np.concatenate([spoken(4.5, 0.5, rate=8000)] * 2), 8000)
        self._head, self._again = phrase[:44], phrase[44:]

    def __iter__(self) -> Any:
        yield self._head[:40] + b"\xff\xff\xff\xff"
        for _ in range(self.seconds // 10):
            yield self._again


def test_a_long_file_takes_no_more_memory_than_a_part() -> None:
    async def walked() -> tuple[int, float]:
        count, end = 0, 0.0
        async for part in split_at_silences(loaded(Pieces(), "x.wav"), seconds=60, size=25_000_000):
            count, end = count + 1, part.end
        return count, end

    asyncio.run(walked())  # what it imports is compiled by now, and not measured
    gc.collect()
    tracemalloc.start()
    try:
        count, end = asyncio.run(walked())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert end == 600 and count in range(10, 15)
    assert peak < 5_000_000  # the file has 9 600 000 bytes; an hour takes no more


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files")


@needs_proc
def test_a_part_is_on_disk_until_it_is_dropped(tmp_path: Path) -> None:
    async def walked() -> None:
        kept: list[AudioPart] = []
        file = loaded(wav(SPEECH), "x.wav")
        async for part in split_at_silences(file, seconds=5, size=10**6, folder=tmp_path):
            kept.append(part)
            assert unnamed_files(tmp_path) <= len(kept) + 2  # the file itself, and the part in work
        assert unnamed_files(tmp_path) == len(kept) == 4
        assert len(b"".join([chunk async for chunk in kept[0].file.open()])) == kept[0].file.size

    asyncio.run(walked())
    wait_for_workers()
    assert unnamed_files(tmp_path) == 0


@needs_proc
def test_parts_are_made_no_faster_than_they_are_consumed(tmp_path: Path) -> None:
    async def walked() -> None:
        file = loaded(wav(np.concatenate([SPEECH] * 4)), "x.wav")
        async for part in split_at_silences(file, seconds=5, size=10**6, folder=tmp_path):
            await asyncio.sleep(0)
            assert unnamed_files(tmp_path) <= 3
            del part

    asyncio.run(walked())


@needs_proc
def test_a_cancelled_caller_leaves_nothing_behind(tmp_path: Path) -> None:
    async def left() -> None:
        parts = split_at_silences(
            loaded(wav(SPEECH), "x.wav"), seconds=5, size=10**6, folder=tmp_path
        )
        async for _ in parts:
            break
        await parts.aclose()

    async def cancelled() -> None:
        began = asyncio.Event()

        async def slow() -> AsyncIterator[bytes]:
            began.set()
            yield wav(np.concatenate([SPEECH] * 8))

        async def walked() -> None:
            file = LoadedFile(FileEntry("wav", "audio/wav", "x.wav", ""), 1, slow)
            async for _ in split_at_silences(file, seconds=5, size=10**6, folder=tmp_path):
                pass

        task = asyncio.create_task(walked())
        await began.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    for leave in (left, cancelled):
        asyncio.run(leave())
        wait_for_workers()
        assert unnamed_files(tmp_path) == 0


FULL = """
import asyncio, resource, sys
from support.audio import encoded, loaded, noise, parts_of
file = loaded(encoded(noise(30, 9000), "mp3"), "x.mp3")
whole = parts_of(file, seconds=40)[0].file.size  # much more than the file has
for room in (file.size // 2, whole // 2, whole - 1):
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, -1))
    try:
        parts_of(file, seconds=40)
    except Exception as error:
        print(type(error).__name__, error)
"""


@needs_proc
def test_a_full_disk_is_reported() -> None:
    """The disk is full for the file, for the part, or only for its last bytes."""
    path = {"PYTHONPATH": str(Path(audio.__file__).parents[1])}
    done = subprocess.run([sys.executable, "-c", FULL], capture_output=True, text=True, env=path)
    message = "FileError a temporary file cannot be written: "
    assert [line.startswith(message) for line in done.stdout.splitlines()] == [True] * 3, done


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    async def walked() -> None:
        where = tmp_path / "gone"
        await anext(split_at_silences(loaded(b"", "x.wav"), seconds=9, size=10**6, folder=where))

    with pytest.raises(FileError, match="a temporary file cannot be written: No such file"):
        asyncio.run(walked())


def test_several_readers_can_read_a_part() -> None:
    (part,) = parts_of(loaded(wav(noise(15, loud=9000)), "x.wav"), seconds=60)

    async def read() -> bytes:
        return b"".join([chunk async for chunk in part.file.open()])

    async def totals() -> list[bytes]:
        return [*await asyncio.gather(read(), read(), read())]

    first, *others = asyncio.run(totals())
    assert len(first) == part.file.size > 256 * 1024
    assert others == [first, first]


# The extra ---------------------------------------------------------------------------------------

WITHOUT = """
import asyncio, sys
sys.modules["av"] = None
from openrouter_connector import ConnectorError, FileStore
from openrouter_connector.runtime.audio.join import join_audio
from openrouter_connector.runtime.audio.probe import probe
from openrouter_connector.runtime.audio.split import split_at_silences
async def main():
    for work in (anext(split_at_silences(None, seconds=9, size=10**6)), probe(None),
                 join_audio([None, None], FileStore("x"), "x", "mp3")):
        try:
            await work
        except Exception as error:
            print(isinstance(error, ConnectorError), error)
asyncio.run(main())
"""


def test_without_the_extra_the_error_says_what_to_install() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True)
    needs = "needs the package av: pip install 'openrouter-connector[audio]'"
    assert done.stdout.splitlines() == [
        f"True Splitting audio {needs}",
        f"True Inspecting audio {needs}",
        f"True Joining audio {needs}",
    ]


def test_nothing_heavy_is_imported_beforehand() -> None:
    code = (
        "import sys; from openrouter_connector.runtime.audio import join, probe, split; "
        "print({'av', 'numpy'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"
