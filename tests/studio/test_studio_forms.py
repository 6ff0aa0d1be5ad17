"""Forms and the inspector in a real browser: problems, pills, models, a step that runs alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from support.http_face import Served
from support.http_runs import until
from support.studio import ask_step, field, node, open_flow, saved_tasks

if TYPE_CHECKING:
    from playwright.sync_api import Page

FLOW = {
    "label": "Story",
    "inputs": [{"name": "topic", "type": "string", "required": True, "default": "the sea"}],
    "tasks": [
        {
            "label": "Plan",
            "name": "ask_1",
            "type": "openRouter/v1/ask",
            "parameters": {
                "supportedParameters": ["response_format", "temperature"],
                "model": "sandbox/echo",
                "format": "SIMPLE",
                "userPrompt": "Write about ${topic}",
                "temperature": 2.4,
                "response": {"responseFormat": "TEXT"},
            },
        },
        {
            "label": "Blurb",
            "name": "ask_2",
            "type": "openRouter/v1/ask",
            "parameters": {
                "supportedParameters": ["response_format"],
                "model": "sandbox/echo",
                "format": "SIMPLE",
                "userPrompt": "Sum up",
                "response": {"responseFormat": "TEXT"},
            },
        },
    ],
}


@pytest.fixture
def story(page: Page, studio: Served) -> str:
    """The id of a flow of two steps, which is open."""
    stored = studio.api.post("/api/flows", json={"flow": FLOW}).json()
    # An address with another hash alone is no new page, and the open one writes its own hash.
    page.goto("about:blank")
    page.goto(f"/#/canvas/{stored['id']}")
    page.locator(".canvas-node").first.wait_for(timeout=20_000)
    return str(stored["id"])


def choose(page: Page, label: str) -> None:
    page.locator(".canvas-node", has_text=label).first.click()
    page.locator(".inspector h2", has_text=label).wait_for()


def parameter(page: Page, studio: Served, story: str, step: int, name: str, expected: Any) -> None:
    """Wait until the saved flow has a value."""
    for _ in range(100):
        tasks = studio.api.get(f"/api/flows/{story}").json()["flow"]["tasks"]
        if tasks[step]["parameters"].get(name) == expected:
            return
        page.wait_for_timeout(100)
    raise AssertionError(tasks[step]["parameters"].get(name))


def test_a_problem_stands_beside_its_field_with_its_fix(
    page: Page, studio: Served, story: str
) -> None:
    choose(page, "Plan")
    page.locator(".inspector-problems").click()
    problem = field(page, "temperature").locator(".field-problem")
    problem.wait_for()
    assert "Must be 0 to 2." in problem.inner_text()

    problem.get_by_role("button", name="Set to 2").click()

    problem.wait_for(state="detached")
    parameter(page, studio, story, 0, "temperature", 2)


def test_a_begun_pill_offers_fields_and_becomes_a_chip(
    page: Page, studio: Served, story: str
) -> None:
    choose(page, "Blurb")
    editor = field(page, "userPrompt").get_by_role("textbox")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" ${ask")
    page.get_by_role("option", name=re.compile("ask_1")).wait_for()
    page.keyboard.press("Enter")

    editor.locator(".pill", has_text="ask_1").wait_for()
    parameter(page, studio, story, 1, "userPrompt", "Sum up ${ask_1}")

    page.keyboard.press("Backspace")
    editor.locator(".pill.is-selected").wait_for()
    page.keyboard.press("Backspace")
    parameter(page, studio, story, 1, "userPrompt", "Sum up ")


def test_a_model_is_found_and_chosen_by_keyboard(page: Page, studio: Served, story: str) -> None:
    choose(page, "Blurb")
    field(page, "model").locator(".model-control").press("Enter")
    page.get_by_role("combobox", name=re.compile("Search")).wait_for()
    page.keyboard.type("kestrel nano")
    page.get_by_role("option", name=re.compile("Kestrel Nano")).wait_for()
    page.keyboard.press("Enter")

    parameter(page, studio, story, 1, "model", "sandbox/kestrel-nano")
    field(page, "model").get_by_text("Sandbox: Kestrel Nano").wait_for()


def test_a_model_that_is_not_offered_says_why_and_the_filter_is_dropped(
    page: Page, studio: Served, story: str
) -> None:
    choose(page, "Blurb")
    field(page, "model").locator(".model-control").click()
    page.get_by_role("combobox", name=re.compile("Search")).fill("sandbox/bare")
    row = page.get_by_role("option", name=re.compile("Sandbox: Bare"))
    row.get_by_text("Does not support response_format").wait_for()

    row.get_by_text("Without response_format", exact=True).click()

    parameter(page, studio, story, 1, "supportedParameters", [])
    row.get_by_text("Does not support").wait_for(state="detached")


def test_an_added_item_has_the_focus_and_is_undone_alone(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Asked", tasks=[ask_step("ask_1", "Hi")])
    node(page, "ask_1").wait_for()
    page.locator(".canvas-stage").focus()
    page.keyboard.press("Escape")
    names = field(page, "inputs").get_by_role("textbox", name="Name")
    add = page.locator(".inspector").get_by_role("button", name="Add Input")
    for number, name in enumerate(("first", "second"), start=1):
        add.click()
        expect(names).to_have_count(number)
        page.keyboard.type(name)
        expect(names.last).to_have_value(name)

    field(page, "inputs").get_by_role("button", name="Remove item 2").click()
    expect(names).to_have_count(1)
    field(page, "inputs").get_by_role("button", name="Remove item 1").click()
    expect(names).to_have_count(0)
    page.keyboard.press("Control+z")
    expect(names).to_have_count(1)
    page.keyboard.press("Control+z")
    expect(names).to_have_count(2)


def test_an_added_field_of_a_schema_has_the_focus(page: Page, studio: Served) -> None:
    step = ask_step("ask_1", "Hi")
    schema = '{"type": "object", "properties": {"title": {"type": "string"}}}'
    step["parameters"]["response"] = {"responseFormat": "JSON", "responseSchema": schema}
    open_flow(page, studio, label="Schema", tasks=[step])
    node(page, "ask_1").locator("header").click()
    page.get_by_text("Add Field").click()
    added = page.locator(".schema-name").nth(1)
    expect(added).to_be_focused()
    page.keyboard.type("summary")
    page.keyboard.press("Enter")
    expect(added).to_have_value("summary")


def test_a_step_runs_alone_with_what_is_recorded(page: Page, studio: Served, story: str) -> None:
    choose(page, "Plan")
    page.locator(".inspector-problems").click()
    field(page, "temperature").get_by_role("button", name="Set to 2").click()
    page.get_by_role("button", name="Run Step").click()
    page.get_by_role("tab", name="Output").click()
    page.locator(".output-facts", has_text="Done").wait_for()

    choose(page, "Blurb")
    editor = field(page, "userPrompt").get_by_role("textbox")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(": ${ask_1}")
    page.keyboard.press("Control+Enter")
    page.get_by_role("tab", name="Output").click()
    page.locator(".output-facts", has_text="Done").wait_for()

    assert "Write about the sea" in page.locator(".output-pane").first.inner_text()
    assert len(studio.api.get("/api/runs").json()) == 2


def test_a_new_name_is_followed_by_what_reads_it(page: Page, studio: Served, story: str) -> None:
    choose(page, "Plan")
    page.get_by_role("button", name="Step Settings").click()
    name = field(page, "name").get_by_role("textbox")
    name.fill("plan")
    name.press("Enter")
    page.locator(".inspector-title", has_text="plan").wait_for()

    page.get_by_role("tab", name="History").wait_for()
    for _ in range(100):
        tasks = studio.api.get(f"/api/flows/{story}").json()["flow"]["tasks"]
        if tasks[0]["name"] == "plan":
            return
        page.wait_for_timeout(100)
    raise AssertionError(tasks[0]["name"])


def test_an_item_of_a_list_shows_only_the_form_of_its_choice(page: Page, studio: Served) -> None:
    """Each server tool has a form of its own; a plugin has settings of any name."""
    step = ask_step("ask_1", "Hi")
    step["parameters"]["serverTools"] = [{"type": "openrouter:subagent", "subagent": {}}]
    step["parameters"]["plugins"] = [{"id": "web", "max_results": 3}]
    open_flow(page, studio, label="Tools", tasks=[step])
    node(page, "ask_1").locator("header").click()
    page.get_by_role("button", name="Advanced").click()
    field(page, "serverTools[0].subagent.maxToolCalls").wait_for()
    assert field(page, "serverTools[0].fusion").count() == 0

    plugin = field(page, "plugins")
    plugin.get_by_role("combobox").click()
    page.get_by_role("option", name="File Parser").click()
    expect(plugin.get_by_label("Key")).to_have_value("max_results")
    plugin.get_by_role("combobox").click()
    page.keyboard.type("next-year")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved")
    wanted = [{"id": "next-year", "max_results": 3}]
    until(lambda: saved_tasks(page, studio)[0]["parameters"]["plugins"] == wanted)


def test_a_model_of_another_action_is_named_as_such_and_changes_no_filter(
    page: Page, story: str
) -> None:
    choose(page, "Plan")
    page.locator(".model-control").click()
    page.get_by_role("combobox", name="Search").fill("painter")
    page.get_by_text("No model for this action is called “painter”.").wait_for()
    assert page.locator(".models-nothing").get_by_role("button", name="Remove").count() == 0


def test_a_list_of_tools_is_no_list_of_models(page: Page, studio: Served) -> None:
    step = ask_step("ask_1", "Hi")
    step["parameters"]["serverTools"] = [{}]
    open_flow(page, studio, label="Tools", tasks=[step])
    node(page, "ask_1").locator("header").click()
    page.get_by_role("button", name="Advanced").click()
    field(page, "serverTools[0].type").get_by_role("combobox").click()
    page.get_by_role("option", name="Web Search").click()
    field(page, "serverTools[0].webSearch.maxResults").wait_for()
