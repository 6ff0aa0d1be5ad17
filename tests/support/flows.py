"""Build flows for tests."""

from __future__ import annotations

from typing import Any

from openrouter_connector.flows.flow import Flow

ASK = {
    "model": "a/b",
    "format": "SIMPLE",
    "userPrompt": "Hi",
    "response": {"responseFormat": "TEXT"},
}


def task(name: str, kind: str = "openRouter/v1/ask", **parameters: Any) -> dict[str, Any]:
    return {"label": name, "name": name, "type": kind, "parameters": parameters}


def ask(name: str, prompt: str, **more: Any) -> dict[str, Any]:
    return task(name, **(ASK | {"userPrompt": prompt} | more))


def flow(*tasks: Any, **more: Any) -> Flow:
    return Flow.from_json({"label": "Test", "tasks": list(tasks), **more})


def messages(checked: Any) -> list[str]:
    return [f"{one.path}: {one.message}" for one in checked.problems]


def warnings(checked: Any) -> list[str]:
    return [f"{one.path}: {one.message}" for one in checked.warnings]


def saved(*steps: Any, name: str = "flow.json", **more: Any) -> str:
    """Save a flow in the working folder, and return the name of its file."""
    flow(*steps, **more).save(name)
    return name
