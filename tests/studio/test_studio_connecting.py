"""The wizard and the list of connections: every failure of a key has its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from openrouter_connector.sandbox import Sandbox
from support.http_face import Served

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.studio import Troubles


def paste(page: Page, key: str) -> None:
    page.fill("#wizard-key", key)
    page.click(".wizard-key >> text=Test")


def test_a_key_that_is_none_says_so_and_offers_the_sandbox(page: Page) -> None:
    page.click("role=tab[name='Connections']")
    page.click("text=Paste an API key")
    paste(page, "this is no key")
    page.wait_for_selector("text=This is not an API key")
    assert page.locator("button:has-text('Save')").is_disabled()
    page.click("text=Use the sandbox for now")

    page.wait_for_selector(".wizard-note")
    assert page.locator("role=radio[name=/sandbox/i]").get_attribute("aria-checked") == "true"


def test_a_connection_is_used_renamed_and_removed(page: Page, studio: Served) -> None:
    body = {"name": "Work", "token": "sk-or-v1-sandbox-0123456789"}
    studio.api.post("/api/connections", json=body)
    page.click("role=tab[name='Connections']")
    card = page.locator(".connection", has_text="Work")
    card.get_by_label("More for Work").click()
    page.click("text=Use in the Studio")
    page.wait_for_selector(".topbar-connection:has-text('Work')")
    card.get_by_label("More for Work").click()
    page.click("text=Rename…")
    page.fill("#wizard-new-name", "Team")
    page.keyboard.press("Enter")
    page.wait_for_selector(".connection:has-text('Team')")
    page.locator(".connection", has_text="Team").get_by_label("More for Team").click()
    page.click("text=Remove…")
    page.click("[role=dialog] >> button:has-text('Remove')")
    page.wait_for_selector(".connection:has-text('Team')", state="detached")

    assert all(one["readOnly"] for one in studio.api.get("/api/connections").json())


def test_a_consent_in_another_window_becomes_a_connection(
    page: Page, studio: Served, own_sandbox: Sandbox
) -> None:
    page.click("role=tab[name='Connections']")
    page.get_by_role("radio", name="Sign in at OpenRouter").click()
    page.get_by_text("Other server, or a browser").click()
    page.fill("#wizard-server", own_sandbox.base_url)
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Sign In", exact=True).click()
    opened.value.get_by_role("button", name="Allow", exact=True).click()
    opened.value.get_by_text("You can close this window").wait_for()
    page.get_by_text("The key works").wait_for()
    page.get_by_role("button", name="Save Connection").click()
    page.locator(".connection", has_text="OpenRouter").wait_for()

    stored = [one["name"] for one in studio.api.get("/api/connections").json()]
    assert "OpenRouter" in stored


def test_a_management_key_creates_one_with_a_limit(page: Page, own_sandbox: Sandbox) -> None:
    page.click("role=tab[name='Connections']")
    page.click("text=Paste an API key")
    page.get_by_text("Other server").click()
    page.fill("#wizard-server", own_sandbox.base_url)
    paste(page, "sk-or-v1-sandbox-management-0123456789")
    page.get_by_text("This is a management key", exact=True).wait_for()
    page.get_by_role("button", name="Create a key with it").click()
    assert page.locator("#wizard-key").get_attribute("aria-invalid") == "false"
    page.get_by_label("Name").fill("Limited")
    limit, save = page.get_by_label("Spending limit"), page.get_by_text("Create Key and Save")
    limit.fill("3,50")
    page.get_by_text("Enter an amount").wait_for()
    assert save.is_disabled()
    limit.fill("1000001")
    assert save.is_disabled()
    limit.fill("3.50")
    save.click()

    page.locator(".connection", has_text="Limited").get_by_text("$3.50 left of $3.50").wait_for()


def test_a_key_that_another_server_refuses_offers_to_check_its_base_url(
    page: Page, own_sandbox: Sandbox, troubles: Troubles
) -> None:
    troubles.expect("422")
    page.click("role=tab[name='Connections']")
    page.click("text=Paste an API key")
    page.get_by_text("Other server").click()
    page.fill("#wizard-server", own_sandbox.base_url)
    paste(page, "sk-or-v1-sandbox-disabled-0123456789")
    page.get_by_text("The server refused this key", exact=True).wait_for()

    page.fill("#wizard-server", f"https://example.com/{'long' * 500}")
    page.click(".wizard-key >> text=Test")
    page.get_by_text("The base URL cannot be used", exact=True).wait_for()
    page.get_by_role("button", name="Check the base URL").click()
    expect(page.locator("#wizard-server")).to_be_focused()
