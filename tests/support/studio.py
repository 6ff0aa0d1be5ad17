"""A page of the Studio with a flow in it, and what goes wrong there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from support.http_face import Served

if TYPE_CHECKING:
    from playwright.sync_api import ConsoleMessage, Locator, Page

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


def use_connection(page: Page, studio: Served, name: str, token: str, base_url: str) -> None:
    """Store a connection, and choose it in this browser."""
    studio.api.post(
        "/api/connections", json={"name": name, "token": token, "baseUrl": base_url}
    ).raise_for_status()
    page.reload()
    page.click("role=tab[name='Connections']")
    page.locator(".connection", has_text=name).get_by_label(f"More for {name}").click()
    page.click("text=Use in the Studio")
    page.wait_for_selector(f".topbar-connection:has-text('{name}')")


def node(page: Page, name: str) -> Locator:
    """Return a step on the canvas."""
    return page.locator(f"#node-{name}")


def field(page: Page, path: str) -> Locator:
    """Return a field of the form in the inspector."""
    return page.locator(f'.inspector [data-path="{path}"]')


def choose_model(page: Page, model: str) -> None:
    """Search a model for the selected step, and choose it."""
    field(page, "model").locator(".model-control").click()
    page.get_by_role("combobox", name=re.compile("Search")).fill(model)
    option = page.get_by_role("option").filter(has=page.get_by_text(model, exact=True))
    option.first.click()
    field(page, "model").get_by_text(model, exact=True).wait_for()


def saved_tasks(page: Page, studio: Served) -> list[dict[str, Any]]:
    """Wait until all is saved, and return the steps of the open flow."""
    page.wait_for_function(
        "() => /^Saved · v/.test(document.querySelector('.topbar-saved').textContent)"
    )
    flow = page.url.rpartition("/")[2]
    tasks: list[dict[str, Any]] = studio.api.get(f"/api/flows/{flow}").json()["flow"]["tasks"]
    return tasks
