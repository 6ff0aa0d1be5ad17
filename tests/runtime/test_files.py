"""The file store: files by their content, complete or not at all, and nothing from elsewhere."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileEntry, FileError, FileStore, InputError
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import ASK, Answer, completion, response, scripted

Hear = Callable[..., Any]
Put = Callable[..., FileEntry]


@pytest.fixture
def put(store: FileStore) -> Put:
    """Store a file."""
    return lambda *args, **options: asyncio.run(store.put(*args, **options))


@pytest.fixture
def folder(tmp_path: Path) -> Callable[[], list[str]]:
    """List the files of the store."""
    return lambda: sorted(path.name for path in (tmp_path / "files").iterdir())


@pytest.fixture
def hear(connector: Connector, sandbox: Sandbox, store: FileStore) -> Hear:
    """Read a file as an action does."""

    def read(url: str, **options: Any) -> Any:
        entry = {"extension": "mp3", "mimeType": "audio/mpeg", "name": "x.mp3", "url": url}
        asked = {"model": "sandbox/listener", "file": entry}
        options = {"base_url": sandbox.base_url, "token": sandbox.token, "files": store, **options}
        return connector.run("createTranscription", asked, **options)

    return read


# Storing -----------------------------------------------------------------------------------------


def test_a_file_is_stored_under_its_name_and_content(put: Put, folder: Any) -> None:
    entry = put(b"Hello", "note one.txt")
    (name,) = folder()
    assert name.startswith("note-one-") and name.endswith(".txt")
    assert entry.url.endswith(f"/{name}")
    assert (entry.extension, entry.mime_type, entry.name) == ("txt", "text/plain", "note one.txt")
    assert entry.to_json().keys() == {"extension", "mimeType", "name", "url"}


def test_the_same_content_is_stored_once(put: Put, folder: Any) -> None:
    assert put(b"Hello", "a.txt") == put(b"Hello", "a.txt")
    assert len(folder()) == 1
    assert put(b"Other", "a.txt") != put(b"Hello", "a.txt")


@pytest.mark.parametrize(
    "name",
    ["../../../etc/passwd", "..", ".", "", "/", "~/.bashrc", "a/b\\c.txt", "ü 世界.png", "-rf",
     ".hidden", "x" * 400 + ".txt", "世" * 400, "x.final (2)", "x." + "y" * 300, "new\nline.txt",
     "nul\0.txt"],
)  # fmt: skip
def test_a_name_cannot_lead_elsewhere_and_what_is_stored_can_be_read(
    put: Put, store: FileStore, folder: Any, tmp_path: Path, name: str
) -> None:
    entry = put(b"Hello", name)
    path = store.path_of(entry)
    assert path and path.read_bytes() == b"Hello"
    assert path.parent == tmp_path / "files"
    assert len(folder()) == 1
    assert "/" not in entry.name and entry.name not in ("", ".", "..")


@pytest.mark.parametrize("extension", ["../../x", "/../x", "a/b", "t xt", "." * 5, "y" * 300])
def test_an_extension_cannot_lead_elsewhere(
    put: Put, store: FileStore, tmp_path: Path, extension: str
) -> None:
    entry = put(b"Hello", "note", extension=extension)
    path = store.path_of(entry)
    assert path and path.parent == tmp_path / "files" and path.read_bytes() == b"Hello"


def test_nothing_is_left_of_a_file_that_broke_off(put: Put, folder: Any) -> None:
    async def breaks() -> AsyncIterator[bytes]:
        yield b"Hel"
        raise RuntimeError("broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        put(breaks(), "a.txt")
    assert folder() == []


def test_nothing_is_left_of_a_file_that_is_too_large(tmp_path: Path, folder: Any) -> None:
    small = FileStore(tmp_path / "files", largest=1024 * 1024)
    with pytest.raises(FileError, match="larger than 1 MB"):
        asyncio.run(small.put(b"x" * (1024 * 1024 + 1), "a.bin"))
    assert folder() == []
    asyncio.run(small.put(b"x" * 1024 * 1024, "a.bin"))
    assert len(folder()) == 1


def test_a_file_appears_when_it_is_complete(put: Put, folder: Any) -> None:
    async def watched() -> AsyncIterator[bytes]:
        yield b"Hel"
        assert all(name.startswith(".incoming-") for name in folder())
        yield b"lo"

    put(watched(), "a.txt")
    assert len(folder()) == 1 and not folder()[0].startswith(".")


def test_a_path_that_cannot_be_read_is_reported(put: Put, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nowhere\.txt cannot be read: No such file"):
        put(tmp_path / "nowhere.txt", "nowhere.txt")
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        put(tmp_path, "folder")


def test_a_store_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("not a folder")
    with pytest.raises(FileError, match="the file store cannot be written"):
        asyncio.run(FileStore(tmp_path / "taken").put(b"x", "a.txt"))
    with pytest.raises(FileError, match="the file store cannot be written"):
        asyncio.run(FileStore(tmp_path / "taken" / "below").put(b"x", "a.txt"))


def test_the_environment_can_set_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_CONNECTOR_FILES", str(tmp_path / "elsewhere"))
    entry = asyncio.run(FileStore().put(b"x", "a.txt"))
    assert entry.url.startswith((tmp_path / "elsewhere").as_uri())


# Reading -----------------------------------------------------------------------------------------


def test_a_path_anywhere_in_the_parameters_is_a_file(
    connector: Connector, sandbox: Sandbox, store: FileStore, tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("remember")
    messages = [{"role": "USER", "content": "Look", "attachments": (tmp_path / "note.txt",)}]
    asked = {"model": "sandbox/echo", "format": "ADVANCED", "messages": messages}
    result = connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url, files=store)
    assert "remember" in result.output
    assert messages[0]["attachments"] == (tmp_path / "note.txt",)  # what was given is left alone


def test_a_path_is_read_where_it_is(
    connector: Connector, sandbox: Sandbox, store: FileStore, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("remember")
    asked = {"model": "sandbox/echo", "userPrompt": "Look", "attachments": [note]}

    async def used() -> tuple[Any, Any, Any]:
        async with connector.connect(
            sandbox.token, base_url=sandbox.base_url, files=store
        ) as session:
            drawn = await session.form("ask", asked)
            check = await session.check("ask", asked)
            return drawn, check, await session.perform("ask", asked)

    drawn, check, result = asyncio.run(used())
    assert drawn.errors == check.problems == connector.check("ask", asked, store).problems == ()
    assert "note.txt:\n\nremember" in result.output
    assert not (tmp_path / "files").exists()


def test_a_pipe_is_read_once(
    connector: Connector, sandbox: Sandbox, store: FileStore, tmp_path: Path
) -> None:
    pipe = tmp_path / "note.txt"
    os.mkfifo(pipe)
    asked = {"model": "sandbox/echo", "userPrompt": "Look", "attachments": [pipe]}
    options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store}
    with ThreadPoolExecutor(1) as threads:
        threads.submit(pipe.write_text, "remember")
        assert "remember" in connector.run("ask", asked, sandbox.token, **options).output


@pytest.mark.parametrize(
    ("name", "message"), [("nowhere.mp3", "No such file"), ("folder.mp3", "directory")]
)
def test_a_path_that_is_no_file_is_reported_with_its_property(
    connector: Connector, sandbox: Sandbox, tmp_path: Path, name: str, message: str
) -> None:
    (tmp_path / "folder.mp3").mkdir()
    asked = {"model": "sandbox/listener", "file": tmp_path / name}
    with pytest.raises(FileError, match=f"file: .*{message}"):
        connector.run("createTranscription", asked, sandbox.token, base_url=sandbox.base_url)


OUTSIDE = [
    "file:///etc/passwd",
    "/etc/passwd",
    "etc/passwd",
    "{base}/../secret.txt",
    "{base}/%2e%2e/secret.txt",
    "{base}/..%2fsecret.txt",
    "{base}/x/../../secret.txt",
    "{base}//etc/passwd",
    "{base}/.incoming-x",
    "{base}/",
    "{base}",
    "{base}x/secret.txt",
    "ftp://127.0.0.1/x",
    "s3://bucket/x",
    "memory://x",
    "FILE:///etc/passwd",
    "javascript:alert(1)",
    "",
    "\\\\server\\share",
    "file://localhost/etc/passwd",
    "github://org:repo@/x",
    "local:///etc/passwd",
    "simplecache::file:///etc/passwd",
]


@pytest.mark.parametrize("url", OUTSIDE)
def test_nothing_outside_the_store_is_read(hear: Hear, tmp_path: Path, put: Put, url: str) -> None:
    put(b"x", "x.mp3")
    (tmp_path / "secret.txt").write_text("secret")
    with pytest.raises(FileError, match="is not in the file store") as caught:
        hear(url.replace("{base}", (tmp_path / "files").as_uri()))
    assert caught.value.path == "file"
    assert caught.value.to_json()["path"] == "file"


def test_a_deleted_file_is_reported(hear: Hear, put: Put, store: FileStore) -> None:
    entry = put(b"x", "x.mp3")
    path = store.path_of(entry)
    assert path
    path.unlink()
    with pytest.raises(FileError, match=r"file: x\.mp3 is not in the file store, or not any more"):
        hear(entry.url)


def test_a_long_url_is_not_repeated_in_full(hear: Hear) -> None:
    with pytest.raises(FileError) as caught:
        hear("odd:" + "x" * 100_000)
    assert len(caught.value.message) < 400


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("data:text/plain;base64,SGVsbG8=", "Hello"),
        ("data:text/plain,Hello%20you%21", "Hello you!"),
        ("data:text/plain;charset=utf-8,%C3%BC", "ü"),
        ("data:text/plain;charset=utf-8;base64,w7w=", "ü"),
        ("data:text/plain;base64,SGVsbG8%3D", "Hello"),
        ("data:text/plain,a,b", "a,b"),
    ],
)
def test_a_data_url_is_a_file(connector: Connector, sandbox: Sandbox, url: str, text: str) -> None:
    entry = {"extension": "txt", "mimeType": "text/plain", "name": "n.txt", "url": url}
    asked = {"model": "sandbox/echo", "userPrompt": "Look", "attachments": [entry]}
    result = connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url)
    assert f"n.txt:\n\n{text}" in result.output


@pytest.mark.parametrize("url", ["data:", "data:text/plain", "data:;base64,%%%", "data:;base64,a"])
def test_an_invalid_data_url_is_reported(hear: Hear, url: str) -> None:
    with pytest.raises(FileError, match=r"file: the data: URL is invalid"):
        hear(url)


def test_a_data_url_has_the_limit_of_a_file(hear: Hear, tmp_path: Path) -> None:
    content = base64.b64encode(b"x" * (1024 * 1024 + 1)).decode()
    with pytest.raises(FileError, match="larger than 1 MB"):
        hear(f"data:;base64,{content}", files=FileStore(tmp_path / "f", largest=1024 * 1024))


def test_a_text_file_without_text_is_reported(connector: Connector, sandbox: Sandbox) -> None:
    url = "data:text/plain;base64," + base64.b64encode(b"\xff\xfe\xfa").decode()
    entry = {"extension": "txt", "mimeType": "text/plain", "name": "n.txt", "url": url}
    asked = {"model": "sandbox/echo", "userPrompt": "Look", "attachments": [entry]}
    with pytest.raises(FileError, match=r"attachments\[0\]: n\.txt is not UTF-8 text"):
        connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url)


@pytest.mark.parametrize("content", [b"x" * (10 * 1024**2 + 1), bytes([0x81, 0x8D, 0x8F])])
def test_only_a_prompt_needs_its_text_small_and_in_a_known_encoding(
    connector: Connector, store: FileStore, tmp_path: Path, content: bytes
) -> None:
    table = tmp_path / "table.csv"
    table.write_bytes(content)
    with scripted(response({"id": "or_file_1", "type": "file"})) as server:
        options: dict[str, Any] = {"base_url": server.base_url, "files": store}
        connector.run("uploadFile", {"file": table}, "sk-or-v1-test", **options)
        assert content in server.requests[0].body
        with pytest.raises(FileError, match=r"attachments\[0\]: .*(larger than 10 MB|not UTF-8)"):
            connector.run("ask", ASK | {"attachments": [table]}, "sk-or-v1-test", **options)


def test_a_file_of_the_wrong_type_is_reported_with_its_property(
    connector: Connector, sandbox: Sandbox
) -> None:
    fine = {"extension": "txt", "mimeType": "", "name": "n.txt", "url": "data:,x"}
    wrong = {"extension": "zip", "mimeType": "", "name": "a.zip", "url": "data:,x"}
    messages = [{"role": "USER", "content": "Look", "attachments": [fine, wrong]}]
    asked = {"model": "sandbox/echo", "format": "ADVANCED", "messages": messages}
    with pytest.raises(FileError) as caught:
        connector.run("ask", asked, sandbox.token, base_url=sandbox.base_url)
    assert caught.value.path == "messages[0].attachments[1]"
    assert "a.zip (application/zip) is not one of" in caught.value.message


@pytest.mark.parametrize("lacking", ["extension", "mimeType", "name", "url"])
def test_a_file_has_four_keys(connector: Connector, sandbox: Sandbox, lacking: str) -> None:
    whole = {"extension": "mp3", "mimeType": "", "name": "", "url": "data:,x"}
    entry = {key: value for key, value in whole.items() if key != lacking}
    asked = {"model": "sandbox/listener", "file": entry}
    with pytest.raises(InputError, match=f"file: is missing {lacking}"):
        connector.run("createTranscription", asked, sandbox.token, base_url=sandbox.base_url)


# Size --------------------------------------------------------------------------------------------

LARGE = 32 * 1024 * 1024
MEASURED = """
import asyncio, pathlib, sys, tracemalloc
from openrouter_connector import Connector, FileEntry, FileStore

