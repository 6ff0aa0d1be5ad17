"""A running HTTP server, and its clients."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Generator
from typing import Any

import httpx

from openrouter_connector import FileStore

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
