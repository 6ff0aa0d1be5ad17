"""Receive the browser's redirect after an authorization: a listener on loopback, for one visit.

async with listen_for_callback() as listener:
    pending = authorizations.begin(owner, callback=listener.callback_url)
    key = await listener.wait_for_key(pending.state, exchange_code)
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
_REQUEST_TIMEOUT = 20.0  # seconds for a browser to send its request
_CLOSE = "You can close this window."

Exchange = Callable[[str], Awaitable[str]]
"""Returns the key for a code."""


class Page(NamedTuple):
    """The page that a visitor sees."""

    status: int
    title: str
    text: str


@asynccontextmanager
async def listen_for_callback() -> AsyncIterator[CallbackListener]:
    """Listen on 127.0.0.1 at a free port, until the end of the block."""
    listener = CallbackListener()
    # 127.0.0.1 only, never 0.0.0.0: the redirect carries the code.
    server = await asyncio.start_server(listener.serve, "127.0.0.1", 0)
    listener.port = server.sockets[0].getsockname()[1]
    try:
        yield listener
    finally:
        server.close()
        await listener.aclose()


class CallbackListener:
    """Waits for the browser that returns with a code; any other request gets an error page.

    Browsers open connections they never use, request an icon, and load a page twice.
    """

    def __init__(self) -> None:
        self.port = 0
        self._visit: _ExpectedVisit | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def callback_url(self, state: str) -> str:
        """Return the URL to which the server sends the browser back."""
        return f"http://127.0.0.1:{self.port}{PATH}{state}"

    async def wait_for_key(self, state: str, exchange: Exchange, *, within: float = 600) -> str:
        """Wait for the visit with this state, exchange its code, and return the key.

        The visitor's page shows the outcome. Raises CredentialError if the person denies access
        or does not return within this many seconds, and whatever `exchange` raises.
        """
        loop = asyncio.get_running_loop()
        visit = self._visit = _ExpectedVisit(state, loop.create_future(), loop.create_future())
        page = Page(500, "This did not work", "Return to the application to see why.")
        try:
            key = await exchange(await _code(visit.query, within))
            page = Page(200, "Connected", f"{_CLOSE} Continue in the application.")
            return key
        except ConnectorError as error:
            page = Page(400, "Not connected", _sentence(error.message))
            raise
        finally:
            visit.page.set_result(page)
            if self._tasks:  # let the page reach the browser, but do not wait for a slow one
                await asyncio.wait(self._tasks, timeout=0.2)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection, which carries one request."""
        task = asyncio.current_task()
        assert task  # noqa: S101 - a callback of start_server is a task
        self._tasks.add(task)
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT):
                head = await reader.readuntil(b"\r\n\r\n")
            method, path, query = _parse_request(head)
            page = await self._respond(method, path, query)
            writer.write(_http_response(page, body=method != "HEAD"))
            await writer.drain()
        except (OSError, EOFError, TimeoutError, asyncio.LimitOverrunError):
            pass  # the client sent nothing or too much, or disconnected
        finally:
            self._tasks.discard(task)
            writer.close()

    async def aclose(self) -> None:
        """Close the connections that are still open."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _respond(self, method: str, path: str, query: dict[str, str]) -> Page:
        if not path.startswith(PATH):
            return Page(404, "Not found", "There is nothing at this address.")
        if method not in ("GET", "HEAD"):
            return Page(405, "Method not allowed", "This address only accepts GET.")
        visit = self._visit
        # Compared in constant time: any local program may guess here.
        if visit is None or not compare_digest(path, f"{PATH}{visit.state}"):
            text = "It was started elsewhere, or is over. Start again in the application."
            return Page(404, "Unknown authorization", text)
        if visit.query.done():
            return Page(410, "Already done", _CLOSE)
        if not query.keys() & {"code", "error"}:
            return Page(400, "The address contains no code", "Go back, and authorize again.")
        if method == "GET":  # a HEAD request must not use the code up
            visit.query.set_result(query)
            return await visit.page
        return Page(200, "", "")


class _ExpectedVisit(NamedTuple):
    """The visit that is waited for: its state, the query it brings, and the page it gets."""

    state: str
    query: asyncio.Future[dict[str, str]]
    page: asyncio.Future[Page]


async def _code(query_of_visit: asyncio.Future[dict[str, str]], within: float) -> str:
    try:
        async with asyncio.timeout(within):
            query = await query_of_visit
    except TimeoutError:
        message = f"the browser did not return within {within / 60:g} minutes; start again"
        raise CredentialError(message) from None
    if "error" in query:
        denied = query["error"] == "access_denied"
        reason = "access was denied" if denied else "the authorization page reported an error"
        raise CredentialError(f"{reason}, and no key was created; start again")
    return query["code"]


def render_page(title: str, text: str) -> str:
    """Return a small self-contained HTML page."""
    return _PAGE.format(title=escape(title), text=escape(text))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def _parse_request(head: bytes) -> tuple[str, str, dict[str, str]]:
    """Return method, path and query of a request; empty ones if it is not valid."""
    found = re.match(rb"([A-Z]+) (/[!-~]*) HTTP/1", head)
    if not found:
        return "", "", {}
    path, _, query = found[2].decode().partition("?")
    return found[1].decode(), path, dict(parse_qsl(query))


def _http_response(page: Page, *, body: bool) -> bytes:
    content = render_page(page.title, page.text).encode()
    lines = [
        f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}",
        "Content-Type: text/html; charset=utf-8",
        f"Content-Length: {len(content)}",
        "Content-Security-Policy: default-src 'none'; style-src 'unsafe-inline'",
        "Referrer-Policy: no-referrer",  # the address contains the code
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
