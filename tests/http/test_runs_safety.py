"""What a run may read, call and spend, and that no key is anywhere after it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.canary import CANARY, QUICK, hidden_in, holds_canary
from support.flows import ask, task
from support.http_face import Serve, Served
from support.http_runs import LETTER, ended, start, watch
from support.scripted_server import Answer, completion, response, scripted

Json = Any


def test_files_have_urls_of_this_server(server: Served) -> None:
    stored = server.files
    upload = server.api.post("/api/files", files={"file": ("note.txt", b"Good morning")}).json()
    picture = task(
        "picture",
        "openRouter/v1/createImage",
        model="sandbox/painter",
        imageMessages=[{"content": "A boat"}],
    )
    flow = {
        "label": "Files",
        "inputs": [{"name": "note", "type": "file_entry"}],
        "outputs": [{"name": "note", "value": "${note}"}, {"name": "all", "value": "${picture}"}],
        "tasks": [picture, ask("ask_1", "What?", model="sandbox/echo", attachments=["${note}"])],
    }
    run = start(server, flow, inputs={"note": upload})
    events = list(watch(server, f"/api/runs/{run['id']}/events"))
    details = server.api.get(f"/api/runs/{run['id']}")

    assert str(stored.location.base_url) not in details.text + json.dumps(events)
    outputs = details.json()["outputs"]
    assert outputs["note"] == upload == details.json()["inputs"]["note"]
    created = json.dumps(outputs["all"]).split('"url": "')[1].split('"')[0]
    assert server.api.get(created).content.startswith(b"\x89PNG")
    assert events[-1][2]["outputs"] == outputs


@pytest.mark.parametrize("url", ["/etc/hostname", "file:///etc/hostname"])
def test_no_path_is_read_for_a_run(server: Served, url: str) -> None:
    entry = {"extension": "txt", "mimeType": "text/plain", "name": "x.txt", "url": url}
    with_input = {"inputs": [{"name": "note", "type": "file_entry"}]}
    asked = ask("ask_1", "What?", model="sandbox/echo", attachments=[entry])
    late = ask("ask_1", "What?", model="sandbox/echo", attachments=[entry | {"url": "${path}"}])
    bodies: list[Json] = [
        {"flow": LETTER | with_input, "inputs": {"note": entry}},
        {"flow": {"tasks": [asked]}},
    ]
    for body in bodies:
        refused = server.api.post("/api/runs", json=body)
        assert refused.status_code == 422
        assert "is not a file of this server" in refused.json()["problems"][0]["message"]
    computed = {"inputs": [{"name": "path", "type": "string"}], "tasks": [late]}
    details = ended(server, start(server, computed, inputs={"path": url}))
    assert (details["status"], details["error"]["type"]) == ("failed", "FileError")


def test_a_large_output_is_a_file(server: Served) -> None:
    long = "x" * 100_000
    details = ended(server, start(server, inputs={"text": long}, only="ask_1", pinned={"ask_2": 1}))

    [step] = details["steps"]
    assert long in server.api.get(step["output"]["$file"]).text


def test_a_server_in_a_private_network_is_not_called_for_a_flow(
    serve: Serve, sandbox: Sandbox
) -> None:
    startup = {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}
    with scripted(response(completion("Hello"))) as private:
        prompt = task("p", "openRouter/v1/prompt", baseUrl=private.base_url, model="m", prompt="Hi")
        details = ended(
            served := serve(startup=startup), start(served, {"tasks": [prompt]}, inputs={})
        )
        assert (details["status"], private.requests) == ("failed", [])


def test_the_budget_of_the_server_holds_for_runs_too(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as upstream:
        given = {"a": StartupConnection("sk-x", upstream.base_url)}
        server = serve(startup=given, budget=0.25)
        tasks = [ask("ask_1", "Hi"), ask("ask_2", "${ask_1}"), ask("ask_3", "${ask_2}")]
        details = ended(server, start(server, {"tasks": tasks}, inputs={}))
        later = server.perform("ask", {"model": "a/b", "userPrompt": "Hi"})
        paid = len([one for one in upstream.requests if one.method == "POST"])

    assert (details["status"], details["error"]["type"]) == ("failed", "BudgetError")
    assert (later.status_code, paid) == (402, 1)


def test_a_changed_key_is_used_by_the_next_run(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as upstream:
        server = serve(allow_private=True)
        new = {"name": "work", "token": "sk-one-1111", "baseUrl": upstream.base_url}
        server.api.post("/api/connections", json=new)
        ended(server, start(server))
        server.api.patch("/api/connections/work", json={"token": "sk-two-2222"})
        ended(server, start(server, only="ask_1", pinned={"ask_2": "x"}))
        used = [one.headers["authorization"] for one in upstream.requests if one.method == "POST"]

    assert used == ["Bearer sk-one-1111"] * 2 + ["Bearer sk-two-2222"]


@pytest.mark.parametrize("answer", QUICK.values(), ids=QUICK)
def test_the_token_is_nowhere_after_a_run(serve: Serve, tmp_path: Path, answer: Answer) -> None:
    with scripted(answer) as upstream:
        server = serve(allow_private=True, database=str(tmp_path / "runs.sqlite3"))
        new = {"name": "Canary", "token": CANARY, "baseUrl": upstream.base_url}
        assert server.api.post("/api/connections", json=new).status_code == 201
        flow = {"label": "Canary", "tasks": [ask("ask_1", "Hi"), ask("ask_2", "${ask_1}")]}
        run = start(server, flow, inputs={}, stream=True)
        events = list(watch(server, f"/api/runs/{run['id']}/events"))
        details = server.api.get(f"/api/runs/{run['id']}").text
        assert upstream.requests[0].headers["authorization"] == f"Bearer {CANARY}"
        server.api.delete("/api/connections/Canary")
        server.stop()

    assert not holds_canary(json.dumps(events)) and not holds_canary(details)
    assert (tmp_path / "runs.sqlite3").exists()
    assert hidden_in(tmp_path) == []


def test_a_removed_connection_fails_the_run_and_not_the_server(serve: Serve) -> None:
    with scripted(response(completion("Hello"))) as upstream:
        server = serve(allow_private=True)
        new = {"name": "work", "token": "sk-one-1111", "baseUrl": upstream.base_url}
        server.api.post("/api/connections", json=new)
        run = ended(server, start(server))
        server.api.delete("/api/connections/work")
        again = server.api.post(f"/api/runs/{run['id']}/rerun", json={"from": "ask_2"})
        details = ended(server, again.json())

    assert (details["status"], details["error"]["type"]) == ("failed", "CredentialError")
    assert "work" in details["error"]["message"]
