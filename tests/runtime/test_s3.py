"""The file store in a bucket, on an S3 server on this machine."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from openrouter_connector import Connector, FileError, FileStore
from openrouter_connector.sandbox import Sandbox


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, Any]]:
    """A bucket on loopback; yields the options of fsspec for it."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    options = {"key": "k", "secret": "s", "endpoint_url": f"http://{host}:{port}"}
    import s3fs

    s3fs.S3FileSystem(**options).mkdir("bucket")
    yield options
    server.stop()


def test_speech_is_stored_in_a_bucket_and_read_from_it(
    connector: Connector, sandbox: Sandbox, bucket: dict[str, Any]
) -> None:
    store = FileStore("s3://bucket/sounds", **bucket)
    options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store}
    speech = {"model": "sandbox/speaker", "input": "Into the bucket.", "voice": "alba"}
    entry = connector.run("createSpeech", speech, sandbox.token, **options).output
    assert entry.url.startswith("s3://bucket/sounds/speech-")
    assert store.path_of(entry) is None
    again = FileStore("s3://bucket/sounds", **bucket)
    for file in (entry, entry.to_json()):
        result = connector.run(
            "createTranscription",
            {"model": "sandbox/listener", "file": file},
            sandbox.token,
            **options | {"files": again},
        )
        assert result.output == "Into the bucket."


def test_the_same_content_is_stored_once(bucket: dict[str, Any]) -> None:
    import s3fs

    store = FileStore("s3://bucket/once", **bucket)
    entries = [asyncio.run(store.put(b"Hello", "a.txt")) for _ in range(2)]
    assert entries[0] == entries[1]
    assert len(s3fs.S3FileSystem(**bucket).ls("bucket/once", refresh=True)) == 1


@pytest.mark.parametrize(
    "url", ["s3://bucket/other/x.txt", "s3://bucket/once/../secret", "s3://other/once/x.txt",
            "file:///etc/passwd", "s3://bucket/once/gone.txt"],
)  # fmt: skip
def test_nothing_outside_the_prefix_is_read(bucket: dict[str, Any], url: str) -> None:
    store = FileStore("s3://bucket/once", **bucket)
    entry = {"extension": "txt", "mimeType": "text/plain", "name": "x.txt", "url": url}
    with pytest.raises(FileError, match="is not in the file store"):
        asyncio.run(store.load(entry, "file", ()))


def test_a_missing_bucket_is_reported(bucket: dict[str, Any]) -> None:
    store = FileStore("s3://no-such-bucket/x", **bucket)
    with pytest.raises(FileError, match="the file store cannot be written"):
        asyncio.run(store.put(b"Hello", "a.txt"))


def test_nothing_is_left_of_a_file_that_broke_off(bucket: dict[str, Any]) -> None:
    import s3fs

    async def breaks() -> Any:
        yield b"Hel"
        raise RuntimeError("broke off")

    store = FileStore("s3://bucket/broken", **bucket)
    with pytest.raises(RuntimeError, match="broke off"):
        asyncio.run(store.put(breaks(), "a.txt"))
    assert not s3fs.S3FileSystem(**bucket).exists("bucket/broken")


def test_a_file_that_the_bucket_refuses_is_kept_on_this_machine(
    bucket: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    store = FileStore("s3://no-such-bucket/x", **bucket)
    warnings: list[str] = []
    entry = asyncio.run(store.put(b"Hello", "a.txt", rescued=warnings))
    path = store.path_of(entry)
    assert path and path.is_relative_to(tmp_path) and path.read_bytes() == b"Hello"
    assert "the file store cannot be written" in warnings[0] and entry.url in warnings[0]

    async def read() -> bytes | None:
        found = await store.find(path.name)
        return (await store.load(entry.to_json(), "file", ())).content if found else None

    assert asyncio.run(read()) == b"Hello"
