"""Without --allow-private no caller can make the server connect to a private network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.faces.http.sessions import StartupConnection
from support.http_face import ASK, Json, Serve, Served
from support.scripted_server import Scripted, completion, response, scripted

KEY = "a-key-of-forty-letters-and-more-012345678"
HOSTS = [
    "127.0.0.1", "localhost", "[::1]", "127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]",
    "10.0.0.1", "192.168.1.20", "169.254.169.254", "[fd00::1]", "100.64.0.1", "0.0.0.0",
]  # fmt: skip


@pytest.fixture
def inner() -> Iterator[Scripted]:
    """A server in a private network."""
    with scripted(response(completion("Hi"))) as running:
        yield running


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", HOSTS)
def test_no_caller_can_use_a_private_server(
    served: Served, inner: Scripted, host: str, scheme: str
) -> None:
    place = {"baseUrl": f"{scheme}://{host}:{inner.port}/v1"}
    served.api.post("/api/connections", json={"name": "a", "token": "sk-or-v1-0123456789"})
    answers = [
        served.api.post("/api/connections/test", json=place),
        served.api.post("/api/connections", json={"name": "b", **place}),
        served.api.post("/api/connections", json={"name": "a", "replace": True, **place}),
        served.api.patch("/api/connections/a", json={"token": KEY, **place}),
        served.api.post("/api/connections/pkce", json={"headless": True, **place}),
    ]

    assert [(one.status_code, one.json()["path"]) for one in answers] == [(422, "baseUrl")] * 5
    assert all("--allow-private" in one.json()["detail"] for one in answers)
    assert (inner.requests, inner.connections) == ([], 0)
    assert [one["name"] for one in served.api.get("/api/connections").json()] == ["a"]


def test_what_the_command_line_stored_works_and_keeps_its_server(
    served: Served, inner: Scripted, tmp_path: Path
) -> None:
    store = ConnectionStore(tmp_path / "config")
    store.save(StoredConnection("mine", KEY, {"baseUrl": inner.base_url}))
    assert served.perform("ask", ASK, connection="mine").status_code == 200
    assert served.api.post("/api/connections/mine/test").status_code == 200
    changed = served.api.patch("/api/connections/mine", json={"title": "An App"})
    assert changed.status_code == 200
    assert served.perform("ask", ASK, connection="mine").status_code == 200
    assert {one.headers["authorization"] for one in inner.requests} == {f"Bearer {KEY}"}


def test_what_the_server_was_started_with_may_be_private(serve: Serve, inner: Scripted) -> None:
    served = serve(startup={"environment": StartupConnection(KEY, inner.base_url)})
    assert served.perform("ask", ASK).status_code == 200


def test_with_allow_private_private_servers_are_stored_and_used(
    serve: Serve, inner: Scripted
) -> None:
    served = serve(allow_private=True)
    new: Json = {"name": "b", "token": KEY, "baseUrl": inner.base_url}
    assert served.api.post("/api/connections/test", json=new | {"name": None}).status_code == 422
    assert served.api.post("/api/connections", json=new).status_code == 201
    assert served.perform("ask", ASK, connection="b").status_code == 200


def test_a_public_server_is_stored_and_a_name_that_is_not_known_yet(served: Served) -> None:
    for place in ("https://93.184.215.14/v1", "https://not-yet.invalid/v1"):
        new = {"name": "b", "token": KEY, "baseUrl": place, "replace": True}
        assert served.api.post("/api/connections", json=new).status_code == 201
