"""Reloads, servers that go away, and two windows: nothing typed is lost, no run is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from openrouter_connector import Connector, FileStore
from openrouter_connector.connections.store import ConnectionStore
from openrouter_connector.faces.http.app import Settings, create_app
from openrouter_connector.flows.store import FlowStore
from openrouter_connector.sandbox import Sandbox
from support.http_face import TOKEN, Served, running, there
from support.http_runs import until
from support.studio import ask_step, field, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.http_runs import until
from support.studio import Troubles


@pytest.fixture(scope="module")
def own_sandbox() -> Iterator[Sandbox]:
    """A sandbox whose slow model takes two seconds."""
    with Sandbox(slow=2) as sandbox:
        yield sandbox


@pytest.fixture
def again(
    studio: Served, connector: Connector, own_sandbox: Sandbox, tmp_path: Path
) -> Iterator[Callable[[], Served]]:
    """Start the server a second time, at the same address and with the same folders."""
    files = FileStore(tmp_path / "files")
    settings = Settings(
        token=TOKEN, startup=there(own_sandbox), database=str(tmp_path / "runs.db"), worker=True
    )
    port = int(studio.url.rpartition(":")[2])
    with ExitStack() as stack:

        def start() -> Served:
            app = create_app(
                connector,
                files,
                settings,
                ConnectionStore(tmp_path / "config"),
                FlowStore(tmp_path / "flows"),
            )
            return stack.enter_context(running(app, files, port))

        yield start


def is_gone(studio: Served) -> bool:
    try:
        httpx.get(studio.url, trust_env=False)
    except httpx.TransportError:
        return True
    return False


def run(page: Page) -> None:
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()


def write(page: Page, step: str, text: str) -> None:
    node(page, step).locator("header").click()
    field(page, "userPrompt").get_by_role("textbox").click()
    page.keyboard.press("Control+End")
    page.keyboard.insert_text(text)


def test_a_reload_in_the_middle_of_a_run_goes_on_showing_it(page: Page, studio: Served) -> None:
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", "sandbox/slow")]
    open_flow(page, studio, label="Slow", tasks=steps)
    run(page)
    node(page, "ask_1").get_by_text("Done", exact=True).wait_for()
    page.reload()
    page.get_by_role("button", name="Cancel").first.wait_for()
    node(page, "ask_2").get_by_text("Running").wait_for()
    page.wait_for_selector(".runbar-outcome-done", timeout=20_000)

    assert len(studio.api.get("/api/runs").json()) == 1
    node(page, "ask_1").get_by_text("Done", exact=True).wait_for()


def test_what_is_typed_while_the_server_is_gone_is_saved_when_it_is_back(
    page: Page, studio: Served, troubles: Troubles, again: Callable[[], Served]
) -> None:
    troubles.expect("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET")
    open_flow(page, studio, label="Kept", tasks=[ask_step("ask_1", "Hello")])
    write(page, "ask_1", "")
    studio.stop()
    until(lambda: is_gone(studio))
    write(page, "ask_1", " sea")
    page.locator(".topbar-saved", has_text="Kept in this browser").wait_for()
    write(page, "ask_1", " and sky")
    served = again()
    page.get_by_text("Saved · v2").wait_for(timeout=40_000)  # it tries again by itself
    assert saved_tasks(page, served)[0]["parameters"]["userPrompt"] == "Hello sea and sky"
    run(page)
    page.wait_for_selector(".runbar-outcome-done", timeout=20_000)


def test_two_windows_on_one_flow_lose_nothing(
    page: Page, studio: Served, troubles: Troubles
) -> None:
    troubles.expect("409")
    flow = open_flow(page, studio, label="Shared", tasks=[ask_step("ask_1", "Hello")])
    other = page.context.new_page()
    troubles.watch(other)
    other.goto(f"/#/canvas/{flow}")
    other.wait_for_selector(".topbar-flow:has-text('Shared')")
    write(other, "ask_1", " from the other window")
    other.get_by_text("Saved · v2").wait_for()
    write(page, "ask_1", " from this one")
    page.get_by_text("changed in another window").wait_for()
    page.get_by_role("button", name="Keep Mine").click()
    page.get_by_text("Saved · v3").wait_for()

    assert saved_tasks(page, studio)[0]["parameters"]["userPrompt"] == "Hello from this one"
    theirs = studio.api.get(f"/api/flows/{flow}/versions/2").json()["flow"]
    kept = theirs["tasks"][0]["parameters"]["userPrompt"]
    assert kept == "Hello from the other window"
