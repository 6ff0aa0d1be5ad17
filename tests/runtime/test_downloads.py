"""Files by http(s) URL: from public addresses only, however a private one is spelled."""

from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openrouter_connector import Connector, FileError, FileStore
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import CLOSES, HANGS, Answer, Scripted, response, scripted

Fetch = Callable[..., str]
HELLO = response("Hello", kind="text/plain")


@pytest.fixture
def fetch(connector: Connector, sandbox: Sandbox, store: FileStore) -> Fetch:
    """Call `ask` with the URL of a text file; return the prompt with its text."""

    def fetched(url: str, files: FileStore | None = None) -> str:
        entry = {"extension": "txt", "mimeType": "text/plain", "name": "n.txt", "url": url}
        asked = {"model": "sandbox/echo", "userPrompt": "Look", "attachments": [entry]}
        options: dict[str, Any] = {"base_url": sandbox.base_url, "files": files or store}
        return str(connector.run("ask", asked, sandbox.token, **options).output)

    return fetched


@pytest.fixture
def trusting(store: FileStore, tmp_path: Any) -> FileStore:
    """A store that downloads from private networks too."""
    return FileStore(tmp_path / "files", allow_private=True)


PRIVATE = [
    "127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]", "0.0.0.0", "0",
    "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]",
    "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd12:3456::1]", "2130706433", "0x7f000001",
    "017700000001", "0177.0.0.1", "127.1", "0x7f.1", "127.0.0.1.", "[64:ff9b::7f00:1]",
    "user:pass@127.0.0.1", "１２７.0.0.1", "①②⑦.0.0.1",
]  # fmt: skip


@pytest.mark.parametrize("host", PRIVATE)
def test_no_request_goes_to_a_private_address(fetch: Fetch, host: str) -> None:
    with scripted(HELLO) as server:
        name, bracket, rest = host.rpartition("]")
        with pytest.raises(FileError) as caught:
            fetch(f"http://{name}{bracket}{rest}:{server.port}/file.txt")
    assert server.requests == []
    assert (
        "private address" in caught.value.message or "cannot be downloaded" in caught.value.message
    )
    assert caught.value.path == "attachments[0]"
    assert "pass" not in caught.value.message


def test_a_private_address_can_be_allowed(fetch: Fetch, trusting: FileStore) -> None:
    with scripted(HELLO) as server:
        prompt = fetch(f"http://127.0.0.1:{server.port}/a/file.txt?sig=1", trusting)
    assert "n.txt:\n\nHello" in prompt
    (request,) = server.requests
    assert request.path == "/a/file.txt?sig=1"
    assert not {"authorization", "cookie"} & request.headers.keys()


def test_a_download_is_stored(fetch: Fetch, trusting: FileStore, tmp_path: Any) -> None:
    with scripted(HELLO) as server:
        for _ in range(2):
            fetch(f"http://127.0.0.1:{server.port}/file.txt", trusting)
    assert len(list((tmp_path / "files").iterdir())) == 1


def test_a_compressed_response_is_decompressed(fetch: Fetch, trusting: FileStore) -> None:
    packed = response(gzip.compress(b"Hello"), headers={"Content-Encoding": "gzip"})
    with scripted(packed) as server:
        assert "Hello" in fetch(f"http://127.0.0.1:{server.port}/x", trusting)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (response("no", 404), "answered 404"),
        (response("no", 500), "answered 500"),
        (response(b"", 204), "answered 204"),
        (CLOSES, "cannot be downloaded"),
        (Answer((b"SSH-2.0-OpenSSH\r\n",), then="close"), "cannot be downloaded"),
        (response("x", headers={"Content-Length": "900"}, then="close"), "cannot be downloaded"),
        (response(b"x" * (1024 * 1024 + 1)), "larger than"),
        (
            response(gzip.compress(b" " * 8_000_000), headers={"Content-Encoding": "gzip"}),
            "larger",
        ),
        (response(b"broken", headers={"Content-Encoding": "gzip"}), "cannot be downloaded"),
    ],
)
def test_a_failed_download_is_reported_and_leaves_nothing(
    fetch: Fetch, tmp_path: Any, answer: Answer, message: str
) -> None:
    small = FileStore(tmp_path / "files", allow_private=True, largest=1024 * 1024)
    with scripted(answer) as server, pytest.raises(FileError, match=message) as caught:
        fetch(f"http://127.0.0.1:{server.port}/file.txt?sig=hidden-part", small)
    assert list((tmp_path / "files").glob("*")) == []
    assert "hidden-part" not in caught.value.message


