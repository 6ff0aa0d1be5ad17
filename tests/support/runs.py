"""Run flows in tests: with the sandbox, and a database of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from openrouter_connector import Connector
from openrouter_connector.flows.formats.flow import Flow
from openrouter_connector.flows.runs import EngineLimits, FlowError, FlowResult, Runs
from openrouter_connector.sandbox import Sandbox

from .flows import ask, flow, task

T = TypeVar("T")
ECHO = "This is the sandbox answering; no model was asked.\n\nYou said: "


def echo(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return {**ask(name, prompt, model="sandbox/echo"), **more}


def slow(name: str, prompt: str = "x") -> dict[str, Any]:
    """Return a step whose answer takes a while."""
    return echo(name, prompt) | {"parameters": {"model": "sandbox/slow", "userPrompt": prompt}}


async def started(runs: Runs, run: Any, place: str) -> None:
    """Wait until a step begins."""
    async for event in run.events():
        if event["type"] == "started" and event["place"] == place:
            return


def asked(running: Running) -> int:
    """Return how many requests with a body were sent."""
    return sum(request.method == "POST" for request in running.sandbox.requests)


def var(name: str, value: Any) -> dict[str, Any]:
    return task(name, "var/v1/set", value=value)


def said(output: str) -> str:
    """What the last prompt was, of an answer of `sandbox/echo`."""
    return output.removeprefix(ECHO)


class Running:
    """Opens the runs of a test, one after the other."""

    def __init__(self, connector: Connector, sandbox: Sandbox, folder: Path) -> None:
        self.connector = connector
        self.sandbox = sandbox
        self.folder = folder
        self.database = str(folder / "runs.sqlite3")

    def with_runs(
        self,
        work: Callable[[Runs], Awaitable[T]],
        limits: EngineLimits | None = None,
        **connect: Any,
    ) -> T:
        """Do something with the runs, in an event loop of its own."""
        options = {"token": self.sandbox.token, "base_url": self.sandbox.base_url} | connect

        async def once() -> T:
            session = self.connector.connect(files=self.folder / "files", **options)
            async with session, Runs(session, self.database, limits=limits) as runs:
                return await work(runs)

        return asyncio.run(once())

    def result(
        self, *tasks: Any, inputs: Any = None, options: Any = None, **more: Any
    ) -> FlowResult:
        """Run a flow of these steps to its end."""
        return self.result_of(flow(*tasks, **more), inputs, **(options or {}))

    def result_of(self, given: Flow, inputs: Any = None, **options: Any) -> FlowResult:
        async def work(runs: Runs) -> FlowResult:
            return await (await runs.start(given, inputs, **options)).result()

        return self.with_runs(work)

    def value(self, *tasks: Any, output: str, inputs: Any = None, **more: Any) -> Any:
        """Return the value of an expression after a flow of these steps."""
        outputs = [{"name": "value", "value": output}]
        return self.result(*tasks, inputs=inputs, outputs=outputs, **more).outputs["value"]

    def failure(self, *tasks: Any, **more: Any) -> FlowError:
        """Return the error of a flow that fails."""
        try:
            self.result(*tasks, **more)
        except FlowError as error:
            return error
        raise AssertionError("the flow did not fail")

    def events(self, *tasks: Any, **options: Any) -> list[dict[str, Any]]:
        async def work(runs: Runs) -> list[dict[str, Any]]:
            run = await runs.start(flow(*tasks), **options)
            return [event async for event in run.events()]

        return self.with_runs(work)
