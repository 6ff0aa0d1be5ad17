"""The sandbox as a server: start, stop, keys, recorded requests."""

from __future__ import annotations

import signal
import subprocess
import sys

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from support.processes import Process

SERVE = """
from openrouter_connector.sandbox import serve
serve(port=0, ready=lambda address: print(address, flush=True))
print("returned")
"""
NO_EXTRA = """
import sys
sys.modules["{package}"] = None
from openrouter_connector.errors import ConnectorError
from openrouter_connector.sandbox import Sandbox
try:
    Sandbox().start()
except ConnectorError as error:
    print(error)
"""


def test_two_sandboxes_run_side_by_side_and_stop() -> None:
    with Sandbox() as one, Sandbox() as other:
        assert one.base_url != other.base_url
        assert httpx.get(f"{one.base_url}/models").status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{one.base_url}/models")


def test_stopping_twice_and_starting_again_is_fine() -> None:
    sandbox = Sandbox()
    sandbox.stop()
    for _ in range(2):
        with sandbox:
            assert httpx.get(f"{sandbox.base_url}/models/count").status_code == 200


def test_requests_are_recorded_without_their_secret(served: Sandbox, client: httpx.Client) -> None:
    client.post("/chat/completions?a=b", json={"messages": []}, headers={"X-Title": "Tests"})
    last = served.requests[-1]
    assert (last.method, last.path) == ("POST", "/api/v1/chat/completions")
    assert last.query == {"a": "b"}
    assert last.body == {"messages": []}
    assert last.headers["x-title"] == "Tests"
    assert served.token not in str(last)


def test_a_large_body_is_recorded_shortened(served: Sandbox, client: httpx.Client) -> None:
    client.post("/chat/completions", json={"model": "sandbox/echo", "messages": "x" * 70_000})
    assert served.requests[-1].body == {
        "model": "sandbox/echo",
        "messages": f"{'x' * 60}… (70000 characters)",
    }


def test_a_body_that_is_not_json_is_recorded_by_its_size(
    served: Sandbox, client: httpx.Client
) -> None:
    response = client.post("/images", content=b"{no", headers={"Content-Type": "application/json"})
    assert response.status_code == 400
    assert served.requests[-1].body == "3 bytes of application/json"


def test_a_hundred_requests_are_kept() -> None:
    with Sandbox() as sandbox, httpx.Client(base_url=sandbox.base_url) as client:
        for _ in range(103):
            client.get("/models/count")
        assert len(sandbox.requests) == 100


def test_every_response_is_marked_as_the_sandboxs(client: httpx.Client) -> None:
    for path in ("/models", "/key", "/nowhere"):
        assert client.get(path).headers["X-OpenRouter-Sandbox"] == "true"


@pytest.mark.parametrize(
    ("path", "authorization", "status", "message"),
    [
        pytest.param("/key", None, 401, "No auth credentials found", id="no-key"),
        pytest.param("/key", "Bearer abc", 401, "User not found.", id="foreign-key"),
        pytest.param("/key", "sk-or-v1-abc", 401, "User not found.", id="no-bearer"),
        pytest.param("/key", "Bearer sk-or-v1-abc", 200, None, id="any-key"),
        pytest.param("/models", None, 200, None, id="models-need-no-key"),
        pytest.param("/images/models", None, 200, None, id="image-models-need-no-key"),
        pytest.param(
            "/credits",
            "Bearer sk-or-v1-abc",
            403,
            "Only management keys can perform this operation",
            id="credits-need-a-management-key",
        ),
        pytest.param("/credits", "Bearer sk-or-v1-management", 200, None, id="management-key"),
    ],
)
def test_each_path_requires_the_right_key(
    served: Sandbox, path: str, authorization: str | None, status: int, message: str | None
) -> None:
    headers = {"Authorization": authorization} if authorization is not None else {}
    response = httpx.get(served.base_url + path, headers=headers)
    assert response.status_code == status
    assert message is None or response.json()["error"]["message"] == message


def test_a_management_key_cannot_call_a_model(served: Sandbox) -> None:
    headers = {"Authorization": "Bearer sk-or-v1-management"}
    response = httpx.post(f"{served.base_url}/chat/completions", headers=headers, json={})
    assert response.status_code == 403


def test_the_key_shows_what_was_spent(client: httpx.Client) -> None:
    before = client.get("/key").json()["data"]["usage"]
    body = {"model": "sandbox/painter", "prompt": "a cent", "resolution": "512"}
    cost = client.post("/images", json=body).json()["usage"]["cost"]
    after = client.get("/key").json()["data"]
    assert after["label"] == "sandbox key"
    assert after["usage"] == pytest.approx(before + cost)


def test_an_unknown_path_and_a_wrong_verb_are_refused_in_the_envelope(client: httpx.Client) -> None:
    assert client.get("/nowhere").json()["error"] == {"code": 404, "message": "Resource not found"}
    assert client.get("/chat/completions").json()["error"]["code"] == 405


def test_latency_delays_the_answer(served: Sandbox) -> None:
    with Sandbox(latency=0.2) as sandbox, httpx.Client(base_url=sandbox.base_url) as client:
        headers = {"Authorization": f"Bearer {served.token}"}
        body = {"messages": [{"role": "user", "content": "Hi"}]}
        response = client.post("/chat/completions", json=body, headers=headers)
    assert response.elapsed.total_seconds() >= 0.2


def test_serve_blocks_until_it_is_interrupted_and_prints_nothing() -> None:
    process = Process(
        [sys.executable, "-c", SERVE], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert httpx.get(f"{address}/models/count").status_code == 200
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=40)
    assert (out, err, process.returncode) == ("returned\n", "", 0)


@pytest.mark.parametrize("package", ["starlette", "uvicorn", "PIL"])
def test_a_missing_extra_is_named(package: str) -> None:
    run = [sys.executable, "-c", NO_EXTRA.format(package=package)]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert "pip install 'openrouter-connector[sandbox]'" in done.stdout


NO_PYAV = """
import sys
sys.modules["av"] = None
import httpx
from openrouter_connector.sandbox import Sandbox
body = {"model": "sandbox/speaker", "input": "Hello.", "response_format": "mp3"}
with Sandbox() as sandbox:
    headers = {"Authorization": "Bearer " + sandbox.token}
    response = httpx.post(sandbox.base_url + "/audio/speech", json=body, headers=headers)
    print(response.status_code, response.json()["error"]["message"])
"""


def test_mp3_without_its_package_says_what_to_install() -> None:
    run = [sys.executable, "-c", NO_PYAV]
    done = subprocess.run(run, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("500 ")
    assert "pip install 'openrouter-connector[sandbox]'" in done.stdout