async def main(base_url, folder, action, concurrent):
    store = FileStore(folder)
    connector = Connector.load()
    options = dict(base_url=base_url, files=store, concurrent=concurrent == "True")
    async with connector.connect("sk-or-x", **options) as session:
        film = pathlib.Path(folder, "film.mp4")
        parameters = {
            "createSpeech": {"model": "m", "input": "x", "voice": "v", "responseFormat": "wav"},
            "ask": {"model": "m", "userPrompt": "Look", "attachments": [film]},
        }[action]
        await session.perform("ask", {"model": "m", "userPrompt": "warm"})
        tracemalloc.start()
        result = await session.perform(action, parameters)
        print(tracemalloc.get_traced_memory()[1])
        print(result.output.url if isinstance(result.output, FileEntry) else result.output)

asyncio.run(main(*sys.argv[1:]))
"""


def peak(server: Any, folder: Path, action: str, concurrent: bool) -> tuple[int, str]:
    """Perform in a separate process; return its peak memory in bytes, and the output."""
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, server.base_url, str(folder), action, str(concurrent)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == 0, ended.stderr
    size, output = ended.stdout.splitlines()
    return int(size), output


def test_a_large_file_is_sent_without_being_kept_in_memory(
    tmp_path: Path, concurrent: bool
) -> None:
    with (tmp_path / "film.mp4").open("wb") as file:
        file.truncate(LARGE)
    with scripted(response(completion()), response(completion("seen"))) as server:
        size, output = peak(server, tmp_path, "ask", concurrent)
    assert output == "seen"
    assert len(server.requests[1].body) > LARGE * 4 // 3
    assert size < 12 * 1024 * 1024


def test_a_large_response_is_stored_without_being_kept_in_memory(
    tmp_path: Path, concurrent: bool
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: audio/pcm\r\nContent-Length: {LARGE}\r\n\r\n"
    sound = Answer((head.encode(), *[b"\1" * 1024**2] * (LARGE // 1024**2)))
    with scripted(response(completion()), sound) as server:
        size, output = peak(server, tmp_path, "createSpeech", concurrent)
    assert Path(output.removeprefix("file://")).stat().st_size == LARGE + 44
    assert size < 12 * 1024 * 1024
