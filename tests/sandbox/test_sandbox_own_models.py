"""The models of one key, and its private model."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox

NAME = "sandbox/house-style"


@pytest.fixture
def owner(served: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": "Bearer sk-or-v1-private-1"}
    with httpx.Client(base_url=served.base_url, headers=headers) as client:
        yield client


def test_listing_own_models_requires_a_key(served: Sandbox, client: httpx.Client) -> None:
    assert httpx.get(f"{served.base_url}/models/user").status_code == 401
    found = client.get("/models/user", params={"limit": 3}).json()
    assert len(found["data"]) == 3
    assert found["total_count"] > 3


def test_only_the_owner_sees_a_private_model_in_lists(
    client: httpx.Client, owner: httpx.Client
) -> None:
    def ids(asking: httpx.Client, path: str) -> set[str]:
        return {model["id"] for model in asking.get(path).json()["data"]}

    assert NAME in ids(owner, "/models/user")
    assert NAME not in ids(client, "/models/user") | ids(owner, "/models")


@pytest.mark.parametrize("end", ["", "/endpoints"])
def test_only_the_owner_can_read_a_private_model(
    client: httpx.Client, owner: httpx.Client, end: str
) -> None:
    assert owner.get(f"/private/models/{NAME}{end}").json()["data"]["id"] == NAME
    assert client.get(f"/private/models/{NAME}{end}").status_code == 404
    assert owner.get(f"/private/models/sandbox/echo{end}").status_code == 404


def test_only_the_owner_can_call_a_private_model(client: httpx.Client, owner: httpx.Client) -> None:
    body = {"model": NAME, "messages": [{"role": "user", "content": "Hello"}]}
    assert owner.post("/chat/completions", json=body).json()["model"].startswith(NAME)
    assert client.post("/chat/completions", json=body).status_code == 400
