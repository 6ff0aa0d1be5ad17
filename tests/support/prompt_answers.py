"""Perform the action `prompt` at a server with scripted answers."""

from __future__ import annotations

import asyncio
from typing import Any

from openrouter_connector import Connector, Event, FileStore, Result
from support.scripted_server import Answer, Scripted, scripted

Json = Any
PROMPT = {"model": "qwen", "prompt": "Hi"}
OWN_KEY = "sk-or-v1-of-the-connection"


def perform_prompt(
    connector: Connector, answer: Answer, store: FileStore, **parameters: Json
) -> tuple[Result, Scripted]:
    """Perform the action at a scripted server; return the result and the server."""
    with scripted(answer) as server:
        options: Any = {"base_url": server.base_url, "attempts": 1, "files": store}
        result = connector.run("prompt", {**PROMPT, **parameters}, OWN_KEY, **options)
    return result, server


def stream_prompt(connector: Connector, answer: Answer, **parameters: Json) -> list[Event]:
    async def all_of(base_url: str) -> list[Event]:
        async with connector.connect(OWN_KEY, base_url=base_url, attempts=1) as session:
            return [event async for event in session.stream("prompt", {**PROMPT, **parameters})]

    with scripted(answer) as server:
        return asyncio.run(all_of(server.base_url))
