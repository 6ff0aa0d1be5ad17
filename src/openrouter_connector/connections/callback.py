"""The way back from a consent to this machine: a listener on loopback, for one visit.

async with listening() as door:
    flow = flows.begin(owner, callback=door.address)
    key = await door.visit(flow.state, lambda code: flows.finish(flow.state, code, owner))
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from html import escape
from http import HTTPStatus
from secrets import compare_digest
from typing import NamedTuple
from urllib.parse import parse_qsl

from ..errors import ConnectorError, CredentialError

PATH = "/callback/"
_PATIENCE = 20.0  # seconds for a browser to say what it wants once it began to
_TOLD = "You can close this window."

Exchange = Callable[[str], Awaitable[str]]
"""What gives the key for a code."""


class Page(NamedTuple):
    """What a visitor is told."""

    status: int
    title: str
    text: str


@asynccontextmanager
async def listen_for_callback() -> AsyncIterator[CallbackListener]:
    """Listen at 127.0.0.1 and a free port, until the end of the block."""
    door = CallbackListener()
    server = await asyncio.start_server(door.open, "127.0.0.1", 0)
    door.port = server.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        server.close()
        await door.aclose()


class CallbackListener:
    """Waits for the browser that comes back; whatever else knocks is told so, and waiting goes on.

    Browsers open connections that they never use, ask for an icon, and come twice.
    """

    def __init__(self) -> None:
        self.port = 0
        self._guest: _Guest | None = None
        self._talks: set[asyncio.Task[None]] = set()

    def callback_url(self, state: str) -> str:
        """Give the address to come back to."""
        return f"http://127.0.0.1:{self.port}{PATH}{state}"

    async def wait_for_key(self, state: str, exchange: Exchange, *, within: float = 600) -> str:
        """Wait for the visit of this state, and give the key that `exchange` makes of its code.

        The page that the visitor sees tells what came of it. CredentialError when the person
        refuses, or nobody comes for so many seconds; and whatever `exchange` raises.
        """
        loop = asyncio.get_running_loop()
        guest = self._guest = _Guest(state, loop.create_future(), loop.create_future())
        answer = Page(500, "This did not work", "Look at where you came from.")
        try:
            key = await exchange(await _code(guest.asks, within))
            answer = Page(200, "Connected", f"{_TOLD} All else happens where you came from.")
            return key
        except ConnectorError as error:
            answer = Page(400, "Nothing was connected", _sentence(error.message))
            raise
        finally:
            guest.told.set_result(answer)
            if self._talks:  # what is said is heard, but nobody is waited for
                await asyncio.wait(self._talks, timeout=0.2)

    async def open(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which is one request."""
        task = asyncio.current_task()
        assert task  # noqa: S101 - a callback of start_server is a task
        self._talks.add(task)
        try:
            async with asyncio.timeout(_PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
            method, path, query = _asked(head)
            answer = await self._answer(method, path, query)
            writer.write(_http(answer, body=method != "HEAD"))
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # it said nothing, too much, or went away
        finally:
            self._talks.discard(task)
            writer.close()

    async def aclose(self) -> None:
        """Hang up on those who are still there."""
        for task in self._talks:
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _answer(self, method: str, path: str, query: dict[str, str]) -> Page:
        if not path.startswith(PATH):
            return Page(404, "Nothing here", "Nothing lives at this address.")
        if method not in ("GET", "HEAD"):
            return Page(405, "Not this way", "This address is only ever read.")
        guest = self._guest
        if guest is None or not compare_digest(path, f"{PATH}{guest.state}"):
            told = "It was begun elsewhere, or is over. Begin again where you wanted to connect."
            return Page(404, "Nobody waits for this consent", told)
        if guest.asks.done():
            return Page(410, "This was done already", _TOLD)
        if not query.keys() & {"code", "error"}:
            return Page(400, "There is no code in this address", "Go back, and consent again.")
        if method == "GET":  # a HEAD only looks
            guest.asks.set_result(query)
            return await guest.told
        return Page(200, "", "")


class _Guest(NamedTuple):
    """The one visit that is waited for: its state, what it brings, and what it is told."""

    state: str
    asks: asyncio.Future[dict[str, str]]
    told: asyncio.Future[Page]


async def _code(asks: asyncio.Future[dict[str, str]], within: float) -> str:
    try:
        async with asyncio.timeout(within):
            query = await asks
    except TimeoutError:
        told = f"nobody came back from the browser within {within / 60:g} minutes; begin again"
        raise CredentialError(told) from None
    if "error" in query:
        denied = query["error"] == "access_denied"
        told = "the consent was refused" if denied else "the page of consent reports an error"
        raise CredentialError(f"{told}, and no key was made")
    return query["code"]


def render_page(title: str, text: str) -> str:
    """Give a small page that needs nothing else."""
    return _PAGE.format(title=escape(title), text=escape(text))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _asked(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Give method, path and query of a request; three empty ones of what is none."""
    found = re.match(rb"([A-Z]+) (/[!-~]*) HTTP/1", head)
    if not found:
        return "", "", {}
    path, _, query = found[2].decode().partition("?")
    return found[1].decode(), path, dict(parse_qsl(query))


def _http(answer: Page, *, body: bool) -> bytes:
    content = render_page(answer.title, answer.text).encode()
    lines = [
        f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(content)}",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy: no-referrer",  # the address holds the code
        "Cache-Control: no-store",
        "Connection: close",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + (content if body else b"")


_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark; }}
  body {{ margin: 0; min-height: 100vh; display: grid; place-items: center;
          font: 17px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }}
  main {{ max-width: 30rem; padding: 2rem; text-align: center; }}
  h1 {{ font-size: 1.6rem; font-weight: 600; margin: 0 0 .5rem; }}
  p {{ margin: 0; opacity: .75; }}
</style>
</head>
<body><main><h1>{title}</h1><p>{text}</p></main></body>
</html>
"""
