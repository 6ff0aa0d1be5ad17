"""A page of the Studio with a flow in it, and what goes wrong there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support.http_face import Served

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Page

# Chromium's own message of a blocked style or script does not always reach the console.
_REPORT_BLOCKED = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`blocked: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`));
"""


class Troubles:
    """The errors of pages: thrown, written to the console, or blocked by the policy."""

    def __init__(self) -> None:
        self.seen: list[str] = []
        self._expected: list[str] = []

    def watch(self, page: Page) -> None:
        """Collect what goes wrong in a page from now on."""
        page.add_init_script(_REPORT_BLOCKED)
        page.on("pageerror", lambda error: self.seen.append(f"thrown: {error}"))
        page.on("console", self._read)

    def expect(self, pattern: str) -> None:
        """Say that a test provokes messages that match a pattern, such as a refused request."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        """Return what went wrong and was not expected."""
        return [
            one for one in self.seen if not any(re.search(each, one) for each in self._expected)
        ]

    def _read(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.seen.append(f"{message.type}: {message.text}")


def ask_step(name: str, prompt: str, model: str = "sandbox/echo") -> dict[str, Any]:
    """Return a step that asks a model."""
    parameters: dict[str, Any] = {"model": model, "format": "SIMPLE", "userPrompt": prompt}
    parameters |= {"response": {"responseFormat": "TEXT"}}
    return {"name": name, "label": name, "type": "openRouter/v1/ask", "parameters": parameters}


def open_flow(page: Page, studio: Served, **flow: Any) -> str:
    """Store a flow, open it in the page, and return its id."""
    found: str = studio.api.post("/api/flows", json={"flow": flow}).json()["id"]
    page.wait_for_selector(".topbar-flow")
    page.goto(f"/#/canvas/{found}")
    page.wait_for_selector(f".topbar-flow:has-text('{flow['label']}')")
    return found
