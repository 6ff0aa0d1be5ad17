"""Import and export of actions over HTTP."""

from __future__ import annotations

import json

import pytest

from support.http_face import ASK, Json, Served

EXPORTED = {
    "label": "Question",
    "name": "ask_1",
    "parameters": ASK,
    "type": "openRouter/v1/ask",
    "clusterRoot": True,
}


def test_an_action_comes_in_and_goes_out_the_same(played: Served) -> None:
    read = played.api.post("/api/import", json=EXPORTED)
    written = played.api.post("/api/export", json=read.json())

    assert read.json()["action"] == "ask"
    assert read.json()["extra"] == {"clusterRoot": True}
    assert written.json() == EXPORTED


@pytest.mark.parametrize(
    "action", [{}, {"type": "x"}, {"type": "slack/v1/send"}, {**EXPORTED, "parameters": 1}, []]
)
def test_what_is_no_action_of_ours_is_refused(played: Served, action: Json) -> None:
    assert played.api.post("/api/import", json=action).status_code == 422


def test_an_unknown_action_is_not_written(played: Served) -> None:
    assert played.api.post("/api/export", json={"action": "nothing"}).status_code == 404


def test_a_key_is_never_exported(played: Served) -> None:
    asked = {"action": "ask", "parameters": {"userPrompt": "sk-or-v1-0123456789abcdef0123"}}
    response = played.api.post("/api/export", json=asked)

    assert response.status_code == 422
    assert "sk-or-" not in response.text


def ask(name: str, prompt: str = "Hi", **more: Json) -> Json:
    parameters = {**ASK, "format": "SIMPLE", "userPrompt": prompt} | more
    return {"name": name, "type": "openRouter/v1/ask", "parameters": parameters}


FLOW = {
    "label": "Two",
    "x": [1],
    "tasks": [ask("ask_1"), ask("ask_2", "${ask_1}"), {"name": "a", "type": "slack/v1/send"}],
}
KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"
CURL = f"""curl https://openrouter.ai/api/v1/chat/completions -H "Authorization: Bearer {KEY}" \\
  -d '{{"model": "openai/gpt-4o", "messages": [{{"role": "user", "content": "Hi"}}]}}'"""


def test_a_flow_comes_in_with_a_report(played: Served) -> None:
    read = played.api.post("/api/import", json=FLOW).json()
    assert read["flow"] == FLOW
    assert read["report"]["format"] == "bytechef"
    places = {fix["place"]: fix["kind"] for fix in read["report"]["fixes"]}
    assert places["tasks[2]"] == "kept"


def test_an_action_of_another_provider_becomes_ours(played: Served) -> None:
    foreign = {"name": "ask_1", "type": "openAi/v1/ask", "parameters": {"model": "gpt-4o"}}
    read = played.api.post("/api/import", json=foreign).json()
    (step,) = read["flow"]["tasks"]
    assert step["type"] == "openRouter/v1/ask"
    assert step["parameters"]["model"] == "openai/gpt-4o"
    assert read["report"]["counts"]["renamed"] + read["report"]["counts"]["converted"] > 0


def test_a_curl_command_is_read_from_its_text_without_its_key(played: Served) -> None:
    for more in ({}, {"format": "curl"}):
        response = played.api.post("/api/import", json={"source": CURL, **more})
        (step,) = response.json()["flow"]["tasks"]
        assert step["parameters"]["model"] == "openai/gpt-4o"
        assert KEY not in response.text


def test_yaml_is_read_from_its_text(played: Served) -> None:
    text = "label: Y\ntasks:\n  - name: log_1\n    type: logger/v1/info\n"
    read = played.api.post("/api/import", json={"source": text}).json()
    assert read["flow"]["tasks"][0]["type"] == "logger/v1/info"


@pytest.mark.parametrize(
    "body",
    [
        {"source": "curl"}, {"source": "}{"}, {"source": 3}, {"source": None}, {"source": []},
        {"source": FLOW, "format": "nonsense"}, {"source": FLOW, "format": 3},
        {"tasks": 1}, {"tasks": [1]}, {"nodes": 1}, {"source": "x" * 11_000_000},
    ],
)  # fmt: skip
def test_what_is_no_flow_is_refused(played: Served, body: Json) -> None:
    response = played.api.post("/api/import", json=body)
    assert (response.status_code, response.json()["title"]) == (422, "Invalid input")


def test_a_flow_goes_out_in_a_format(played: Served) -> None:
    written = played.api.post("/api/export", json={"flow": FLOW}).json()
    assert json.loads(written["text"]) == FLOW
    assert (written["mediaType"], written["removed"]) == ("application/json", [])
    for name, part in [("bytechef_yaml", "label: Two"), ("curl", "curl"), ("python", "import")]:
        body = {"flow": FLOW, "format": name, "step": "ask_1" if name != "bytechef_yaml" else None}
        response = played.api.post("/api/export", json=body)
        assert response.status_code == 200, response.text
        assert part in response.json()["text"]


def test_an_action_goes_out_as_a_command(played: Served) -> None:
    body = {"action": "ask", "parameters": ASK, "format": "curl"}
    written = played.api.post("/api/export", json=body).json()
    assert "curl" in written["text"] and "Hello" in written["text"]


def test_no_exported_flow_holds_a_key(played: Served) -> None:
    for name in ("bytechef", "bytechef_yaml", "curl", "python", "mcp_call"):
        flow = {"tasks": [ask("ask_1", f"use {KEY}")]}
        response = played.api.post("/api/export", json={"flow": flow, "format": name})
        assert KEY not in response.text
        assert response.json()["removed"][0]["path"] == "tasks[0].parameters.userPrompt"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "flow"), ({"action": "ask", "flow": FLOW}, "flow"),
        ({"flow": {"tasks": 1}}, "tasks"), ({"flow": FLOW, "format": "x"}, "format"),
        ({"flow": FLOW, "format": "curl", "step": "nobody"}, "step"),
    ],
)  # fmt: skip
def test_what_cannot_be_exported_is_refused(played: Served, body: Json, path: str) -> None:
    response = played.api.post("/api/export", json=body)
    assert response.status_code == 422
    assert path in [one["path"] for one in response.json()["problems"]]
