"""An offline OpenRouter, served over real HTTP on loopback, to try and test without an API key.

with Sandbox() as sandbox:
    httpx.post(f"{sandbox.base_url}/chat/completions", headers=..., json=...)
    sandbox.requests[-1].body
"""

from __future__ import annotations

from .recording import RecordedRequest
from .server import Sandbox, create_app, serve
from .state import Settings

__all__ = ["RecordedRequest", "Sandbox", "Settings", "create_app", "fault_table", "serve"]


def fault_table() -> str:
    """Return the fault models as a Markdown table: id, affected endpoints, description."""
    from .faults.table import markdown_table

    return markdown_table()
