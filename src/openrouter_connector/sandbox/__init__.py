"""An offline OpenRouter, served over real HTTP on loopback, to try and test without an API key.

with Sandbox() as sandbox:
    httpx.post(f"{sandbox.base_url}/chat/completions", headers=..., json=...)
    sandbox.requests[-1].body
"""

from __future__ import annotations

from .recording import RecordedRequest
from .server import REHEARSAL_TOKEN, Sandbox, create_app, serve
from .state import Settings

__all__ = [
    "REHEARSAL_TOKEN",
    "RecordedRequest",
    "Sandbox",
    "Settings",
    "create_app",
    "fault_names",
    "fault_names_at",
    "fault_table",
    "serve",
]


def fault_names() -> dict[str, str]:
    """Return the faults with their descriptions: `rate-limited` behind a model's name is one."""
    from .faults.table import FAULTS

    return {name.removeprefix("sandbox/"): fault.description for name, fault in FAULTS.items()}


def fault_names_at(request: str) -> list[str]:
    """Return the names of the faults that show at a request such as `POST /chat/completions`."""
    from .faults.table import faults_at

    return [name.removeprefix("sandbox/") for name in faults_at(request)]


def fault_table() -> str:
    """Return the fault models as a Markdown table: id, affected endpoints, description."""
    from .faults.table import markdown_table

    return markdown_table()