def test_a_closed_port_is_reported(fetch: Fetch, trusting: FileStore) -> None:
    with scripted(HELLO) as server:
        port = server.port
    with pytest.raises(FileError, match="cannot be downloaded"):
        fetch(f"http://127.0.0.1:{port}/file.txt", trusting)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(fetch: Fetch, trusting: FileStore, status: int) -> None:
    with scripted(response(b"", status, headers={"Location": "/there?x=1"}), HELLO) as server:
        assert "Hello" in fetch(f"http://127.0.0.1:{server.port}/here", trusting)
    assert [request.path for request in server.requests] == ["/here", "/there?x=1"]


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "data:,x", "gopher://127.0.0.1"]
)
def test_a_redirect_leads_to_http_only(fetch: Fetch, trusting: FileStore, place: str) -> None:
    with (
        scripted(response(b"", 302, headers={"Location": place})) as server,
        pytest.raises(FileError, match="is not an http"),
    ):
        fetch(f"http://127.0.0.1:{server.port}/here", trusting)


def test_redirects_have_an_end(fetch: Fetch, trusting: FileStore) -> None:
    with (
        scripted(response(b"", 302, headers={"Location": "/again"})) as server,
        pytest.raises(FileError, match="redirects too many times"),
    ):
        fetch(f"http://127.0.0.1:{server.port}/here", trusting)
    assert len(server.requests) == 6


# A public server, as far as names and addresses go: the network below is a stage set. ------------

PUBLIC = "93.184.215.14"


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """The addresses of names, one for each look-up; the last one stays."""
    known: dict[str, list[str]] = {}
    real = socket.getaddrinfo

    def looked_up(host: Any, *args: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if meanings := known.get(name):
            host = meanings.pop(0) if len(meanings) > 1 else meanings[0]
        return real(host, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    return known


@pytest.fixture
def stage(
    monkeypatch: pytest.MonkeyPatch, names: dict[str, list[str]]
) -> Iterator[Callable[[Scripted], str]]:
    """Route a public address to a server on this machine; yields its URL."""
    real = socket.socket.connect

    def set_up(server: Scripted) -> str:
        def connected(self: socket.socket, address: Any) -> Any:
            to = ("127.0.0.1", server.port) if address[0] == PUBLIC else address
            return real(self, to)

        monkeypatch.setattr(socket.socket, "connect", connected)
        names["files.example"] = [PUBLIC]
        return "http://files.example"

    yield set_up


def test_a_file_is_downloaded_from_a_public_server(fetch: Fetch, stage: Any) -> None:
    with scripted(HELLO) as server:
        assert "Hello" in fetch(f"{stage(server)}/file.txt")
    assert server.requests[0].headers["host"] == "files.example"


@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//[::1]:{port}/", "http://0x7f.1/",
     "http://１２７。0.0.1:{port}/", "http://⑫7.1:{port}/", "//loc%61lhost:{port}/x",
     "http://169.254.169.254/latest/meta-data", "http://inner.example:{port}/"],
)  # fmt: skip
def test_a_public_server_cannot_redirect_into_private_networks(
    fetch: Fetch, stage: Any, names: dict[str, list[str]], place: str
) -> None:
    names["inner.example"] = ["10.0.0.7"]
    with scripted(HELLO) as inner:
        away = response(b"", 302, headers={"Location": place.replace("{port}", str(inner.port))})
        with scripted(away) as server, pytest.raises(FileError, match="private address"):
            fetch(f"{stage(server)}/file.txt")
    assert inner.requests == []


def test_a_name_that_is_private_is_refused(fetch: Fetch, names: dict[str, list[str]]) -> None:
    names["inner.example"] = ["127.0.0.1"]
    with (
        scripted(HELLO) as server,
        pytest.raises(FileError, match=r"inner\.example is a private address"),
    ):
        fetch(f"http://inner.example:{server.port}/file.txt")
    assert server.requests == []


def test_a_name_is_checked_when_it_is_connected_to(
    fetch: Fetch, stage: Any, names: dict[str, list[str]]
) -> None:
    to = {"Location": "http://files.example/again", "Connection": "close"}
    away = response(b"", 302, headers=to, then="close")
    with scripted(away, HELLO) as server:
        url = stage(server)
        names["files.example"] = [PUBLIC, "127.0.0.1"]
        with pytest.raises(FileError, match="private address"):
            fetch(f"{url}/file.txt")
    assert len(server.requests) == 1


def test_a_download_can_be_cancelled(store: FileStore, trusting: FileStore, tmp_path: Any) -> None:
    async def impatient(url: str) -> None:
        entry = {"extension": "bin", "mimeType": "", "name": "x.bin", "url": url}
        async with asyncio.timeout(0.3):
            await trusting.load(entry, "file", ())

    with scripted(HANGS) as server, pytest.raises(TimeoutError):
        asyncio.run(impatient(f"http://127.0.0.1:{server.port}/x"))
    assert list((tmp_path / "files").glob("*")) == []
