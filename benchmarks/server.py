"""A loopback server that is faster than any client: fixed responses over plain asyncio.

/api/v1/chat/completions      1.2 kB of JSON, or 200 events if the body requests a stream
/api/v1/models                400 models
/api/v1/audio/transcriptions  reads a body of any size, and returns its size
/api/v1/audio/speech          as many bytes of audio as `input` says
/api/v1/videos/N/content      N bytes of a video
/later/api/v1/...             the same, 50 ms later
/second/api/v1/...            the same, a second later
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from itertools import repeat

CHUNKS = 200  # events of a stream that carry text
LATER = 0.05  # seconds
_DELAYS = {"later": LATER, "second": 1.0}
_SPACE = bytes(64 * 1024)


def main() -> None:
    """Print a free port, and serve on it until the process is terminated."""
    asyncio.run(_serve())


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0, backlog=2048)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class _Connection(asyncio.Protocol):
    """One connection: sequential requests, each answered after its body has arrived."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._rest = bytearray()
        self._request: _Request | None = None
        self._sending: Iterator[bytes] = iter(())

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while True:
            if self._request is None:
                head, found, rest = self._rest.partition(b"\r\n\r\n")
                if not found:
                    return
                self._request, self._rest = _Request(bytes(head)), rest
            if not self._request.take(self._rest):
                return
            request, self._request = self._request, None
            if delay := _DELAYS.get(request.path.split("/")[1]):
                asyncio.get_running_loop().call_later(delay, self._answer, request)
            else:
                self._answer(request)

    def _answer(self, request: _Request) -> None:
        self._sending = _answer(request)
        self.resume_writing()

    def resume_writing(self) -> None:
        """Write while the client keeps up; asyncio calls this again once it has caught up."""
        self._writing = True
        for part in self._sending:
            if self._transport.is_closing():
                return
            self._transport.write(part)
            if not self._writing:
                return

    def pause_writing(self) -> None:
        self._writing = False


class _Request:
    """A request whose body arrives in parts; only a small body is stored."""

    def __init__(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines)
        self.path = first.split(" ")[1]
        self.size = 0
        self.body = b""
        self._chunked = fields.get("transfer-encoding") == "chunked"
        self._left = 0 if self._chunked else int(fields.get("content-length", 0))

    def take(self, data: bytearray) -> bool:
        """Remove the bytes of the body from `data`, and return whether the body is complete."""
        if not self._chunked:
            self._swallow(data)
            return not self._left
        while True:
            if self._left:
                self._swallow(data)  # with the CRLF that ends a chunk
            line, found, _ = data[:64].partition(b"\r\n")
            if self._left or not found:
                return False
            length = int(line.split(b";")[0], 16)
            if not length:
                # No client here sends trailers, so an empty line ends the body.
                if len(data) < len(line) + 4:
                    return False
                del data[: len(line) + 4]
                return True
            del data[: len(line) + 2]
            self._left = length + 2

    def _swallow(self, data: bytearray) -> None:
        part = bytes(data[: self._left])
        del data[: len(part)]
        self._left -= len(part)
        self.size += len(part)
        if self.size < 64 * 1024:
            self.body += part


def _answer(request: _Request) -> Iterator[bytes]:
    if request.path.endswith("/audio/transcriptions"):
        return iter([_whole(json.dumps({"text": str(request.size)}).encode())])
    if request.path.endswith("/audio/speech"):
        return _bytes(b"audio/mpeg", int(json.loads(request.body)["input"]))
    if request.path.endswith("/content"):
        return _bytes(b"video/mp4", int(request.path.split("/")[-2]))
    if request.path.partition("?")[0].endswith("/models"):
        return iter([_MODELS])
    wants_stream = b'"stream":true' in request.body.replace(b" ", b"")
    return iter(_STREAM if wants_stream else [_COMPLETION])


def _bytes(kind: bytes, size: int) -> Iterator[bytes]:
    yield _HEAD % (kind, size)
    yield from repeat(_SPACE, size // len(_SPACE))
    yield _SPACE[: size % len(_SPACE)]


_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ncontent-length: %d\r\n\r\n"


def _whole(body: bytes) -> bytes:
    return _HEAD % (b"application/json", len(body)) + body


def _completion() -> dict[str, object]:
    usage = {"prompt_tokens": 12, "completion_tokens": 180, "total_tokens": 192, "cost": 0.000123}
    message = {"role": "assistant", "content": "The answer. " * 66, "refusal": None}
    choice = {"index": 0, "finish_reason": "stop", "message": message, "logprobs": None}
    return {
        "id": "gen-1750000000-abcdefghijklmnopqrst",
        "object": "chat.completion",
        "created": 1750000000,
        "model": "openai/gpt-5-mini",
        "provider": "OpenAI",
        "system_fingerprint": None,
        "choices": [choice],
        "usage": usage,
    }


def _chunk(text: str, finish_reason: str | None = None) -> dict[str, object]:
    delta = {"role": "assistant", "content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason, "logprobs": None}
    return {**_completion(), "object": "chat.completion.chunk", "choices": [choice]}


def _stream() -> Iterator[bytes]:
    yield (
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
    )
    for i in range(CHUNKS):
        event = _chunk(f"chunk {i} ", "stop" if i == CHUNKS - 1 else None)
        if i < CHUNKS - 1:
            del event["usage"]
        yield _framed(b"data: " + json.dumps(event).encode() + b"\n\n")
    yield _framed(b"data: [DONE]\n\n") + b"0\r\n\r\n"


def _framed(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _models() -> bytes:
    prices = {"prompt": "0.00000025", "completion": "0.000002", "web_search": "0.01"}
    parameters = ["max_tokens", "temperature", "top_p", "seed", "stop", "tools", "tool_choice"]
    rows = [
        {
            "id": f"author-{number % 40}/model-{number}",
            "canonical_slug": f"author-{number % 40}/model-{number}-20260101",
            "name": f"Author {number % 40}: Model {number}",
            "description": "A model to search for and to compare with others. " * 5,
            "context_length": 131072,
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": prices,
            "top_provider": {"context_length": 131072, "max_completion_tokens": 16384},
            "supported_parameters": parameters,
        }
        for number in range(400)
    ]
    return json.dumps({"data": rows}).encode()


_MODELS = _whole(_models())
_COMPLETION = _whole(json.dumps(_completion()).encode())
_STREAM = list(_stream())

if __name__ == "__main__":
    main()
