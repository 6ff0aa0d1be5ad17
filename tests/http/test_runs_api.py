"""Durable runs over HTTP: started, watched and joined again, stopped, resumed, and accounted."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.flows import ask, task
from support.http_face import Serve, Served
from support.http_runs import LETTER, SSE, ended, start, until, watch

Json = Any


def test_a_run_is_started_watched_read_and_listed(server: Served) -> None:
    run = start(server)
    events = list(watch(server, f"/api/runs/{run['id']}/events"))
    details = server.api.get(f"/api/runs/{run['id']}").json()
    listed = server.api.get("/api/runs", params={"status": "succeeded"}).json()

    assert (run["label"], run["status"], run["connection"]) == ("Letter", "queued", None)
    names = [name for name, _, _ in events]
    assert names == ["running", "started", "result", "started", "result", "ended"]
    assert [id for _, id, _ in events] == sorted({id for _, id, _ in events}, key=int)
    assert events[-1][2]["outputs"] == details["outputs"]
    assert details["outputs"]["letter"].endswith("You said: Summarize Hello")
    assert [(one["place"], one["state"]) for one in details["steps"]] == [
        ("ask_1", "done"),
        ("ask_2", "done"),
    ]
    assert details["options"]["onDoubt"] == "stop" and details["inputs"] == {"text": "Hello"}
    assert [one["id"] for one in listed] == [run["id"]] and listed[0]["cost"] > 0
    assert server.api.get("/api/runs", params={"status": "failed"}).json() == []


def test_an_image_that_is_not_finished_can_be_fetched(server: Served) -> None:
    asked_for = {"model": "sandbox/painter", "imageMessages": [{"content": "A fox"}]}
    flow = {"tasks": [task("a", "openRouter/v1/createImage", **asked_for)]}
    run = server.api.post("/api/runs", json={"flow": flow, "stream": True}).json()
    events = [data for _, _, data in watch(server, f"/api/runs/{run['id']}/events")]
    [first, *_] = [data["preview"] for data in events if "preview" in data]
    fetched = server.api.get(first["url"])

    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/png")


def test_the_events_of_a_new_run_may_follow_at_once(server: Served) -> None:
    body = {"flow": LETTER, "inputs": {"text": "Hello"}, "stream": True}
    with server.api.stream("POST", "/api/runs", json=body, headers=SSE) as stream:
        status, place = stream.status_code, stream.headers["location"]
        lines = list(stream.iter_lines())

    assert (status, lines[0]) == (201, ": ping")
    assert "event: ended" in lines
    streamed = [json.loads(line[6:]) for line in lines if line.startswith('data: {"place":"ask_1"')]
    text = "".join(one.get("text", "") for one in streamed)
    assert text == server.api.get(place).json()["steps"][0]["output"]


def test_a_watcher_that_comes_back_goes_on_where_it_was(server: Served) -> None:
    place = f"/api/runs/{start(server)['id']}/events"
    events = list(watch(server, place))
    third, last = events[2][1], events[-1][1]

    by_header = list(watch(server, place, headers={"Last-Event-ID": third}))
    by_query = list(watch(server, place, params={"after": third}))

    assert by_header == by_query == events[3:]
    assert server.api.get(place, headers={"Last-Event-ID": last}).status_code == 204
    assert server.api.get(place, headers={"Last-Event-ID": "x"}).status_code == 422


def test_a_run_goes_on_when_the_browser_goes_away(serve: Serve) -> None:
    with Sandbox(slow=0.5) as slow:
        server = serve(startup={"slow": StartupConnection(slow.token, slow.base_url)})
        flow = {
            "label": "Slow",
            "tasks": [ask(f"ask_{n}", "Hi", model="sandbox/slow") for n in (1, 2)],
        }
        run = start(server, flow, inputs={})
        for name, _, _ in watch(server, f"/api/runs/{run['id']}/events"):
            if name == "started":
                break
        details = ended(server, run)

    assert details["status"] == "succeeded"
    assert set(details["outputs"]) == {"ask_1", "ask_2"}


def test_a_run_is_cancelled_resumed_repeated_and_deleted(serve: Serve) -> None:
    with Sandbox(slow=0.4) as slow:
        server = serve(startup={"slow": StartupConnection(slow.token, slow.base_url)})
        tasks = [ask(f"ask_{n}", f"${{ask_{n - 1}}}" if n > 1 else "Hi", model="sandbox/slow")
                 for n in (1, 2, 3)]  # fmt: skip
        run = start(server, {"label": "Slow", "tasks": tasks}, inputs={})
        place, post = f"/api/runs/{run['id']}", server.api.post
        until(lambda: server.api.get(place).json()["steps"][1:])
        refused = [server.api.delete(place), post(f"{place}/resume")]
        cancelled = [post(f"{place}/cancel") for _ in range(2)]
        until(lambda: len(slow.requests) == 2)
        resumed = post(f"{place}/resume", json={"retryDoubtful": True})
        names = [name for name, _, _ in watch(server, f"{place}/events")]
        done = server.api.get(place).json()
        paid = len([one for one in slow.requests if one.method == "POST"])
        again = post(f"{place}/rerun", json={"from": "ask_3"})
        repeated = ended(server, again.json())
        missing = post(f"{place}/rerun", json={"from": "ask_9"})

    assert [one.status_code for one in refused] == [409, 409]
    assert [one.json()["status"] for one in cancelled] == ["cancelled"] * 2
    assert (resumed.status_code, done["status"]) == (200, "succeeded")
    assert "resumed" in names and paid <= 4
    assert (again.status_code, repeated["status"]) == (201, "succeeded")
    assert [one["place"] for one in repeated["steps"]] == ["ask_3"]
    assert missing.status_code == 422 and missing.json()["problems"][0]["path"] == "from"
    assert post(f"{place}/resume").status_code == 409
    assert server.api.delete(place).status_code == 204
    assert server.api.get(place).status_code == 404


def test_a_stored_flow_runs_in_the_version_that_was_asked_for(server: Served) -> None:
    created = server.api.post("/api/flows", json={"flow": LETTER}).json()
    newer = LETTER | {"label": "Newer"}
    server.api.put(f"/api/flows/{created['id']}", json={"flow": newer, "version": 1})
    body = {"flowId": created["id"], "inputs": {"text": "Hi"}}
    runs = [server.api.post("/api/runs", json=body | more).json() for more in ({}, {"version": 1})]
    flows = [ended(server, run)["flow"] for run in runs]

    assert [run["label"] for run in runs] == ["Newer", "Letter"]
    assert flows == [{"id": created["id"], "version": number} for number in (2, 1)]
    assert server.api.post("/api/runs", json=body | {"version": 3}).status_code == 404


def test_the_runs_of_a_stored_flow_are_listed_by_its_id(server: Served) -> None:
    own = server.api.post("/api/flows", json={"flow": LETTER}).json()["id"]
    inputs = {"inputs": {"text": "Hi"}}
    part = LETTER | {"label": "A part of it", "tasks": LETTER["tasks"][:1], "outputs": []}
    bodies = [{"flowId": own}, {"flowId": own, "flow": part}, {"flow": LETTER}]
    runs = [server.api.post("/api/runs", json=body | inputs).json() for body in bodies]
    details = [ended(server, run) for run in runs]
    listed = server.api.get(f"/api/runs?flow={own}").json()

    assert {one["id"] for one in listed} == {runs[0]["id"], runs[1]["id"]}
    assert {one["flowId"] for one in listed} == {own}
    assert [one["document"]["label"] for one in details] == ["Letter", "A part of it", "Letter"]
    assert details[1]["flow"] == {"id": own, "version": None}
    assert server.api.get("/api/runs?flow=unknown").json() == []


def test_one_step_runs_with_what_others_are_said_to_have_returned(server: Served) -> None:
    run = start(server, pinned={"ask_1": "a boat"}, only="ask_2")
    details = ended(server, run)

    assert [one["place"] for one in details["steps"]] == ["ask_2"]
    assert details["outputs"]["ask_2"].endswith("You said: Write a boat")
    assert details["options"]["pinned"] == {"ask_1": "a boat"}


@pytest.mark.parametrize(
    ("body", "status", "paths"),
    [
        ({}, 422, ["flow"]),
        ({"flow": LETTER, "flowId": "k7m2x9qpwd"}, 404, []),
        ({"flow": LETTER, "version": 1}, 422, ["version"]),
        ({"flowId": "k7m2x9qpwd"}, 404, []),
        ({"flow": LETTER}, 422, ["inputs.text"]),
        ({"flow": LETTER, "inputs": {"text": 1, "x": 1}}, 422, ["inputs.text", "inputs.x"]),
        ({"flow": LETTER, "inputs": {"text": "x"}, "only": "ask_7"}, 422, ["only"]),
        ({"flow": LETTER, "inputs": {"text": "x"}, "onDoubt": "maybe"}, 422, ["onDoubt"]),
        ({"flow": LETTER, "inputs": {"text": "x"}, "budget": -1}, 422, ["budget"]),
        ({"flow": LETTER, "inputs": {"text": "x"}, "connection": "none"}, 404, []),
        (
            {"flow": {"tasks": [task("a", "mail/v1/send"), ask("b", "Hi", model=None)]}},
            422,
            ["tasks[0].type", "tasks[1].parameters.model"],
        ),
    ],
)
def test_what_cannot_run_is_refused_with_all_its_problems(
    server: Served, body: Json, status: int, paths: list[str]
) -> None:
    refused = server.api.post("/api/runs", json=body)

    assert refused.status_code == status, refused.text
    assert sorted(one["path"] for one in refused.json().get("problems", [])) == paths
    assert server.api.get("/api/runs").json() == []


def test_an_unknown_run_is_404_and_so_is_the_beginning_of_an_id(server: Served) -> None:
    run = ended(server, start(server))
    for id in ("nothing", run["id"][:5], "%25"):
        place = f"/api/runs/{id}"
        answers = [
            server.api.get(place),
            server.api.get(f"{place}/events"),
            server.api.delete(place),
        ]
        answers += [server.api.post(f"{place}/{word}") for word in ("cancel", "resume")]
        answers.append(server.api.post(f"{place}/rerun", json={"from": "ask_1"}))
        assert {one.status_code for one in answers} == {404}
    assert server.api.get(f"/api/runs/{run['id']}").status_code == 200


def test_costs_are_summed_up(server: Served) -> None:
    ended(server, start(server))
    costs = "/api/runs/costs"
    by_model = server.api.get(costs, params={"by": "day,model"}).json()

    assert [(one["steps"], one["cost"] > 0) for one in by_model] == [(2, True)]
    assert set(by_model[0]) == {"day", "model", "cost", "steps"}
    assert server.api.get(costs, params={"by": "flow"}).json()[0]["flow"] == "Letter"
    assert server.api.get(costs, params={"since": "2999-01-01"}).json() == []
    wrong = [server.api.get(costs, params=one) for one in ({"by": "x"}, {"since": "yesterday"})]
    assert [one.status_code for one in wrong] == [422, 422]


def test_an_unusable_database_is_a_problem(serve: Serve, tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "broken.sqlite3").write_bytes(b"this is no database" * 100)
    server = serve(database=str(tmp_path / "broken.sqlite3"), worker=True)
    answers = [server.api.get("/api/runs"), server.api.get("/api/runs/costs")]

    assert [one.status_code for one in answers] == [503, 503]
    assert answers[0].json()["type"] == "urn:openrouter-connector:DatabaseError"
    assert server.api.get("/api/component").status_code == 200


def test_a_missing_extra_is_named(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if ".flows.runs" in name or name == "dbos"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "dbos", None)
    answer = serve().api.get("/api/runs")

    assert answer.status_code == 500
    assert "pip install 'openrouter-connector[flows]'" in answer.json()["detail"]


def test_another_server_takes_up_a_run_with_the_stored_connection(
    serve: Serve, tmp_path: Path
) -> None:
    database = str(tmp_path / "runs.sqlite3")
    with Sandbox(slow=0.6) as slow:
        first = serve(allow_private=True, database=database, worker=True)
        new = {"name": "Work", "token": slow.token, "baseUrl": slow.base_url}
        assert first.api.post("/api/connections", json=new).status_code == 201
        tasks = [ask("ask_1", "One", model="sandbox/slow")]
        tasks.append(ask("ask_2", "${ask_1}", model="sandbox/slow"))
        run = start(first, {"label": "Slow", "tasks": tasks}, inputs={}, connection="work")
        until(lambda: slow.requests)
        with first.api.stream("GET", f"/api/runs/{run['id']}/events", headers=SSE) as watched:
            first.stop()
            assert "event: ended" not in list(watched.iter_lines())
        second = serve(allow_private=True, database=database, worker=True)
        details = ended(second, run)
        paid = len([one for one in slow.requests if one.method == "POST"])

    assert (details["status"], details["connection"], paid) == ("succeeded", "work", 2)


def test_a_worker_takes_queued_runs(serve: Serve, sandbox: Sandbox) -> None:
    startup = {"sandbox": StartupConnection(sandbox.token, sandbox.base_url)}
    server = serve(startup=startup, worker=True)

    assert ended(server, start(server, queued=True))["status"] == "succeeded"


def test_a_queued_run_waits_where_nobody_works(server: Served, monkeypatch: Any) -> None:
    monkeypatch.setattr("openrouter_connector.faces.http.streaming.HEARTBEAT", 0.05)
    run = start(server, queued=True)
    with server.api.stream("GET", f"/api/runs/{run['id']}/events", headers=SSE) as stream:
        lines = stream.iter_lines()
        assert [next(lines) for _ in range(4)] == [": ping", "", ": ping", ""]
    assert server.api.get(f"/api/runs/{run['id']}").json()["status"] == "queued"
