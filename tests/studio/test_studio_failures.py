"""Models that fail: the page says what happened, whether it cost anything, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from support.http_face import Served
from support.studio import ask_step, node, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page


@dataclass(frozen=True)
class Case:
    """A model that fails, and what the page says of it."""

    model: str
    outcome: str
    title: str
    billing: str
    ways: tuple[str, ...]


CASES = [
    Case(
        "forbidden",
        "Failed",
        "The request is not allowed",
        "Nothing was billed",
        ("Retry", "Other Model"),
    ),
    Case(
        "rate-limited",
        "Failed",
        "The provider limits requests",
        "Nothing was billed",
        ("Retry", "Other Model"),
    ),
    Case(
        "breaks-mid-stream",
        "Failed",
        "The answer is incomplete",
        "was charged",
        ("Retry", "Other Model"),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.model)
def test_a_failure_says_what_happened_and_what_next(page: Page, studio: Served, case: Case) -> None:
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", f"sandbox/{case.model}")]
    open_flow(page, studio, label=case.model, tasks=steps)
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.locator(".runbar b", has_text=case.outcome).wait_for(timeout=30_000)
    node(page, "ask_2").locator("header").click()
    for room in ("Setup", "Output"):
        page.get_by_role("tab", name=room).click()
        card = page.locator(".inspector").get_by_role("alert")

        assert case.title in card.inner_text()
        assert case.billing in card.inner_text()
        for way in case.ways:
            assert card.get_by_role("button", name=way).is_enabled()
    assert "This is the sandbox answering" in node(page, "ask_1").inner_text()


def test_another_model_lets_the_run_go_on_without_paying_twice(page: Page, studio: Served) -> None:
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", "sandbox/no-credits")]
    open_flow(page, studio, label="Mended", tasks=steps)
    page.locator(".runbar").get_by_role("button", name="Run", exact=True).click()
    page.locator(".runbar b", has_text="Failed").wait_for()
    node(page, "ask_2").locator("header").click()
    page.get_by_role("tab", name="Output").click()
    page.locator(".inspector [role=alert]").get_by_role("button", name="Other Model").click()
    page.get_by_role("combobox", name="Search").fill("sandbox/echo")
    page.get_by_role("option").first.click()
    page.get_by_role("dialog").wait_for(state="detached")
    page.get_by_role("button", name="Run Step").click()
    node(page, "ask_2").get_by_text("Done", exact=True).wait_for()

    performed = [
        [step["step"] for step in studio.api.get(f"/api/runs/{run['id']}").json()["steps"]]
        for run in studio.api.get("/api/runs").json()
    ]
    assert performed == [["ask_2"], ["ask_1", "ask_2"]]


def test_a_run_that_reached_its_budget_goes_on_from_there_with_another(
    page: Page, studio: Served
) -> None:
    steps = [ask_step("ask_1", "Hello"), ask_step("ask_2", "${ask_1}", "sandbox/thinker")]
    open_flow(page, studio, label="Dear", tasks=steps)
    page.get_by_label("Run with options").click()
    page.get_by_role("menuitem", name="Run with options").click()
    page.get_by_label("Budget").fill("0.0000001")
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    page.locator(".runbar b", has_text="Failed").wait_for()
    page.get_by_role("tab", name="Runs").click()
    page.get_by_role("alert").get_by_role("button", name="Run with Another Budget").click()
    page.get_by_role("dialog").get_by_label("Budget").fill("1")
    page.get_by_role("dialog").get_by_role("button", name="Run", exact=True).click()
    page.locator(".runbar-outcome-done").wait_for()
