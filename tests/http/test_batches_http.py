"""Batches over HTTP: started, followed, read as lines; tables from uploads; models compared."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.http_face import Served
from support.http_runs import ended
from support.runs import said

Json = Any
ECHO: Json = {"model": "sandbox/echo", "userPrompt": "${row.index}: ${row.text}"}


def start(server: Served, **body: Json) -> Json:
    created = server.api.post("/api/batches", json={"action": "ask", "parameters": ECHO, **body})
    assert created.status_code == 201, created.text
    assert created.headers["location"] == f"/api/batches/{created.json()['id']}"
    return created.json()


def results(server: Served, batch: Json, **query: Json) -> list[Json]:
    found = server.api.get(f"/api/batches/{batch['id']}/results", params=query)
    assert found.headers["content-type"] == "application/jsonl"
    return [json.loads(line) for line in found.text.splitlines()]


def test_a_batch_is_started_followed_and_read(server: Served) -> None:
    batch = start(server, rows=[{"text": f"row {number}"} for number in range(70)])
    lines = results(server, batch, follow=True)
    state = server.api.get(f"/api/batches/{batch['id']}").json()

    assert (batch["rows"], batch["label"]) == (70, "ask for 70 rows")
    assert [(one["row"], said(one["output"])) for one in lines] == [
        (number, f"{number}: row {number}") for number in range(70)
    ]
    assert (state["status"], state["done"], state["failed"], state["doubtful"]) == (
        "succeeded", 70, 0, [],
    )  # fmt: skip
    assert results(server, batch, start=68) == lines[68:]
    details = ended(server, batch)
    assert details["outputs"] == {"rows": 70, "done": 70, "failed": 0}
    assert server.files.location.root not in json.dumps(details), "a path of the server is shown"


def test_a_request_that_is_repeated_by_its_id_is_not_paid_twice(server: Served) -> None:
    body = {"action": "ask", "parameters": ECHO, "rows": [{"text": "a"}]}
    ids = ["first", "first", "second"]
    made = [
        server.api.post("/api/batches", json=body, headers={"X-Request-Id": id}).json()["id"]
        for id in ids
    ]
    assert made[0] == made[1] != made[2]


def test_a_table_that_was_uploaded_gives_the_rows(server: Served) -> None:
    table = ("rows.csv", b"text\none\ntwo\n", "text/csv")
    entry = server.api.post("/api/files", files={"file": table}).json()
    batch = start(server, file=entry)
    assert batch["label"] == "ask for rows.csv"
    assert [said(one["output"]) for one in results(server, batch, follow=True)] == [
        "0: one", "1: two",
    ]  # fmt: skip


def test_a_row_that_fails_is_a_line_and_a_resume_sends_it_again(server: Served) -> None:
    rows = [{"text": "a", "m": "sandbox/echo"}, {"text": "b", "m": "sandbox/null-content"}]
    batch = start(server, rows=rows, parameters={**ECHO, "model": "${row.m}"})
    lines = results(server, batch, follow=True)
    assert ended(server, batch)["error"]["message"] == "1 of 2 rows failed"
    resumed = server.api.post(f"/api/runs/{batch['id']}/resume")
    assert resumed.status_code == 200, resumed.text
    again = results(server, batch, follow=True)

    assert [one.get("error", {}).get("type") for one in lines] == [None, "IncompleteError"]
    assert again[0] == lines[0] and again[1]["error"]["type"] == "IncompleteError"


@pytest.mark.parametrize(
    ("body", "path"),
    [
        pytest.param({"rows": [{"text": "a"}, {"t": "b"}]}, "row 1 (item 1) userPrompt", id="row"),
        pytest.param({"rows": []}, "rows", id="none"),
        pytest.param({}, "rows", id="neither"),
        pytest.param({"rows": [1], "file": {}}, "rows", id="both"),
        pytest.param({"file": {"url": "x"}}, "file", id="no-file"),
        pytest.param({"rows": [{"text": 1}], "parameters": {"token": "x"}}, "", id="unknown"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_refused(server: Served, body: Json, path: str) -> None:
    refused = server.api.post("/api/batches", json={"action": "ask", "parameters": ECHO} | body)
    assert refused.status_code == 422
    assert not path or path in [one["path"] for one in refused.json()["problems"]]
    assert server.api.get("/api/runs").json() == []


def test_a_table_without_rows_and_an_unknown_way_say_what_is_wrong(server: Served) -> None:
    table = ("rows.csv", b"text\n", "text/csv")
    entry = server.api.post("/api/files", files={"file": table}).json()
    asked = {"action": "ask", "parameters": ECHO}
    for more, problem in (
        ({"file": entry}, {"path": "file", "message": "there are no rows"}),
        ({"rows": [{"text": "a"}], "via": "post"}, {"path": "via", "message": "must be 'api'"}),
    ):
        refused = server.api.post("/api/batches", json=asked | more)
        assert (refused.status_code, refused.json()["problems"]) == (422, [problem])


def test_a_table_cannot_name_a_file_of_the_server(server: Served) -> None:
    secret = {"extension": "txt", "mimeType": "text/plain", "name": "x", "url": "/etc/hostname"}
    table = ("rows.jsonl", json.dumps({"text": "a", "f": [secret]}).encode(), "")
    entry = server.api.post("/api/files", files={"file": table}).json()
    body = {"action": "ask", "file": entry, "parameters": {**ECHO, "attachments": "${row.f}"}}
    refused = server.api.post("/api/batches", json=body)
    assert refused.status_code == 422 and "attachments" in refused.text


def test_a_run_of_a_flow_is_no_batch(server: Served) -> None:
    assert server.api.get("/api/batches/nothing").status_code == 404


def test_models_are_compared(server: Served) -> None:
    body = {"action": "ask", "parameters": {"userPrompt": "Hi"}}
    models = ["sandbox/echo", "sandbox/null-content"]
    found = server.api.post("/api/compare", json={**body, "models": models}).json()

    assert [one["model"] for one in found["answers"]] == models
    assert said(found["answers"][0]["output"]) == "Hi"
    assert [(one["model"], one["failed"]) for one in found["models"]] == [
        ("sandbox/echo", 0), ("sandbox/null-content", 1),
    ]  # fmt: skip
    one = server.api.post("/api/compare", json={**body, "models": models[:1]})
    assert one.status_code == 422
    batch = start(server, rows=[{"text": "a"}], models=models, parameters={"userPrompt": "Hi"})
    lines = results(server, batch, follow=True)
    assert [(one["row"], one["model"]) for one in lines] == [(0, model) for model in models]
