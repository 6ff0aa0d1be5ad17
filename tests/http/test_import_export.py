"""Import and export of actions over HTTP."""

from __future__ import annotations

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
