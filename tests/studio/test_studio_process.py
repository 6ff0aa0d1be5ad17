"""`openrouter-connector studio` as a process: what it prints, opens and connects to."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.faces.http import studio
from openrouter_connector.sandbox import Sandbox
from support.command import Command
from support.http_face import TOKEN
from support.http_runs import until
from support.studio import ask_step, field, node
from support.toy import with_toy

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.usefixtures("compiled_before")

COMMAND = (sys.executable, "-m", "openrouter_connector", "studio", "--port", "0")


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that gets the address which the browser is asked to open."""
    file, program = tmp_path / "opened", tmp_path / "browser"
    program.write_text(f'#!/bin/sh\necho "$1" > {file}.new\nmv {file}.new {file}\n')
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    monkeypatch.delenv("OPENROUTER_API_KEY", raising=False)
    return file


@contextmanager
def started(folder: Path, *words: str) -> Iterator[tuple[str, str]]:
    """Start the command, and yield its address and all that it has printed."""
    places = ("--files", str(folder / "f"), "--database", str(folder / "runs.db"))
    command = (*COMMAND, *places, *words)
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as running:
        assert running.stderr
        printed = ""
        while "Ctrl-C" not in printed and (line := running.stderr.readline()):
            printed += line
        found = re.search(r"^  (http://\S+)$", printed, re.MULTILINE)
        assert found, printed
        try:
            yield found[1], printed
        finally:
            running.kill()
            running.stderr.read()


def default(address: str) -> str:
    """Return the name of the default connection of a server, as a browser sees it."""
    with httpx.Client(follow_redirects=True) as browser:
        assert "csp-nonce" in browser.get(address).text
        listed = browser.get(httpx.URL(address).join("/api/connections")).json()
    return str(next(one["name"] for one in listed if one["default"]))


def test_it_opens_the_browser_logged_in_by_an_address_that_works_once(
    built: None, opened: Path, tmp_path: Path
) -> None:
    with started(tmp_path) as (address, printed):
        until(opened.exists)
        once = opened.read_text().strip()

        assert httpx.URL(address).params["token"] not in once
        assert "everything runs in the sandbox" in printed
        assert default(once) == "sandbox"
        assert httpx.get(once).status_code == 401
        assert default(address) == "sandbox"


def test_it_opens_nothing_when_told_so(built: None, opened: Path, tmp_path: Path) -> None:
    with started(tmp_path, "--no-open", "--no-token") as (address, _):
        assert default(address) == "sandbox"
        assert not opened.exists()


def test_a_stored_key_comes_before_the_sandbox(built: None, opened: Path, tmp_path: Path) -> None:
    ConnectionStore().save(StoredConnection("work", "sk-or-v1-of-work"))
    with started(tmp_path, "--no-open") as (address, printed):
        assert "sandbox" not in printed
        assert default(address) == "work"
    with started(tmp_path, "--no-open", "--sandbox") as (address, _):
        assert default(address) == "sandbox"


def test_a_definition_of_ones_own_is_shown_and_run(
    built: None, chromium: Browser, opened: Path, tmp_path: Path
) -> None:
    own = str(with_toy(tmp_path))
    with started(tmp_path, "--no-open", "--sandbox", "--connector", own) as (address, _):
        page = chromium.new_page(viewport={"width": 1440, "height": 900})
        page.goto(address)
        page.locator(".palette-row", has_text="Count Toys").dblclick()
        node(page, "countToys_1").wait_for()
        field(page, "kind").get_by_role("radio").last.click()
        page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
        page.wait_for_selector(".runbar-outcome-done")
        assert int(node(page, "countToys_1").locator(".canvas-well").inner_text()) > 0
        page.close()


def models_asked(sandbox: Sandbox) -> list[str]:
    """Return the models of all answers that were begun."""
    bodies = (one.body for one in sandbox.requests if one.path.endswith("/chat/completions"))
    return [str(body["model"]) for body in bodies if isinstance(body, dict)]


def test_a_run_in_doubt_after_a_kill_is_shown_and_sent_again(
    built: None,
    chromium: Browser,
    opened: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", "sandbox/slow")]
    page = chromium.new_page(viewport={"width": 1440, "height": 900})
    with Sandbox(slow=3) as sandbox:
        monkeypatch.setenv("OPENROUTER_API_KEY", sandbox.token)
        monkeypatch.setenv("OPENROUTER_BASE_URL", sandbox.base_url)
        words = ("--no-open", "--token", TOKEN)
        with started(tmp_path, *words) as (address, _):
            place = httpx.URL(address).copy_with(query=None)
            api = {"Authorization": f"Bearer {TOKEN}"}
            body = {"flow": {"label": "Doubt", "tasks": steps}}
            stored = httpx.post(place.join("/api/flows"), json=body, headers=api).json()["id"]
            page.goto(f"{place}?token={TOKEN}")
            page.wait_for_selector(".topbar-flow")
            page.goto(f"{place}#/canvas/{stored}")
            node(page, "ask_2").wait_for()
            page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
            until(lambda: "sandbox/slow" in models_asked(sandbox))
        with started(tmp_path, *words, "--port", str(place.port)):
            page.locator(".runbar", has_text="In doubt").wait_for(timeout=60_000)
            page.get_by_role("tab", name="Runs").click()
            page.get_by_role("alert").get_by_text("may have been billed").wait_for()
            page.get_by_role("tab", name="Canvas").click()
            page.locator(".runbar").get_by_role("button", name="Send Again").click()
            page.wait_for_selector(".runbar-outcome-done", timeout=60_000)

            [run] = httpx.get(place.join("/api/runs"), headers=api).json()
            assert run["status"] == "succeeded"
    page.close()


def test_without_its_pages_it_says_how_to_get_them(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studio, "BUNDLE", tmp_path / "nothing")

    result = command("studio", "--no-open", "--port", "0")

    assert (result.code, result.out) == (2, "")
    assert "`make studio`" in result.err
