"""JSON is parsed strictly: what has no clear meaning, or nests without end, is refused."""

from __future__ import annotations

import httpx
import pytest

CHAT = '{"messages": [{"role": "user", "content": "Hi"}], "metadata": {"odd": %s}}'
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("NaN", id="not-a-number"),
        pytest.param("-Infinity", id="infinite"),
        pytest.param('"\\ud83d"', id="half-a-character"),
        pytest.param("[" * 600 + "]" * 600, id="endlessly-nested"),
    ],
)
def test_ambiguous_json_is_refused(client: httpx.Client, value: str) -> None:
    response = client.post("/chat/completions", content=CHAT % value, headers=JSON)
    assert response.status_code == 400
    assert response.json()["error"]["message"] == "Invalid JSON in the request body"


def test_half_a_character_in_a_prompt_is_refused(client: httpx.Client) -> None:
    body = '{"messages": [{"role": "user", "content": "odd \\ud83d end"}]}'
    response = client.post("/chat/completions", content=body, headers=JSON)
    assert response.status_code == 400


def test_a_surrogate_pair_survives(client: httpx.Client) -> None:
    body = '{"messages": [{"role": "user", "content": "\\ud83d\\ude00"}]}'
    response = client.post("/chat/completions", content=body, headers=JSON)
    assert "You said: 😀" in response.json()["choices"][0]["message"]["content"]
