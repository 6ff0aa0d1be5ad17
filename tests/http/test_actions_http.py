"""Forms, dropdowns, checks and runs over HTTP; errors and disconnects."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from pathlib import Path

import httpx
import pytest

from openrouter_connector.faces.http import streaming
from openrouter_connector.faces.http.sessions import StartupConnection
from openrouter_connector.sandbox import Sandbox
from support.disconnects import disconnect_server, eventually
from support.http_face import ASK, TOKEN, Serve, Served
from support.scripted_server import completion, delta, events, response, scripted

PICTURES = Path(__file__).parents[2] / "docs/pictures"
DEEP = "[" * 150 + "]" * 150


def test_a_run_gives_output_and_metadata(played: Served) -> None:
    result = played.perform("ask", ASK)

    assert result.status_code == 200
    assert set(result.json()) == {"output", "metadata"}
    assert result.json()["output"].endswith("You said: Hello")
    assert result.json()["metadata"]["cost"] > 0


def test_a_run_streams_its_events(played: Served) -> None:
    names, last, result = [], None, ""
    for name, data in played.events(ASK):
        names.append(name)
        result += data["text"] if name == "delta" else ""
        last = data

    assert (names[0], names[-1], set(names[1:-1])) == ("started", "result", {"delta"})
    assert last and last["output"] == result


def test_each_row_of_a_list_is_streamed_as_it_comes(played: Served) -> None:
    shapes = b64encode((PICTURES / "shapes.png").read_bytes()).decode()
    given = {
        "model": "sandbox/vision",
        "images": [f"data:image/png;base64,{shapes}"] * 2,
        "taskType": "object-detection",
    }
    steps = list(played.events(given, "analyzeImages"))

    rows = [data["row"] for name, data in steps if name == "progress"]
    assert [data["done"] for name, data in steps if name == "progress"] == [1, 2]
    assert sorted(row["index"] for row in rows) == [0, 1]
    output = steps[-1][1]["output"]
    assert {row["index"]: row["annotated"] for row in rows} == {
        row["index"]: row["annotated"] for row in output
    }
    assert played.api.get(rows[0]["annotated"]["url"]).status_code == 200


def test_reasoning_is_streamed_apart(played: Served) -> None:
    steps = list(played.events({**ASK, "model": "sandbox/thinker"}))

    assert any(data["reasoning"] for name, data in steps if name == "delta")


def test_a_silent_run_sends_a_heartbeat(
    played: Served, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT", 0.05)
    steps = played.events({**ASK, "model": "sandbox/slow"})

    assert [next(steps)[0] for _ in range(3)] == ["started", ":", ":"]
    steps.close()


def test_what_is_wrong_before_the_first_event_has_its_status(played: Served) -> None:
    asked = {"json": {"parameters": {}}, "headers": {"Accept": "text/event-stream"}}
    result = played.api.post("/api/actions/ask/perform", **asked)  # type: ignore[arg-type]

    assert (result.status_code, result.headers["content-type"]) == (422, "application/problem+json")


def test_what_breaks_in_the_middle_is_the_last_event(played: Served) -> None:
    steps = list(played.events({**ASK, "model": "sandbox/breaks-mid-stream"}))
    name, problem = steps[-1]

    assert (name, problem["type"]) == ("error", "urn:openrouter-connector:IncompleteError")
    assert problem["partial"] == "".join(data["text"] for name, data in steps if name == "delta")


@pytest.mark.parametrize(
    ("model", "status", "kind"),
    [
        ("sandbox/no-credits", 402, "PaymentError"),
        ("sandbox/null-content", 502, "IncompleteError"),
        ("nobody/nothing", 502, "ApiError"),
    ],
)
def test_a_refusal_has_the_status_of_its_kind(
    played: Served, model: str, status: int, kind: str
) -> None:
    result = played.perform("ask", {**ASK, "model": model})

    assert result.status_code == result.json()["status"] == status
    assert result.json()["type"] == f"urn:openrouter-connector:{kind}"


@pytest.mark.parametrize(
    ("upstream", "status"), [(401, 424), (403, 403), (404, 404), (400, 502), (500, 503)]
)
def test_what_the_api_says_has_one_status_here(serve: Serve, upstream: int, status: int) -> None:
    refused = response({"error": {"code": upstream, "message": "no"}}, upstream)
    with scripted(refused) as api:
        result = serve(startup={"there": StartupConnection(TOKEN, api.base_url)}).perform(
            "ask", ASK
        )

    assert (result.status_code, result.json()["upstreamStatus"]) == (status, upstream)


def test_a_rate_limit_sets_retry_after(serve: Serve) -> None:
    refused = response({"error": {"code": 429}}, 429, headers={"Retry-After": "99.5"})
    with scripted(refused) as api:
        result = serve(startup={"there": StartupConnection(TOKEN, api.base_url)}).perform(
            "ask", ASK
        )

    assert (result.status_code, result.headers["retry-after"]) == (429, "100")
    # Longer than a call waits, and so not worth another try of it.
    assert (result.json()["retryable"], result.json()["retryAfter"]) == (False, 99.5)


def test_all_problems_are_reported_at_once(played: Served) -> None:
    result = played.perform("ask", {"model": 1, "topp": 2, "temperature": 9})

    assert result.status_code == 422
    paths = {one["path"] for one in result.json()["problems"]}
    assert paths == {"model", "topp", "temperature", "userPrompt"}


def test_without_a_connection_nothing_is_sent_and_the_error_says_what_to_do(serve: Serve) -> None:
    result = serve().perform("ask", ASK)

    assert result.status_code == 424
    assert "POST /api/connections" in result.json()["detail"]


def test_an_unknown_connection_is_not_found(played: Served) -> None:
    assert played.perform("ask", ASK, connection="nobody").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["ask/options/nothing", "ask/options/userPrompt", "ask/options/a..b", "nothing/options/model",
     "nothing/form", "nothing/check", "nothing/perform"],
)  # fmt: skip
def test_an_unknown_action_is_not_found(played: Served, path: str) -> None:
    result = played.api.post(f"/api/actions/{path}", json={})

    assert (result.status_code, result.headers["content-type"]) == (404, "application/problem+json")


def test_a_form_follows_the_values(played: Served) -> None:
    view = played.api.post("/api/actions/ask/form", json={"parameters": {"format": "ADVANCED"}})

    assert "messages" in view.json()["visible"]
    assert "userPrompt" not in view.json()["visible"]
    assert "model" in [one["path"] for one in view.json()["errors"]]


def test_a_dropdown_is_searched_and_filtered(played: Served) -> None:
    asked = {"search": "echo", "filters": {"free": False}}
    found = played.api.post("/api/actions/ask/options/model", json=asked).json()

    values = [one["value"] for one in found["options"]]
    assert "sandbox/echo" in values
    assert all("echo" in value for value in values)
    assert found["options"][0]["details"]["contextLength"] > 0


def test_an_inner_dropdown_has_a_dotted_path(played: Served) -> None:
    asked = {"parameters": ASK}
    found = played.api.post("/api/actions/ask/options/provider.order", json=asked).json()

    assert found["options"]


def test_a_wrong_filter_is_reported_with_its_name(played: Served) -> None:
    result = played.api.post("/api/actions/ask/options/model", json={"filters": {"fre": True}})

    assert (result.status_code, result.json()["path"]) == (422, "filters.fre")


def test_a_check_estimates_the_cost(played: Served) -> None:
    found = played.api.post("/api/actions/ask/check", json={"parameters": ASK}).json()

    assert (found["ok"], found["problems"]) == (True, [])
    assert found["estimate"]["high"] > 0
    assert found["call"]["path"] == "/chat/completions"


def test_a_half_filled_file_stands_beside_all_else_that_is_wrong(played: Served) -> None:
    file = {"extension": "txt", "mimeType": "text/plain", "name": "a.txt", "url": ""}
    files = [file, {**file, "url": "/api/files/gone.txt"}]
    asked = {"parameters": {**ASK, "attachments": files, "temperature": 9}}
    form = played.api.post("/api/actions/ask/form", json=asked).json()
    check = played.api.post("/api/actions/ask/check", json=asked).json()

    assert form["values"]["attachments"] == files
    assert check["ok"] is False
    for faults in (form["errors"], check["problems"]):
        result = {one["path"]: one["message"] for one in faults}
        assert set(result) == {"attachments[0].url", "attachments[1].url", "temperature"}
        assert result["attachments[0].url"].startswith("is not a file of this server")
        assert result["attachments[1].url"] == "is not a file of this server, or no longer one"


@pytest.mark.parametrize(
    "body",
    ["", "nothing", "[]", "null", '"x"', "{", '{"parameters": NaN}', '{"parameters": [1]}',
     '{"parameters": {"a": "\\ud800"}}', '{"parameters": ' + "[" * 999 + "}", "\ufeff{}",
     '{"parameters": {"userPrompt": ' + DEEP + "}}", '{"what": 1}', '{"connection": 5}',
     '{"parameters": {"temperature": 1e999, "model": "a", "userPrompt": "b"}}',
     '{"parameters": {"seed": 1' + "0" * 400 + ', "model": "sandbox/echo", "userPrompt": "b"}}',
     '{"parameters": {"model": "a", "userPrompt": "b", "extraBody": {"x": 1e999}}}',
     '{"parameters": {"model": {}, "userPrompt": [], "response": 4, "provider": "x"}}'],
)  # fmt: skip
@pytest.mark.parametrize("what", ["form", "check", "options/model", "perform"])
def test_junk_is_refused_in_one_form(played: Served, what: str, body: str) -> None:
    result = played.api.post(
        f"/api/actions/ask/{what}",
        content=body.encode(),
        headers={"Content-Type": "application/json"},
    )

    assert result.status_code in (200, 422, 502)  # 502: what the sandbox refuses
    if result.status_code == 422:
        assert result.headers["content-type"] == "application/problem+json"
        assert result.json()["problems"]
    else:
        json.loads(result.content)


def test_a_body_without_a_json_content_type_is_refused(played: Served) -> None:
    result = played.api.post(
        "/api/actions/ask/perform", content=json.dumps({"parameters": ASK}).encode(),
        headers={"Content-Type": "text/plain"},
    )  # fmt: skip

    assert result.status_code == 422


def test_a_lone_surrogate_from_a_model_reaches_the_client(serve: Serve) -> None:
    with scripted(response(completion("\ud83d"))) as api:
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        result = served.perform("ask", ASK)

    assert result.status_code == 200
    assert b'"\\ud83d"' in result.content


def nested(depth: int) -> str:
    return f'"reasoning_details": {"[" * depth}{"]" * depth}'


@pytest.mark.parametrize(
    "odd", [nested(300), nested(900), '"odd": [NaN, 1e999]', f'"odd": {"9" * 4000}']
)
@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_a_paid_answer_reaches_the_caller_whatever_stands_beside_it(
    serve: Serve, odd: str, accept: str
) -> None:
    whole = json.dumps(completion("The answer")).replace('"content":', f'{odd}, "content":')
    asked = {"model": "a/b", "messages": [{"role": "user", "content": "Hello"}]}
    with scripted(response(whole.encode())) as api:
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        place = "/api/actions/sendChatCompletion/perform"
        answer = served.api.post(place, json={"parameters": asked}, headers={"Accept": accept})

    def refuse(word: str) -> None:
        raise AssertionError(f"{word} is not JSON")

    last = answer.text.rpartition("data: ")[2] if "event" in accept else answer.text
    result = json.loads(last, parse_constant=refuse)
    assert result["output"]["choices"][0]["message"]["content"] == "The answer"
    assert result["metadata"]["cost"] == 0.25
    assert "was replaced by" in str(result["metadata"]["warnings"])


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize("begun", [True, False])
def test_the_call_upstream_is_closed_when_the_caller_leaves(
    serve: Serve, accept: str, begun: bool, caplog: pytest.LogCaptureFixture
) -> None:
    pieces = events(delta("Hel"), done=False).pieces if begun else ()
    audit = logging.getLogger("openrouter_connector.audit")
    audit.addHandler(caplog.handler)
    asked = {"json": {"parameters": ASK}, "headers": {"Accept": accept}, "timeout": 0.3}
    with disconnect_server(*pieces) as api, caplog.at_level(logging.INFO, audit.name):
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        with pytest.raises(httpx.ReadTimeout):
            served.api.post("/api/actions/ask/perform", **asked)  # type: ignore[arg-type]
        assert api.left.wait(3)
        assert eventually(lambda: bool(caplog.messages))
    audit.removeHandler(caplog.handler)

    assert json.loads(caplog.messages[0])["outcome"] == "disconnected"


FILM = {"model": "a/b", "prompt": "A boat"}
JOB = response({"id": "job-1", "status": "pending"}, 202)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
def test_the_audit_names_the_job_that_a_caller_left(serve: Serve, audit: Path, accept: str) -> None:
    asked = {"json": {"parameters": FILM}, "headers": {"Accept": accept}, "timeout": 0.4}
    with scripted(JOB) as api:
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        with pytest.raises(httpx.ReadTimeout):
            served.api.post("/api/actions/createVideo/perform", **asked)  # type: ignore[arg-type]
        assert eventually(lambda: bool(audit.read_text()))

    line = json.loads(audit.read_text())
    assert (line["outcome"], line["jobId"]) == ("disconnected", "job-1")


def test_an_error_names_the_job_that_it_ends(serve: Serve, audit: Path) -> None:
    revoked = response({"error": {"code": 401, "message": "User not found."}}, 401)
    with scripted(JOB, revoked) as api:
        served = serve(startup={"there": StartupConnection(TOKEN, api.base_url)})
        result = served.perform("createVideo", FILM)

    assert (result.status_code, result.json()["jobId"]) == (424, "job-1")
    assert json.loads(audit.read_text())["jobId"] == "job-1"


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({"parameters": 5}, {"path": "parameters", "message": "must be an object"}),
        ({"connection": ""}, {"path": "connection", "message": "must not be empty"}),
        ({"connection": 5}, {"path": "connection", "message": "must be text"}),
        ({"params": {}}, {"path": "params", "message": "is not a known key"}),
        (None, {"path": "", "message": "the body is missing"}),
    ],
)
def test_a_wrong_body_is_explained_in_our_words(
    played: Served, body: object, problem: dict[str, str]
) -> None:
    answer = played.api.post("/api/actions/ask/check", json=body)
    assert answer.status_code == 422
    assert answer.json()["problems"] == [problem]
