"""Connections over HTTP: no response returns a key."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK, TOKEN, Json, Serve, Served
from support.scripted_server import completion, response, scripted
from support.stored_connections import MemoryKeyring, use_keyring

CANARY = "sk-or-v1-canary0123456789abcdefcanary0123456789abcdef"


@pytest.fixture
def served(serve: Serve) -> Served:
    """A server whose callers may name servers on this machine, as these tests do."""
    return serve(allow_private=True)


def test_a_connection_is_stored_used_changed_and_forgotten(
    served: Served, sandbox: Sandbox
) -> None:
    new = {"name": "Play", "token": sandbox.token, "baseUrl": sandbox.base_url, "title": "Tests"}
    made = served.api.post("/api/connections", json=new)

    assert (made.status_code, made.headers["location"]) == (201, "/api/connections/Play")
    assert made.json()["default"] is True
    assert served.perform("ask", ASK).status_code == 200
    assert served.perform("ask", ASK, connection="play").status_code == 200
    changed = served.api.patch("/api/connections/play", json={"name": "Rehearsal", "title": None})
    assert (changed.json()["name"], changed.json()["title"]) == ("Rehearsal", None)
    assert changed.json()["baseUrl"] == sandbox.base_url
    assert served.perform("ask", ASK, connection="Play").status_code == 404
    assert served.perform("ask", ASK, connection="Rehearsal").status_code == 200
    assert served.api.delete("/api/connections/Rehearsal").status_code == 204
    assert served.api.get("/api/connections").json() == []
    assert served.perform("ask", ASK).status_code == 424


def test_a_token_never_comes_back(served: Served, tmp_path: Path) -> None:
    new = {"name": "a", "token": CANARY, "referer": "https://example.com"}
    answers = [
        served.api.post("/api/connections", json=new),
        served.api.post("/api/connections", json=new),
        served.api.post("/api/connections", json={**new, "name": CANARY, "title": "\n"}),
        served.api.post("/api/connections", json={"name": 1, "token": CANARY, "x": 1}),
        served.api.get("/api/connections"),
        served.api.patch("/api/connections/a", json={"default": True}),
        served.api.patch("/api/connections/a", json={"baseUrl": "nonsense"}),
        served.api.post("/api/connections/test", json={"token": f"{CANARY} x"}),
        served.api.delete("/api/connections/a"),
    ]

    assert [one.status_code for one in answers] == [201, 422, 422, 422, 200, 200, 422, 200, 204]
    assert [one for one in answers if CANARY in one.text + str(one.headers)] == []
    assert not [f for f in tmp_path.rglob("*") if f.is_file() and CANARY.encode() in f.read_bytes()]


def test_all_problems_are_reported_together(served: Served) -> None:
    new = {"name": "a/b", "token": "no key", "baseUrl": "nonsense", "categories": ["No Word"]}
    result = served.api.post("/api/connections", json=new)

    assert result.status_code == 422
    assert {one["path"] for one in result.json()["problems"]} >= {"name", "baseUrl", "categories"}


def test_a_taken_name_is_refused_unless_it_is_replaced(served: Served) -> None:
    new = {"name": "a", "token": CANARY}
    served.api.post("/api/connections", json=new)

    assert served.api.post("/api/connections", json={**new, "name": "A"}).status_code == 422
    assert served.api.post("/api/connections", json={**new, "replace": True}).status_code == 201


def test_a_change_is_made_whole_or_not_at_all(served: Served) -> None:
    for name in ("a", "b"):
        served.api.post("/api/connections", json={"name": name, "token": CANARY, "title": "old"})

    for wrong in ({"name": "B"}, {"name": "a/b"}, {"name": "ok", "referer": "nonsense"}):
        result = served.api.patch("/api/connections/a", json={"title": "new", **wrong})
        assert result.status_code == 422
    shown = served.api.get("/api/connections").json()
    assert [(one["name"], one["title"]) for one in shown] == [("a", "old"), ("b", "old")]
    assert served.api.patch("/api/connections/a", json={"name": "A"}).json()["name"] == "A"


def test_a_token_does_not_follow_to_another_server(served: Served) -> None:
    served.api.post("/api/connections", json={"name": "a", "token": CANARY})
    elsewhere = {"baseUrl": "https://evil.example/api/v1"}

    result = served.api.patch("/api/connections/a", json={**elsewhere, "title": "x", "name": "b"})

    assert (result.status_code, result.json()["path"]) == (422, "baseUrl")
    shown = served.api.get("/api/connections").json()[0]
    assert (shown["name"], shown["baseUrl"], shown["title"]) == ("a", None, None)
    again = served.api.patch("/api/connections/a", json={**elsewhere, "token": "another"})
    assert again.json()["baseUrl"] == elsewhere["baseUrl"]


def test_a_session_is_opened_anew_when_its_key_changes(served: Served) -> None:
    with scripted(response(completion("Hello"))) as api:
        new = {"name": "a", "token": "first-first-first", "baseUrl": api.base_url}
        served.api.post("/api/connections", json=new)
        served.perform("ask", ASK)
        served.api.patch("/api/connections/a", json={"token": "second-second-second"})
        served.perform("ask", ASK)

    sent = [one.headers["authorization"] for one in api.requests if one.method == "POST"]
    assert sent == ["Bearer first-first-first", "Bearer second-second-second"]


def test_a_key_replaced_by_another_program_is_reloaded(served: Served, tmp_path: Path) -> None:
    store = ConnectionStore(tmp_path / "config")
    refused = response({"error": {"code": 401, "message": "no"}}, 401)
    with scripted(refused, response(completion("Hello"))) as api:
        store.save(StoredConnection("a", "first-first-first", {"baseUrl": api.base_url}))
        assert served.perform("ask", ASK).status_code == 424
        new = StoredConnection("a", "second-second-second", {"baseUrl": api.base_url})
        store.save(new, replace=True)
        assert served.perform("ask", ASK).status_code == 200

    assert api.requests[-1].headers["authorization"] == "Bearer second-second-second"


@pytest.mark.parametrize("spelt", [" café ", "CAFÉ", "cafe\u0301"])
def test_no_spelling_of_a_name_keeps_a_key_that_was_replaced(served: Served, spelt: str) -> None:
    with scripted(response(completion("Hello"))) as api:
        new = {"name": "café", "token": "first-first-first", "baseUrl": api.base_url}
        served.api.post("/api/connections", json=new)
        served.perform("ask", ASK, connection=spelt)
        again = {**new, "name": spelt, "token": "second-second-second", "replace": True}
        assert served.api.post("/api/connections", json=again).status_code == 201
        for name in ("café", spelt):
            assert served.perform("ask", ASK, connection=name).status_code == 200

    sent = [one.headers["authorization"] for one in api.requests if one.method == "POST"]
    assert sent == ["Bearer first-first-first", *["Bearer second-second-second"] * 2]


def test_a_key_that_was_deleted_is_in_use_by_no_other_name(
    served: Served, sandbox: Sandbox, tmp_path: Path
) -> None:
    new = {"name": "work", "token": sandbox.token, "baseUrl": sandbox.base_url}
    served.api.post("/api/connections", json=new)
    file = next((tmp_path / "config" / "connections").iterdir()).stem

    assert served.perform("ask", ASK, connection=file).status_code == 404
    assert served.perform("ask", ASK, connection="Work").status_code == 200
    assert served.api.delete("/api/connections/%20WORK%20").status_code == 204
    assert served.perform("ask", ASK, connection="work").status_code == 404


def test_a_connection_that_cannot_be_read_is_removed_by_the_name_it_is_listed_under(
    served: Served, tmp_path: Path
) -> None:
    served.api.post("/api/connections", json={"name": "work", "token": CANARY})
    file = next((tmp_path / "config" / "connections").iterdir())
    file.write_text("damaged")

    assert served.perform("ask", ASK, connection="Work").status_code == 424
    assert served.api.get("/api/connections").json()[0]["name"] == file.stem
    assert served.api.delete(f"/api/connections/{file.stem}").status_code == 204
    assert served.api.get("/api/connections").json() == []


def test_a_name_of_spaces_is_no_connection(served: Served) -> None:
    for action in ("form", "check", "perform"):
        asked = {"parameters": ASK, "connection": "  "}
        assert served.api.post(f"/api/actions/ask/{action}", json=asked).status_code == 404


def test_a_keyring_that_is_slow_for_one_connection_holds_up_no_other(
    served: Served, sandbox: Sandbox
) -> None:
    new = {"token": sandbox.token, "baseUrl": sandbox.base_url}
    with use_keyring(ring := Slow()), ThreadPoolExecutor(1) as another:
        for name in ("slow", "quick"):
            served.api.post("/api/connections", json={**new, "name": name})
        ring.holds_up = True
        waiting = another.submit(served.perform, "ask", ASK, connection="slow")
        try:
            assert ring.asked.wait(5)
            assert served.perform("ask", ASK, connection="quick").status_code == 200
            assert not waiting.done()
        finally:
            ring.answers.set()
        assert waiting.result().status_code == 200


class Slow(MemoryKeyring):
    """A keyring that waits for its user before it returns the first key."""

    def __init__(self) -> None:
        super().__init__()
        self.holds_up = False
        self.asked, self.answers = threading.Event(), threading.Event()

    def get_password(self, service: str, username: str) -> str | None:
        if self.holds_up:
            self.holds_up = False
            self.asked.set()
            assert self.answers.wait(10)
        return super().get_password(service, username)


def test_sessions_are_shared_and_kept_open(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as api:
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        for _ in range(3):
            served.perform("ask", ASK)

    assert api.connections == 1


def test_a_lost_connection_is_listed_and_says_how_to_enter_it_again(
    served: Served, tmp_path: Path
) -> None:
    served.api.post("/api/connections", json={"name": "a", "token": CANARY})
    for key in (tmp_path / "config" / "keys").iterdir():
        key.unlink()

    assert "connect --name a" in served.api.get("/api/connections").json()[0]["problem"]
    assert served.perform("ask", ASK, connection="a").status_code == 424
    assert served.api.patch("/api/connections/a", json={"title": "x"}).status_code == 424
    again = served.api.patch("/api/connections/a", json={"token": CANARY})
    assert (again.status_code, again.json()["problem"]) == (200, None)


def test_what_the_server_was_started_with_comes_first_and_cannot_be_changed(
    serve: Serve, sandbox: Sandbox
) -> None:
    served = serve(
        startup={
            "sandbox": StartupConnection(sandbox=True),
            "environment": StartupConnection(CANARY),
        }
    )
    served.api.post("/api/connections", json={"name": "mine", "token": CANARY, "default": True})
    shown = served.api.get("/api/connections").json()

    assert [(one["name"], one["default"], one["readOnly"]) for one in shown] == [
        ("sandbox", True, True),
        ("environment", False, True),
        ("mine", False, False),
    ]
    for asked in (
        served.api.post("/api/connections", json={"name": "Sandbox", "token": CANARY}),
        served.api.patch("/api/connections/environment", json={"name": "x"}),
        served.api.patch("/api/connections/mine", json={"name": "sandbox"}),
        served.api.delete("/api/connections/sandbox"),
    ):
        assert asked.status_code == 422
    assert served.perform("ask", ASK).status_code == 200
    assert served.api.post("/api/connections/%20Sandbox/test").json()["ok"] is True


def test_a_fallback_is_the_default_until_a_connection_is_stored(serve: Serve) -> None:
    served = serve(startup={"sandbox": StartupConnection(sandbox=True, fallback=True)})

    def default() -> list[str]:
        return [one["name"] for one in served.api.get("/api/connections").json() if one["default"]]

    assert default() == ["sandbox"]
    assert served.perform("ask", ASK).status_code == 200
    served.api.post("/api/connections", json={"name": "work", "token": CANARY})
    assert default() == ["work"]


def test_a_key_is_tested_before_it_is_stored(served: Served, sandbox: Sandbox) -> None:
    asked = {"token": sandbox.token, "baseUrl": sandbox.base_url}
    good = served.api.post("/api/connections/test", json=asked)
    bad = served.api.post("/api/connections/test", json={"token": "not a key"})

    assert (good.json()["state"], good.json()["ok"]) == ("ok", True)
    assert (bad.status_code, bad.json()["state"]) == (200, "malformed")


def test_a_management_key_creates_a_limited_key_and_is_not_stored(
    served: Served, sandbox: Sandbox, tmp_path: Path
) -> None:
    manager = "sk-or-v1-sandbox-management-0123456789"
    new = {"name": "limited", "token": manager, "baseUrl": sandbox.base_url}
    made = served.api.post("/api/connections", json=new | {"newKey": {"name": "x", "limit": 3.5}})
    report = served.api.post("/api/connections/limited/test").json()

    assert made.status_code == 201
    assert (report["state"], report["kind"]) == ("ok", "standard")
    assert (report["limit"], report["limitRemaining"]) == (3.5, 3.5)
    token = str(ConnectionStore(tmp_path / "config").get("limited").token)
    assert token != manager and token not in made.text + json.dumps(report)
    assert served.perform("ask", ASK, connection="limited").status_code == 200


def test_no_key_is_created_that_could_not_be_stored(served: Served, own_sandbox: Sandbox) -> None:
    manager = "sk-or-v1-sandbox-management-0123456789"
    new = {"name": "a", "token": manager, "baseUrl": own_sandbox.base_url, "newKey": {}}
    served.api.post("/api/connections", json={"name": "a", "token": CANARY})
    refused = [
        served.api.post("/api/connections", json=new),
        served.api.post("/api/connections", json=new | {"name": "a/b"}),
        served.api.post("/api/connections", json=new | {"name": "b", "token": None}),
        served.api.post("/api/connections", json=new | {"name": "b", "newKey": {"limit": 0}}),
    ]

    assert [one.status_code for one in refused] == [422] * 4
    assert own_sandbox.requests == []


def test_of_new_keys_for_one_connection_at_once_one_is_created(
    served: Served, own_sandbox: Sandbox
) -> None:
    manager = "sk-or-v1-sandbox-management-0123456789"
    new = {"name": "a", "token": manager, "baseUrl": own_sandbox.base_url, "newKey": {"name": "x"}}
    with ThreadPoolExecutor(5) as threads:
        sent = threads.map(lambda _: served.api.post("/api/connections", json=new), range(5))
        statuses = sorted(one.status_code for one in sent)

    assert statuses == [201, 422, 422, 422, 422]
    assert len(own_sandbox.requests) == 1


def test_a_key_that_manages_nothing_creates_none(served: Served, sandbox: Sandbox) -> None:
    new = {"name": "b", "token": sandbox.token, "baseUrl": sandbox.base_url, "newKey": {"limit": 1}}
    refused = served.api.post("/api/connections", json=new)

    assert refused.status_code == 403
    assert served.api.get("/api/connections").json() == []


@pytest.mark.parametrize(
    ("method", "path"),
    [("PATCH", "nobody"), ("DELETE", "nobody"), ("POST", "nobody/test"), ("DELETE", "..%2Fx"),
     ("POST", "a%20b/test")],
)  # fmt: skip
def test_an_unknown_connection_is_not_found(served: Served, method: str, path: str) -> None:
    body: Json = {} if method == "PATCH" else None
    result = served.api.request(method, f"/api/connections/{path}", json=body)

    assert result.status_code == 404


def test_a_connection_can_be_made_the_default(served: Served) -> None:
    for name in ("a", "b"):
        served.api.post("/api/connections", json={"name": name, "token": CANARY})
    changed = served.api.patch("/api/connections/b", json={"default": True})
    assert changed.json()["default"] and changed.json()["storedDefault"]

    shown = json.loads(served.api.get("/api/connections").content)
    assert [one["name"] for one in shown if one["default"]] == ["b"]


def test_a_connection_given_at_the_start_is_used_before_the_stored_default(serve: Serve) -> None:
    served = serve(startup={"given": StartupConnection(token=CANARY)})
    served.api.post("/api/connections", json={"name": "a", "token": CANARY})
    changed = served.api.patch("/api/connections/a", json={"default": True}).json()
    assert (changed["default"], changed["storedDefault"]) == (False, True)


def test_a_server_that_parameters_name_needs_no_connection(serve: Serve) -> None:
    served = serve(allow_private=True)
    hello = {"model": "a/b", "prompt": "Hello"}
    with scripted(response(completion("Hi"))) as server:
        done = served.perform("prompt", {**hello, "baseUrl": server.base_url})

    assert done.json()["output"] == {"output": "Hi", "errorStatus": None}
    assert served.perform("prompt", hello).status_code == 424
