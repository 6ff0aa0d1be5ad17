"""Batches in the sandbox, as the official SDK and a plain client see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import httpx
import pytest
from openrouter import OpenRouter, components, errors

from openrouter_connector.sandbox import Sandbox
from support.clock import Clock

ENDPOINT: Literal["/v1/chat/completions"] = "/v1/chat/completions"
ECHO = {"endpoint": ENDPOINT, "model": "sandbox/echo"}
BODY = {"messages": [{"role": "user", "content": "Hello"}]}


def requests(count: int, body: Any = BODY) -> list[Any]:
    return [{"custom_id": f"r{n}", "body": body} for n in range(count)]


@pytest.fixture(scope="module")
def router(served: Sandbox) -> Iterator[OpenRouter]:
    with OpenRouter(api_key=served.token, server_url=served.base_url) as client:
        yield client


def ended(router: OpenRouter, clock: Clock, id: str) -> components.BatchObject:
    clock.now += 1
    return router.batch.get_batches(id=id)


@pytest.mark.parametrize(
    ("endpoint", "model", "body"),
    [
        (ENDPOINT, "sandbox/echo", BODY),
        ("/v1/responses", "sandbox/echo", {"input": "Hello"}),
        ("/v1/messages", "sandbox/echo", BODY | {"max_tokens": 9}),
        ("/v1/embeddings", "sandbox/indexer", {"input": "Hello"}),
    ],
)
def test_the_sdk_creates_a_batch_and_reads_its_results(
    router: OpenRouter, clock: Clock, endpoint: Any, model: str, body: Any
) -> None:
    made = router.batch.create_batches(endpoint=endpoint, model=model, requests=requests(1, body))
    assert (made.status, made.results) == ("validating", None)
    found = ended(router, clock, made.id)
    assert (found.status, found.request_counts.completed) == ("completed", 1)
    assert found.usage is not None and (found.usage.cost or 0) > 0
    assert found.results
    [result] = found.results
    assert (result.custom_id, result.error) == ("r0", None)
    assert result.response is not None and result.response.status_code == 200


def test_the_sdk_lists_and_deletes_batches(router: OpenRouter, clock: Clock) -> None:
    made = router.batch.create_batches(
        endpoint=ENDPOINT, model="sandbox/echo", requests=requests(1)
    )
    with pytest.raises(errors.BatchErrorResponse) as refused:
        router.batch.delete(id=made.id)
    assert refused.value.data.error.code == 409
    clock.now += 1
    page = router.batch.list(limit=1)
    assert page is not None and page.result.data[0].id == made.id
    deleted = router.batch.delete(id=made.id)
    assert deleted.deletion.openrouter == "deleted"
    with pytest.raises(errors.BatchErrorResponse, match="not found"):
        router.batch.get_batches(id=made.id)


def test_a_batch_takes_its_time(client: httpx.Client, clock: Clock) -> None:
    body = {**ECHO, "requests": requests(10)}
    job = client.post("/batches", json=body)
    assert job.status_code == 202
    seen, counts = [], []
    for _ in range(30):
        found = client.get(f"/batches/{job.json()['id']}").json()
        seen += [found["status"]] if found["status"] not in seen else []
        counts.append(found["request_counts"]["completed"])
        clock.now += 0.02
    assert seen == ["validating", "in_progress", "finalizing", "completed"]
    assert counts == sorted(counts) and 0 < counts[10] < 10


@pytest.mark.parametrize(
    ("model", "status", "message"),
    [
        ("sandbox/job-fails", "failed", "asked for a batch that fails"),
        ("sandbox/job-cancelled", "cancelled", ""),
        ("sandbox/job-expires", "expired", ""),
        ("sandbox/server-error", "completed", ""),
    ],
)
def test_a_batch_may_fail_wholly(
    client: httpx.Client, clock: Clock, model: str, status: str, message: str
) -> None:
    body = {"endpoint": ENDPOINT, "model": model, "requests": requests(2)}
    job = client.post("/batches", json=body).json()
    clock.now += 1
    found = client.get(f"/batches/{job['id']}").json()
    assert found["status"] == status
    assert message in ((found["error"] or {}).get("message") or "")
    if model == "sandbox/server-error":
        assert found["request_counts"] == {"total": 2, "completed": 0, "failed": 2}
        assert {one["error"]["error_type"] for one in found["results"]} == {"server"}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"requests": requests(1), **ECHO}, "must appear before"),
        ({"endpoint": ENDPOINT, "model": "no/such", "requests": requests(1)}, "not a valid model"),
        ({"endpoint": "/v1/images", "model": "sandbox/echo", "requests": requests(1)}, "endpoint"),
        ({**ECHO, "requests": requests(5001)}, "at most 5000"),
        ({**ECHO, "requests": []}, "requests"),
        ({**ECHO, "requests": requests(1) * 2}, "duplicate"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_batch_itself_is_refused_at_once(
    client: httpx.Client, body: Any, message: str
) -> None:
    refused = client.post("/batches", json=body)
    assert refused.status_code == 400
    assert message in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "messages"),
        (BODY | {"model": "a/b"}, "model"),
        (BODY | {"stream": True}, "stream"),
    ],
)
def test_an_invalid_request_is_found_after_the_202(
    client: httpx.Client, clock: Clock, body: Any, message: str
) -> None:
    request = {"custom_id": "bad", "body": body}
    batch = {**ECHO, "requests": [*requests(1), request]}
    job = client.post("/batches", json=batch)
    assert job.status_code == 202
    clock.now += 1
    found = client.get(f"/batches/{job.json()['id']}").json()
    assert (found["status"], found["results"]) == ("failed", None)
    assert found["error"]["message"].startswith(f"Request 'bad': {message}")
