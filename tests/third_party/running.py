"""A server that runs, and the ways in which our tests call it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

from openrouter_connector import Choices, Connector, Event, KeyReport, Result, Session
from support.command import CommandResult

Json = Any
COLOURS = {"red": (255, 0, 0), "green": (0, 160, 30), "blue": (10, 20, 255)}


def schema(name: str) -> Json:
    """Describe an object with a colour in it."""
    return {
        "type": "object",
        "properties": {name: {"enum": list(COLOURS)}},
        "required": [name],
        "additionalProperties": False,
    }


def held_to(name: str) -> Json:
    """Demand such an object of a server that does not list what it takes."""
    described = {"name": name, "strict": True, "schema": schema(name)}
    return {"response_format": {"type": "json_schema", "json_schema": described}}


DATA = {"responseFormat": "JSON", "responseSchema": schema("colour")}


@dataclass(frozen=True)
class Running:
    """A server, and a key for it: of those that we start, the only one that it knows."""

    base_url: str
    key: str

    def with_key(self, key: str) -> Self:
        """Come with another key, or with none ("")."""
        return replace(self, key=key)

    def run(self, action: str, **parameters: Json) -> Result:
        """Perform an action, once."""
        token, base_url = self.key or None, self.base_url
        return Connector.load().run(action, parameters, token, base_url=base_url, attempts=1)

    def ask(self, model: str, **more: Json) -> Result:
        """Ask a model."""
        return self.run("ask", **{"model": model, "userPrompt": "What do you see?"} | more)

    def streamed(self, model: str) -> list[Event]:
        """Ask a model for an answer in pieces."""

        async def asked() -> list[Event]:
            async with self._session() as session:
                parameters = {"model": model, "userPrompt": "What do you see?"}
                return [event async for event in session.stream("ask", parameters)]

        return asyncio.run(asked())

    def models(self, action: str = "ask", search: str = "") -> Choices:
        """List the models that an action offers."""

        async def asked() -> Choices:
            async with self._session() as session:
                return await session.options(action, "model", {}, search=search)

        return asyncio.run(asked())

    def tested(self) -> KeyReport:
        """Test the key."""

        async def asked() -> KeyReport:
            async with self._session() as session:
                return await session.test()

        return asyncio.run(asked())

    def _session(self) -> Session:
        return Connector.load().connect(self.key or None, base_url=self.base_url, attempts=1)


def command(*words: str, given: str = "", at: Path | None = None) -> CommandResult:
    """Run a command line as a program of its own, with a text to read, in a folder."""
    kept = {name: value for name, value in os.environ.items() if name != "OPENROUTER_API_KEY"}
    ended = subprocess.run(
        [sys.executable, "-m", "openrouter_connector", *words],
        input=given,
        capture_output=True,
        text=True,
        env=kept,
        cwd=at,
    )
    return CommandResult(ended.returncode, ended.stdout, ended.stderr)


def image(folder: Path, colour: str, kind: str = "png") -> Path:
    """Paint a picture of one colour."""
    from PIL import Image

    place = folder / f"{colour}.{kind}"
    Image.new("RGB", (60, 40), COLOURS[colour]).save(place)
    return place
