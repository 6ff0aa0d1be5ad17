"""Files that were paid for are kept when the store cannot be written, or the error has details."""

from __future__ import annotations

import asyncio
import base64
import errno
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileError, FileStore, Result, StoreError
from support.processes import Process
from support.scripted_server import Answer, Received, response, scripted

SPEECH = {"model": "m/x", "input": "Hello", "voice": "a"}
SOUND = b"\xff\xfb\x90\x00" * 50_000
PNG = b"\x89PNG\r\n\x1a\n" + bytes(120_000)
ROOM = 100_000
"""The size limit for files of this process, in bytes."""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder for this test only."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def speak(connector: Connector, store: FileStore, *script: Any, **asked: Any) -> Result:
    """Create speech at a server with these answers."""
    with scripted(*script) as server:
        return connector.run(
            "createSpeech", SPEECH | asked, "sk-or-v1-test", base_url=server.base_url, files=store
        )


def sound(then: Any = None) -> Any:
    """Answer with speech, after something has happened to the store."""

    def answer(received: Received) -> Answer:
        if received.method == "GET":
            return response(
                {"data": {"total_cost": 0.25} if "/generation" in received.path else []}
            )
        if then:
            then()
        return response(SOUND, kind="audio/mpeg", headers={"X-Generation-Id": "gen-paid"})

    return answer


@contextmanager
def little_room() -> Iterator[None]:
    """Limit the size of files, like a full disk or a quota."""
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def content(store: FileStore, entry: Any) -> bytes:
    """Read a file as an action does."""

    async def read() -> bytes:
        file = await store.load(entry.to_json(), "file", ())
        return b"".join([chunk async for chunk in file.open()])

    return asyncio.run(read())


def test_a_store_deleted_during_a_call_is_created_again(
    connector: Connector, tmp_path: Path
) -> None:
    store = FileStore(tmp_path / "files")
    result = speak(connector, store, sound(lambda: _remove(tmp_path / "files")))
    assert content(store, result.output) == SOUND
    assert result.output.url.startswith((tmp_path / "files").as_uri())
    assert result.metadata.warnings == ()


def test_no_speech_is_lost_when_a_file_replaces_the_store(
    connector: Connector, tmp_path: Path, temporary: Path
) -> None:
    def taken() -> None:
        _remove(tmp_path / "files")
        (tmp_path / "files").write_text("not a folder")

    store = FileStore(tmp_path / "files")
    result = speak(connector, store, sound(taken))
    assert result.output.url.startswith(temporary.as_uri())
    assert content(store, result.output) == content(FileStore(), result.output) == SOUND
    (warning,) = result.metadata.warnings
    assert warning.startswith(f"the file store cannot be written: {tmp_path / 'files'}: ")
    assert "--output" in warning and result.output.url in warning
    assert result.metadata.generation_id == "gen-paid"
    assert not list(temporary.glob("*/.incoming-*"))


def test_a_file_that_no_disk_can_store_is_in_the_result(
    connector: Connector, tmp_path: Path, temporary: Path
) -> None:
    store = FileStore(tmp_path / "files")
    with little_room():
        result = speak(connector, store, sound())
    assert result.output.url.startswith("data:audio/mpeg;base64,")
    assert content(store, result.output) == SOUND
    assert list((tmp_path / "files").iterdir()) == [] and not list(temporary.glob("*/*"))


