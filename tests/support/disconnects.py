"""A server on loopback that notices when its client disconnects.

with watched(*events(delta("Hel"), done=False).pieces) as api:
    ...
    assert api.left.wait(3)
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from anyio.from_thread import start_blocking_portal


class DisconnectServer:
    """An API that begins a response, and notices when its client disconnects."""

    def __init__(self, pieces: tuple[bytes, ...]) -> None:
        self.pieces = pieces
        self.asked = threading.Event()
        self.left = threading.Event()
        self.base_url = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked.set()
        writer.writelines(self.pieces)
        while await reader.read(4096):
            pass  # the body, then nothing until the client disconnects
        self.left.set()
        writer.close()


@contextmanager
def disconnect_server(*pieces: bytes) -> Iterator[DisconnectServer]:
    """Run it on a free port."""

    @asynccontextmanager
    async def serving() -> AsyncIterator[DisconnectServer]:
        upstream = DisconnectServer(pieces)
        async with await asyncio.start_server(upstream.talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            upstream.base_url = f"http://127.0.0.1:{port}/api/v1"
            yield upstream

    with start_blocking_portal() as portal, portal.wrap_async_context_manager(serving()) as one:
        yield one


def eventually(true: Callable[[], bool]) -> bool:
    until = time.monotonic() + 40
    while not true() and time.monotonic() < until:
        time.sleep(0.01)
    return true()
