"""What only models make possible: compared side by side, and cheaper ones that fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from support.http_face import Served
from support.http_runs import ended, until
from support.studio import ask_step, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_models_are_compared_side_by_side_and_one_is_chosen(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Story", tasks=[ask_step("ask_1", "Say hello")])
    node(page, "ask_1").locator("header").click()
    page.locator(".inspector").get_by_role("button", name="More").click()
    page.get_by_role("menuitem", name="Compare Models").click()
    dialog = page.get_by_role("dialog", name="Compare Models")
    dialog.get_by_role("combobox").click()
    page.get_by_role("option", name="thinker").click()
    page.keyboard.press("Escape")
    dialog.get_by_role("button", name="Run 2 Models").click()
    for model in ("sandbox/echo", "sandbox/thinker"):
        column = dialog.get_by_role("region", name=model)
        expect(column).to_contain_text("You said: Say hello")
        expect(column.locator("footer")).to_contain_text("$")
    dialog.get_by_role("region", name="sandbox/thinker").get_by_text("Use This Model").click()

    until(lambda: saved_tasks(page, studio)[0]["parameters"]["model"] == "sandbox/thinker")
    labels = {one["label"] for one in studio.api.get("/api/runs").json()}
    assert labels == {"Story › ask_1 · sandbox/echo", "Story › ask_1 · sandbox/thinker"}


def test_a_forecast_shows_what_a_step_cost_where_it_ran(page: Page, studio: Served) -> None:
    tasks = [ask_step("ask_1", "Hi", model="sandbox/thinker"), ask_step("ask_2", "Ho")]
    flow = open_flow(page, studio, label="Story", tasks=tasks)
    document = {"label": "Story", "tasks": tasks[:1]}
    run = studio.api.post("/api/runs", json={"flow": document, "flowId": flow}).json()
    cost = ended(studio, run)["cost"]
    page.get_by_role("tab", name="Runs").click()
    page.get_by_label("Costs by").get_by_text("Forecast").click()
    steps = page.locator(".runs-forecast .runs-bars > li")

    expect(steps.filter(has_text="ask_1")).to_contain_text(f"about ${cost * 1000:.4f} measured")
    expect(steps.filter(has_text="ask_2")).to_contain_text("estimated")


def test_a_forecast_names_cheaper_models_that_fit_the_form(page: Page, studio: Served) -> None:
    asked = ask_step("ask_1", "Say hello", model="sandbox/thinker")
    flow = open_flow(page, studio, label="Story", tasks=[asked])
    page.get_by_role("tab", name="Runs").click()
    page.get_by_label("Costs by").get_by_text("Forecast").click()
    page.get_by_role("button", name="Cheaper Models").click()
    offered = page.get_by_role("list", name="Cheaper Models")
    first = offered.get_by_role("listitem").first
    first.wait_for()
    model = first.locator(".mono").first.inner_text()
    expect(first).to_contain_text("−")
    first.get_by_role("button", name="Use This Model").click()

    def chosen() -> str:
        [task] = studio.api.get(f"/api/flows/{flow}").json()["flow"]["tasks"]
        return str(task["parameters"]["model"])

    until(lambda: chosen() == model)
    offers = studio.api.post("/api/actions/ask/options/model", json={}).json()["options"]
    assert model in {one["value"] for one in offers}
