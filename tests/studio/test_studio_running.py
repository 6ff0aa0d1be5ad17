"""Running flows in the Studio: inputs, progress, failures with their next step, the past."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from support.http_face import Served
from support.studio import ask_step, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page

TOPIC = {"name": "topic", "label": "Topic", "type": "string", "required": True}


def run(page: Page) -> None:
    page.click(".runbar >> button:has-text('Run')")


def test_a_flow_with_inputs_asks_for_them_and_shows_its_cost(page: Page, studio: Served) -> None:
    tasks = [ask_step("ask_1", "A story about ${topic}")]
    open_flow(page, studio, label="Story", inputs=[TOPIC, {"name": "tone"}], tasks=tasks)
    run(page)
    page.click("[role=dialog] >> button:has-text('Run')")
    page.wait_for_selector("text=This input is required.")
    assert page.inner_text("label[for='input-tone']") == "tone"
    page.fill("#input-topic", "a lighthouse")
    page.fill("[placeholder='No limit']", "0.5")
    page.click("[role=dialog] >> button:has-text('Run')")
    page.wait_for_selector(".runbar-outcome-done")

    assert "$0.0000" in page.inner_text(".runbar-cost")
    assert page.get_by_role("meter", name="Budget").get_attribute("aria-valuemax") == "0.5"
    assert page.locator(".runbar-segment-done").count() == 1
    [found] = studio.api.get("/api/runs").json()
    assert studio.api.get(f"/api/runs/{found['id']}").json()["options"]["budget"] == 0.5


def test_a_failed_run_says_where_and_why_and_shows_it_in_the_past(
    page: Page, studio: Served
) -> None:
    tasks = [ask_step("ask_1", "Hi"), ask_step("ask_2", "${ask_1}", "sandbox/no-credits")]
    open_flow(page, studio, label="Fails", tasks=tasks)
    run(page)
    page.wait_for_selector("text=ask_2: credits are used up")
    page.click("role=tab[name='Runs']")
    page.wait_for_selector(".failure")
    failure = page.inner_text(".failure")
    rows = page.locator(".runs-step-name").all_inner_texts()

    assert "Nothing was billed" in failure
    assert page.get_by_role("link", name="Add Credits").get_attribute("href")
    assert rows == ["ask_1", "ask_2"]


def test_a_run_counts_the_steps_of_its_flow_and_not_their_items(page: Page, studio: Served) -> None:
    each = {"name": "each_1", "type": "each/v1", "parameters": {
        "items": ["a", "b", "c"], "iteratee": [ask_step("ask_1", "${each_1.item}")],
    }}  # fmt: skip
    failing = ask_step("ask_2", "Hi", "sandbox/no-credits")
    open_flow(page, studio, label="Items", tasks=[ask_step("ask_0", "Hi"), each, failing])
    run(page)
    page.wait_for_selector("text=ask_2: credits are used up")
    page.click("role=tab[name='Runs']")
    page.wait_for_selector(".failure")

    assert "2 of 3" in page.inner_text(".runs-summary")
    assert "The results of the 2 finished steps are kept." in page.inner_text(".failure")


def test_a_past_run_opens_on_the_canvas(page: Page, studio: Served) -> None:
    flow = open_flow(page, studio, label="Past", tasks=[ask_step("ask_1", "Hello")])
    run(page)
    page.wait_for_selector(".runbar-outcome-done")
    page.goto("/#/runs")
    page.click("text=Open on Canvas")
    page.wait_for_selector(".runbar-outcome-done")

    assert page.url.endswith(f"#/canvas/{flow}")


def test_the_flow_of_a_run_that_was_never_stored_is_shown_and_taken_over(
    page: Page, studio: Served
) -> None:
    open_flow(page, studio, label="Mine", tasks=[ask_step("ask_1", "Mine")])
    theirs = {"label": "Theirs", "tasks": [ask_step("ask_7", "Hello")]}
    studio.api.post("/api/runs", json={"flow": theirs})
    page.goto("/#/runs")
    page.click("text=Open on Canvas")
    page.wait_for_selector("#node-ask_7")
    page.wait_for_selector(".runbar-outcome-done")
    page.click("#node-ask_7")
    assert page.locator(".inspector [data-path=userPrompt] dd").inner_text() == "Hello"
    assert page.locator(".inspector [inert]").count() == 0
    page.keyboard.press("Delete")
    assert page.locator("#node-ask_7").count() == 1
    page.click("text=Back to My Flow")
    page.wait_for_selector("#node-ask_1")
    page.goto("/#/runs")
    page.click("text=Open on Canvas")
    page.click("text=Make This the Flow")
    page.wait_for_url(re.compile("canvas/"))
    page.wait_for_selector("#node-ask_7")

    labels = {one["label"] for one in studio.api.get("/api/flows").json()}
    assert labels == {"Mine", "Theirs"}


def test_a_run_of_one_step_says_nothing_about_the_others(page: Page, studio: Served) -> None:
    tasks = [ask_step("ask_1", "Hi"), ask_step("ask_2", "Ho")]
    flow = open_flow(page, studio, label="Two", tasks=tasks)
    page.click("#node-ask_1")
    page.click("text=Run Step")
    page.wait_for_selector("#node-ask_1.canvas-node-done")
    page.wait_for_selector("#node-ask_2.canvas-node-idle")
    page.click("role=tab[name='History']")
    page.wait_for_selector(".history-row")

    assert [one["flowId"] for one in studio.api.get("/api/runs").json()] == [flow]


def test_a_rehearsal_gives_a_step_a_fault_and_leaves_the_flow_as_it_is(
    page: Page, studio: Served
) -> None:
    flow = open_flow(page, studio, label="Real", tasks=[ask_step("ask_1", "Hello")])
    page.click("[aria-label='Run with options']")
    page.click("text=Rehearse…")
    fault = page.get_by_role("combobox", name="ask_1")
    fault.get_by_role("option", name="No credits").wait_for(state="attached")
    assert fault.get_by_role("option", name="Job fails").count() == 0
    fault.select_option("no-credits")
    page.click("[role=dialog] >> button:has-text('Rehearse')")
    page.wait_for_selector("text=ask_1: credits are used up")

    assert studio.api.get(f"/api/flows/{flow}").json()["version"] == 1
    [run] = studio.api.get("/api/runs").json()
    assert (run["server"], run["flowId"]) == ("rehearsal", flow)
    assert page.inner_text(".runbar-cost") == "$0"
    page.click("#node-ask_1")
    page.click("role=tab[name='History']")
    assert "Rehearsal" in page.inner_text(".history-row")
    page.click("role=tab[name='Runs']")
    assert "Rehearsal" in page.inner_text(".runs-row[role=option]")


def test_html_of_a_model_is_shown_as_text(page: Page, studio: Served) -> None:
    script = "<img src=x onerror=document.title='taken'><script>document.title='taken'</script>"
    open_flow(page, studio, label="Markup", tasks=[ask_step("ask_1", script)])
    run(page)
    page.wait_for_selector(".runbar-outcome-done")
    page.wait_for_selector(".result-text-node")

    assert script in page.inner_text(".result-text-node")
    assert page.title() != "taken"
