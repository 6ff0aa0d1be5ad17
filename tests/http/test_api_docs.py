"""The OpenAPI document describes each action, and `/docs` shows it without another server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from openrouter_connector import Connector
from support.http_face import TOKEN, Served

if TYPE_CHECKING:
    from playwright.sync_api import Browser

JSON = "application/json"


@pytest.fixture
def document(served: Served) -> Any:
    return served.api.get("/api/openapi.json").json()


def perform(document: Any, action: str) -> Any:
    return document["paths"][f"/api/actions/{action}/perform"]["post"]


def request_schema(document: Any, action: str) -> Any:
    body = perform(document, action)["requestBody"]["content"][JSON]
    return {"components": document["components"], **body["schema"]}


def test_each_action_has_its_schema_and_an_example_that_fits(
    document: Any, connector: Connector
) -> None:
    for action in connector.definition.component.actions:
        example = perform(document, action)["requestBody"]["content"][JSON]["example"]
        jsonschema.Draft202012Validator(request_schema(document, action)).validate(example)
        form = connector.definition.form(action)
        form.accept(example["parameters"])
        assert example["parameters"].get(form.action.main) != "…"  # nothing to read or to speak


@pytest.mark.parametrize(
    ("parameters", "valid"),
    [
        ({"model": "a/b", "userPrompt": "Hi", "attachments": ["https://a.example/b.png"]}, True),
        ({"model": "a/b", "userPrompt": "Hi", "temperature": 3}, False),
        ({"model": "a/b", "userPromt": "Hi"}, False),
        ({"userPrompt": "Hi"}, False),
    ],
)
def test_the_schema_is_that_of_the_form(document: Any, parameters: Any, valid: bool) -> None:
    schema = jsonschema.Draft202012Validator(request_schema(document, "ask"))
    assert schema.is_valid({"parameters": parameters}) == valid


def test_the_output_of_an_action_is_described(document: Any) -> None:
    answer = perform(document, "createTranscription")["responses"]["200"]["content"][JSON]
    output = answer["schema"]["properties"]["output"]["anyOf"]
    assert [one["type"] for one in output] == ["string", "null"]


def test_the_page_loads_only_what_this_server_has(served: Served) -> None:
    page = served.api.get("/docs")
    assert "script-src 'self'" in page.headers["content-security-policy"]
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        if name != "data:,":
            assert served.api.get(name).status_code == 200, name
    assert "http" not in page.text
    assert served.api.get("/docs/other.js").status_code == 404


def test_the_page_asks_a_stranger_to_log_in(served: Served) -> None:
    stranger = served.client().get("/docs")
    assert stranger.status_code == 401 and "not logged in" in stranger.text


def test_an_action_is_tried_on_the_page(played: Served, chromium: Browser) -> None:
    page = chromium.new_page()
    page.goto(f"{played.url}/?token={TOKEN}")
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda said: troubles.append(said.text) if said.type == "error" else None)
    page.on("response", lambda r: troubles.append(r.url) if r.status >= 400 else None)
    page.goto(f"{played.url}/docs")
    ask = page.locator("#operations-Ask-performAsk")
    ask.locator(".opblock-summary-control").click()
    body = ask.locator("textarea")
    assert "openai/gpt-5-mini" in body.input_value()
    body.fill('{"parameters": {"model": "sandbox/echo", "userPrompt": "Hi from the docs"}}')
    ask.locator("button.execute").click()
    answer = ask.locator(".live-responses-table")
    answer.filter(has_text="You said: Hi from the docs").wait_for()
    assert troubles == []
    page.close()
