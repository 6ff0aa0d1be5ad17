"""Bytes that nobody asked for: no later call takes them for its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from openrouter_connector import Connector
from support.scripted_server import ASK, completion, response

FOREIGN = b"".join(response(completion("somebody else's")).pieces)
PARTS: dict[str, tuple[bytes, bytes]] = {
    # What comes in one go with an answer, and what comes while nobody waits.
    "an answer behind an answer": (FOREIGN, b""),
    "two answers behind an answer": (FOREIGN * 2, b""),
    "an answer on an idle connection": (b"", FOREIGN),
    "half an answer, and later the rest": (FOREIGN[:40], FOREIGN[40:]),
    "a head, and later the body": (FOREIGN[: FOREIGN.index(b"{")], FOREIGN[FOREIGN.index(b"{") :]),
    "an interim answer": (b"", b"HTTP/1.1 103 Early Hints\r\n\r\n"),
    "blank lines": (b"\r\n\r\n", b"\r\n"),
    "no HTTP": (b"", b"\0\0\0\0"),
    "no HTTP behind an answer": (b"xxxx", b""),
    "half a head that is no HTTP": (b"HTTP/9 junk\r\n", b"\r\n"),
}


@pytest.mark.parametrize("concurrent", [True, False])
@pytest.mark.parametrize("size", [10, 200_000], ids=["short", "long"])
@pytest.mark.parametrize(("behind", "later"), PARTS.values(), ids=PARTS)
def test_unexpected_bytes_answer_no_call(
    connector: Connector, concurrent: bool, size: int, behind: bytes, later: bytes
) -> None:
    async def outputs(base_url: str, told: Callable[[], asyncio.Event]) -> list[str]:
        found = []
        async with connector.connect(
            "sk-or-v1-x", base_url=base_url, concurrent=concurrent
        ) as session:
            for _ in range(3):
                found.append((await session.perform("ask", ASK)).output.rstrip("."))
                await told().wait()
                await asyncio.sleep(0)  # the bytes are there, and perhaps not looked at yet
        return found

    async def played() -> list[str]:
        answered, sent = 0, asyncio.Event()

        async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal answered
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
                    await reader.readexactly(int(length or 0))
                    answered += 1
                    sent.clear()
                    text = f"answer {answered}".ljust(size, ".")
                    writer.write(response(completion(text)).pieces[0] + behind)
                    await writer.drain()
                    await asyncio.sleep(0.02)
                    writer.write(later)
                    await writer.drain()
                    sent.set()
            except (asyncio.IncompleteReadError, ConnectionError):
                sent.set()
            finally:
                writer.close()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await outputs(f"http://127.0.0.1:{port}/v1", lambda: sent)

    assert asyncio.run(played()) == ["answer 1", "answer 2", "answer 3"]
