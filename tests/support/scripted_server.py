"""A server on loopback that answers as its script says, byte for byte, and keeps what it was sent.

with scripted(reply({"error": "later"}, 503), reply(completion("Hello"))) as server:
    connector.run("ask", parameters, base_url=server.base_url)
assert len(server.requests) == 2
"""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from anyio.from_thread import start_blocking_portal

from openrouter_connector import Result

Json = Any
Ask = Callable[..., Result]
ASK = {"model": "a/b", "userPrompt": "Hello"}


@dataclass(frozen=True)
class Answer:
    """Bytes to send, piece by piece, and what becomes of the connection."""

    pieces: tuple[bytes, ...] = ()
    then: Literal["keep", "close", "reset", "hang"] = "keep"
    pause: float = 0.0


CLOSES = Answer(then="close")
RESETS = Answer(then="reset")
HANGS = Answer(then="hang")


@dataclass(frozen=True)
class Received:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Json:
        return json.loads(self.body)


Line = Answer | Callable[[Received], Answer]
"""An answer, or what makes one for a request."""


@dataclass
class Scripted:
    """The running server. When the script is at its end, its last answer is given again."""

    script: tuple[Line, ...]
    requests: list[Received] = field(default_factory=list)
    port: int = 0
    connections: int = 0
    busiest: int = 0
    """How many requests were answered at the same time, at most."""
    _busy: int = 0
    _talks: set[asyncio.Task[Any]] = field(default_factory=set)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/v1"

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._talks.add(task)
        self.connections += 1
        try:
            while received := await _received(reader):
                line = self.script[min(len(self.requests), len(self.script) - 1)]
                self.requests.append(received)
                answer = line(received) if callable(line) else line
                self._busy += 1
                self.busiest = max(self.busiest, self._busy)
                for piece in answer.pieces:
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(answer.pause)
                self._busy -= 1
                if answer.then == "hang":
                    await asyncio.sleep(60)
                if answer.then == "reset":
                    linger = struct.pack("ii", 1, 0)
                    connection = writer.get_extra_info("socket")
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                    writer.transport.abort()
                if answer.then != "keep":
                    break
        except ConnectionError:
            pass  # the client went away
        finally:
            writer.close()


@contextmanager
def scripted(*script: Line) -> Iterator[Scripted]:
    """Serve a script on a free port."""
    with (
        start_blocking_portal("asyncio") as portal,
        portal.wrap_async_context_manager(_serving(script)) as server,
    ):
        yield server


@asynccontextmanager
async def _serving(script: tuple[Line, ...]) -> AsyncIterator[Scripted]:
    server = Scripted(script)
    listener = await asyncio.start_server(server._talk, "127.0.0.1", 0)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for task in server._talks:
            task.cancel()
        await asyncio.gather(*server._talks, return_exceptions=True)


async def _received(reader: asyncio.StreamReader) -> Received | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = head.decode().rstrip().split("\r\n")
    method, path, _ = line.split(" ")
    headers = {name.lower(): value for name, value in (one.split(": ", 1) for one in rest)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Received(method, path, headers, body)


def response(
    body: Json = None,
    status: int = 200,
    *,
    kind: str = "application/json",
    headers: dict[str, str] | None = None,
    then: Literal["keep", "close", "reset", "hang"] = "keep",
) -> Answer:
    """Answer with a whole body: bytes and text as they are, anything else as JSON."""
    content = body.encode() if isinstance(body, str) else body
    content = content if isinstance(content, bytes) else json.dumps(content).encode()
    told = {"Content-Type": kind, "Content-Length": str(len(content)), **(headers or {})}
    return Answer((_head(status, told) + content,), then)


def events(
    *chunks: Json,
    done: bool = True,
    end: str = "\n",
    pieces: int = 1 << 16,
    then: Literal["keep", "close", "reset", "hang"] = "close",
) -> Answer:
    """Answer with server-sent events (a text is sent as it is), cut into pieces of some bytes."""
    frames = [c if isinstance(c, str) else f"data: {_dumps(c)}{end}{end}" for c in chunks]
    body = "".join([*frames, f"data: [DONE]{end}{end}" if done else ""]).encode()
    head = _head(200, {"Content-Type": "text/event-stream; charset=utf-8", "Connection": "close"})
    cut = [body[at : at + pieces] for at in range(0, len(body), pieces)]
    return Answer((head, *cut), then, pause=0 if len(cut) < 2 else 0.002)


def completion(text: str | None = "Hello", **more: Json) -> Json:
    """Give a chat completion; `more` replaces keys of it."""
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5, "cost": 0.25}
    told = {"id": "gen-1", "model": "a/b", "provider": "Somebody", "object": "chat.completion"}
    return {**told, "choices": [choice], "usage": usage, **more}


def delta(text: str | None = None, finish: str | None = None, **more: Json) -> Json:
    """Give a chunk of a stream; `more` is put beside its choices."""
    choice = {"index": 0, "delta": {"content": text}, "finish_reason": finish}
    told = {"id": "gen-1", "model": "a/b", "provider": "Somebody"}
    return {**told, "object": "chat.completion.chunk", "choices": [choice], **more}


def _head(status: int, headers: dict[str, str]) -> bytes:
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "Status"
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{k}: {v}" for k, v in headers.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _dumps(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)
