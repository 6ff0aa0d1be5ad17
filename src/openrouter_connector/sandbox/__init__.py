"""An offline OpenRouter, served over real HTTP on loopback, for rehearsing without a key.

with Sandbox() as sandbox:
    httpx.post(f"{sandbox.base_url}/chat/completions", headers=..., json=...)
    sandbox.requests[-1].body
"""

from __future__ import annotations

from .server import Sandbox, create_app, serve
from .state import Recorded, Settings

__all__ = ["Recorded", "Sandbox", "Settings", "create_app", "fault_table", "serve"]


def fault_table() -> str:
    """Give the fault models as a Markdown table: id, where it plays, what happens."""
    from .faults.table import table

    return table()
