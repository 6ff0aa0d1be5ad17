"""Import with a report before anything is added, and export without secrets."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from support.http_face import Served
from support.studio import ask_step, open_flow

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from support.studio import Troubles

CURL = (
    "curl https://openrouter.ai/api/v1/chat/completions -H 'Authorization: Bearer sk-or-v1-x' "
    """-d '{"model": "openai/gpt-4o", "max_tokens": 9, """
    """"messages": [{"role": "user", "content": "Hi"}]}'"""
)


def read(page: Page, text: str) -> None:
    page.click("text=Import")
    page.fill("[aria-label='Text to import']", text)
    page.click("[role=dialog] >> button:has-text('Read')")


def test_a_curl_command_becomes_a_flow_only_when_it_is_accepted(page: Page, studio: Served) -> None:
    read(page, CURL)
    page.wait_for_selector("text=max_tokens is maxTokens")
    assert studio.api.get("/api/flows").json() == []
    page.click("text=Import as New Flow")
    page.wait_for_selector("text=Saved · v1")

    [found] = studio.api.get("/api/flows").json()
    document = studio.api.get(f"/api/flows/{found['id']}").json()["flow"]
    assert document["tasks"][0]["parameters"]["maxTokens"] == 9
    assert "sk-or" not in str(document)


def test_an_import_into_the_open_flow_is_one_step_of_undo(page: Page, studio: Served) -> None:
    flow = open_flow(page, studio, label="Mine", tasks=[ask_step("ask_1", "Hello")])
    read(page, CURL)
    page.click("text=Add to Flow")
    page.wait_for_selector("text=Saved · v2")
    found = studio.api.get(f"/api/flows/{flow}").json()["flow"]
    assert [task["name"] for task in found["tasks"]] == ["ask_1", "ask_2"]
    page.keyboard.press("Control+z")
    page.wait_for_selector("text=Saved · v3")

    found = studio.api.get(f"/api/flows/{flow}").json()["flow"]
    assert [task["name"] for task in found["tasks"]] == ["ask_1"]


def test_text_that_nobody_knows_says_which_formats_there_are(
    page: Page, troubles: Troubles
) -> None:
    troubles.expect("422")
    read(page, "hello world")

    page.wait_for_selector("text=the format is not recognised")


def test_a_dropped_file_opens_the_import(page: Page) -> None:
    page.wait_for_selector(".topbar-flow")
    page.evaluate(
        """(text) => {
          const data = new DataTransfer();
          data.items.add(new File([text], "call.sh", { type: "text/plain" }));
          window.dispatchEvent(new DragEvent("drop", { dataTransfer: data, cancelable: true }));
        }""",
        CURL,
    )

    page.wait_for_selector("text=Fix-up report")


def test_a_flow_is_exported_in_each_format(page: Page, studio: Served) -> None:
    open_flow(page, studio, label="Mine", tasks=[ask_step("ask_1", "Hello")])
    page.click("text=Export")
    for format_, part in (
        ("bytechef_yaml", "label: Mine"),
        ("python", "connector.run("),
        ("curl", "$OPENROUTER_API_KEY"),
    ):
        page.select_option("[role=dialog] select >> nth=0", format_)
        page.wait_for_selector(f".export-text:has-text('{part}')")


def test_a_choice_that_an_import_leaves_leads_to_its_field(page: Page, studio: Served) -> None:
    task = {"name": "a", "type": "openAi/v1/ask", "parameters": {"userPrompt": "Hi"}}
    read(page, json.dumps({"label": "Foreign", "tasks": [task]}))
    page.click("text=Import as New Flow")
    page.click(".exchange-choices li button")
    page.wait_for_selector("[data-path=model] .control:focus, [data-path=model] button:focus")
