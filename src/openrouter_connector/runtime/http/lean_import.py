"""Import httpx without the command line of its own, for a process that makes one call.

httpx imports click, rich and pygments where they are installed, only for its command `httpx`. That
is a third of the time that its import takes.
"""

from __future__ import annotations

import sys


def import_httpx() -> None:
    """Import httpx as it is where click is not installed. No other thread may import click."""
    if "httpx" in sys.modules or "click" in sys.modules:
        return
    # This is how Python marks a module that cannot be imported.
    sys.modules["click"] = None  # type: ignore[assignment]
    try:
        import httpx  # noqa: F401
    finally:
        del sys.modules["click"]
