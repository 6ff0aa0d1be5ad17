"""A running HTTP server, and its clients."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from openrouter_connector import FileStore
from openrouter_connector.faces.http.server import server_for
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.faces.listening import listen, url_of
from openrouter_connector.sandbox import Sandbox

Json = Any
TOKEN = "a-token-of-forty-letters-and-more-0123456"
ASK = {"model": "sandbox/echo", "userPrompt": "Hello"}
ENDING: list[threading.Thread] = []
"""Servers that are shutting down. That takes 0.2 seconds, so the next test need not wait."""


class Served:
    """A running server, with a client that sends its token (`api`)."""

    def __init__(self, url: str, files: FileStore, stop: Callable[[], None]) -> None:
        self.url = url
        self.files = files
        self.stop = stop
        """Ends the server before the test does."""
        self._clients: list[httpx.Client] = []
        self.api = self.client(headers={"Authorization": f"Bearer {TOKEN}"})

    def client(self, **options: Any) -> httpx.Client:
        """Return a client of this server, by default without a token."""
        client = httpx.Client(base_url=self.url, timeout=40, trust_env=False, **options)
        self._clients.append(client)
        return client

    def browser(self) -> httpx.Client:
        """Return a browser that opened the address with the token."""
        browser = self.client(follow_redirects=True)
        assert browser.get("/", params={"token": TOKEN}).status_code == 200
        browser.headers["Origin"] = self.url
        return browser

    def perform(self, action: str, parameters: Json, **options: Any) -> httpx.Response:
        """Perform an action."""
        body = {"parameters": parameters, **options}
        return self.api.post(f"/api/actions/{action}/perform", json=body)

    def events(self, parameters: Json, action: str = "ask") -> Generator[tuple[str, Json]]:
        """Perform an action, and yield its events; the name of a comment is `:`."""
        headers = {"Accept": "text/event-stream"}
        place, body = f"/api/actions/{action}/perform", {"parameters": parameters}
        with self.api.stream("POST", place, json=body, headers=headers) as response:
            assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
            name = ""
            for line in response.iter_lines():
                word, _, value = line.partition(": ")
                if not word and value:
                    yield ":", value
                if word == "event":
                    name = value
                if word == "data":
                    yield name, json.loads(value)

    def close(self) -> None:
        for client in self._clients:
            client.close()


Serve = Callable[..., Served]


def there(sandbox: Sandbox) -> dict[str, StartupConnection]:
    """Return a connection to a running sandbox."""
    return {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}


@contextmanager
def running(app: Any, files: FileStore, port: int = 0) -> Iterator[Served]:
    """Serve an application until the end of the block, by default at a free port."""
    listener = listen("127.0.0.1", port)
    server = server_for(app)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.002)

    def stop() -> None:
        server.should_exit = True
        if app.state.context.runs.is_open:  # a process has one database of runs at a time
            thread.join()

    served = Served(url_of(listener), files, stop)
    try:
        yield served
    finally:
        served.close()
        stop()
        ENDING.append(thread)