def test_a_file_that_cannot_be_kept_is_an_error_with_its_generation_id(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_connector.runtime.files.unfinished.LARGEST_IN_MEMORY", ROOM)
    with (
        little_room(),
        pytest.raises(StoreError, match=r"cannot be written: .*too large") as caught,
    ):
        speak(connector, FileStore(tmp_path / "files"), sound())
    error = caught.value.to_json()
    assert (error["type"], error["generationId"]) == ("StoreError", "gen-paid")


def test_the_images_before_one_that_cannot_be_kept_are_listed(
    connector: Connector, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openrouter_connector.runtime.files.unfinished.LARGEST_IN_MEMORY", ROOM)
    images = [PNG[:9], PNG]
    data = [
        {"b64_json": base64.b64encode(one).decode(), "media_type": "image/png"} for one in images
    ]
    row = {"id": "m/x", "architecture": {"output_modalities": ["image"]}}

    def answer(received: Received) -> Answer:
        if received.method == "GET":
            return response({"data": [row]})
        return response({"id": "gen-1", "data": data, "usage": {"cost": 0.5}})

    asked = {"model": "m/x", "imageMessages": [{"content": "a cat"}]}
    with scripted(answer) as server, little_room(), pytest.raises(StoreError) as caught:
        connector.run(
            "createImage", asked, "sk-or-v1-test", base_url=server.base_url,
            files=FileStore(tmp_path / "files"),
        )  # fmt: skip
    error = caught.value.to_json()
    assert error["cost"] == 0.5
    (first,) = error["files"]
    assert Path(first["url"].removeprefix("file://")).read_bytes() == PNG[:9]


def test_the_joined_parts_of_a_long_text_are_kept(
    connector: Connector, tmp_path: Path, temporary: Path
) -> None:
    def taken() -> None:
        if (tmp_path / "files").is_dir():
            _remove(tmp_path / "files")
            (tmp_path / "files").write_text("not a folder")

    def answer(received: Received) -> Answer:
        if received.method == "GET":
            return response({"data": []})
        taken()
        return response(bytes(1000), kind="audio/pcm")

    text = "A sentence that is spoken. " * 4
    with scripted(answer) as server:
        asked = SPEECH | {"input": text, "partLength": 50, "responseFormat": "pcm"}
        store = FileStore(tmp_path / "files")
        options: dict[str, Any] = {"base_url": server.base_url, "files": store}
        result = connector.run("createSpeech", asked, "sk-or-v1-test", **options)
    assert result.output.url.startswith(temporary.as_uri())
    assert len(content(store, result.output)) >= 2000
    assert any("cannot be written" in one for one in result.metadata.warnings)


def test_an_upload_is_not_kept_elsewhere(tmp_path: Path, temporary: Path) -> None:
    with little_room(), pytest.raises(StoreError, match="the file store cannot be written"):
        asyncio.run(FileStore(tmp_path / "files").put(SOUND, "a.mp3"))
    assert list((tmp_path / "files").iterdir()) == [] and not list(temporary.glob("*/*"))


def test_a_temporary_folder_of_another_user_is_not_used(tmp_path: Path, temporary: Path) -> None:
    trap = temporary / f"openrouter-connector-{os.getuid()}"
    trap.symlink_to(tmp_path)
    warnings: list[str] = []
    with little_room():
        entry = asyncio.run(FileStore(tmp_path / "files").put(SOUND, "a.mp3", rescued=warnings))
    assert entry.url.startswith("data:audio/mpeg;base64,")
    assert "data: URL" in warnings[0]


# Nothing is left behind --------------------------------------------------------------------------


def test_a_cancelled_file_leaves_nothing_at_any_moment(tmp_path: Path) -> None:
    async def cancelled() -> None:
        store = FileStore(tmp_path / "files")
        await store.put(b"warm", "x.txt")
        before = _descriptors()
        for number in range(500):
            task = asyncio.create_task(store.put(b"x" * 1000 + str(number).encode(), "x.txt"))
            await asyncio.sleep(random.random() * 0.001)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        for _ in range(200):  # what threads are doing yet
            if not list((tmp_path / "files").glob(".incoming-*")):
                break
            await asyncio.sleep(0.01)
        assert list((tmp_path / "files").glob(".incoming-*")) == []
        assert _descriptors() == before

    asyncio.run(cancelled())


WRITES = """
import asyncio, sys
from openrouter_connector import FileStore
async def slow():
    yield b"half"
    print("begun", flush=True)
    await asyncio.sleep(60)
asyncio.run(FileStore(sys.argv[1]).put(slow(), "x.txt"))
"""


def test_files_of_killed_processes_are_swept_and_unfinished_files_are_not(tmp_path: Path) -> None:
    words = [sys.executable, "-c", WRITES, str(tmp_path)]
    with Process[bytes](words, stdout=subprocess.PIPE) as killed:
        assert killed.stdout and killed.stdout.readline() == b"begun\n"
        killed.kill()
    (left,) = tmp_path.glob(".incoming-*")
    with Process[bytes](words, stdout=subprocess.PIPE) as living:
        assert living.stdout and living.stdout.readline() == b"begun\n"
        (used,) = set(tmp_path.glob(".incoming-*")) - {left}
        asyncio.run(FileStore(tmp_path).put(b"x", "x.txt"))
        assert left.exists()  # it may be somebody's that writes without a lock
        for file in (left, used):
            os.utime(file, (0, 0))
        asyncio.run(FileStore(tmp_path).put(b"x", "x.txt"))
        assert used.exists() and not left.exists()
        living.kill()


# Links -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["link", "dangling", "pipe", "folder"])
def test_a_link_or_pipe_in_the_store_is_not_read(tmp_path: Path, kind: str) -> None:
    store = FileStore(tmp_path / "files")
    entry = asyncio.run(store.put(b"mine", "x.txt"))
    path = store.path_of(entry)
    assert path
    path.unlink()
    (tmp_path / "secret").write_text("secret")
    make: dict[str, Callable[[], None]] = {
        "link": lambda: path.symlink_to(tmp_path / "secret"),
        "dangling": lambda: path.symlink_to(tmp_path / "nowhere"),
        "pipe": lambda: os.mkfifo(path),
        "folder": path.mkdir,
    }
    make[kind]()

    async def read() -> None:
        assert await store.find(path.name) is None
        with pytest.raises(FileError, match="is not in the file store"):
            await store.load(entry.to_json(), "file", ())
        with pytest.raises(FileError, match="cannot be read"):
            _ = [chunk async for chunk in store.read(path.name, 0, 4)]

    asyncio.run(read())


def test_a_link_with_the_name_of_a_file_is_replaced(tmp_path: Path) -> None:
    store = FileStore(tmp_path / "files")
    path = store.path_of(asyncio.run(store.put(b"mine", "x.txt")))
    assert path
    path.unlink()
    (tmp_path / "other").write_text("other")
    path.symlink_to(tmp_path / "other")
    asyncio.run(store.put(b"mine", "x.txt"))
    assert not path.is_symlink() and path.read_bytes() == b"mine"
    assert (tmp_path / "other").read_text() == "other"


def test_a_failing_source_is_no_store_error(tmp_path: Path) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"x"
        raise OSError(errno.EIO, "the source broke")

    with pytest.raises(FileError, match="the source cannot be read") as caught:
        asyncio.run(FileStore(tmp_path).put(breaks(), "x.txt"))
    assert not isinstance(caught.value, StoreError)


def _descriptors() -> int:
    """Count the open files of this process, where the system can."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else 0


def _remove(folder: Path) -> None:
    for file in folder.iterdir():
        file.unlink()
    folder.rmdir()
