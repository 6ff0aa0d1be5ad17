"""Presets are listed, read, and applied to a chat that names one."""

from __future__ import annotations

from typing import Any

import httpx
import pytest


def test_presets_are_listed_in_pages(client: httpx.Client) -> None:
    body = client.get("/presets", params={"limit": 1, "offset": 1}).json()
    assert body["total_count"] == 2
    assert [row["slug"] for row in body["data"]] == ["deep-thought"]
    assert client.get("/presets", params={"limit": 101}).status_code == 400


def test_a_preset_has_its_current_version(client: httpx.Client) -> None:
    found = client.get("/presets/pirate").json()["data"]
    version = found["designated_version"]
    assert version["id"] == found["designated_version_id"]
    assert version["system_prompt"] == "You are a pirate."
    assert client.get("/presets/none").status_code == 404


@pytest.mark.parametrize(
    ("named", "model"),
    [
        ({"model": "@preset/pirate"}, "sandbox/echo"),
        ({"model": "sandbox/vision@preset/pirate"}, "sandbox/vision"),
        ({"model": "sandbox/vision", "preset": "pirate"}, "sandbox/vision"),
        ({"preset": "@preset/pirate"}, "sandbox/echo"),
    ],
    ids=str,
)
def test_a_chat_uses_a_preset(client: httpx.Client, named: dict[str, Any], model: str) -> None:
    body = {"messages": [{"role": "user", "content": "Hello"}]} | named
    completion = client.post("/chat/completions", json=body).json()
    assert completion["model"].startswith(model)
    content = completion["choices"][0]["message"]["content"]
    assert content.endswith("My system prompt is: You are a pirate.")


def test_every_dialect_supports_presets(client: httpx.Client) -> None:
    user = [{"role": "user", "content": "Hello"}]
    for path, more in (("/messages", {"messages": user}), ("/responses", {"input": "Hello"})):
        response = client.post(path, json={"model": "@preset/pirate"} | more)
        assert "You are a pirate." in response.text


def test_an_unknown_preset_is_not_found(client: httpx.Client) -> None:
    body = {"model": "@preset/none", "messages": [{"role": "user", "content": "Hello"}]}
    assert client.post("/chat/completions", json=body).status_code == 404
