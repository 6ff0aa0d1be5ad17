"""The Studio saves by itself: nothing that was typed is lost, whoever else saves or goes away."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from support.http_face import Served
from support.studio import ask_step, field, node, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.studio import Troubles


_FILL_STORAGE = """
() => {
  for (let size = 1 << 20; size > 0; size >>= 1) {
    try {
      for (let each = 0; ; each += 1) localStorage.setItem(`${size}-${each}`, "x".repeat(size));
    } catch { /* no room for this size */ }
  }
}
"""


@pytest.fixture
def flow(page: Page, studio: Served) -> str:
    """The id of a stored flow, which is open in the page."""
    return open_flow(page, studio, label="Shared", tasks=[ask_step("ask_1", "Hello")])


def rename(page: Page, label: str) -> None:
    page.click(".topbar-flow")
    page.click("text=Rename…")
    page.fill("#exchange-name input", label)
    page.keyboard.press("Enter")


def stored(studio: Served, flow: str) -> tuple[str, int]:
    found = studio.api.get(f"/api/flows/{flow}").json()
    return found["label"], found["version"]


def test_a_change_is_saved_by_itself_and_a_reload_shows_it(
    page: Page, studio: Served, flow: str
) -> None:
    rename(page, "Mine")
    page.wait_for_selector("text=Saved · v2")
    page.reload()
    page.wait_for_selector(".topbar-flow:has-text('Mine')")

    assert stored(studio, flow) == ("Mine", 2)


def test_a_reload_right_after_a_change_loses_nothing(page: Page, studio: Served, flow: str) -> None:
    rename(page, "Quick")
    page.reload()
    page.wait_for_selector("text=Saved · v2")

    assert stored(studio, flow) == ("Quick", 2)


@pytest.mark.parametrize(("choice", "label"), [("Keep Mine", "Mine"), ("Take Theirs", "Theirs")])
def test_two_people_on_one_flow_are_asked(
    page: Page, studio: Served, troubles: Troubles, flow: str, choice: str, label: str
) -> None:
    troubles.expect("409")
    theirs = {"label": "Theirs", "tasks": [ask_step("ask_1", "Good morning")]}
    studio.api.put(f"/api/flows/{flow}", json={"flow": theirs, "version": 1})
    rename(page, "Mine")
    page.wait_for_selector("text=changed in another window")
    page.click("text=Compare")
    compared = page.get_by_role("row", name=re.compile("Prompt")).inner_text()
    assert compared.split() == ["Prompt", "Hello", "Good", "morning"]
    page.click(f"[role=dialog] >> button:has-text('{choice}')")
    page.wait_for_selector(f".topbar-flow:has-text('{label}')")
    page.wait_for_selector("text=/Saved · v[23]/")

    assert stored(studio, flow)[0] == label


def test_changes_are_kept_while_the_server_is_gone(
    page: Page, studio: Served, troubles: Troubles, flow: str
) -> None:
    troubles.expect("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    rename(page, "Offline")
    page.wait_for_selector("text=Kept in this browser")
    page.click("text=Retry Now")
    page.wait_for_selector("text=Your changes are kept in this browser. Retrying in")
    page.context.set_offline(False)
    page.wait_for_selector("text=Saved · v2")

    assert stored(studio, flow) == ("Offline", 2)


def test_a_full_browser_without_a_server_offers_the_flow_as_a_file(
    page: Page, studio: Served, troubles: Troubles, flow: str
) -> None:
    troubles.expect("ERR_INTERNET_DISCONNECTED")
    page.evaluate(_FILL_STORAGE)
    page.context.set_offline(True)
    rename(page, "Nowhere else")
    page.wait_for_selector("text=Not saved yet")
    with page.expect_download() as started:
        page.click("text=Download Flow")
    kept = json.loads(started.value.path().read_text())
    page.context.set_offline(False)
    page.wait_for_selector("text=Saved · v2")

    assert kept["label"] == "Nowhere else"
    assert stored(studio, flow) == ("Nowhere else", 2)


def test_a_part_of_the_page_that_did_not_load_comes_when_the_server_is_back(
    page: Page, troubles: Troubles
) -> None:
    troubles.expect("ERR_INTERNET_DISCONNECTED")
    page.route("**/assets/RunsView-*.js", lambda route: route.abort("internetdisconnected"))
    page.reload()
    page.click("role=tab[name='Runs']")
    page.wait_for_selector("main[aria-busy=true]")
    page.unroute_all()

    page.wait_for_selector("text=No runs yet")


def test_a_server_that_is_gone_is_told_in_every_room_while_nothing_is_edited(
    page: Page, troubles: Troubles, flow: str
) -> None:
    troubles.expect("ERR_INTERNET_DISCONNECTED")
    notice = page.locator(".exchange-notice", has_text="The server does not answer. Retrying")
    page.context.set_offline(True)
    notice.wait_for()
    page.get_by_role("tab", name="Connections").click()
    notice.wait_for()
    assert page.locator(".exchange-notice").count() == 1
    page.context.set_offline(False)
    notice.wait_for(state="detached")


def test_a_form_that_cannot_be_loaded_says_so_instead_of_showing_empty_fields(
    page: Page, troubles: Troubles, flow: str
) -> None:
    troubles.expect("ERR_INTERNET_DISCONNECTED")
    page.wait_for_load_state("networkidle")  # the parts of the page that come when it is idle
    page.context.set_offline(True)
    node(page, "ask_1").locator("header").click()
    page.get_by_text("The form cannot be loaded now. Its values are not lost.").wait_for()
    assert page.locator(".inspector .control").count() == 0
    page.context.set_offline(False)

    field(page, "userPrompt").get_by_text("Hello").wait_for()


def test_a_key_inside_a_flow_is_refused_with_its_place(
    page: Page, studio: Served, troubles: Troubles, flow: str
) -> None:
    troubles.expect("422")
    rename(page, "sk-or-v1-" + "0a1b" * 16)
    page.wait_for_selector("text=looks like an API key")
    page.locator(".exchange-notice").get_by_role("button", name="Close").click()
    page.wait_for_selector(".exchange-notice", state="detached")
    rename(page, "Clean")
    page.wait_for_selector("text=Saved · v2")

    assert stored(studio, flow) == ("Clean", 2)


def test_an_old_version_opens_as_a_change_that_undo_takes_back(
    page: Page, studio: Served, flow: str
) -> None:
    rename(page, "Newer")
    page.wait_for_selector("text=Saved · v2")
    page.click(".topbar-flow")
    page.click("text=Versions…")
    page.click("li:has-text('Version 1') >> text=Open This Version")
    page.wait_for_selector("text=Saved · v3")
    assert stored(studio, flow) == ("Shared", 3)
    page.keyboard.press("Control+z")
    page.wait_for_selector("text=Saved · v4")

    assert stored(studio, flow) == ("Newer", 4)
