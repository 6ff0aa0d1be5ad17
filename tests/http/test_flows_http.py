"""Flows over HTTP: stored with all versions, never half saved, and checked before they run."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.http_face import Serve, Served

Json = Any
PROBLEM = "application/problem+json"
KEY = "sk-or-v1-0123456789abcdef0123456789abcdef"


def ask(name: str, prompt: str = "Hi", **more: Json) -> Json:
    parameters = {
        "model": "sandbox/echo",
        "format": "SIMPLE",
        "userPrompt": prompt,
        "response": {"responseFormat": "TEXT"},
    }
    return {"name": name, "type": "openRouter/v1/ask", "parameters": parameters | more}


def flow(label: str = "Test", *tasks: Json, **more: Json) -> Json:
    return {"label": label, "tasks": list(tasks) or [ask("ask_1")], **more}


def create(served: Served, document: Json) -> Json:
    response = served.api.post("/api/flows", json={"flow": document})
    assert response.status_code == 201, response.text
    return response.json()


def test_a_flow_is_stored_listed_read_saved_and_deleted(served: Served) -> None:
    document = flow("Größe", extra=[1.5, None, {"z": 1, "a": 2}])
    created = served.api.post("/api/flows", json={"flow": document})
    place = created.headers["Location"]
    read = served.api.get(place)
    saved = served.api.put(place, json={"flow": flow("Two"), "version": 1})
    listed = served.api.get("/api/flows").json()

    assert (created.status_code, created.headers["ETag"]) == (201, '"1"')
    assert json.dumps(read.json()["flow"]) == json.dumps(document)
    assert read.json() == created.json() and read.json()["label"] == "Größe"
    assert (saved.status_code, saved.headers["ETag"], saved.json()["version"]) == (200, '"2"', 2)
    assert [(one["label"], one["version"], one["problem"]) for one in listed] == [("Two", 2, None)]
    assert served.api.delete(place).status_code == 204
    assert served.api.get(place).status_code == 404
    assert served.api.get("/api/flows").json() == []


def test_every_version_is_kept(served: Served) -> None:
    place = f"/api/flows/{create(served, flow('1'))['id']}"
    for number in (1, 2):
        served.api.put(place, json={"flow": flow(str(number + 1)), "version": number})
    versions = served.api.get(f"{place}/versions").json()

    assert [one["version"] for one in versions] == [3, 2, 1]
    assert all(one["size"] > 100 and one["saved"].endswith("+00:00") for one in versions)
    labels = [served.api.get(f"{place}/versions/{n}").json()["flow"]["label"] for n in (1, 2, 3)]
    assert labels == ["1", "2", "3"]
    assert served.api.get(f"{place}/versions/4").status_code == 404


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        ({"version": 1}, {}, 409),
        ({"version": 7}, {}, 409),
        ({}, {"If-Match": '"1"'}, 412),
        ({}, {"If-Match": 'W/"1"'}, 412),
        ({}, {"If-Match": "nonsense"}, 412),
        ({"version": 1}, {"If-Match": '"1"'}, 412),
    ],
)
def test_a_stale_version_is_a_problem_that_names_the_current_one(
    served: Served, body: Json, headers: dict[str, str], status: int
) -> None:
    place = f"/api/flows/{create(served, flow('1'))['id']}"
    served.api.put(place, json={"flow": flow("2"), "version": 1})
    refused = served.api.put(place, json={"flow": flow("Late"), **body}, headers=headers)

    assert refused.status_code == refused.json()["status"] == status
    assert refused.headers["Content-Type"] == PROBLEM
    assert refused.json()["type"] == "urn:openrouter-connector:ConflictError"
    assert (refused.json()["version"], refused.headers["ETag"]) == (2, '"2"')
    assert "read version 2" in refused.json()["detail"]
    assert served.api.get(place).json()["label"] == "2"


def test_a_version_may_come_as_an_etag(served: Served) -> None:
    place = f"/api/flows/{create(served, flow('1'))['id']}"

    def put(label: str, **options: Any) -> int:
        return served.api.put(place, json={"flow": flow(label)}, **options).status_code

    assert put("2") == 428
    assert put("2", headers={"If-Match": '"1"'}) == 200
    assert put("3", headers={"If-Match": 'W/"2"'}) == 200
    assert put("4", headers={"If-Match": "*"}) == 200
    assert served.api.get(place).headers["ETag"] == '"4"'
    both = {"flow": flow("5"), "version": 3}
    assert served.api.put(place, json=both, headers={"If-Match": '"4"'}).status_code == 422
    assert served.api.delete(place, headers={"If-Match": '"3"'}).status_code == 412
    assert served.api.delete(place, headers={"If-Match": '"4"'}).status_code == 204


def test_of_two_saves_at_once_one_wins_and_the_other_learns_of_it(served: Served) -> None:
    place = f"/api/flows/{create(served, flow('first'))['id']}"
    clients = [served.client(headers=dict(served.api.headers)) for _ in range(2)]
    for number in range(1, 11):
        ready = threading.Barrier(2)

        def save(client: httpx.Client, number: int = number) -> httpx.Response:
            label = f"{clients.index(client)}-{number}"
            ready.wait()  # noqa: B023 - called in this round
            return client.put(place, json={"flow": flow(label), "version": number})

        with ThreadPoolExecutor() as pool:
            lost, won = sorted(pool.map(save, clients), key=lambda one: -one.status_code)
        assert (won.status_code, lost.status_code) == (200, 409)
        assert lost.json()["version"] == number + 1
        assert served.api.get(place).json()["flow"] == won.json()["flow"]
    assert len(served.api.get(f"{place}/versions").json()) == 11


def test_a_damaged_flow_is_reported_and_the_others_are_served(
    served: Served, tmp_path: Path
) -> None:
    good, bad = create(served, flow("Good")), create(served, flow("Bad"))
    place = f"/api/flows/{bad['id']}"
    served.api.put(place, json={"flow": flow("Worse"), "version": 1})
    (tmp_path / "flows" / bad["id"] / "2.json").write_text("{")
    listed = {one["id"]: one for one in served.api.get("/api/flows").json()}
    read = served.api.get(place)

    assert listed[good["id"]]["problem"] is None
    assert "is damaged" in listed[bad["id"]]["problem"]
    assert read.status_code == 422 and "other versions: 1" in read.json()["detail"]
    assert served.api.get(f"{place}/versions/1").json()["label"] == "Bad"
    assert served.api.put(place, json={"flow": flow("New"), "version": 2}).status_code == 200


@pytest.mark.parametrize(
    "id",
    ["unknown", "aaaaaaaaaa", "..", "%2e%2e", "..%2Fflows", "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
     "a%00b", "x" * 90, "1.json", "check"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "end"), [("GET", ""), ("PUT", ""), ("DELETE", ""), ("GET", "/versions")]
)
def test_an_unknown_id_is_not_found_whatever_it_looks_like(
    served: Served, tmp_path: Path, id: str, method: str, end: str
) -> None:
    (tmp_path / "flows").mkdir(exist_ok=True)
    (tmp_path / "1.json").write_text('{"tasks": []}')
    body = {"flow": flow(), "version": 1} if method == "PUT" else None
    response = served.api.request(method, f"/api/flows/{id}{end}", json=body)

    assert response.status_code in (404, 405)
    assert response.headers["Content-Type"] == PROBLEM
    assert sorted(path.name for path in tmp_path.iterdir()) == ["1.json", "flows"]


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({}, "tasks"),
        ({"tasks": [1]}, "tasks[0]"),
        ({"tasks": [{}]}, "tasks[0].type"),
        (flow("Key", ask("a", f"use {KEY}")), "tasks[0].parameters.userPrompt"),
        (flow("Key", note={"x": [KEY]}), "note.x[0]"),
    ],
)
def test_what_is_no_flow_or_holds_a_key_is_refused_with_its_place(
    served: Served, tmp_path: Path, document: Json, path: str
) -> None:
    place = f"/api/flows/{create(served, flow())['id']}"
    for response in (
        served.api.post("/api/flows", json={"flow": document}),
        served.api.put(place, json={"flow": document, "version": 1}),
    ):
        assert response.status_code == 422
        assert path in [one["path"] for one in response.json()["problems"]]
        assert KEY not in response.text
    files = list((tmp_path / "flows").rglob("*.json"))
    assert len(files) == 1 and KEY not in files[0].read_text()


def test_a_flow_is_checked_with_places_for_a_canvas(played: Served) -> None:
    tasks = (
        ask("ask_1", "=sise(x)", temperature=9),
        ask("ask_2", "${ask_1} ${nobody}"),
        {"name": "post_1", "type": "slack/v1/sendMessage", "parameters": {}},
    )
    checked = played.api.post("/api/flows/check", json={"flow": flow("Check", *tasks)}).json()
    problems = {one["path"]: one["message"] for one in checked["problems"]}

    assert checked["canRun"] is False
    assert "'nobody'" in problems["tasks[1].parameters.userPrompt"]
    assert "tasks[0].parameters.temperature" in problems
    assert checked["warnings"][0]["path"] == "tasks[0].parameters.userPrompt"
    assert checked["unsupported"] == [{"path": "tasks[2]", "type": "slack/v1/sendMessage"}]
    assert checked["needs"]["ask_2"] == ["ask_1"]
    assert checked["outputs"]["ask_1"] == {"type": "string"}
    clean = played.api.post("/api/flows/check", json={"flow": flow()}).json()
    assert clean["canRun"] and clean["problems"] == []


def test_a_check_estimates_the_cost_on_request(played: Served) -> None:
    tasks = (ask("ask_1", model="sandbox/paid"), ask("ask_2", "${ask_1}", model="sandbox/ehco"))
    body = {"flow": flow("Cost", *tasks), "estimate": True}
    checked = played.api.post("/api/flows/check", json=body).json()
    plain = played.api.post("/api/flows/check", json={"flow": body["flow"]}).json()

    assert [step["place"] for step in checked["estimate"]["steps"]] == ["tasks[0]", "tasks[1]"]
    assert checked["estimate"]["currency"] == "USD"
    assert any("did you mean 'sandbox/echo'" in one["message"] for one in checked["problems"])
    assert plain["estimate"] is None
    unknown = played.api.post("/api/flows/check", json={**body, "connection": "nobody"})
    assert unknown.status_code == 404


def test_only_the_first_of_many_problems_of_a_flow_are_listed(played: Served) -> None:
    tasks = [ask(f"ask_{n}", f"${{nobody_{n}}}") for n in range(1500)]
    checked = played.api.post("/api/flows/check", json={"flow": flow("Many", *tasks)}).json()

    assert len(checked["problems"]) == 1001
    assert checked["problems"][-1] == {"path": "", "message": "500 more are not listed"}


def others_are_served(served: Served, during: Callable[[], httpx.Response]) -> httpx.Response:
    """Return a response, while the server answers others within a second."""
    with ThreadPoolExecutor(1) as pool:
        waiting, slowest = pool.submit(during), 0.0
        while not waiting.done():
            started = time.perf_counter()
            assert served.api.get("/api/health").status_code == 200
            slowest = max(slowest, time.perf_counter() - started)
            time.sleep(0.01)
    assert slowest < 5  # 0.1 on an idle machine
    return waiting.result()


def test_a_large_flow_is_checked_and_stored_while_others_are_served(served: Served) -> None:
    tasks = [ask(f"ask_{n}", f"${{ask_{n - 1}}}" if n else "x", note="y" * 1600)
             for n in range(5000)]  # fmt: skip
    body = json.dumps({"flow": flow("Large", *tasks)})
    assert 8_000_000 < len(body) < 10_000_000
    client = served.client(headers={**served.api.headers, "Content-Type": "application/json"})
    checked = others_are_served(served, lambda: client.post("/api/flows/check", content=body))
    stored = others_are_served(served, lambda: client.post("/api/flows", content=body))

    assert len(checked.json()["needs"]) == 5000
    assert stored.status_code == 201
    assert len(served.api.get(stored.headers["Location"]).json()["flow"]["tasks"]) == 5000


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
@pytest.mark.parametrize("path", ["/api/flows", "/api/export", "/api/import", "/api/flows/check"])
def test_a_number_that_json_cannot_express_is_refused(
    served: Served, path: str, number: str
) -> None:
    flow = f'{{"tasks": [{{"type": "x/v1", "parameters": {{"n": {number}}}}}]}}'
    body = f'{{"source": {flow}}}' if path == "/api/import" else f'{{"flow": {flow}}}'
    answer = served.api.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert "is no" in answer.json()["detail"] or "not valid JSON" in answer.json()["detail"]


def test_a_key_that_stands_twice_is_refused_as_in_a_file(served: Served) -> None:
    body = '{"flow": {"tasks": [], "tasks": [1]}}'
    answer = served.api.post(
        "/api/flows", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 422
    assert "tasks: the key stands twice" in answer.text


def test_a_flow_of_more_than_ten_megabytes_is_refused(served: Served) -> None:
    large = served.api.post("/api/flows", json={"flow": flow("x" * 10_600_000)})
    many = served.api.post("/api/flows", json={"flow": flow(values=[0] * 1_000_001)})
    huge = served.api.post("/api/flows", json={"flow": flow("x" * 34_000_000)})

    assert (large.status_code, large.json()["detail"]) == (422, "flow: is larger than 10 MB")
    assert (many.status_code, huge.status_code) == (413, 413)


def test_flows_are_behind_the_token(serve: Serve) -> None:
    stranger = serve().client()
    for method, path in [
        ("GET", "/api/flows"), ("POST", "/api/flows"), ("PUT", "/api/flows/aaaaaaaaaa"),
        ("POST", "/api/flows/check"), ("POST", "/api/expressions/preview"),
    ]:  # fmt: skip
        assert stranger.request(method, path, json={}).status_code == 401


def test_a_page_of_another_origin_may_save_only_if_allowed(serve: Serve) -> None:
    served = serve(origins=("http://localhost:5173",))
    headers = {
        "Origin": "http://localhost:5173",
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "authorization,content-type,if-match",
    }
    allowed = served.client().options("/api/flows/aaaaaaaaaa", headers=headers)
    refused = served.client().options(
        "/api/flows/aaaaaaaaaa", headers={**headers, "Origin": "http://evil.example"}
    )

    assert (allowed.status_code, refused.status_code) == (200, 400)


@pytest.mark.parametrize("path", ["/api/flows", "/api/flows/check", "/api/import", "/api/export"])
def test_a_flow_that_is_nested_deeply_is_answered(served: Served, path: str) -> None:
    step: Json = ask("ask_1")
    for number in range(62):
        step = {"name": f"each_{number}", "type": "each/v1", "parameters": {"iteratee": step}}
    deep: Json = []
    for _ in range(190):
        deep = [deep]
    for document in (flow("Deep", step), flow("Deep", ask("ask_1", stop=deep)), flow(deep=deep)):
        response = served.api.post(
            path, json={"flow": document} if "import" not in path else document
        )
        assert response.status_code in (200, 422), response.text


def test_a_check_knows_the_files_of_this_server(served: Served) -> None:
    sent = {"file": ("note.txt", b"hello", "text/plain")}
    file = served.api.post("/api/files", files=sent).json()
    own = flow("Own", ask("ask_1", attachments=[file]))
    gone = flow("Gone", ask("ask_1", attachments=[{**file, "url": "/etc/passwd"}]))
    found = [served.api.post("/api/flows/check", json={"flow": one}).json() for one in (own, gone)]

    assert [one["canRun"] for one in found] == [True, False]
    assert found[0]["problems"] == []
    first = found[1]["problems"][0]
    assert first["path"] == "tasks[0].parameters.attachments[0].url"
    assert first["message"].startswith("is not a file of this server")
