"""A flow is rehearsed over HTTP: with its real models, with faults, and at no cost."""

from __future__ import annotations

from support.flows import ask
from support.http_face import Served
from support.http_runs import ended

MODEL = "made/model-that-nobody-has"
FLOW = {"label": "Two", "tasks": [ask("a", "Hi", model=MODEL), ask("b", "${a}", model=MODEL)]}


def test_a_rehearsal_answers_with_real_models_and_costs_nothing(server: Served) -> None:
    run = server.api.post("/api/runs", json={"flow": FLOW, "rehearse": {}}).json()
    details = ended(server, run)

    assert details["status"] == "succeeded", details["error"]
    assert (details["server"], details["cost"]) == ("rehearsal", 0)
    assert details["outputs"]["a"].endswith("Hi")
    assert server.api.get("/api/runs/costs").json() == []


def test_a_step_meets_one_of_the_listed_faults(server: Served) -> None:
    faults = {one["name"] for one in server.api.get("/api/runs/faults").json()}
    body = {"flow": FLOW, "rehearse": {"b": "no-credits"}}
    details = ended(server, server.api.post("/api/runs", json=body).json())

    assert "no-credits" in faults
    assert (details["status"], details["place"]) == ("failed", "b"), details
    assert details["error"]["type"] == "PaymentError"


def test_a_fault_is_listed_for_the_actions_that_can_meet_it(server: Served) -> None:
    actions = {one["name"]: one["actions"] for one in server.api.get("/api/runs/faults").json()}

    assert {"ask", "createVideo"} <= {*actions["rate-limited"]}
    assert "createVideo" in actions["job-fails"] and "ask" not in actions["job-fails"]
    assert "ask" in actions["never-json"] and "createSpeech" not in actions["never-json"]
    assert actions["batch-gaps"] == ["createBatch", "runBatch"]
    assert not any("listModels" in names for names in actions.values())


def test_a_fault_that_a_step_cannot_meet_is_refused(server: Served) -> None:
    response = server.api.post("/api/runs", json={"flow": FLOW, "rehearse": {"b": "job-fails"}})
    assert response.status_code == 422
    assert "'b' cannot meet 'job-fails'" in response.text
    assert "The faults are bad-gateway" in response.text
    assert "job-slow" not in response.text


def test_an_unknown_fault_is_refused(server: Served) -> None:
    response = server.api.post("/api/runs", json={"flow": FLOW, "rehearse": {"b": "rain"}})
    assert response.status_code == 422
    assert "'rain' is no fault" in response.text
